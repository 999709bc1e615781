"""Pictures of a merge as the page draws them: where each bar, dot and word stands. Whole numbers, in pixels.

Every picture stands beside a table of the same figures, and colours come from the stylesheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panels.engine.genes import Confidence
from panels.engine.merge import MergeInput
from panels.engine.overlap import OTHER, Intersection, Overlap, overlap
from panels.panelapp.sources import SOURCES

# More rows than that are no picture any more; the tables have them all.
MOST_ROWS = 30
LEFT, ROW, COLUMN, BARS = 62, 22, 28, 76
LONG = 320


@dataclass(frozen=True, slots=True)
class Bar:
    """``word`` stands inside or beside it, ``kind`` is its class, ``says`` what a pointer is told."""

    x: int
    y: int
    width: int
    height: int
    word: str
    says: str
    kind: str = ""

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def end(self) -> int:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Dot:
    x: int
    y: int
    is_on: bool


@dataclass(frozen=True, slots=True)
class Line:
    """From the first to the last input of an intersection."""

    x: int
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Word:
    """An input at the left edge: its number in the basket and its tag."""

    y: int
    text: str
    says: str


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    words: tuple[Word, ...]
    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Pictures:
    """``names`` are the inputs in words. A picture is None where there are too many inputs, or too few, for one."""

    figures: Overlap
    names: tuple[str, ...]
    sizes: Picture | None
    overlap: Picture | None
    confidence: Picture

    @property
    def shared(self) -> list[tuple[Intersection, str]]:
        """Each shown intersection with the numbers of its inputs, as the basket counts them."""
        return [(one, ", ".join(str(place + 1) for place in one.inputs)) for one in self.figures.shown]

    @property
    def sized(self) -> list[tuple[str, int]]:
        return list(zip(self.names, self.figures.sizes, strict=True))

    @property
    def spoken(self) -> list[tuple[str, int, list[int]]]:
        """For the table: each source's name, entities, and entities at each level."""
        return [(source_name(one.source), one.entities, list(one.levels.values())) for one in self.figures.confidence]


def short_of(source: str) -> str:
    return SOURCES[source].short if source in SOURCES else "mine"


def source_name(source: str) -> str:
    return SOURCES[source].name if source in SOURCES else "lists of yours"


def pictures_of(inputs: Sequence[MergeInput]) -> Pictures:
    """All three, with their figures."""
    figures = overlap(inputs)
    words = tuple(f"{place} {short_of(one.genes.source)}" for place, one in enumerate(inputs, 1))
    names = tuple(
        f"{place}: {short_of(one.genes.source)} {one.genes.name}{f' v{one.genes.version}' if one.genes.version else ''}"
        for place, one in enumerate(inputs, 1)
    )
    few = len(inputs) <= MOST_ROWS
    return Pictures(
        figures=figures,
        names=names,
        sizes=_sizes(figures, words, names) if few else None,
        overlap=_upset(figures, words, names) if few and len(inputs) > 1 and figures.union else None,
        confidence=_confidence(figures),
    )


def _long(number: int, most: int, room: int) -> int:
    """A length in proportion; what is not nothing can be seen."""
    return max(2, round(room * number / most)) if number else 0


def _left(words: Sequence[str], names: Sequence[str], top: int = 0) -> tuple[Word, ...]:
    return tuple(
        Word(top + ROW * place + 15, word, name) for place, (word, name) in enumerate(zip(words, names, strict=True))
    )


def _sizes(figures: Overlap, words: Sequence[str], names: Sequence[str]) -> Picture:
    most = max(figures.sizes, default=0)
    bars = tuple(
        Bar(LEFT, ROW * place + 3, _long(size, most, LONG), ROW - 6, str(size), f"{name}: {size} taken")
        for place, (size, name) in enumerate(zip(figures.sizes, names, strict=True))
    )
    return Picture(LEFT + LONG + 48, ROW * len(words), _left(words, names), bars)


def _upset(figures: Overlap, words: Sequence[str], names: Sequence[str]) -> Picture:
    """Columns are intersections, rows are inputs; the last column is the rest, without dots."""
    top = BARS + 22
    most = max(figures.rest, figures.shown[0].entities)
    bars, dots, lines = [], [], []
    for place, one in enumerate(figures.shown):
        where = "; ".join(names[position] for position in one.inputs)
        bars.append(_column(place, one.entities, most, f"{one.entities} in exactly {where}"))
        x = bars[-1].middle
        dots += [Dot(x, top + ROW * row + 11, row in one.inputs) for row in range(len(words))]
        if len(one.inputs) > 1:
            lines.append(Line(x, top + ROW * one.inputs[0] + 11, top + ROW * one.inputs[-1] + 11))
    if figures.rest_of:
        says = f"{figures.rest} in {figures.rest_of} smaller intersections together"
        bars.append(_column(len(figures.shown), figures.rest, most, says, "rest"))
    # Room for the two words under the last column.
    width = LEFT + COLUMN * max(len(bars), 4) + (34 if figures.rest_of else 4)
    return Picture(width, top + ROW * len(words), _left(words, names, top), tuple(bars), tuple(dots), tuple(lines))


def _column(place: int, entities: int, most: int, says: str, kind: str = "") -> Bar:
    height = _long(entities, most, BARS)
    return Bar(LEFT + COLUMN * place + 4, BARS + 16 - height, COLUMN - 8, height, str(entities), says, kind)


def _confidence(figures: Overlap) -> Picture:
    """A row for each source, parted by the highest level that it gives an entity."""
    most = max((one.entities for one in figures.confidence), default=0)
    bars, words = [], []
    for row, one in enumerate(figures.confidence):
        name = source_name(one.source)
        words.append(Word(ROW * row + 15, short_of(one.source), name))
        x = LEFT
        for level, number in one.levels.items():
            if number:
                wide = _long(number, most, LONG)
                letter = "?" if level == OTHER else Confidence(level).letter
                word = f"{letter} {number}" if wide >= 34 else letter if wide >= 14 else ""
                says = f"{name}: {number} {level_words(level)}"
                bars.append(Bar(x, ROW * row + 3, wide, ROW - 6, word, says, level))
                x += wide
    return Picture(LEFT + LONG + 12, ROW * len(words), tuple(words), tuple(bars))


def level_words(level: str) -> str:
    return {"none": "level 0", OTHER: "without one of these levels"}.get(level, level)
