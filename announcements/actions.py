"""Publishing, changing, switching and dismissing announcements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from accounts.permissions import Permission
from announcements.models import AdminMessage, Audience, Dismissal, Kind
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import Refusal

FIELDS = ("title", "message", "message_type", "audience", "starts_at", "expires_at", "is_active")
WORDING = ("title", "message", "message_type")


@transaction.atomic
def publish(
    *,
    by: User,
    title: str,
    message: str,
    message_type: str = Kind.INFO,
    audience: str = Audience.EVERYONE,
    starts_at: datetime | None = None,
    expires_at: datetime | None = None,
    is_active: bool = True,
) -> AdminMessage:
    """Make an announcement. Refusal: 403 without the right, 400 that names the fields that are not right."""
    _check_right(by)
    made = AdminMessage(
        created_by=by,
        title=title,
        message=message,
        message_type=message_type,
        audience=audience,
        starts_at=starts_at,
        expires_at=expires_at,
        is_active=is_active,
    )
    _check_fields(made)
    made.save()
    made.refresh_from_db()
    record(Action.ADMIN_ACTION, by=by, target=made, description=f"Published “{made.title}”", new=_values(made))
    return made


@transaction.atomic
def change(*, announcement: AdminMessage, by: User, **fields: Any) -> AdminMessage:
    """Give some of FIELDS other values. Returns it as it is stored now; the same values again are no change.

    Another wording is shown again to those who dismissed the old one. Refusal as ``publish``.
    """
    _check_right(by)
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"an announcement has no {', '.join(sorted(unknown))}")
    stored = AdminMessage.objects.select_for_update().get(pk=announcement.pk)
    old = _values(stored)
    for name, value in fields.items():
        setattr(stored, name, value)
    _check_fields(stored)
    new = _values(stored)
    changed = [name for name in FIELDS if new[name] != old[name]]
    if not changed:
        return stored
    stored.save(update_fields=changed)
    if set(changed) & set(WORDING):
        stored.dismissals.all().delete()
    record(
        Action.ADMIN_ACTION,
        by=by,
        target=stored,
        description=f"Changed the announcement “{stored.title}”",
        old={name: old[name] for name in changed},
        new={name: new[name] for name in changed},
    )
    return stored


def switch(*, announcement: AdminMessage, by: User, on: bool) -> AdminMessage:
    """On or off, at once on every page. Nothing is deleted."""
    return change(announcement=announcement, by=by, is_active=on)


@transaction.atomic
def dismiss(*, announcement: AdminMessage, by: User) -> None:
    """Show it to this person no more; twice is once. Not recorded: it changes only what one reader sees."""
    Dismissal.objects.bulk_create([Dismissal(message=announcement, user_id=by.pk)], ignore_conflicts=True)


def _check_right(by: User) -> None:
    if not by.has_perm(Permission.CHANGE_ANNOUNCEMENTS):
        raise Refusal("Editors and administrators write announcements.", status=403, code="permission_denied")


def _check_fields(announcement: AdminMessage) -> None:
    try:
        announcement.full_clean(exclude=["created_by"])
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise Refusal(f"{field}: {sentences[0]}", errors=error.message_dict) from error


def _values(announcement: AdminMessage) -> dict[str, Any]:
    """As JSON values."""
    found = {name: getattr(announcement, name) for name in FIELDS}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}
