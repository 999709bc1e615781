"""People of every role, and announcements made without an action."""

from __future__ import annotations

import pytest

from accounts.models import User
from announcements.models import AdminMessage


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "uploads")
    settings.STATIC_ROOT = str(tmp_path)


@pytest.fixture
def person(db):
    """person("EDITOR"), made once."""

    def made(role: str) -> User:
        found = User.objects.filter(role=role).first()
        return found or User.objects.create_user(role.lower(), f"{role}@example.org", role=role)

    return made


@pytest.fixture
def announce(person):
    def made(title: str = "Tonight", **columns) -> AdminMessage:
        columns = {"message": "PanelMerge moves.", "created_by": person("ADMIN")} | columns
        return AdminMessage.objects.create(title=title, **columns)

    return made
