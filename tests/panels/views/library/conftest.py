from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from tests.panels.library.conftest import _quiet, admin, alice, bob, carol, editor, panel  # noqa: F401


class Reader:
    """A person's browser without JavaScript: pages as soup, forms filled as they stand."""

    def __init__(self, user) -> None:
        self.client = Client()
        if user is not None:
            self.client.force_login(user)

    def get(self, address: str, status: int = 200) -> BeautifulSoup:
        answer = self.client.get(address)
        assert answer.status_code == status, (answer.status_code, answer.content[:300])
        return BeautifulSoup(answer.content, "html.parser")

    def post(self, address: str, said: dict | None = None, status: int = 200, follow: bool = True) -> BeautifulSoup:
        answer = self.client.post(address, said or {}, follow=follow)
        assert answer.status_code == status, (answer.status_code, answer.content[:400])
        return BeautifulSoup(answer.content, "html.parser")

    @staticmethod
    def fields(form) -> dict[str, str]:
        """What the form would send as it is, without a button."""
        found = {}
        for one in form.find_all(["input", "textarea", "select"]):
            name, kind = one.get("name"), one.get("type", "")
            if (
                not name
                or kind in ("submit", "file")
                or (kind in ("radio", "checkbox") and not one.has_attr("checked"))
            ):
                continue
            if one.name == "select":
                chosen = one.find("option", selected=True) or one.find("option")
                found[name] = chosen.get("value", chosen.get_text()) if chosen else ""
            else:
                found[name] = one.get_text() if one.name == "textarea" else one.get("value", "")
        return found


@pytest.fixture
def reading():
    return Reader
