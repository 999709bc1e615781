"""Folders of their own for files that a test leaves behind; mails that arrive; a person with a password."""

import pytest
from django.core.cache import cache

from accounts.models import User
from tests.accounts.acting import PASSWORD, Browser


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "uploads")
    settings.STATIC_ROOT = str(tmp_path)
    # Mails are caught by pytest-django; sign-up is open as on a site that sends them.
    settings.EMAIL_CONFIGURED = True
    # What was asked for too often is counted there.
    cache.clear()


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def ada(db) -> User:
    return User.objects.create_user("ada", "ada@example.org", PASSWORD, is_verified=True)


@pytest.fixture
def signed_in(ada, browser) -> Browser:
    """Ada's browser."""
    browser.sign_in("ada")
    return browser
