"""What becomes of somebody's lists and panels when their account is closed, and what we hold of them before."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.events import Action
from audit.record import record
from panels.actions.keeping import forget_file
from panels.models import PanelDownload, SavedPanel, Upload

STILL_OPEN = [SavedPanel.Status.ACTIVE, SavedPanel.Status.DRAFT]


@transaction.atomic
def let_go(*, person: Any, by: Any, **_signal: Any) -> None:
    """Uploads go with their files; saved panels are archived with all versions; downloads name nobody any more."""
    _remove_uploads(person, by)
    _archive_panels(person, by)
    PanelDownload.objects.filter(user=person).update(user=None, ip_address="")


def _remove_uploads(person: Any, by: Any) -> None:
    uploads = list(Upload.objects.filter(owner=person).values_list("pk", "stored_as"))
    if not uploads:
        return
    Upload.objects.filter(owner=person).delete()
    record(
        Action.UPLOAD_DELETE,
        by=by,
        resource_type="upload",
        description=f"Removed {len(uploads)} uploads of an account that was closed",
        details={"uploads": [str(pk) for pk, _ in uploads]},
    )
    transaction.on_commit(lambda: [forget_file(stored_as) for _, stored_as in uploads])


def _archive_panels(person: Any, by: Any) -> None:
    panels = list(SavedPanel.objects.filter(owner=person, status__in=STILL_OPEN).order_by("pk").values("pk", "status"))
    if not panels:
        return
    SavedPanel.objects.filter(pk__in=[panel["pk"] for panel in panels]).update(
        status=SavedPanel.Status.ARCHIVED, updated_at=timezone.now()
    )
    record(
        Action.PANEL_UPDATE,
        by=by,
        resource_type="savedpanel",
        description=f"Archived {len(panels)} saved panels of an account that was closed",
        old={"panels": {str(panel["pk"]): panel["status"] for panel in panels}},
        new={"status": SavedPanel.Status.ARCHIVED},
    )


def held_of(*, person: Any, **_signal: Any) -> dict[str, list[dict[str, Any]]]:
    """{uploads, saved_panels, downloads} of the person, as JSON values."""
    return {
        "uploads": [
            {"name": one.name, "size": one.size, "uploaded": one.created_at.isoformat()}
            for one in Upload.objects.filter(owner=person).defer("table")
        ],
        "saved_panels": [
            {"id": one.pk, "name": one.name, "status": one.status, "created": one.created_at.isoformat()}
            for one in SavedPanel.objects.filter(owner=person).order_by("pk")
        ],
        "downloads": [
            {"panels": one.panel_ids, "at": one.download_date.isoformat(), "ip_address": one.ip_address}
            for one in PanelDownload.objects.filter(user=person).order_by("pk")
        ],
    }
