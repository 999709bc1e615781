"""UP-01: lists that people bring along."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from panelmerge.lib.errors import Refusal, TooLarge, Unavailable, WrongType
from panels.actions import keeping, uploads
from panels.actions.symbols import current_resolver
from panels.actions.uploads import (
    add_text,
    add_upload,
    add_uploads,
    choose_column,
    display_name,
    problems_csv,
    read_list,
    remove_expired,
    remove_upload,
    report,
    take_over,
    to_gene_list,
)
from panels.formats.reading import Sheet, Table
from panels.models import Upload
from tests.panels.formats.reading.building import workbook

pytestmark = pytest.mark.django_db
LIST = b"Gene,Level,MOI\nBRCA1,green,AD\nTP53,2,\nBRAC1,red,\n"


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "uploads")
    settings.UPLOAD_KEEP = timedelta(hours=24)


@pytest.fixture
def alice(db) -> User:
    return User.objects.create_user("alice", "alice@example.org", "correct horse battery")


@pytest.fixture
def in_process(monkeypatch):
    """Read without a child, where what is tested is what happens afterwards."""
    from panels.formats.reading.delimited import read

    monkeypatch.setattr(uploads, "read_file", lambda content, name, **_: read(content, name))
    monkeypatch.setattr(uploads, "read_text", lambda text, name, **_: read(text.encode(), name))


def shown(upload: Upload) -> uploads.UploadReport:
    return report(upload, current_resolver())


def files() -> list[Path]:
    return list(keeping.folder().iterdir())


def test_add_upload_names_every_gene_it_is_not_sure_of():
    """UP-01: problems are listed by row; a misspelt gene is never dropped in silence."""
    upload = add_upload(name="list.csv", content=LIST, session_key="s1")

    told = shown(upload)

    assert [(gene.row, gene.gene_symbol, gene.confidence_level) for gene in told.genes] == [
        (2, "BRCA1", "green"),
        (3, "TP53", "amber"),
        (4, "", "red"),
    ]
    assert [str(problem) for problem in told.problems] == [
        'row 4, column Gene: "BRAC1" is not a known gene symbol.',
    ]


def test_add_upload_keeps_the_file_for_nobody_else():
    """UP-02: the folder is 0700, the file 0600, its name says nothing."""
    upload = add_upload(name="Mrs Smith.csv", content=LIST, session_key="s1")

    [file] = files()

    assert (file.read_bytes(), file.name) == (LIST, upload.stored_as)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert "Smith" not in file.name


def test_add_upload_is_recorded(alice):
    upload = add_upload(name="list.csv", content=LIST, owner=alice, by=alice)

    row = AuditLog.objects.get(action_type="PANEL_UPLOAD")

    assert (row.user_id, row.resource_id) == (alice.pk, str(upload.pk))


def test_add_upload_without_a_record_keeps_neither_row_nor_file(in_process, monkeypatch):
    def broken(*args, **kwargs):
        raise Unavailable("no record")

    monkeypatch.setattr(uploads, "record", broken)

    with pytest.raises(Unavailable):
        add_upload(name="list.csv", content=LIST, session_key="s1")

    assert (Upload.objects.count(), files()) == (0, [])


def test_add_upload_on_a_full_disk_says_so_and_leaves_nothing(in_process, monkeypatch):
    """F-20: no partial file."""

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keeping.os, "fsync", full)

    with pytest.raises(Unavailable, match="the disk is full"):
        add_upload(name="list.csv", content=LIST, session_key="s1")

    assert (Upload.objects.count(), files()) == (0, [])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Gene\nXXYZZY\nQWERTZ9\n", 'names no gene that is known: row 2, column Gene: "XXYZZY"'),
        (b"Gene,Level\n", "there is nothing below the heading"),
    ],
)
def test_add_upload_without_a_usable_gene_is_refused_with_the_reason(in_process, content, sentence):
    with pytest.raises(Refusal) as refused:
        add_upload(name="list.csv", content=content, session_key="s1")

    assert sentence in refused.value.detail
    assert (refused.value.status, Upload.objects.count(), files()) == (400, 0, [])


def test_add_upload_of_more_than_ten_thousand_genes_is_refused(in_process):
    with pytest.raises(TooLarge, match="10,001 genes"):
        add_upload(name="list.csv", content=b"Gene\n" + b"BRCA1\n" * 10_001, session_key="s1")


def test_add_uploads_takes_all_or_none(in_process):
    with pytest.raises(Refusal) as refused:
        add_uploads(files=[("good.csv", LIST), ("bad.csv", b"Gene\nXXYZZY\n"), ("empty.csv", b"")], session_key="s1")

    assert (refused.value.status, sorted(refused.value.errors)) == (400, ["bad.csv", "empty.csv"])
    assert (Upload.objects.count(), files()) == (0, [])


def test_add_upload_over_the_quota_is_refused(in_process, monkeypatch):
    monkeypatch.setattr(uploads, "QUOTA_FILES", 1)
    add_upload(name="one.csv", content=LIST, session_key="s1")

    with pytest.raises(Refusal) as refused:
        add_upload(name="two.csv", content=LIST, session_key="s1")
    other = add_upload(name="two.csv", content=LIST, session_key="s2")

    assert (refused.value.status, refused.value.code, other.session_key) == (409, "quota", "s2")
    assert len(files()) == 2


def test_add_upload_lasts_longer_for_an_owner(in_process, alice):
    of_session = add_upload(name="a.csv", content=LIST, session_key="s1")
    of_alice = add_upload(name="a.csv", content=LIST, owner=alice, session_key="s1")

    left = [round((upload.expires_at - timezone.now()) / timedelta(days=1)) for upload in (of_session, of_alice)]

    assert left == [1, 30]
    assert of_alice.session_key == ""


def test_add_text_reads_genes_between_commas(in_process):
    upload = add_text(text="BRCA1, TP53; SEPT2", session_key="s1")

    told = shown(upload)

    assert (told.name, [gene.gene_symbol for gene in told.genes]) == ("Pasted list", ["BRCA1", "TP53", "SEPTIN2"])
    assert told.counts["renamed"] == 1


def test_add_upload_without_a_known_column_asks_for_it(in_process):
    upload = add_upload(name="a.csv", content=b"Was,Wo\nBRCA1,links\nTP53,rechts\n", session_key="s1")

    told = shown(upload)

    assert (told.column, told.genes, told.suggestion) == (None, (), 0)
    assert "Choose the column" in told.detail
    with pytest.raises(Refusal, match="choose the column"):
        to_gene_list(upload, current_resolver())


@pytest.mark.parametrize("column", [0, "A"])
def test_choose_column_reads_the_genes_of_that_column(in_process, column):
    """BG-21: the column may be chosen."""
    upload = add_upload(name="a.csv", content=b"BRCA1,links\nTP53,rechts\n", session_key="s1")

    choose_column(upload=upload, column=column)

    assert [gene.gene_symbol for gene in shown(Upload.objects.get()).genes] == ["BRCA1", "TP53"]
    assert AuditLog.objects.filter(action_type="UPLOAD_CHANGE").count() == 1


@pytest.mark.parametrize(
    ("choice", "field"),
    [({"column": 9}, "column"), ({"column": "Nope"}, "column"), ({"sheet": "Nope"}, "sheet"), ({"column": 1}, "row 2")],
)
def test_choose_column_that_is_not_there_changes_nothing(in_process, choice, field):
    upload = add_upload(name="a.csv", content=LIST, session_key="s1")

    with pytest.raises(Refusal) as refused:
        choose_column(upload=upload, **choice)

    assert field in refused.value.errors
    assert Upload.objects.get().column == 0


def test_choose_column_of_another_sheet_finds_its_genes():
    content = workbook({"One": [["Gene"], ["BRCA1"]], "Two": [["No", "Symbol"], ["1", "TP53"]]})
    upload = add_upload(name="a.xlsx", content=content, session_key="s1")

    choose_column(upload=upload, sheet="Two")

    assert [gene.gene_symbol for gene in shown(upload).genes] == ["TP53"]


def test_choose_column_with_another_delimiter_reads_the_kept_file_again():
    """BG-21: the delimiter may be chosen."""
    upload = add_upload(name="a.csv", content=b"Gene;x,Symbol\nBRCA1;a,TP53\nMLH1;b,KRAS\n", session_key="s1")

    choose_column(upload=upload, delimiter="," if shown(upload).delimiter == ";" else ";")

    told = shown(Upload.objects.get())
    assert (told.delimiter, [gene.gene_symbol for gene in told.genes]) in [
        (",", ["TP53", "KRAS"]),
        (";", ["BRCA1", "MLH1"]),
    ]


def test_add_upload_prefers_a_visible_sheet_with_genes(monkeypatch):
    sheets = [
        Sheet("Old", [["Gene"], ["MLH1"]], hidden=True),
        Sheet("Notes", [["a", "b"]]),
        Sheet("G", [["Gene"], ["TP53"]]),
    ]
    monkeypatch.setattr(uploads, "read_file", lambda *_, **__: Table(sheets))

    upload = add_upload(name="a.xlsx", content=b"x", session_key="s1")

    assert upload.sheet == "G"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Gene\nBRCA1\n2021-09-02\n", "A spreadsheet probably turned"),
        (b"Gene\nBRCA1\nBRCA1\n", "BRCA1 is the same gene as row 2."),
        (b"Gene,Note\nBRCA1,x\n,lost\n", "The cell is empty, so this row names no gene."),
        (b"Gene,HGNC ID\nBRCA1,HGNC:1100\nTP53,HGNC:1101\n", '"TP53" is HGNC:11998'),
        (b"Gene,HGNC ID\nBRCA1,HGNC:1100\nTP53,HGNC:999999999\n", "HGNC:999999999"),
    ],
)
def test_report_names_what_a_person_must_look_at(in_process, content, message):
    upload = add_upload(name="a.csv", content=content, session_key="s1")

    [problem] = shown(upload).problems

    assert (problem.row, problem.column, message in problem.message) == (3, "Gene", True)


def test_report_asks_the_database_nothing(in_process, django_assert_num_queries):
    upload = add_upload(name="a.csv", content=b"Gene\n" + b"BRCA1\nTP53\nMLH1\n" * 500, session_key="s1")
    resolver = current_resolver()

    with django_assert_num_queries(0):
        told = report(upload, resolver)

    assert told.counts == {"rows": 1500, "genes": 3, "unresolved": 0, "renamed": 0, "problems": 1497}


def test_to_gene_list_keeps_what_was_typed_and_what_was_not_understood(in_process):
    upload = add_upload(name="a.csv", content=b"Gene,Level\nSEPT2,green\nBRAC1,red\n", session_key="s1")

    genes = to_gene_list(upload, current_resolver())

    assert [(row.entity.name, row.origin.given, row.origin.confidence_level) for row in genes.rows] == [
        ("SEPTIN2", "SEPT2", "green")
    ]
    assert [(one.query, one.row) for one in genes.unresolved] == [("BRAC1", 3)]
    assert (genes.source, genes.panel_id, genes.name) == ("upload", str(upload.pk), "a.csv")


def test_to_gene_list_folds_equal_statements_and_keeps_different_ones(in_process):
    content = b"Gene,Level\nBRCA1,green\nBRCA1,green\nTP53,green\nTP53,red\n"
    upload = add_upload(name="a.csv", content=content, session_key="s1")

    genes = to_gene_list(upload, current_resolver())

    assert [(row.entity.name, row.origin.confidence_level) for row in genes.rows] == [
        ("BRCA1", "green"),
        ("TP53", "green"),
        ("TP53", "red"),
    ]


def test_to_gene_list_keeps_strs_and_regions_under_their_names(in_process):
    content = b"Entity Name\tEntity type\tHGNC\tGEL_Status\nDMPK_CTG\tstr\tHGNC:2933\t4\nBRCA1\tgene\tHGNC:1100\t4\n"
    upload = add_upload(name="a.tsv", content=content, session_key="s1")

    genes = to_gene_list(upload, current_resolver())

    assert [(row.entity.entity_type, row.entity.name, row.entity.hgnc_id) for row in genes.rows] == [
        ("str", "DMPK_CTG", "HGNC:2933"),
        ("gene", "BRCA1", "HGNC:1100"),
    ]


def test_problems_csv_holds_nothing_a_spreadsheet_would_run(in_process):
    content = "Gene\nBRCA1\n=cmd|x\n\uff20SUM\n".encode()
    upload = add_upload(name="a.csv", content=content, session_key="s1")

    lines = problems_csv(shown(upload)).decode("utf-8-sig").splitlines()

    assert [line.split(",")[2] for line in lines[1:]] == ["'=cmd|x", "'\uff20SUM"]


def test_remove_upload_takes_the_file_as_well(in_process, django_capture_on_commit_callbacks):
    upload = add_upload(name="a.csv", content=LIST, session_key="s1")

    with django_capture_on_commit_callbacks(execute=True):
        remove_upload(upload=upload)

    assert (Upload.objects.count(), files()) == (0, [])
    assert AuditLog.objects.filter(action_type="UPLOAD_DELETE").count() == 1


def test_remove_expired_takes_only_what_has_expired(in_process, django_capture_on_commit_callbacks):
    old = add_upload(name="old.csv", content=LIST, session_key="s1")
    kept = add_upload(name="new.csv", content=LIST, session_key="s1")
    Upload.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    with django_capture_on_commit_callbacks(execute=True):
        removed = remove_expired()

    assert (removed, list(Upload.objects.all()), [file.name for file in files()]) == ((1, 0), [kept], [kept.stored_as])


def test_expire_uploads_finds_files_that_no_upload_knows(in_process, capsys):
    stray = keeping.folder() / ("0" * 32 + ".csv")
    stray.write_bytes(b"x")
    foreign = keeping.folder() / "letter.pdf"
    foreign.write_bytes(b"x")
    for file in (stray, foreign):
        keeping.os.utime(file, (0, 0))

    call_command("expire_uploads", dry_run=True)

    assert capsys.readouterr().out == "Would remove 0 expired uploads and 1 files without an upload.\n"
    assert stray.exists()


def test_take_over_gives_only_this_sessions_uploads_to_who_signed_in(in_process, alice):
    mine = add_upload(name="a.csv", content=LIST, session_key="s1")
    other = add_upload(name="b.csv", content=LIST, session_key="s2")

    taken = take_over(session_key="s1", owner=alice)

    assert (taken, list(Upload.objects.visible_to(alice, None))) == (1, [mine])
    assert list(Upload.objects.visible_to(None, "s2")) == [other]


def test_add_upload_for_nobody_is_an_error(in_process):
    with pytest.raises(ValueError, match="belongs to a person"):
        add_upload(name="a.csv", content=LIST)


def test_read_list_keeps_nothing(in_process):
    choice = read_list(name="a.csv", content=LIST)

    assert [row.entity.hgnc_id for row in choice.genes.rows] == ["HGNC:1100", "HGNC:11998"]
    assert [one.query for one in choice.genes.unresolved] == ["BRAC1"]
    assert (Upload.objects.count(), files()) == (0, [])


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("C:\\lists\\my\x00 genes.csv", "my genes.csv"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("\u202egnp.csv", "gnp.csv"),
        ("a" * 300 + ".xlsx", "a" * 250 + ".xlsx"),
        ("\ud800x.csv", "x.csv"),
    ],
)
def test_display_name_is_fit_to_be_shown(given, name):
    assert display_name(given) == name


def test_add_upload_of_another_kind_is_refused():
    with pytest.raises(WrongType):
        add_upload(name="a.exe", content=b"MZ", session_key="s1")


def test_report_tells_of_a_second_column_that_names_genes(db):
    """Which of two columns is right nobody but the writer knows."""
    content = b"gene,symbol\nBRCA1,BRCA1\nBRCA2,TTN\n"

    upload = add_upload(name="two.csv", content=content, session_key="k")

    assert report(upload, current_resolver()).notes == (
        "The column symbol names genes as well and is not read; gene is. "
        "Row 3 is the first in which the two differ. Choose the other column if it is the right one.",
    )
    chosen = choose_column(upload=upload, column="symbol")
    assert "The column gene names genes as well" in report(chosen, current_resolver()).notes[0]
