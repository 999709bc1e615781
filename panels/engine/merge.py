"""Merging gene lists: every source's word kept side by side, conflicts first, nothing silently dropped.

    merge([MergeInput(uk_panel), MergeInput(my_list)], rule=Rule("at_least", 2)) -> MergeResult

The result does not depend on the order of the inputs, except where the order
is the rule (``priority``, ``subtract``) and in the order of origins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from panels.engine.genes import CONFIDENCE_RANK, Confidence, Entity, GeneList, Origin, Row
from panels.engine.inheritance import inheritance_rank

CONFLICT_FIELDS = ("confidence_level", "mode_of_inheritance")
RULES = ("union", "intersection", "at_least", "subtract")
RESOLUTIONS = ("ask", "highest", "lowest", "majority", "priority")


@dataclass(frozen=True, slots=True)
class MergeInput:
    """A gene list and the confidence levels to take from it; None takes everything but level 0."""

    genes: GeneList
    confidence: frozenset[str] | None = None

    def takes(self, level: str) -> bool:
        if self.confidence is None:
            return level != Confidence.NONE
        return level in self.confidence


@dataclass(frozen=True, slots=True)
class Rule:
    """Which entities stay. ``number`` is k of at_least, or the position (from 0) of the input to subtract."""

    kind: str = "union"
    number: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on one entity. None leaves that field to the rule."""

    reason: str
    confidence_level: str | None = None
    mode_of_inheritance: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field on which origins differ. ``values`` are (value, positions of its origins), the highest first."""

    field: str
    values: tuple[tuple[str, tuple[int, ...]], ...]
    chosen: str
    decided_by: str  # a word of RESOLUTIONS, or "hand"
    reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.decided_by == "ask"


@dataclass(frozen=True, slots=True)
class MergedEntity:
    """One line of the result. ``origins`` and ``inputs`` (positions, from 0) run in parallel."""

    entity: Entity
    confidence_level: str
    mode_of_inheritance: str
    custom_confidence: str
    origins: tuple[Origin, ...]
    inputs: tuple[int, ...]
    conflicts: tuple[Conflict, ...] = ()

    @property
    def is_open(self) -> bool:
        return any(conflict.is_open for conflict in self.conflicts)

    @property
    def level(self) -> str:
        """The level that counts, where a file has room for one."""
        alone = len(self.origins) == 1 and not self.custom_confidence
        return self.origins[0].level if alone else self.confidence_level


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something that an input held and the result does not, with why."""

    input: int
    code: str  # unresolved, confidence, rule
    reason: str
    query: str = ""
    entity: Entity | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class MergeResult:
    inputs: tuple[MergeInput, ...]
    entities: tuple[MergedEntity, ...]
    dropped: tuple[Dropped, ...]
    rule: Rule
    resolve: Mapping[str, str]
    decisions: Mapping[str, Decision]
    unused_decisions: tuple[str, ...] = ()
    gene_names: str = ""

    def of_type(self, entity_type: str) -> list[MergedEntity]:
        return [merged for merged in self.entities if merged.entity.entity_type == entity_type]

    def in_conflict(self, field: str | None = None) -> list[MergedEntity]:
        return [
            merged
            for merged in self.entities
            if any(field is None or conflict.field == field for conflict in merged.conflicts)
        ]


@dataclass(slots=True)
class _Gathered:
    entity: Entity
    origins: list[Origin] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)


def confidence_rank(level: str) -> float:
    """Higher is stronger; a list's own word ranks below every traffic light and above silence."""
    return CONFIDENCE_RANK.get(level, -0.5)


# For both fields alike: the greatest is "the highest".
_STRENGTH: dict[str, Callable[[str], tuple]] = {
    "confidence_level": lambda level: (confidence_rank(level), level),
    "mode_of_inheritance": lambda sentence: (-inheritance_rank(sentence), sentence),
}


