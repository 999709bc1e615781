"""The demonstration catalogue for every page test: parsed once, copied into the database for each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from panels.models import CatalogueEntry, CataloguePanel, CatalogueVersion, Generation, PanelType

# In this order no row comes before one that it needs, but for panel and version, which need each other.
TABLES = (Generation, PanelType, CataloguePanel, CatalogueVersion, CatalogueEntry, CataloguePanel.types.through)
_ROWS: dict[type, list] = {}


@pytest.fixture
def demo_catalogue(db, settings):
    """As the fixture of this name above, without reading the files again for each test."""
    if _ROWS:
        for table in TABLES:
            table.objects.bulk_create(_ROWS[table], batch_size=500)
        return
    from panels.actions.catalogue import load_catalogue

    load_catalogue(path=settings.DEMO_CATALOGUE)
    _ROWS.update({table: list(table.objects.order_by("pk")) for table in TABLES})


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path)
    settings.MEDIA_ROOT = str(tmp_path / "uploads")
    settings.UPLOAD_KEEP = timedelta(hours=24)
