"""Modes of inheritance: PanelApp's sentences, our short forms, and an order among them."""

from __future__ import annotations

# From the one that keeps most variants in view to the one that says nothing. Sentences are told by how they begin.
_KINDS: tuple[tuple[str, str], ...] = (
    ("BOTH monoallelic and biallelic", "AD/AR"),
    ("MONOALLELIC", "AD"),
    ("BIALLELIC", "AR"),
    ("X-LINKED: hemizygous mutation in males, monoallelic", "XLD"),
    ("X-LINKED", "XLR"),
    ("MITOCHONDRIAL", "MT"),
    ("Other", "other"),
    ("Unknown", "?"),
)
NOTHING_SAID = len(_KINDS) + 1


def inheritance_rank(sentence: str) -> int:
    """0 for the most inclusive mode; a sentence of nobody's list ranks after all known ones."""
    if not sentence:
        return NOTHING_SAID
    folded = sentence.casefold()
    for rank, (beginning, _) in enumerate(_KINDS):
        if folded.startswith(beginning.casefold()):
            return rank
    return len(_KINDS)


def short_inheritance(sentence: str) -> str:
    """AD, AR, AD/AR, XLD, XLR, MT, other or ?; a person's own wording as it is, at most 12 characters of it.

    The short form is ours, not PanelApp's: show the full sentence beside it.
    """
    rank = inheritance_rank(sentence)
    if rank < len(_KINDS):
        return _KINDS[rank][1]
    return "" if not sentence else sentence if len(sentence) <= 12 else f"{sentence[:11]}…"
