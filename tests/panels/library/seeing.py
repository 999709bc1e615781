"""What the tests of the library look at: symbols, versions, every row and event."""

from __future__ import annotations

from django.apps import apps

from audit.models import AuditLog
from panels.actions.lists import records_in
from panels.models import PanelGene, PanelVersion, SavedPanel

TABLES = [
    *("SavedPanel", "PanelVersion", "PanelSnapshot", "PanelGene", "PanelChange", "PanelShare", "PanelComment"),
    *("PanelVersionTag", "RetentionPolicy", "Team", "TeamMember", "ExportTemplate", "IdempotencyKey"),
]


def symbols(panel: SavedPanel) -> list[str]:
    rows = PanelGene.objects.filter(panel=panel.pk, is_active=True)
    return sorted(own or symbol for own, symbol in rows.values_list("own_name", "gene_symbol"))


def symbols_of(panel: SavedPanel, number: int) -> list[str]:
    version = PanelVersion.objects.select_related("snapshot").get(panel=panel.pk, version_number=number)
    return sorted(record["gene_symbol"] for record in records_in(version.snapshot.body))


def numbers(panel: SavedPanel) -> list[int]:
    rows = PanelVersion.objects.filter(panel=panel.pk).order_by("version_number")
    return list(rows.values_list("version_number", flat=True))


def everything() -> dict[str, list]:
    """Every row of the library and the record, to see that nothing changed."""
    found = {name: list(apps.get_model("panels", name).objects.order_by("pk").values()) for name in TABLES}
    return found | {"AuditLog": list(AuditLog.objects.order_by("pk").values())}


def events(action: str, panel: SavedPanel | None = None) -> list[AuditLog]:
    rows = AuditLog.objects.filter(action_type=action).order_by("pk")
    return list(rows.filter(resource_id=str(panel.pk)) if panel else rows)
