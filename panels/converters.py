"""Parts of addresses that are a source or a panel's number."""

from django.urls import register_converter


class SourceConverter:
    regex = "uk|aus"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PanelIdConverter:
    """A number that fits the database; 0 and what is too long is no address."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


def register() -> None:
    register_converter(SourceConverter, "source")
    register_converter(PanelIdConverter, "panel")
