"""manage.py load_genes"""

import io

import pytest
from django.core.management import CommandError, call_command

from panels.models import Gene, GeneRelease

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    told = io.StringIO()
    call_command("load_genes", *args, stdout=told)
    return told.getvalue()


@pytest.fixture
def small(tmp_path) -> str:
    path = tmp_path / "hgnc_2024-02-01.txt"
    path.write_text("hgnc_id\tsymbol\tensembl_gene_id\nHGNC:1100\tBRCA1\tOTT1\n")
    return str(path)


def test_load_without_path_loads_the_shipped_names():
    Gene.objects.all().delete()

    told = run()

    assert told == "Loaded 48859 gene names as of 2023-06-13 from gene_names.tsv.gz.\n"
    assert Gene.objects.count() == 48_859


def test_load_file_with_few_genes_stops(small):
    with pytest.raises(CommandError, match=r"only 1 approved genes.*--allow-small") as stopped:
        run(small)

    assert stopped.value.returncode == 1
    assert Gene.objects.count() == 48_859


def test_load_file_with_few_genes_that_is_meant(small):
    told = run(small, "--allow-small")

    assert told == "Loaded 1 gene names as of 2024-02-01 from hgnc_2024-02-01.txt.\n"
    assert Gene.objects.get().grch38 == "17:43044295-43170245"


def test_dry_run_says_what_would_be_loaded_and_what_is_odd(small):
    before = GeneRelease.objects.count()

    told = run(small, "--allow-small", "--dry-run")

    assert "line 2, column Ensembl: 'OTT1' is not an Ensembl gene." in told
    assert "Would load 1 approved and 0 withdrawn entries as of 2024-02-01, 1 with a position in GRCh38." in told
    assert (GeneRelease.objects.count(), Gene.objects.count()) == (before, 48_859)


def test_load_what_is_no_list_names_the_file(tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("hello\n")

    with pytest.raises(CommandError, match=r"notes\.txt: no header with an HGNC id and a symbol"):
        run(str(other))
