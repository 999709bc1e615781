"""The one base of every "no" that a person is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Refusal(Exception):
    """Something that cannot be done as asked, with a sentence for the person who asked.

    ``status`` is the HTTP status of the answer, ``code`` a stable word for
    programs, ``errors`` maps field names (and row numbers) to sentences.
    ``typed`` is what somebody typed, as (name, value), for a page that shows it
    back; None for the fields of the form as they came.
    """

    status = 400
    code = "invalid"
    typed: Sequence[tuple[str, str]] | None = None

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        status: int | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.status = status or self.status
        self.errors = {key: list(sentences) for key, sentences in (errors or {}).items()}


class NotHere(Refusal):
    """What does not exist and what one may not see: both answer the same."""

    status = 404
    code = "not_found"


class TooLarge(Refusal):
    status = 413
    code = "too_large"


class WrongType(Refusal):
    status = 415
    code = "unsupported_media_type"


class Unavailable(Refusal):
    """Something we depend on is not there just now, or cannot be kept in this set-up."""

    status = 503
    code = "unavailable"
