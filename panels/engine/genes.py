"""Genes, STRs and regions, what a source says of them, and lists of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class EntityType(StrEnum):
    GENE = "gene"
    STR = "str"
    REGION = "region"


class Confidence(StrEnum):
    """PanelApp's traffic light as a word.

    A list may also carry a level in words of its own; that text is kept as it
    is and simply is not one of these.
    """

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NONE = "none"

    @property
    def letter(self) -> str:
        """What stands in the traffic light beside shape and colour: G, A, R or 0."""
        return {"green": "G", "amber": "A", "red": "R", "none": "0"}[self.value]


# Strongest last, so that max() finds the highest. A level nobody gave ranks below level 0.
CONFIDENCE_RANK = {"": -1, Confidence.NONE: 0, Confidence.RED: 1, Confidence.AMBER: 2, Confidence.GREEN: 3}

# Taken when a person says nothing else: everything but level 0.
DEFAULT_CONFIDENCE = frozenset({Confidence.GREEN, Confidence.AMBER, Confidence.RED})


@dataclass(frozen=True, slots=True)
class Entity:
    """Who a gene, STR or region is, apart from what any panel says of it.

    ``name`` is the approved symbol for a gene and the entity's own name
    (``DMPK_CTG``, ``ISCA-37440-Loss``) for the others. ``hgnc_id`` is
    ``HGNC:n``; for an STR it names the gene that the repeat lies in. Places are
    ``chromosome:start-end``, 1-based and inclusive, "" where the build has none;
    they say where an entity lies and not who it is, so they compare equal.
    """

    entity_type: str
    name: str
    hgnc_id: str = ""
    gene_name: str = ""
    ensembl_id: str = ""
    grch37: str = field(default="", compare=False)
    grch38: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """The identity: the HGNC id for a gene that has one, else the entity's own name."""
        if self.entity_type == EntityType.GENE and self.hgnc_id:
            return self.hgnc_id
        return self.name

    @property
    def identity(self) -> tuple[str, str]:
        """What two entities share when they are the same one, whoever wrote it: case is nothing in a name."""
        # Only names of STRs and regions are identities of their own, so the type stands beside.
        return (self.entity_type, self.key.casefold())

    @property
    def sort_key(self) -> tuple[str, int, str]:
        """Type, then HGNC number (0 where identity is the name), then name."""
        number = int(self.key[5:]) if self.key.startswith("HGNC:") and self.key[5:].isdigit() else 0
        return (self.entity_type, number, "" if number else self.name)


@dataclass(frozen=True, slots=True)
class Origin:
    """What one row of one source says of one entity.

    ``confidence_level`` is a word of Confidence, a list's own word kept as it
    is, or "" when the source gives none. ``given`` is the symbol the source
    wrote when it differs from the current one. ``child_*`` name the panel
    inside a super panel that the row came from. ``stated_sources`` is filled
    for a row of a file that PanelMerge wrote: what it kept of the origins it
    was made from, with their levels in ``stated_levels``, as it stands there.
    ``custom_confidence`` is the level that somebody decided on by hand.
    """

    source: str
    panel_id: str
    panel_name: str
    version: str = ""
    confidence_level: str = ""
    mode_of_inheritance: str = ""
    penetrance: str = ""
    mode_of_pathogenicity: str = ""
    phenotypes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    publications: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    note: str = ""
    given: str = ""
    child_panel_id: str = ""
    child_panel_name: str = ""
    child_version: str = ""
    custom_confidence: str = ""
    stated_sources: str = ""
    stated_levels: str = ""

    @property
    def level(self) -> str:
        """The level that counts: what somebody decided by hand, else what the row says."""
        decided = self.custom_confidence
        return decided if decided in CONFIDENCE_RANK and decided else self.confidence_level


@dataclass(frozen=True, slots=True)
class Row:
    entity: Entity
    origin: Origin


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A row that names no gene we can be sure of. It is reported, never guessed.

    ``hgnc_id`` is what stood beside the name, when the two disagree.
    ``is_unread`` says that the row was left out for where it stands, whatever
    it names; a recipe does not ask for it again.
    """

    query: str
    reason: str
    row: int | None = None
    hgnc_id: str = ""
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class GeneList:
    """One input of a merge: rows with their origins, and what could not be read.

    ``source`` is "uk", "aus", "saved", "upload" or "list"; ``panel_id`` and
    ``version`` are text exactly as the source writes them. ``terms`` says under which
    conditions the source may be used.
    """

    source: str
    panel_id: str
    name: str
    version: str = ""
    rows: tuple[Row, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    terms: str = ""

    @property
    def label(self) -> str:
        """The input in a few words, as a person reads it in a column."""
        tag = {"uk": "GB", "aus": "AUS"}.get(self.source, "")
        version = f" v{self.version}" if self.version else ""
        return f"{tag} {self.name}{version}".strip()


@dataclass(slots=True)
class Counts:
    """How many different entities a panel names, by type and by confidence (genes only)."""

    genes: int = 0
    strs: int = 0
    regions: int = 0
    green: int = 0
    amber: int = 0
    red: int = 0
    none: int = 0

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Counts:
        """Count each entity once, a repeated gene under the highest level it has anywhere."""
        best: dict[tuple[str, str], str] = {}
        for row in rows:
            key = (row.entity.entity_type, row.entity.key)
            level = row.origin.confidence_level
            if key not in best or CONFIDENCE_RANK.get(level, -1) > CONFIDENCE_RANK.get(best[key], -1):
                best[key] = level
        counts = cls()
        for (entity_type, _), level in best.items():
            setattr(counts, f"{entity_type}s", getattr(counts, f"{entity_type}s") + 1)
            if entity_type == EntityType.GENE and level in CONFIDENCE_RANK and level:
                setattr(counts, level, getattr(counts, level) + 1)
        return counts
