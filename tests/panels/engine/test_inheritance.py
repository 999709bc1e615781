from __future__ import annotations

import pytest

from panels.engine.inheritance import inheritance_rank, short_inheritance


@pytest.mark.parametrize(
    ("sentence", "short"),
    [
        ("MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted", "AD"),
        ("MONOALLELIC, autosomal or pseudoautosomal, maternally imprinted (paternal allele expressed)", "AD"),
        ("BIALLELIC, autosomal or pseudoautosomal", "AR"),
        ("BOTH monoallelic and biallelic, autosomal or pseudoautosomal", "AD/AR"),
        (
            "BOTH monoallelic and biallelic (but BIALLELIC mutations cause a more SEVERE disease form), autosomal",
            "AD/AR",
        ),
        ("X-LINKED: hemizygous mutation in males, biallelic mutations in females", "XLR"),
        ("X-LINKED: hemizygous mutation in males, monoallelic mutations in females may cause disease", "XLD"),
        ("MITOCHONDRIAL", "MT"),
        ("Unknown", "?"),
        ("Other - please specifiy in evaluation comments", "other"),
        ("", ""),
        ("AD", "AD"),
        ("digenic with something long", "digenic wit…"),
    ],
)
def test_short_form(sentence, short):
    assert short_inheritance(sentence) == short


def test_both_ranks_before_either_and_silence_last():
    said = ["BOTH monoallelic and biallelic", "MONOALLELIC", "BIALLELIC", "X-LINKED", "MITOCHONDRIAL", "own words", ""]

    assert [inheritance_rank(sentence) for sentence in said] == sorted(inheritance_rank(sentence) for sentence in said)
