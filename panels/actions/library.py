"""The library: panels made, changed, brought back to an older version.

What each act promises: it asks again whether ``by`` may, with the panel's row
locked; it writes all of its rows and its event in one transaction, or nothing;
it raises NotHere for a stranger, LevelTooLow (403) for who sees the panel and
may not do this, VersionConflict (412) where somebody saved meanwhile, Refusal
409 for a state that forbids it, Refusal 400 whose ``errors`` name fields and
rows for what makes no sense, and Unavailable (503) when the event cannot be
written. Panels are named by their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.editing import Edited, GeneChanges, Typed, edited_in_turn, whole_list
from panels.actions.lists import current_records, records_in
from panels.actions.metadata import checked_comment, checked_metadata
from panels.actions.rights import (
    check_expected,
    check_may_own,
    check_may_publish,
    locked_panel,
    panel_for,
)
from panels.actions.symbols import current_resolver
from panels.actions.versions import Genes, Saved, as_json, first_version, save_version
from panels.engine.levels import Level
from panels.engine.merge import MergeResult
from panels.engine.recipe import recipe_of
from panels.engine.records import Record, keyed, record_of_merged, why_unfit
from panels.engine.symbols import Resolver
from panels.models import PanelChange, PanelVersion, SavedPanel

MOST_PANELS = 20_000
LONGEST_REFERENCE = 1000
# What a person may set; DELETED is an act of its own.
STATUSES = (SavedPanel.Status.ACTIVE, SavedPanel.Status.DRAFT, SavedPanel.Status.ARCHIVED)
GENES_NEVER_KEPT = (
    "The genes of this version were never kept: it comes from an earlier release, which kept those of the newest "
    "version only."
)


class GenesNeverKept(Refusal):
    status = 409
    code = "genes_not_kept"

    def __init__(self, version: PanelVersion) -> None:
        super().__init__(f"Version {version.version_number}: {GENES_NEVER_KEPT}")


@transaction.atomic
def create_panel(
    *,
    by: Any,
    name: str,
    genes: Sequence[Typed] = (),
    records: Iterable[Record] | None = None,
    description: str = "",
    tags: str | Iterable[str] = (),
    status: str = SavedPanel.Status.ACTIVE,
    visibility: str = SavedPanel.Visibility.PRIVATE,
    comment: str = "",
    recipe: Mapping[str, Any] | None = None,
    source_type: str = "manual",
    source_reference: str = "",
) -> Saved:
    """Make a panel with its version 1: PANEL_CREATED, PANEL_CREATE. Two panels may have one name.

    ``genes`` are as typed, and each must name a gene for certain; or ``records``
    come ready, from a merge or a file. Neither is an empty panel. ``recipe`` is
    how they were merged. Only who may publish makes a PUBLIC one.
    """
    check_may_own(by)
    metadata = checked_metadata(name=name, description=description, tags=tags)
    _check_words(status, visibility)
    if visibility == SavedPanel.Visibility.PUBLIC:
        check_may_publish(by)
    comment = checked_comment(comment)
    made = Edited(_checked(records)) if records is not None else whole_list(genes, {}, current_resolver())
    if SavedPanel.objects.living().mine(by).count() >= MOST_PANELS:
        raise Refusal(f"You have {MOST_PANELS:,} panels. Delete some first.", status=409, code="quota")
    panel = SavedPanel.objects.create(
        owner=by,
        name=metadata["name"],
        description=metadata["description"] or None,
        tags=",".join(metadata["tags"]) or None,
        status=status,
        visibility=visibility,
        source_type=source_type,
        source_reference=source_reference or None,
    )
    panel.refresh_from_db(fields=["created_at", "last_accessed_at"])
    saved = first_version(panel=panel, by=by, genes=made.genes, comment=comment, recipe=recipe, given=made.given)
    record(
        Action.PANEL_CREATE,
        by=by,
        target=panel,
        description=f"Created “{panel.name}” with {len(made.genes)} genes",
        details={"content_hash": saved.version.content_hash, "source_type": source_type, "given": made.given},
        new=metadata | {"status": status, "visibility": visibility},
    )
    return saved


def create_from_merge(
    *, by: Any, name: str, result: MergeResult, description: str = "", tags: Any = (), comment: str = "", **options: Any
) -> Saved:
    """Keep a merged list, with the recipe that makes it again. What it dropped stands in the result, not in the panel.

    As ``create_panel``; ``options`` are its status and visibility.
    """
    return create_panel(
        by=by,
        name=name,
        records=[record_of_merged(merged) for merged in result.entities],
        description=description,
        tags=tags,
        comment=comment,
        recipe=recipe_of(result),
        source_type=_source_type(result),
        source_reference=_source_reference(result),
        **options,
    )


def change_panel(
    *,
    panel: int,
    by: Any,
    expected: int | None,
    genes: Sequence[Typed] | None = None,
    gene_changes: GeneChanges | Sequence[GeneChanges] | None = None,
    name: str | None = None,
    description: str | None = None,
    tags: str | Iterable[str] | None = None,
    status: str | None = None,
    visibility: str | None = None,
    comment: str = "",
) -> Saved:
    """Change what is given; None leaves it. ``genes`` is the whole list, ``gene_changes`` an edit of it or several in
    turn, not both.

    Genes, name, description and tags need EDIT and make one version, unless
    they are what they were. Status and visibility need ADMIN and make none:
    they stand in the changes of the current version. ``expected`` is the
    version that the change was made on.
    """
    if genes is not None and gene_changes is not None:
        told = "Send the whole list or changes to it, not both."
        raise Refusal(told, errors={"gene_changes": [told]})
    _check_words(status or SavedPanel.Status.ACTIVE, visibility or SavedPanel.Visibility.PRIVATE)
    metadata = checked_metadata(name=name, description=description, tags=tags)
    comment = checked_comment(comment)
    given: dict[str, str] = {}

    steps = [gene_changes] if isinstance(gene_changes, GeneChanges) else gene_changes

    def edit(current: Genes, resolver: Resolver) -> Genes:
        edited = (
            edited_in_turn(steps, current, resolver)
            if steps is not None
            else whole_list(genes or (), current, resolver)
        )
        given.update(edited.given)
        return edited.genes

    touches_genes = genes is not None or gene_changes is not None
    with transaction.atomic():
        if status is not None or visibility is not None:
            set_state(panel=panel, by=by, expected=expected, status=status, visibility=visibility)
        if not touches_genes and not metadata and (status or visibility):
            # The row is held: nobody else saves between this and the answer.
            one, _ = panel_for(by, panel)
            return Saved(one, one.current_version, False, current_records(one))
        return save_version(
            panel=panel,
            by=by,
            edit=edit if touches_genes else None,
            metadata=metadata,
            comment=comment,
            expected=expected,
            given=given,
        )


@transaction.atomic
def set_state(
    *, panel: int, by: Any, expected: int | None = None, status: str | None = None, visibility: str | None = None
) -> SavedPanel:
    """Archive a panel, make it a draft, or active again; say who may see it. Needs ADMIN, and PUBLIC the right to
    publish. Refusal 409 for PRIVATE while others have shares. What is so already is no change."""
    one, _ = locked_panel(by, panel, Level.ADMIN)
    check_expected(one, expected)
    wanted = {"status": status, "visibility": visibility}
    old = {name: getattr(one, name) for name, word in wanted.items() if word and word != getattr(one, name)}
    if not old:
        return one
    if old.keys() & {"visibility"} and visibility == SavedPanel.Visibility.PUBLIC:
        check_may_publish(by)
    if old.keys() & {"visibility"} and visibility == SavedPanel.Visibility.PRIVATE:
        _check_not_shared(one)
    new = {name: wanted[name] for name in old}
    for name, word in new.items():
        setattr(one, name, word)
    one.save(update_fields=list(new))
    note_change(one, by, old, new)
    record(
        Action.PANEL_UPDATE,
        by=by,
        target=one,
        description=f"“{one.name}” is {' and '.join(str(word) for word in new.values())} now",
        old=old,
        new=new,
    )
    return one


def _check_not_shared(panel: SavedPanel) -> None:
    """Nobody reads PRIVATE and has let others in."""
    number = panel.shares.standing().count()
    if number:
        told = f"Others have it by {number} share{'' if number == 1 else 's'}. Revoke these first, and it is private."
        raise Refusal(f"visibility: {told}", status=409, code="shared", errors={"visibility": [told]})


def note_change(panel: SavedPanel, by: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """METADATA_CHANGED for each field, with the current version: what changed beside the versions."""
    if panel.current_version is None:
        return
    PanelChange.objects.bulk_create(
        [
            PanelChange(
                panel=panel,
                version=panel.current_version,
                change_type=PanelChange.Type.METADATA_CHANGED,
                target_type="panel",
                target_id=name,
                old_value=as_json(old[name]),
                new_value=as_json(new[name]),
                changed_by=by,
            )
            for name in new
        ]
    )


def restore_version(*, panel: int, by: Any, number: int, expected: int | None, comment: str = "") -> Saved:
    """Make the genes of an old version current again, as a new version. Name, description and tags stay as they are.

    Needs EDIT. GenesNeverKept for a version of an earlier release. A version
    whose genes are the current ones makes none.
    """
    with transaction.atomic():
        version = version_of(panel=panel, by=by, number=number, level=Level.EDIT)
        if version.snapshot is None:
            raise GenesNeverKept(version)
        records = keyed(records_in(version.snapshot.body))
        return save_version(
            panel=panel,
            by=by,
            edit=lambda current, resolver: records,
            comment=checked_comment(comment) or f"Restored version {number}",
            expected=expected,
            restored_from=number,
        )


def version_of(*, panel: int, by: Any, number: int, level: Level = Level.VIEW) -> PanelVersion:
    """One version with its panel and snapshot. NotHere for a number the panel does not have."""
    return versions_of(panel=panel, by=by, numbers=(number,), level=level)[0]


def versions_of(*, panel: int, by: Any, numbers: Sequence[int], level: Level = Level.VIEW) -> list[PanelVersion]:
    """Several, in the order of ``numbers``; as ``version_of``."""
    one, _ = panel_for(by, panel, level)
    rows = one.versions.select_related("snapshot", "created_by").filter(version_number__in=numbers)
    found = {version.version_number: version for version in rows}
    for number in numbers:
        if number not in found:
            raise NotHere(f"The panel has no version {number}.")
        found[number].panel = one
    return [found[number] for number in numbers]


def version_by_content(*, content_hash: str, by: Any) -> PanelVersion:
    """The newest version with exactly this content among the panels that the person sees, with its panel. NotHere."""
    seen = SavedPanel.objects.visible_to(by).order_by()
    found = PanelVersion.objects.filter(content_hash=content_hash.lower(), panel__in=seen.values("pk"))
    version = found.select_related("panel").defer("recipe").order_by("-pk").first()
    if version is None:
        raise NotHere("No version of a panel that you see has this content.")
    return version


def _check_words(status: str, visibility: str) -> None:
    errors = {}
    if status not in STATUSES:
        errors["status"] = [f"It is one of {', '.join(STATUSES)}."]
    if visibility not in SavedPanel.Visibility.values:
        errors["visibility"] = [f"It is one of {', '.join(SavedPanel.Visibility.values)}."]
    if errors:
        field, sentences = next(iter(errors.items()))
        raise Refusal(f"{field}: {sentences[0]}", errors=errors)


def _checked(records: Iterable[Record]) -> Genes:
    found = keyed(records)
    errors = {one["gene_symbol"][:60]: [why] for one in found.values() if (why := why_unfit(one))}
    if errors:
        name, [why] = next(iter(errors.items()))
        raise Refusal(f"{name}: {why}", code="genes", errors=errors)
    return found


def _source_type(result: MergeResult) -> str:
    kinds = {one.genes.source for one in result.inputs}
    if len(result.inputs) > 1:
        return "merge"
    return "panelapp" if kinds <= {"uk", "aus"} else "saved" if kinds == {"saved"} else "upload"


def _source_reference(result: MergeResult) -> str:
    """The inputs, as far as the column has room for whole ones; the recipe has them all."""
    names = [_reference(one.genes) for one in result.inputs]
    text = ", ".join(names)
    while len(text) > LONGEST_REFERENCE:
        names.pop()
        text = f"{', '.join(names)} and {len(result.inputs) - len(names)} more"
    return text


def _reference(genes: Any) -> str:
    if genes.source in ("uk", "aus", "saved"):
        return f"{genes.source}:{genes.panel_id}@{'v' if genes.source == 'saved' else ''}{genes.version}"
    return genes.name
