"""Loading gene names: whole or not at all, recorded, and answered from at once."""

import threading
from collections import Counter
from pathlib import Path

import orjson
import pytest

from audit.events import Action
from audit.models import AuditLog
from panelmerge.lib.errors import Refusal, Unavailable
from panels.actions import symbols
from panels.actions.symbols import SHIPPED, current_resolver, gene_names_loaded, load_gene_names, read_gene_names
from panels.models import Gene, GeneRelease

pytestmark = pytest.mark.django_db


@pytest.fixture
def newer_names(tmp_path) -> Path:
    """Two genes as HGNC writes them, one of them under a new symbol, and one withdrawn entry."""
    path = tmp_path / "hgnc_complete_set_2026-10-01.txt"
    path.write_text(
        "hgnc_id\tsymbol\tname\tstatus\tprev_symbol\n"
        "HGNC:1100\tBRCA9\tthe same gene\tApproved\tBRCA1\n"
        "HGNC:99999\tNEWONE\ta gene of tomorrow\tApproved\t\n"
        "HGNC:6\tA1S9T\tsymbol withdrawn, see [HGNC:1100]\tEntry Withdrawn\t\n"
    )
    return path


@pytest.fixture
def heard():
    """The releases that a listener was told of."""
    releases = []

    def listen(sender, release, **kwargs):
        releases.append(release)

    gene_names_loaded.connect(listen)
    yield releases
    gene_names_loaded.disconnect(listen)


def test_load_replaces_all_names_and_is_recorded(newer_names, heard):
    release = load_gene_names(paths=[newer_names], allow_small=True)

    event = AuditLog.objects.get(action_type=Action.GENE_NAMES_LOAD, resource_id=str(release.pk))
    assert set(Gene.objects.values_list("symbol", flat=True)) == {"BRCA9", "NEWONE", "A1S9T"}
    assert list(GeneRelease.objects.filter(is_current=True)) == [release]
    assert (str(release.dated), release.gene_count, release.sources) == ("2026-10-01", 3, [newer_names.name])
    assert (event.details["approved"], event.details["withdrawn"]) == (2, 1)
    assert (event.old_values, event.new_values) == ({"dated": "2023-06-13"}, {"dated": "2026-10-01"})
    assert heard == [release]


def test_load_keeps_positions_that_hgnc_does_not_have(newer_names):
    load_gene_names(paths=[newer_names], allow_small=True)

    gene = Gene.objects.get(hgnc_id="HGNC:1100")
    assert (gene.symbol, gene.ensembl_id) == ("BRCA9", "ENSG00000012048")
    assert (gene.grch37, gene.grch38) == ("17:41196312-41277500", "17:43044295-43170245")
    assert Gene.objects.get(hgnc_id="HGNC:99999").grch38 == ""
    assert Gene.objects.get(hgnc_id="HGNC:6").merged_into == ["HGNC:1100"]


def test_load_of_a_small_set_is_refused_and_changes_nothing(newer_names, heard):
    before = Gene.objects.count(), AuditLog.objects.count()

    with pytest.raises(Refusal, match="only 2 approved genes, so most symbols would become unknown"):
        load_gene_names(paths=[newer_names])

    assert (Gene.objects.count(), AuditLog.objects.count()) == before
    assert heard == []


def test_load_of_a_damaged_file_changes_nothing(tmp_path):
    damaged = tmp_path / "names.tsv.gz"
    damaged.write_bytes(SHIPPED.read_bytes()[:-1000])

    with pytest.raises(Refusal, match=r"names\.tsv\.gz is a damaged or incomplete gzip file"):
        load_gene_names(paths=[damaged])

    assert current_resolver().resolve("GBA").gene_symbol == "GBA1"


@pytest.mark.parametrize("broken", ["record", "gene_names_loaded"])
def test_load_that_cannot_be_recorded_or_followed_is_undone(newer_names, monkeypatch, broken):
    def fail(*args, **kwargs):
        raise RuntimeError("the disk is full")

    if broken == "record":
        monkeypatch.setattr(symbols, "record", fail)
    else:
        monkeypatch.setattr(gene_names_loaded, "send", fail)

    with pytest.raises(RuntimeError, match="the disk is full"):
        load_gene_names(paths=[newer_names], allow_small=True)

    assert current_resolver().resolve("BRCA1").gene_symbol == "BRCA1"
    assert GeneRelease.objects.filter(is_current=True).count() == 1


def test_load_of_the_shipped_names_tells_progress():
    told = []

    release = load_gene_names(progress=lambda done, total: told.append((done, total)))

    assert release.gene_count == Gene.objects.count() == 48_859
    assert release.sources == ["gene_names.tsv.gz"]
    assert told[-1] == (48_859, 48_859)
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_current_resolver_answers_with_one_query(django_assert_num_queries):
    held = current_resolver()

    with django_assert_num_queries(1):
        again = current_resolver()

    assert again is held
    assert held.release == "HGNC 2023-06-13"


