"""scout: a panel file for Scout, with tabulators and nothing quoted, because Scout splits its lines and no more.

Lines ``##key=value`` say what list it is. Columns: HGNC id without its prefix,
symbol, transcripts (not known here), models of inheritance in Scout's short
forms, reduced penetrance (any text means yes), and a remark. It holds genes
that have an HGNC id; all others stand in lines ``##not_held=``.
"""

from __future__ import annotations

from panels.engine.inheritance import inheritance_rank
from panels.engine.merge import MergedEntity, MergeResult
from panels.formats.cells import guarded
from panels.formats.writing.about import FORMAT, about_lines, flat, title
from panels.formats.writing.columns import in_reading_order
from panels.formats.writing.ids import holds
from panels.formats.writing.options import NOTHING_CHOSEN, Options

HEADERS = (
    "#hgnc_id",
    "hgnc_symbol",
    "disease_associated_transcripts",
    "reduced_penetrance",
    "genetic_disease_models",
    "mosaicism",
    "database_entry_version",
    "custom_inheritance_models",
    "comment",
)
# By the rank of a sentence: BOTH, MONOALLELIC, BIALLELIC, X-LINKED monoallelic, X-LINKED biallelic, MITOCHONDRIAL.
MODELS = ("AD,AR", "AD", "AR", "XD", "XR", "MT")


def models_of(sentence: str) -> str:
    """Scout's short forms of a mode of inheritance, "" where it has none."""
    rank = inheritance_rank(sentence)
    return MODELS[rank] if rank < len(MODELS) else ""


def _cells(merged: MergedEntity) -> list[str]:
    sentence, models = merged.mode_of_inheritance, models_of(merged.mode_of_inheritance)
    reduced = any(origin.penetrance.casefold() == "incomplete" for origin in merged.origins)
    level = merged.confidence_level
    return [
        merged.entity.hgnc_id.removeprefix("HGNC:"),
        merged.entity.name,
        "",
        "yes" if reduced else "",
        models,
        "",
        "",
        "" if models else sentence,
        f"confidence {level}" if level else "",
    ]


def write(result: MergeResult, options: Options = NOTHING_CHOSEN) -> bytes:
    lines = [f"##panel_id={FORMAT.replace('/', '-')}", f"##display_name={title(result)}"]
    lines += [f"##{heading.lower().replace(' ', '_')}={flat(text)}" for heading, text in about_lines(result)]
    lines += [f"##not_held={flat(one.entity.name)}" for one in in_reading_order(result) if not holds(one)]
    lines.append("\t".join(HEADERS))
    for merged in in_reading_order(result):
        if holds(merged):
            lines.append("\t".join(guarded(flat(cell)) for cell in _cells(merged)))
    return "\n".join([*lines, ""]).encode()
