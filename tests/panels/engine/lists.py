"""Small gene lists for engine tests, by hand and by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from panels.engine.genes import Entity, EntityType, GeneList, Origin, Row, Unresolved
from panels.engine.merge import MergeInput

AD = "MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted"
AR = "BIALLELIC, autosomal or pseudoautosomal"
BOTH = "BOTH monoallelic and biallelic, autosomal or pseudoautosomal"

SYMBOLS = {1100: "BRCA1", 1101: "BRCA2", 4177: "GBA1", 7551: "MYBPC3", 11998: "TP53"}


def gene(
    number: int, level: str = "green", *, of: str = "1", inheritance: str = "", source: str = "uk", **origin
) -> Row:
    """A row for HGNC:number in panel ``of``."""
    entity = Entity(EntityType.GENE, SYMBOLS.get(number, f"GENE{number}"), f"HGNC:{number}")
    said = Origin(source, of, f"Panel {of}", "1.0", confidence_level=level, mode_of_inheritance=inheritance, **origin)
    return Row(entity, said)


def listed(*rows: Row, of: str = "1", source: str = "uk", unresolved: tuple[Unresolved, ...] = ()) -> MergeInput:
    return MergeInput(GeneList(source, of, f"Panel {of}", "1.0", rows=rows, unresolved=unresolved))


levels = st.sampled_from(["green", "amber", "red", "none", "", "definitive"])
inheritances = st.sampled_from(["", AD, AR, BOTH, "Unknown", "own words"])


@st.composite
def inputs(draw, of: str = "1"):
    """One input with up to eight rows over six entities, repeated ones among them."""
    numbers = draw(st.lists(st.sampled_from([1100, 1101, 4177, 7551]), max_size=6))
    rows = [gene(number, draw(levels), of=of, inheritance=draw(inheritances)) for number in numbers]
    for name in draw(st.lists(st.sampled_from(["DMPK_CTG", "FXN_GAA"]), max_size=2)):
        entity = Entity(EntityType.STR, name, "HGNC:2933")
        rows.append(Row(entity, Origin("uk", of, f"Panel {of}", confidence_level=draw(levels))))
    chosen = draw(st.one_of(st.none(), st.frozensets(levels, max_size=4)))
    return MergeInput(listed(*rows, of=of).genes, chosen)


@st.composite
def several(draw, least: int = 1, most: int = 4):
    return [draw(inputs(of=str(number))) for number in range(1, draw(st.integers(least, most)) + 1)]
