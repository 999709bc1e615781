"""Many genes against every panel, through mirror and uploads. BG-07."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from panelmerge.lib.errors import NotHere, Refusal
from panels.actions import uploads
from panels.actions.finding import gene_asked, occurrences
from panels.actions.matrix import keep_pasted, matrix_of_genes, matrix_of_list, own_lists
from panels.actions.uploads import add_text, choose_column
from panels.engine.matrix import EVERY_LEVEL, Filters
from panels.formats.reading.delimited import read
from panels.models import CatalogueEntry, CataloguePanel, Gene, Upload

pytestmark = pytest.mark.django_db
EVERYTHING = Filters(levels=EVERY_LEVEL)
MINE = "session-of-mine"


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = str(tmp_path / "uploads")
    settings.UPLOAD_KEEP = timedelta(hours=24)
    # Reading in a child process has its own tests.
    monkeypatch.setattr(uploads, "read_text", lambda text, name, **_: read(text.encode(), name))


def pasted(text: str, name: str = "") -> Upload:
    return add_text(text=text, name=name, session_key=MINE)


def symbols(number: int) -> list[str]:
    return list(Gene.objects.filter(status="approved").order_by("pk").values_list("symbol", flat=True)[:number])


@pytest.mark.parametrize("symbol", ["MYBPC3", "GBA", "HGNC:11998"])
def test_matrix_says_of_a_gene_what_its_own_page_says(demo_catalogue, symbol):
    """The same panels, levels and modes as one look-up of the gene; super panels folded alike. BG-10."""
    found = [one for one in occurrences(gene_asked(symbol)) if one.strongest.entity_type == "gene"]

    matrix = matrix_of_genes(genes=[symbol], filters=EVERYTHING)

    cells = {panel: (cell.confidence_level, cell.rows) for (_, panel), cell in matrix.cells.items()}
    expected = {
        f"{one.strongest.source}:{one.strongest.panel_id}": (one.strongest.confidence_level, len(one.entries))
        for one in found
    }
    assert cells == expected != {}


def test_matrix_never_guesses_and_names_what_it_could_not_place(demo_catalogue):
    """BG-04: ambiguous, unknown and damaged symbols are rows of their own with the reason."""
    matrix = matrix_of_genes(genes=["QARS", "GBA", "2-Sep", "nosuchgene", "GBA1"])

    assert [(gene.gene_symbol, gene.queries) for gene in matrix.genes] == [("GBA1", ("GBA", "GBA1"))]
    assert [(one.row, one.query) for one in matrix.unresolved] == [(1, "QARS"), (3, "2-Sep"), (4, "nosuchgene")]
    assert "may mean" in matrix.unresolved[0].reason
    assert (matrix.counts["asked"], matrix.counts["repeated"]) == (5, 1)


def test_matrix_leaves_out_an_str_in_the_gene(demo_catalogue):
    CatalogueEntry.objects.all().update(entity_type="str")

    matrix = matrix_of_genes(genes=["MYBPC3"], filters=EVERYTHING)

    assert (len(matrix.genes), matrix.cells) == (1, {})


def test_matrix_leaves_out_retired_panels_and_those_of_headings_only(demo_catalogue):
    CataloguePanel.objects.filter(source="uk").update(retired_at=timezone.now())
    CataloguePanel.objects.filter(source="aus").update(current_version=None)

    assert matrix_of_genes(genes=["MYBPC3"], filters=EVERYTHING).panels == ()


@pytest.mark.parametrize("asked", ["hgnc:99999", "NEWGENE1", "newgene1"])
def test_matrix_finds_a_gene_that_is_newer_than_our_names(demo_catalogue, asked):
    panel = CataloguePanel.objects.get(source="uk", panel_id=90001)
    CatalogueEntry.objects.create(
        panel=panel,
        entity_type="gene",
        entity_name="NEWGENE1",
        hgnc_id="HGNC:99999",
        confidence_level="amber",
    )

    matrix = matrix_of_genes(genes=[asked, "MYBPC3"])

    [gene, _] = matrix.genes
    assert (gene.gene_symbol, matrix.unresolved) == ("NEWGENE1", ())
    assert matrix.cells[gene.key, "uk:90001"].confidence_level == "amber"


def test_matrix_stands_ones_own_lists_beside_the_panels(demo_catalogue):
    asked = pasted("MYBPC3\nTTN\nBRAC1\n")
    own = pasted("Gene,Level\nTTN,green\nBRCA1,red\n", "ours")

    matrix = matrix_of_list(upload=asked, lists=[own])

    first = matrix.panels[0]
    assert (first.key, first.name, first.size, matrix.by_panel[first.key]) == (f"upload:{own.pk}", "ours", 2, 1)
    assert [(one.row, one.query) for one in matrix.unresolved] == [(3, "BRAC1")]
    assert [gene.gene_symbol for gene in matrix.genes] == ["MYBPC3", "TTN"]


def test_matrix_of_a_list_names_its_strs_as_no_genes(demo_catalogue):
    upload = pasted("entity_name\tentity_type\tgene_symbol\nDMPK_CTG\tstr\tDMPK\nTTN\tgene\tTTN\n")
    upload = choose_column(upload=upload, column="entity_name")

    [lost] = matrix_of_list(upload=upload).unresolved

    assert lost.reason == "DMPK_CTG is an STR; the matrix is of genes."


def test_matrix_of_a_list_without_a_chosen_column_asks_for_it(demo_catalogue):
    upload = pasted("Gene\nTTN\n")
    Upload.objects.update(column=None)
    upload.refresh_from_db()

    with pytest.raises(Refusal, match="choose the column"):
        matrix_of_list(upload=upload)
    with pytest.raises(Refusal, match="choose the column"):
        matrix_of_genes(genes=["TTN"], lists=[upload])


@pytest.mark.parametrize("number", [4, 4_000])
def test_matrix_asks_as_many_queries_for_four_genes_as_for_four_thousand(
    demo_catalogue, django_assert_num_queries, number
):
    genes = symbols(number)
    matrix_of_genes(genes=genes[:1])

    with django_assert_num_queries(4):
        matrix = matrix_of_genes(genes=genes)

    assert len(matrix.genes) == number


def test_matrix_with_unknown_genes_and_lists_has_a_constant_number_of_queries(
    demo_catalogue, django_assert_num_queries
):
    lists = [pasted("TTN"), pasted("BRCA1")]
    nonsense = [f"hgnc:9{number:05}" for number in range(500)] + [f"nonsense {number}" for number in range(500)]

    for many in (2, 1_000):
        with django_assert_num_queries(6):
            matrix = matrix_of_genes(genes=["TTN", nonsense[0], *nonsense[-many:]], lists=lists)
        assert len(matrix.unresolved) == many + 1


def test_matrix_of_more_genes_than_it_takes_is_refused_and_nothing_kept(demo_catalogue):
    many = symbols(5_001)

    with pytest.raises(Refusal, match="there are 5,001 genes; a matrix takes at most 5,000"):
        matrix_of_genes(genes=many)
    with pytest.raises(Refusal, match="5,001 genes"):
        keep_pasted(text="\n".join(many), session_key=MINE)

    assert not Upload.objects.exists()


def test_own_lists_are_nobody_elses():
    """A list of another browser does not exist here."""
    first, second = pasted("TTN"), pasted("BRCA1")

    assert own_lists([second.pk, first.pk, second.pk], by=None, session_key=MINE) == [second, first]
    with pytest.raises(NotHere, match=str(first.pk)):
        own_lists([str(first.pk)], by=None, session_key="another")
    with pytest.raises(Refusal, match="at most 20"):
        own_lists([str(number) for number in range(21)], by=None, session_key=MINE)
