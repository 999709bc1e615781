"""What changed from one gene list to another: entities only in one of them, and field by field in both.

    diff(old_version, new_version) -> Diff

An entity is known by type and HGNC id, or by its name. Another symbol for the
same gene is no change of content; it stands in ``renamed``. Rows that repeat an
entity, as super panels do, are folded: a field shows every different value, and
rows that differ only in who says what are told under ``statements``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from panels.engine.content import BETWEEN
from panels.engine.genes import Entity, EntityType, GeneList, Row
from panels.engine.inheritance import inheritance_rank
from panels.engine.merge import confidence_rank

Key = tuple[str, str]
STATEMENTS = "statements"


def _text(text: str) -> tuple:
    return (text.casefold(), text)


# The fields that are compared, under the keys of a gene where there are any, with the order in which values stand.
_ORDER: dict[str, Callable[[str], tuple]] = {
    "confidence_level": lambda level: (-confidence_rank(level), level),
    "mode_of_inheritance": lambda sentence: (inheritance_rank(sentence), sentence),
    "custom_confidence": lambda level: (-confidence_rank(level), level),
} | dict.fromkeys(
    (
        "penetrance",
        "mode_of_pathogenicity",
        "phenotype",
        "evidence_level",
        "publications",
        "tags",
        "user_notes",
        "child_panels",
        "source_panel_id",
        "source_list_type",
        "ensembl_id",
        "gene_name",
        "hgnc_id",
        "grch37",
        "grch38",
    ),
    _text,
)
FIELDS = tuple(_ORDER)
LEVEL_FIELDS = FIELDS[:2]
_CHILD = FIELDS.index("child_panels")


def _said(row: Row) -> tuple[tuple[str, ...], ...]:
    """What one row states, in the order of FIELDS. Where it stands and in which version is no content."""
    entity, origin = row.entity, row.origin
    is_gene = entity.entity_type == EntityType.GENE
    named_by_id = is_gene and bool(entity.hgnc_id)
    said = (
        origin.confidence_level,
        origin.mode_of_inheritance,
        origin.custom_confidence,
        origin.penetrance,
        origin.mode_of_pathogenicity,
        origin.phenotypes,
        origin.evidence,
        origin.publications,
        origin.tags,
        origin.note,
        origin.child_panel_id or origin.child_panel_name,
        origin.stated_sources,
        origin.stated_levels,
        entity.ensembl_id,
        "" if named_by_id else entity.gene_name,
        "" if named_by_id else entity.hgnc_id,
        # A gene's place is that of its name; of all others it is what the panel states.
        "" if is_gene else entity.grch37,
        "" if is_gene else entity.grch38,
    )
    return tuple((one,) if isinstance(one, str) else tuple(sorted(set(one))) for one in said)


@dataclass(frozen=True)
class Folded:
    """One entity of a list: all its rows, each different one once. ``written`` is how the list itself calls it."""

    entity: Entity
    written: str
    statements: tuple[tuple[tuple[str, ...], ...], ...]

    @property
    def key(self) -> Key:
        # Case is nothing in a name.
        return (str(self.entity.entity_type), self.entity.key.casefold())

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """Every field of FIELDS as text, different values joined, the strongest first."""
        if len(self.statements) == 1:
            # Most are, and of most fields one row says one thing.
            said = zip(FIELDS, self.statements[0], strict=True)
            return {name: texts[0] if len(texts) == 1 else BETWEEN.join(_sorted(name, texts)) for name, texts in said}
        return {name: BETWEEN.join(self.values(name)) for name in FIELDS}

    def values(self, name: str) -> list[str]:
        """The different values of one field, the strongest first."""
        place = FIELDS.index(name)
        return _sorted(name, (text for said in self.statements for text in said[place]))

    @property
    def statements_text(self) -> str:
        """The rows one after another with all they say, for people."""
        return " | ".join(_in_words(said) for said in self.statements)

    def as_json(self) -> dict[str, str]:
        return _named(self.entity) | {name: text for name, text in self.fields.items() if name != "hgnc_id"}


def _sorted(name: str, texts: Iterable[str]) -> list[str]:
    return sorted({text for text in texts if text}, key=_ORDER[name])


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """An entity of both lists whose content differs; ``fields`` is never empty."""

    old: Folded
    new: Folded
    fields: tuple[FieldChange, ...]

    def field(self, name: str) -> FieldChange | None:
        return next((one for one in self.fields if one.field == name), None)

    @property
    def is_of_level(self) -> bool:
        """Whether confidence or inheritance differ, be it of one child of a super panel."""
        return _levels_differ(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Renamed:
    """An entity of both lists that they call differently; whether its content differs as well is told elsewhere."""

    old: Folded
    new: Folded


@dataclass(frozen=True, slots=True)
class Diff:
    """From a to b. All in reading order: genes by HGNC number, then regions and STRs by name.

    ``equal`` counts entities of equal content, renamed ones among them.
    """

    only_a: tuple[Folded, ...] = ()
    only_b: tuple[Folded, ...] = ()
    changed: tuple[Change, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    equal: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether the content is equal; names may differ."""
        return not (self.only_a or self.only_b or self.changed)

    def mirrored(self) -> Diff:
        """From b to a."""
        changed = tuple(
            Change(one.new, one.old, tuple(FieldChange(f.field, f.new, f.old) for f in one.fields))
            for one in self.changed
        )
        renamed = tuple(Renamed(one.new, one.old) for one in self.renamed)
        return Diff(self.only_b, self.only_a, changed, renamed, self.equal)

    def as_json(self) -> dict[str, Any]:
        """{added, removed, changed: [{…, fields: [{field, old, new}]}], renamed: [{…, old, new}], equal}."""
        return {
            "added": [one.as_json() for one in self.only_b],
            "removed": [one.as_json() for one in self.only_a],
            "changed": [
                _named(one.new.entity)
                | {"fields": [{"field": f.field, "old": f.old, "new": f.new} for f in one.fields]}
                for one in self.changed
            ],
            "renamed": [
                _named(one.new.entity) | {"old": one.old.written, "new": one.new.written} for one in self.renamed
            ],
            "equal": self.equal,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two lists and what turns a into b; ``gene_names`` is the release of names under which both were read."""

    a: GeneList
    b: GeneList
    diff: Diff
    gene_names: str = ""

    @property
    def unread(self) -> tuple[GeneList, ...]:
        """Those of the two of which some rows could not be read."""
        return tuple(one for one in (self.a, self.b) if one.unresolved)


def fold(genes: GeneList | Iterable[Row]) -> dict[Key, Folded]:
    """The entities of a list by type and identity, in reading order; repeated rows are put together, none is lost."""
    rows: dict[Key, list[Row]] = {}
    for row in genes.rows if isinstance(genes, GeneList) else genes:
        rows.setdefault((str(row.entity.entity_type), row.entity.key.casefold()), []).append(row)
    folded = {key: _folded(same) for key, same in rows.items()}
    return dict(sorted(folded.items(), key=lambda one: (one[1].entity.sort_key, one[0])))


def _folded(same: list[Row]) -> Folded:
    if len(same) == 1:
        [row] = same
        return Folded(row.entity, row.origin.given or row.entity.name, (_said(row),))
    entity = max((row.entity for row in same), key=_fullest)
    written = sorted({row.origin.given or row.entity.name for row in same}, key=_text)
    return Folded(entity, BETWEEN.join(written), tuple(sorted({_said(row) for row in same})))


def _fullest(entity: Entity) -> tuple[str, ...]:
    return (entity.hgnc_id, entity.ensembl_id, entity.gene_name, entity.name, entity.grch37, entity.grch38)


def diff(a: GeneList | Iterable[Row], b: GeneList | Iterable[Row]) -> Diff:
    """What turns a into b. The order of rows, and rows that repeat a statement, do not count."""
    old, new = fold(a), fold(b)
    both = [(one, new[key]) for key, one in old.items() if key in new]
    changed = [Change(one, other, _fields(one, other)) for one, other in both if one.statements != other.statements]
    return Diff(
        only_a=tuple(one for key, one in old.items() if key not in new),
        only_b=tuple(one for key, one in new.items() if key not in old),
        changed=tuple(changed),
        renamed=tuple(Renamed(one, other) for one, other in both if _labels(one) != _labels(other)),
        equal=len(both) - len(changed),
    )


def applied(a: Mapping[Key, Folded], change: Diff) -> dict[Key, Folded]:
    """The folded list that ``change`` makes of the folded list a."""
    gone = {one.key for one in change.only_a}
    result = {key: one for key, one in a.items() if key not in gone}
    result |= {one.new.key: one.new for one in (*change.changed, *change.renamed)}
    result |= {one.key: one for one in change.only_b}
    return dict(sorted(result.items(), key=lambda one: (one[1].entity.sort_key, one[0])))


def _fields(old: Folded, new: Folded) -> tuple[FieldChange, ...]:
    found = [FieldChange(name, text, new.fields[name]) for name, text in old.fields.items() if text != new.fields[name]]
    # Two children of a super panel may have changed places: every field has the values it had, and yet it differs.
    told = any(one.field in LEVEL_FIELDS for one in found)
    if not found or (_levels_differ(old, new) and not told):
        found.append(FieldChange(STATEMENTS, old.statements_text, new.statements_text))
    return tuple(found)


def _levels_differ(old: Folded, new: Folded) -> bool:
    before, now = _levels_by_child(old), _levels_by_child(new)
    if set().union(*before.values()) != set().union(*now.values()):
        return True
    return any(before[child] != now[child] for child in before.keys() & now.keys())


def _levels_by_child(one: Folded) -> dict[tuple[str, ...], set[tuple]]:
    levels: dict[tuple[str, ...], set[tuple]] = {}
    for said in one.statements:
        levels.setdefault(said[_CHILD], set()).add(said[: len(LEVEL_FIELDS)])
    return levels


def _labels(one: Folded) -> tuple[str, ...]:
    named_by_id = one.entity.entity_type == EntityType.GENE and one.entity.hgnc_id
    return (one.written, one.entity.name, one.entity.gene_name if named_by_id else "")


def _in_words(said: tuple[tuple[str, ...], ...]) -> str:
    texts = (f"{name}: {', '.join(texts)}" for name, texts in zip(FIELDS, said, strict=True) if any(texts))
    return BETWEEN.join(texts)


def _named(entity: Entity) -> dict[str, str]:
    return {"gene_symbol": entity.name, "hgnc_id": entity.hgnc_id, "entity_type": str(entity.entity_type)}