def merge(
    inputs: Sequence[MergeInput],
    *,
    rule: Rule | None = None,
    resolve: Mapping[str, str] | None = None,
    decisions: Mapping[str, Decision] | None = None,
    gene_names: str = "",
) -> MergeResult:
    """Merge the inputs.

    ``resolve`` maps a field of CONFLICT_FIELDS to a word of RESOLUTIONS
    (default "ask": the highest is shown and marked undecided). ``decisions``
    maps an entity's key (``HGNC:1100`` or an own name) to a Decision; keys that
    the result does not hold are listed in ``unused_decisions``. Raises
    ValueError when rule or resolution make no sense for these inputs.
    """
    rule = rule or Rule()
    resolve = {name: (resolve or {}).get(name, "ask") for name in CONFLICT_FIELDS}
    decisions = dict(decisions or {})
    _check(inputs, rule, resolve)

    gathered, dropped = _gather(inputs)
    kept, dropped_by_rule = _apply(rule, gathered, inputs)
    merged = [_decide(one, resolve, decisions.get(one.entity.key)) for one in kept]
    merged.sort(key=lambda one: (not one.is_open, not one.conflicts, one.entity.name, one.entity.sort_key))
    keys = {one.entity.key for one in kept}
    return MergeResult(
        inputs=tuple(inputs),
        entities=tuple(merged),
        dropped=tuple(dropped + dropped_by_rule),
        rule=rule,
        resolve=resolve,
        decisions={key: decision for key, decision in sorted(decisions.items()) if key in keys},
        unused_decisions=tuple(sorted(key for key in decisions if key not in keys)),
        gene_names=gene_names,
    )


def _check(inputs: Sequence[MergeInput], rule: Rule, resolve: Mapping[str, str]) -> None:
    if not inputs:
        raise ValueError("inputs: give at least one panel or list")
    if rule.kind not in RULES:
        raise ValueError(f"rule: {rule.kind!r} is none of {', '.join(RULES)}")
    if rule.kind == "at_least" and not 1 <= rule.number <= len(inputs):
        raise ValueError(f"rule: at_least {rule.number} makes no sense with {len(inputs)} inputs")
    if rule.kind == "subtract" and not 0 <= rule.number < len(inputs):
        raise ValueError(f"rule: there is no input {rule.number} to subtract; they count from 0 to {len(inputs) - 1}")
    for name, resolution in resolve.items():
        if resolution not in RESOLUTIONS:
            raise ValueError(f"resolve.{name}: {resolution!r} is none of {', '.join(RESOLUTIONS)}")


def _gather(inputs: Sequence[MergeInput]) -> tuple[dict[tuple[str, str], _Gathered], list[Dropped]]:
    """Fold equal entities over all inputs; rows that a confidence filter leaves out are listed, once an entity."""
    gathered: dict[tuple[str, str], _Gathered] = {}
    dropped: list[Dropped] = []
    for position, one in enumerate(inputs):
        left_out: dict[tuple[str, str], list[Row]] = {}
        for row in one.genes.rows:
            key = row.entity.identity
            if not one.takes(row.origin.level):
                left_out.setdefault(key, []).append(row)
                continue
            found = gathered.get(key)
            if found is None:
                found = gathered[key] = _Gathered(row.entity)
            elif row.entity != found.entity:
                # Sources may label what our names do not know differently; the label must not depend on their order.
                found.entity = max(found.entity, row.entity, key=_fullest)
            found.origins.append(row.origin)
            found.inputs.append(position)
        for unresolved in one.genes.unresolved:
            dropped.append(
                Dropped(position, "unresolved", unresolved.reason, query=unresolved.query, row=unresolved.row)
            )
        for key, rows in left_out.items():
            stays = key in gathered and position in gathered[key].inputs
            dropped.append(Dropped(position, "confidence", _why_left_out(rows, stays), entity=rows[0].entity))
    return gathered, dropped


def _fullest(entity: Entity) -> tuple[str, ...]:
    return (entity.hgnc_id, entity.ensembl_id, entity.gene_name, entity.name)


