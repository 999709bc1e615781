"""Alice owns, Bob is invited, Carol is a stranger; the panels are made by the actions themselves."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from accounts.models import User
from panels.actions.library import create_panel
from tests.panels.library.asking import Program

GENES = ("BRCA1", "TP53", "TTN")


@pytest.fixture(autouse=True)
def _quiet(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path)
    settings.MEDIA_ROOT = str(tmp_path / "uploads")
    cache.clear()


def person(name: str, role: str = "USER") -> User:
    return User.objects.create_user(name, f"{name}@example.org", role=role)


@pytest.fixture
def alice(db) -> User:
    return person("alice")


@pytest.fixture
def bob(db) -> User:
    return person("bob")


@pytest.fixture
def carol(db) -> User:
    return person("carol")


@pytest.fixture
def editor(db) -> User:
    return person("eddie", "EDITOR")


@pytest.fixture
def admin(db) -> User:
    return person("root", "ADMIN")


@pytest.fixture
def panel(alice):
    """Alice's panel of three genes, at version 1."""
    return create_panel(by=alice, name="Hearts", genes=GENES).panel


@pytest.fixture
def ask(alice) -> Program:
    """Alice's program."""
    return Program(alice)
