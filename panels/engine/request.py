"""What a person asks of a merge, before anything is read: the same value from every door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from panels.engine.genes import GeneList
from panels.engine.merge import Decision, Rule


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """A panel of the mirror; without a version the current one."""

    source: str
    panel_id: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class PanelChoice:
    """A panel of the mirror and the confidence levels to take from it; None is everything but level 0."""

    panel: PanelSpec
    confidence: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class UploadChoice:
    upload: str
    confidence: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class SavedChoice:
    """A saved panel by its number; without a version the current one."""

    panel: int
    version: int | None = None
    confidence: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ListChoice:
    """``genes`` are symbols or ids as typed, or mappings with the keys of a gene."""

    name: str
    genes: tuple[str | Mapping[str, str], ...]
    confidence: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ReadyChoice:
    """A list that was read already, from a file that is kept nowhere."""

    genes: GeneList
    confidence: frozenset[str] | None = None


Choice = PanelChoice | SavedChoice | UploadChoice | ListChoice | ReadyChoice


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """What every door asks for: inputs in order, rule, resolutions, decisions."""

    inputs: Sequence[Choice]
    rule: Rule = field(default_factory=Rule)
    resolve: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