def _why_left_out(rows: list[Row], stays: bool) -> str:
    levels = sorted({row.origin.level for row in rows}, key=confidence_rank, reverse=True)
    words = ", ".join(_said(level) for level in levels)
    children = sorted({row.origin.child_panel_name for row in rows if row.origin.child_panel_name})
    where = f" in {', '.join(children)}" if children else ""
    rest = "; other rows of this input keep it" if stays else ""
    return f"{words}{where}: not among the levels taken{rest}"


def _said(level: str) -> str:
    return {"": "no level given", Confidence.NONE: "level 0"}.get(level, level)


def _apply(
    rule: Rule, gathered: dict[tuple[str, str], _Gathered], inputs: Sequence[MergeInput]
) -> tuple[list[_Gathered], list[Dropped]]:
    needed = {"union": 1, "intersection": len(inputs), "at_least": rule.number}.get(rule.kind, 0)
    kept: list[_Gathered] = []
    dropped: list[Dropped] = []
    for one in gathered.values():
        if rule.kind == "subtract":
            why = f"also in {inputs[rule.number].genes.label}" if rule.number in one.inputs else ""
        else:
            have = len(set(one.inputs))
            why = f"in {have} of {len(inputs)} inputs, the rule asks for {needed}" if have < needed else ""
        if why:
            dropped.append(Dropped(min(one.inputs), "rule", why, entity=one.entity))
        else:
            kept.append(one)
    return kept, dropped


def _decide(one: _Gathered, resolve: Mapping[str, str], decision: Decision | None) -> MergedEntity:
    chosen: dict[str, str] = {}
    conflicts: list[Conflict] = []
    by_hand = ""
    for name in CONFLICT_FIELDS:
        said = [getattr(origin, name) for origin in one.origins]
        if name == "confidence_level" and len(said) > 1:
            # Of one voice alone both words are kept; among several the one that counts is heard.
            said = [origin.level for origin in one.origins]
        values = sorted({value for value in said if value}, key=_STRENGTH[name], reverse=True)
        value, decided_by, reason = _choose(name, said, one.inputs, values, resolve[name]), resolve[name], ""
        hand = getattr(decision, name) if decision else None
        if hand is not None:
            value, decided_by, reason = hand, "hand", decision.reason
            if name == "confidence_level":
                by_hand = hand
        if len(values) > 1:
            places = tuple((v, tuple(i for i, s in enumerate(said) if s == v)) for v in values)
            conflicts.append(Conflict(name, places, value, decided_by, reason))
        chosen[name] = value
    return MergedEntity(
        entity=one.entity,
        confidence_level=chosen["confidence_level"],
        mode_of_inheritance=chosen["mode_of_inheritance"],
        custom_confidence=by_hand,
        origins=tuple(one.origins),
        inputs=tuple(one.inputs),
        conflicts=tuple(conflicts),
    )


def chosen_level(said: Sequence[str], inputs: Sequence[int], resolution: str) -> str:
    """What a resolution makes of these levels; ``inputs`` says which input each is of."""
    values = sorted({value for value in said if value}, key=confidence_rank, reverse=True)
    return _choose("confidence_level", list(said), list(inputs), values, resolution)


def _choose(name: str, said: list[str], inputs: list[int], values: list[str], resolution: str) -> str:
    """``values`` are the different ones that were said, highest first."""
    if len(values) < 2:
        return values[0] if values else ""
    if resolution in ("ask", "highest"):
        return values[0]
    if resolution == "lowest":
        return values[-1]
    # What each input says: its highest, so that a super panel with many children has one vote.
    strength = _STRENGTH[name]
    voices: dict[int, str] = {}
    for position, value in zip(inputs, said, strict=True):
        if value and (position not in voices or strength(value) > strength(voices[position])):
            voices[position] = value
    if resolution == "priority":
        return voices[min(voices)]
    votes = Counter(voices.values())
    most = max(votes.values())
    return max((value for value, count in votes.items() if count == most), key=strength)
