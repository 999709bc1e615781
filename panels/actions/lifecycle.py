"""What becomes of whole panels: put away, brought back, copied, handed over. Promises as in ``actions.library``."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from accounts.permissions import Permission
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.library import create_panel, note_change
from panels.actions.lists import current_records, keep_snapshot, write_genes
from panels.actions.metadata import checked_metadata
from panels.actions.rights import NO_PANEL, check_expected, check_may_own, locked_panel, on_record, panel_for
from panels.actions.saved_lists import note_reading
from panels.actions.versions import Saved, metadata_of
from panels.engine.content import content_hash
from panels.engine.levels import Level
from panels.engine.records import keyed, pack
from panels.models import PanelShare, PanelVersion, SavedPanel

Status = SavedPanel.Status


@transaction.atomic
def delete_panel(*, panel: int, by: Any, expected: int | None = None) -> SavedPanel:
    """Put a panel out of everybody's sight, with all it has. Its owner's act, undone by ``undelete_panel``."""
    one, _ = locked_panel(by, panel, Level.OWNER)
    check_expected(one, expected)
    one.status_before, one.status = one.status, Status.DELETED
    one.save(update_fields=["status", "status_before"])
    note_change(one, by, {"status": one.status_before}, {"status": Status.DELETED})
    record(
        Action.PANEL_DELETE,
        by=by,
        target=one,
        description=f"Deleted “{one.name}”; its {one.version_count} versions are kept",
        old={"status": one.status_before},
        new={"status": Status.DELETED},
    )
    return one


@transaction.atomic
def undelete_panel(*, panel: int, by: Any) -> SavedPanel:
    """Bring a deleted panel back to the state it was in. Its owner's act; for everybody else it is not there.

    Refusal 409 for a panel that is not deleted.
    """
    one = SavedPanel.objects.select_for_update(no_key=True).filter(pk=panel).first()
    check_may_own(by)
    if one is None or not (one.owner_id == by.pk or by.has_perm(Permission.EVERY_PANEL)):
        if one is not None and one.status != Status.DELETED:
            panel_for(by, panel, Level.OWNER)
        raise on_record(NotHere(NO_PANEL), panel, by)
    if one.status != Status.DELETED:
        raise Refusal("The panel is not deleted.", status=409, code="not_deleted")
    one.status, one.status_before = one.status_before or Status.ACTIVE, None
    one.save(update_fields=["status", "status_before"])
    note_change(one, by, {"status": Status.DELETED}, {"status": one.status})
    record(
        Action.PANEL_UPDATE,
        by=by,
        target=one,
        description=f"Brought “{one.name}” back",
        old={"status": Status.DELETED},
        new={"status": one.status},
    )
    return one


@transaction.atomic
def duplicate_panel(*, panel: int, by: Any, name: str = "", with_history: bool = False) -> Saved:
    """A panel of one's own with the genes, description and tags of another that one sees.

    Without a ``name`` it is called "Copy of …". With its history it has every
    version under the number, comment, author, time and changes it had; tags of
    versions, shares and remarks stay behind. Private, whatever the original is.
    """
    source, _ = panel_for(by, panel)
    check_may_own(by)
    note_reading(source, by)
    records = current_records(source)
    metadata = metadata_of(source)
    called = name or f"Copy of {source.name}"[:255]
    number = source.current_version.version_number if source.current_version else 0
    reference = f"saved:{source.pk}@v{number}"
    if not with_history or source.current_version is None:
        return create_panel(
            by=by,
            name=called,
            records=records,
            description=metadata["description"],
            tags=metadata["tags"],
            comment=f"Copied from version {number} of “{source.name}”",
            source_type="saved",
            source_reference=reference,
        )
    check = checked_metadata(name=called)
    now = timezone.now()
    copy = SavedPanel.objects.create(
        owner=by,
        name=check["name"],
        description=source.description,
        tags=source.tags,
        source_type="saved",
        source_reference=reference,
        gene_count=len(records),
    )
    copy.refresh_from_db(fields=["created_at", "updated_at", "last_accessed_at"])
    version = _copy_versions(source, copy, records)
    _copy_changes(source, copy)
    write_genes(panel=copy, stored={}, new=keyed(records), by=by, at=now)
    record(
        Action.PANEL_CREATE,
        by=by,
        target=copy,
        description=f"Created “{copy.name}”, a copy of “{source.name}” with its {copy.version_count} versions",
        details={"content_hash": version.content_hash, "source_reference": reference},
        new=metadata_of(copy) | {"status": copy.status, "visibility": copy.visibility},
    )
    return Saved(copy, version, True, records)


def _copy_versions(source: SavedPanel, copy: SavedPanel, records: list) -> PanelVersion:
    made = []
    for one in source.versions.order_by("version_number"):
        is_current = one.pk == source.current_version_id
        made.append(
            PanelVersion(
                panel=copy,
                version_number=one.version_number,
                comment=one.comment,
                created_by_id=one.created_by_id,
                created_at=one.created_at,
                gene_count=one.gene_count,
                changes_summary=one.changes_summary,
                # The original gets its own snapshot with its next change; the copy has to have it now.
                snapshot_id=one.snapshot_id or (keep_snapshot(pack(records)).pk if is_current else None),
                content_hash=one.content_hash or (content_hash(records) if is_current else None),
                metadata=one.metadata,
                recipe=one.recipe,
                restored_from=one.restored_from,
            )
        )
    PanelVersion.objects.bulk_create(made, batch_size=500)
    copy.current_version = copy.versions.get(version_number=source.current_version.version_number)
    copy.version_count = len(made)
    copy.save(update_fields=["current_version", "version_count"])
    return copy.current_version


def _copy_changes(source: SavedPanel, copy: SavedPanel) -> None:
    """Ciphertext and all, in one statement: the values are bound to their column, not to their row."""
    columns = "change_type, target_type, target_id, old_value_encrypted, new_value_encrypted, changed_by_id, changed_at"
    chosen = ", ".join(f"c.{column.strip()}" for column in f"{columns}, change_reason".split(","))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO panel_changes (panel_id, version_id, {columns}, change_reason) "  # noqa: S608
            f"SELECT %s, new.id, {chosen} FROM panel_changes c "
            "JOIN panel_versions old ON old.id = c.version_id "
            "JOIN panel_versions new ON new.panel_id = %s AND new.version_number = old.version_number "
            "WHERE c.panel_id = %s ORDER BY c.id",
            [copy.pk, copy.pk, source.pk],
        )


@transaction.atomic
def hand_over(*, panel: int, by: Any, to: Any, keep: str | None = None) -> SavedPanel:
    """Give a panel to another person, with all it has. Its owner's act, or an administrator's.

    What the old owner shared, links too, is the new one's to keep or revoke.
    ``keep`` is the level that the old owner keeps (VIEW, COMMENT, EDIT, ADMIN),
    None for nothing. Refusal for a person who cannot own panels.
    """
    one, _ = locked_panel(by, panel, Level.OWNER)
    if keep is not None and keep not in PanelShare.Level.values:
        told = f"It is one of {', '.join(PanelShare.Level.values)}, or nothing."
        raise Refusal(f"keep: {told}", errors={"keep": [told]})
    person = get_user_model().objects.filter(pk=to.pk, is_active=True).first()
    if person is None or not person.has_perm(Permission.OWN_PANELS) or person.pk == one.owner_id:
        told = "A panel is handed over to another person, whose account is active and may own panels."
        raise Refusal(told, errors={"user": [told]})
    old = one.owner
    PanelShare.objects.filter(panel=one, shared_with_user=person).update(is_active=False)
    # Else they would end, all at once, with the next share that the new owner revokes.
    PanelShare.objects.filter(panel=one, shared_by=old, is_active=True).update(shared_by=person)
    one.owner = person
    if keep is not None and one.visibility == SavedPanel.Visibility.PRIVATE:
        one.visibility = SavedPanel.Visibility.SHARED
    one.save(update_fields=["owner", "visibility"])
    if keep is not None:
        PanelShare.objects.create(panel=one, shared_by=person, shared_with_user=old, permission_level=keep)
    note_change(one, by, {"owner": old.pk}, {"owner": person.pk})
    record(
        Action.PANEL_UPDATE,
        by=by,
        target=one,
        description=f"Handed “{one.name}” over",
        details={"keeps": keep},
        old={"owner": old.pk},
        new={"owner": person.pk},
    )
    return one


def living_panels(**_signal: Any) -> list[str]:
    """Whose history stays in the record: every panel that is there, deleted ones too, which may be brought back."""
    return [str(pk) for pk in SavedPanel.objects.order_by().values_list("pk", flat=True)]
