"""Tags on versions, and which versions are kept. Promises as in ``actions.library``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.library import version_of
from panels.actions.rights import locked_panel, panel_for
from panels.engine.levels import Level
from panels.models import (
    PanelChange,
    PanelSnapshot,
    PanelVersion,
    PanelVersionTag,
    RetentionPolicy,
    SavedPanel,
)

LONGEST_NAME = 100
_NAME = re.compile(r"[A-Za-z0-9._-]+")
POLICY = ("max_versions", "backup_retention_days", "auto_cleanup_enabled", "cleanup_frequency_hours")
# What an older release let one choose, and what holds now whatever its rows say: a tag keeps its version.
TAGS_KEEP = ("keep_tagged_versions", "keep_production_tags")
HIGHEST = {"max_versions": 10_000, "backup_retention_days": 36_500, "cleanup_frequency_hours": 8_760}


def tags_of(*, panel: int, by: Any, number: int) -> QuerySet[PanelVersionTag]:
    return version_of(panel=panel, by=by, number=number).tags.select_related("created_by")


@transaction.atomic
def add_tag(
    *, panel: int, by: Any, number: int, tag_name: str, tag_type: str, description: str = ""
) -> PanelVersionTag:
    """Tag a version; the type is one of the six words, in any case. Needs EDIT. A tagged version is not
    pruned; PRODUCTION and STAGING come off by ADMIN alone. Refusal 409 for a tag the version bears already."""
    locked_panel(by, panel, Level.EDIT)
    version = version_of(panel=panel, by=by, number=number, level=Level.EDIT)
    word, errors = tag_type.strip().upper(), {}
    if word not in PanelVersionTag.Type.values:
        errors["tag_type"] = [f"It is one of {', '.join(PanelVersionTag.Type.values)}."]
    if not _NAME.fullmatch(tag_name) or len(tag_name) > LONGEST_NAME:
        errors["tag_name"] = [f"Letters, digits, dots, hyphens and underscores, at most {LONGEST_NAME}."]
    if errors:
        name, sentences = next(iter(errors.items()))
        raise Refusal(f"{name}: {sentences[0]}", errors=errors)
    if version.tags.filter(tag_name=tag_name).exists():
        raise Refusal(f"Version {number} bears the tag {tag_name} already.", status=409, code="already_tagged")
    tag = PanelVersionTag.objects.create(
        version=version,
        tag_name=tag_name,
        tag_type=word,
        description=description.strip() or None,
        created_by=by,
        is_protected=word in PanelVersionTag.PROTECTING,
    )
    tag.refresh_from_db(fields=["created_at"])
    _record(version, by, f"Tagged version {number} as {tag_name}", new={"tag": tag_name, "type": word})
    return tag


@transaction.atomic
def remove_tag(*, panel: int, by: Any, number: int, tag_name: str) -> None:
    """Take a tag off a version. Needs EDIT, and ADMIN for one that protects."""
    locked_panel(by, panel, Level.EDIT)
    version = version_of(panel=panel, by=by, number=number, level=Level.EDIT)
    tag = version.tags.filter(tag_name=tag_name).first()
    if tag is None:
        raise NotHere(f"Version {number} has no tag {tag_name[:60]}.")
    if tag.is_protected:
        panel_for(by, panel, Level.ADMIN)
    tag.delete()
    _record(version, by, f"Took the tag {tag_name} off version {number}", old={"tag": tag_name, "type": tag.tag_type})


def retention_of(*, panel: int, by: Any) -> RetentionPolicy | None:
    """The panel's policy; None for a panel that keeps every version."""
    one, _ = panel_for(by, panel)
    return RetentionPolicy.objects.filter(panel=one).first()


@transaction.atomic
def set_retention(*, panel: int, by: Any, **values: Any) -> RetentionPolicy:
    """Say which versions ``prune_versions`` leaves; values are some of POLICY, the others stay. Needs ADMIN.

    Refusal where TAGS_KEEP are to be switched off.

    Nothing is pruned by saying so.
    """
    one, _ = locked_panel(by, panel, Level.ADMIN)
    errors = {
        name: [f"A number from {1 if name != 'backup_retention_days' else 0} to {highest:,}."]
        for name, highest in HIGHEST.items()
        if name in values and not (0 if name == "backup_retention_days" else 1) <= values[name] <= highest
    }
    kept = "A tagged version is always kept. To give one up, take its tags off."
    errors |= {name: [kept] for name in TAGS_KEEP if not values.pop(name, True)}
    if errors:
        name, sentences = next(iter(errors.items()))
        raise Refusal(f"{name}: {sentences[0]}", errors=errors)
    policy = RetentionPolicy.objects.filter(panel=one).first() or RetentionPolicy(panel=one, created_by=by)
    old = {name: getattr(policy, name) for name in POLICY} if policy.pk else None
    for name, value in values.items():
        setattr(policy, name, value)
    policy.updated_at = timezone.now()
    policy.save()
    policy.refresh_from_db()
    new = {name: getattr(policy, name) for name in POLICY}
    if new != old:
        record(
            Action.PANEL_UPDATE,
            by=by,
            target=one,
            description=f"Set which versions of “{one.name}” are kept",
            old=old,
            new=new,
        )
    return policy