def test_current_resolver_after_a_load_has_the_new_names(newer_names, django_assert_num_queries):
    before = current_resolver().resolve("BRCA1")
    load_gene_names(paths=[newer_names], allow_small=True)

    with django_assert_num_queries(1):
        resolver = current_resolver()

    after = resolver.resolve("BRCA1")
    assert (before.gene_symbol, before.match) == ("BRCA1", "current")
    assert (after.gene_symbol, after.match) == ("BRCA9", "previous")
    assert resolver.resolve("A1S9T").gene_symbol == "BRCA9"
    assert resolver.release == "HGNC 2026-10-01"


def test_current_resolver_gives_what_the_files_say():
    record = current_resolver().gene("HGNC:4177")

    assert (record.symbol, record.previous_symbols, record.status) == ("GBA1", ("GLUC", "GBA"), "approved")
    assert record.grch38 == "1:155234452-155244699"
    assert len(current_resolver()) == 48_859


def test_current_resolver_without_names_says_what_to_do():
    GeneRelease.objects.update(is_current=False)

    with pytest.raises(Unavailable, match=r"Run: manage\.py load_genes"):
        current_resolver()


def test_current_resolver_does_not_mistake_an_undone_load_for_the_next(newer_names):
    """An undone load gives its id back on some databases; the next load has the same id and other names."""
    load_gene_names(paths=[newer_names], allow_small=True)
    first = current_resolver()
    GeneRelease.objects.filter(is_current=True).update(loaded_at="2020-01-01T00:00:00Z")

    assert current_resolver() is not first


def test_current_resolver_is_made_once_for_many_threads(monkeypatch):
    made = []
    monkeypatch.setattr(symbols, "_held", None)
    monkeypatch.setattr(symbols, "_records", lambda: made.append(1) or [])
    monkeypatch.setattr(symbols, "_current_release", lambda: (1, "2026-01-01 12:00", "2026-01-01"))
    threads = [threading.Thread(target=current_resolver) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == [1]


@pytest.mark.real_data
def test_real_uk_symbols_that_are_outdated_find_their_gene(real_data):
    """Every gene of 85 real panels is here by id; an outdated symbol leads to the same gene or is not guessed."""
    pairs = {}
    for path in (real_data / "panelapp_uk" / "panels").glob("*.json"):
        for row in orjson.loads(path.read_bytes())["genes"]:
            pairs[row["entity_name"]] = row["gene_data"]["hgnc_id"]
    resolver = current_resolver()

    outdated = {name: hgnc_id for name, hgnc_id in pairs.items() if resolver.gene(hgnc_id).symbol != name}
    answers = {name: resolver.resolve(name) for name in outdated}

    assert (len(pairs), len(set(pairs.values())), len(outdated)) == (3651, 3650, 92)
    assert {name for name, answer in answers.items() if answer.hgnc_id != outdated[name]} == {"QARS"}
    # HGNC calls EPRS1, too, once QARS: only the id can tell.
    assert [gene.gene_symbol for gene in answers["QARS"].candidates] == ["EPRS1", "QARS1"]
    assert Counter(answer.match for answer in answers.values()) == {"previous": 91, "ambiguous": 1}


def test_a_download_that_tells_no_status_leaves_withdrawn_entries_withdrawn(tmp_path):
    """A1S9T was merged into UBA1: a list without statuses must not make it a gene again."""
    shipped = read_gene_names().records
    lines = [f"{gene.hgnc_id}\t{gene.symbol}\t\t" for gene in shipped]
    plain = tmp_path / "custom.txt"
    plain.write_text("HGNC ID\tApproved symbol\tPrevious symbols\tAlias symbols\n" + "\n".join(lines) + "\n")

    names = read_gene_names(paths=[plain])

    found = {gene.hgnc_id: gene for gene in names.records}
    assert (found["HGNC:6"].status, found["HGNC:6"].merged_into) == ("withdrawn", ("HGNC:12469",))
    assert sum(gene.status == "withdrawn" for gene in names.records) == sum(g.status == "withdrawn" for g in shipped)


def test_a_list_that_lost_its_end_is_refused_and_changes_nothing(tmp_path):
    shipped = read_gene_names().records
    short = tmp_path / "cut.txt"
    lines = [f"{gene.hgnc_id}\t{gene.symbol}\t\t" for gene in shipped[:30_000]]
    short.write_text("HGNC ID\tApproved symbol\tPrevious symbols\tAlias symbols\n" + "\n".join(lines) + "\n")

    with pytest.raises(Refusal, match="may be cut short"):
        load_gene_names(paths=[short])

    assert Gene.objects.count() == len(shipped)
