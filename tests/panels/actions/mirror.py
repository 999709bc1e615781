"""What the tests of the mirror share: saved answers to load, and all its rows to compare."""

from pathlib import Path

import orjson

from audit.models import AuditLog
from panels.models import CatalogueEntry, CataloguePanel, CatalogueVersion, Generation, PanelType
from tests.fakes.panelapp import heading_of


def written(folder: Path, *answers: object, name: str = "panels.jsonl") -> Path:
    """A file with these answers."""
    path = folder / name
    path.write_bytes(b"\n".join(map(orjson.dumps, answers)))
    return path


def listing(*bodies: dict) -> dict:
    """The page of a listing that has these panels and no others."""
    return {"count": len(bodies), "next": None, "previous": None, "results": [heading_of(body) for body in bodies]}


def everything() -> list[list[dict]]:
    """All rows of the mirror and what the record says was done, to see that nothing changed."""
    models = (CataloguePanel, CatalogueVersion, CatalogueEntry, Generation, PanelType)
    done = AuditLog.objects.filter(success=True)
    return [list(rows.order_by("pk").values()) for rows in (*(model.objects for model in models), done)]