@dataclass(slots=True)
class Pruned:
    """``versions``: the numbers that go, by panel. ``snapshots``: gene lists that no version owns any more."""

    versions: dict[int, list[int]] = field(default_factory=dict)
    snapshots: int = 0

    @property
    def total(self) -> int:
        return sum(len(numbers) for numbers in self.versions.values())


def prunable(panel: SavedPanel, policy: RetentionPolicy) -> QuerySet[PanelVersion]:
    """Versions that the policy gives up: old, not among the newest, not current, not tagged."""
    newest = panel.versions.order_by("-version_number").values_list("version_number", flat=True)[: policy.max_versions]
    floor = min(newest, default=0)
    limit = timezone.now() - timedelta(days=policy.backup_retention_days)
    tagged = PanelVersionTag.objects.filter(version__panel=panel)
    return (
        panel.versions.filter(version_number__lt=floor, created_at__lt=limit)
        .exclude(pk=panel.current_version_id)
        .exclude(pk__in=tagged.values("version"))
        .order_by("version_number")
    )


def prune_versions(*, by: Any = None, panel: int | None = None, dry_run: bool = False) -> Pruned:
    """Remove what the policies give up, panel by panel, each in a transaction of its own with its event.

    Only panels whose policy is switched on and that were not pruned within the
    hours it names, or the one ``panel``. Then gene
    lists that no version owns any more go. Returns what went, or would go.
    """
    done = Pruned()
    for policy in _policies(panel):
        with transaction.atomic():
            one = SavedPanel.objects.select_for_update(no_key=True).get(pk=policy.panel_id)
            numbers = list(prunable(one, policy).values_list("version_number", flat=True))
            if not numbers:
                continue
            done.versions[one.pk] = numbers
            if not dry_run:
                _prune(one, policy, numbers, by)
    if not dry_run:
        done.snapshots = _forget_snapshots()
    return done


def _policies(panel: int | None) -> Iterator[RetentionPolicy]:
    policies = RetentionPolicy.objects.order_by("panel").exclude(panel__status=SavedPanel.Status.DELETED)
    chosen = policies.filter(auto_cleanup_enabled=True) if panel is None else policies.filter(panel=panel)
    now = timezone.now()
    for policy in chosen.iterator(chunk_size=200):
        pause = timedelta(hours=policy.cleanup_frequency_hours)
        if panel is not None or policy.last_cleanup_at is None or policy.last_cleanup_at + pause <= now:
            yield policy


def _prune(panel: SavedPanel, policy: RetentionPolicy, numbers: list[int], by: Any) -> None:
    _keep_changes(panel, set(numbers))
    panel.versions.filter(version_number__in=numbers).delete()
    panel.version_count = panel.versions.count()
    panel.save(update_fields=["version_count"])
    RetentionPolicy.objects.filter(pk=policy.pk).update(last_cleanup_at=timezone.now())
    record(
        Action.PANEL_UPDATE,
        by=by,
        target=panel,
        description=f"Pruned {len(numbers)} versions of “{panel.name}” by its policy",
        details={"versions": numbers, "policy": {name: getattr(policy, name) for name in POLICY}},
    )


def _keep_changes(panel: SavedPanel, going: set[int]) -> None:
    """Who changed what, and when, stays: with the next version that is kept."""
    waiting: list[int] = []
    for pk, number in panel.versions.order_by("version_number").values_list("pk", "version_number"):
        if number in going:
            waiting.append(pk)
        elif waiting:
            PanelChange.objects.filter(version__in=waiting).update(version=pk)
            waiting = []


def _forget_snapshots() -> int:
    """Two statements: what somebody else holds while saving is seen as owned by the second one."""
    owned = PanelVersion.objects.filter(snapshot=OuterRef("pk"))
    orphans = PanelSnapshot.objects.filter(~Exists(owned)).order_by("pk")
    with transaction.atomic():
        held = list(orphans.select_for_update().values_list("pk", flat=True))
        gone, _ = orphans.filter(pk__in=held).delete()
    return gone


def _record(version: PanelVersion, by: Any, description: str, **values: Any) -> None:
    record(
        Action.PANEL_UPDATE,
        by=by,
        target=version.panel,
        description=f"{description} of “{version.panel.name}”",
        details={"version": version.version_number},
        **values,
    )
