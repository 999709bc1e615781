"""Folders of their own for files that a test leaves behind."""

import pytest


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "uploads")
    settings.STATIC_ROOT = str(tmp_path)
