"""What an administrator should look at first: each thing with how it is, and where it is looked into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from accounts.lockout import SLOW_DOWN_AFTER, slowed_down
from accounts.models import Lock, User
from accounts.permissions import Permission
from accounts.templatetags.times import local_words
from audit.events import Action
from audit.models import AuditLog, BlockedAddress
from audit.pictures import Days, days_drawn
from audit.pruning import waiting_erasures
from audit.reading import activity, proof_state
from panels.actions.catalogue import last_runs
from panels.panelapp.sources import SOURCES
from panels.views.age import mirror_ages

# So long ago does a mail that was not sent matter to somebody who waits for it.
MAILS_OF = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Matter:
    """``link`` leads to where more of it is shown; "" where there is no more."""

    name: str
    is_well: bool
    says: str
    link: str = ""


def matters_for(person: User) -> list[Matter]:
    """Those the person may look into, what is not well first. The same few queries whatever there is."""
    found: list[Matter] = []
    if person.has_perm(Permission.VIEW_CATALOGUE_LOADS):
        found += _mirror()
    if person.has_perm(Permission.VIEW_AUDIT):
        found += [_proof(), *_erasures(), _mails()]
    if person.has_perm(Permission.VIEW_LOCKS):
        found += [_locks()]
    if person.has_perm(Permission.VIEW_BLOCKS):
        found += [_blocks()]
    return sorted(found, key=lambda matter: matter.is_well)


def pictures_of_activity() -> list[tuple[str, Days]]:
    """[(what, its last thirty days drawn)]: all that was recorded, and what people come for."""
    kinds = {"All events": "", "Sign-ins": "LOGIN", "Downloads": "PANEL_DOWNLOAD", "Uploads": "PANEL_UPLOAD"}
    done = activity()
    return [(what, days_drawn(done.by_day(kind))) for what, kind in kinds.items()]


def _mirror() -> Iterator[Matter]:
    """The age of each source's mirror, and the last synchronisation when it failed."""
    failed = {run.key: run.failed for run in last_runs()}
    loads = reverse("admin:panels_generation_changelist")
    for key, age in zip(SOURCES, mirror_ages(), strict=True):
        name, event = f"Mirror of {age.source.name}", failed[key]
        if event is not None:
            yield Matter(name, False, f"{local_words(event.timestamp)}: {event.action_description}", loads)
        if age.as_of is None:
            yield Matter(name, False, f"empty. Fill it with manage.py sync_panelapp --source {key}", loads)
        elif age.is_demonstration:
            yield Matter(name, True, "holds the demonstration panels", loads)
        else:
            late = (
                f", longer than CATALOGUE_MAX_AGE_DAYS={settings.CATALOGUE_MAX_AGE_DAYS} ago. "
                f"Run manage.py sync_panelapp --source {key}"
            )
            yield Matter(
                name, not age.is_too_old, f"of {local_words(age.as_of)}{late if age.is_too_old else ''}", loads
            )


def _proof() -> Matter:
    proof, events = proof_state(), reverse("admin:audit_auditlog_changelist")
    name = "Proof of the record"
    if proof.unguarded:
        return Matter(name, False, "triggers are missing. Run manage.py migrate", events)
    if not proof.is_well:
        return Matter(name, False, f"an entry has waited {proof.waiting:.0f} s for its seal", events)
    sealed = f"sealed {local_words(proof.seal.sealed_at)}" if proof.seal else "nothing to seal yet"
    return Matter(name, True, sealed, events)


def _erasures() -> Iterator[Matter]:
    waiting = len(waiting_erasures())
    if waiting:
        says = f"{waiting} closed their account and are still named. Run manage.py prune_audit as the owner"
        yield Matter("People to erase", False, says, reverse("admin:audit_auditlog_changelist"))


def _mails() -> Matter:
    since = timezone.now() - MAILS_OF
    failed = AuditLog.objects.filter(action_type=Action.ERROR, resource_type="mail", success=False, timestamp__gt=since)
    number = failed.aggregate(number=Count("pk"))["number"]
    link = (
        f"{reverse('admin:audit_auditlog_changelist')}?{urlencode({'action_type': 'ERROR', 'resource_type': 'mail'})}"
    )
    if number:
        return Matter("Mails", False, f"{number} could not be sent within {MAILS_OF.days} days", link)
    if not settings.EMAIL_CONFIGURED:
        return Matter("Mails", True, "are not sent here: EMAIL_URL is not set, and sign-up is closed")
    return Matter("Mails", True, f"none failed within {MAILS_OF.days} days", link)


def _locks() -> Matter:
    locked, slowed = Lock.objects.standing().count(), slowed_down().count()
    link = f"{reverse('admin:accounts_lock_changelist')}?lock=locked"
    if not locked and not slowed:
        return Matter("Locks", True, "no account is locked", link)
    slow = f", {slowed} slowed down after {SLOW_DOWN_AFTER} failures within the hour" if slowed else ""
    return Matter("Locks", False, f"{locked} after failed sign-ins{slow}", link)


def _blocks() -> Matter:
    number = BlockedAddress.objects.standing(timezone.now()).count()
    link = reverse("admin:audit_blockedaddress_changelist")
    return Matter("Blocked networks", not number, f"{number} kept out now" if number else "none", link)
