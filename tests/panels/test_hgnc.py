"""Reading HGNC's files: every layout to the same records, nothing damaged taken for whole."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from panelmerge.lib.errors import Refusal
from panels.engine.symbols import GeneRecord, Resolver
from panels.hgnc import read_genes
from panels.shipped.make_gene_names import SHIPPED, places, withdrawn_entries, written

GBA1 = GeneRecord(
    hgnc_id="HGNC:4177",
    symbol="GBA1",
    name="glucosylceramidase beta 1",
    locus_type="gene with protein product",
    previous_symbols=("GLUC", "GBA"),
    alias_symbols=("GBA-1",),
    ensembl_id="ENSG00000177628",
)


def table(*rows: str) -> list[str]:
    """Rows as they lie in a file, written here with ; for the tab."""
    return [row.replace("; ", "\t").replace(";", "\t") for row in rows]


COMPLETE = table(
    "hgnc_id; symbol; name; locus_group; locus_type; status; alias_symbol; prev_symbol; date_modified; ensembl_gene_id",
    "HGNC:4177; GBA1; glucosylceramidase beta 1; x; gene with protein product; Approved; "
    'GBA-1; "GLUC|GBA"; 2023-01-20; ENSG00000177628',
)
ROW = COMPLETE[1]
WITHDRAWN_LIST = table(
    "HGNC_ID; STATUS; WITHDRAWN_SYMBOL; MERGED_INTO_REPORT(S) (i.e HGNC_ID|SYMBOL|STATUS)",
    "HGNC:1; Entry Withdrawn; A12M1; ",
    "HGNC:6; Merged/Split; A1S9T; HGNC:12469|UBA1|Approved, HGNC:4177|GBA1|Approved",
)
CUSTOM = table(
    "HGNC ID; Approved symbol; Approved name; Status; Previous symbols; Alias symbols; Locus type; Ensembl gene ID",
    "HGNC:4177; GBA1; glucosylceramidase beta 1; Approved; GLUC, GBA; GBA-1; "
    "gene with protein product; ENSG00000177628",
)


def a_file(tmp_path: Path, lines: list[str] | str | bytes, name: str = "hgnc_2023-06-13.txt") -> Path:
    path = tmp_path / name
    text = lines if isinstance(lines, str | bytes) else "\n".join(lines) + "\n"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_read_complete_set(tmp_path):
    names = read_genes([a_file(tmp_path, COMPLETE)])

    assert names == ((GBA1,), date(2023, 6, 13), ())


def test_read_complete_set_with_columns_in_another_order(tmp_path):
    turned = ["\t".join(reversed(line.split("\t"))) for line in COMPLETE]

    assert read_genes([a_file(tmp_path, turned)]).records == (GBA1,)


def test_read_custom_download(tmp_path):
    assert read_genes([a_file(tmp_path, CUSTOM)]).records == (GBA1,)


def test_read_json(tmp_path):
    document = {
        "hgnc_id": "HGNC:4177",
        "symbol": "GBA1",
        "name": "glucosylceramidase beta 1",
        "locus_type": "gene with protein product",
        "status": "Approved",
        "prev_symbol": ["GLUC", "GBA"],
        "alias_symbol": ["GBA-1"],
        "ensembl_gene_id": "ENSG00000177628",
        "date_modified": "2023-01-20T00:00:00Z",
    }
    body = json.dumps({"response": {"docs": [document]}})

    names = read_genes([a_file(tmp_path, body, "complete.json")])

    assert names == ((GBA1,), date(2023, 1, 20), ())


def test_read_gzip_whatever_the_file_is_called(tmp_path):
    packed = gzip.compress("\n".join(COMPLETE).encode() + b"\n")

    assert read_genes([a_file(tmp_path, packed, "list.txt")]).records == (GBA1,)


def test_read_file_with_byte_order_mark_and_windows_lines(tmp_path):
    text = "\ufeff" + "\r\n".join(COMPLETE) + "\r\n"

    assert read_genes([a_file(tmp_path, text)]).records == (GBA1,)


def test_read_complete_set_and_withdrawn_list_as_one_generation(tmp_path):
    complete, gone = a_file(tmp_path, COMPLETE), a_file(tmp_path, WITHDRAWN_LIST, "withdrawn.txt")

    records = {record.hgnc_id: record for record in read_genes([gone, complete]).records}

    assert len(records) == 3
    assert (records["HGNC:1"].status, records["HGNC:1"].merged_into) == ("withdrawn", ())
    assert records["HGNC:6"].merged_into == ("HGNC:12469", "HGNC:4177")


def test_read_names_that_tell_what_was_withdrawn(tmp_path):
    link = "(/data/gene-symbol-report/#!/hgnc_id/HGNC:4177)"
    symbols = table(
        "HGNC ID; Approved symbol", "HGNC:4177; GBA1", "HGNC:6; OLD", "HGNC:7; TWO~withdrawn", "HGNC:8; THREE"
    )
    told = table(
        "HGNC ID; Approved name",
        f"HGNC:6; symbol withdrawn, see [HGNC:4177]{link} and [HGNC: 7]{link}",
        "HGNC:7; entry withdrawn",
        "HGNC:8; symbol withdrawn, see GBA1",
        "HGNC:9; of a gene that nobody listed",
    )

    names = read_genes([a_file(tmp_path, told, "names.txt"), a_file(tmp_path, symbols)])

    assert [(r.symbol, r.status, r.merged_into) for r in names.records] == [
        ("GBA1", "approved", ()),
        ("OLD", "withdrawn", ("HGNC:4177", "HGNC:7")),
        ("TWO", "withdrawn", ()),
        ("THREE", "withdrawn", ("HGNC:4177",)),
    ]
    assert names.problems == ("names.txt: 1 rows name genes that no list given with it has.",)


def test_read_what_was_written(tmp_path):
    record = GeneRecord("HGNC:5", "A1BG", "name", previous_symbols=("A", "B"), grch37="19:1-2", grch38="19:3-4")
    gone = GeneRecord("HGNC:6", "OLD", status="withdrawn", merged_into=("HGNC:5", "HGNC:7"))
    names = read_genes([a_file(tmp_path, COMPLETE)])._replace(records=(record, gone))

    again = read_genes([a_file(tmp_path, written(names), "names.tsv.gz")])

    assert again == names
    assert written(again) == written(names)


def test_read_small_faults_are_told_and_the_rest_is_taken(tmp_path):
    row = ROW.replace("2023-01-20", "20 Jan").replace("ENSG00000177628", "OTTHUMG1") + "\tx"

    names = read_genes([a_file(tmp_path, [COMPLETE[0], row])])

    assert (names.records[0].symbol, names.records[0].ensembl_id) == ("GBA1", "")
    assert {problem.removeprefix("hgnc_2023-06-13.txt, line 2") for problem in names.problems} == {
        ": the date '20 Jan' cannot be read.",
        ", column Ensembl: 'OTTHUMG1' is not an Ensembl gene.",
        ": 11 columns, but the header has 10; the rest is left out.",
    }


def test_read_file_that_says_no_day(tmp_path):
    names = read_genes([a_file(tmp_path, CUSTOM, "names.txt")])

    assert names.dated is not None
    assert "No file says of which day it is" in names.problems[0]


REFUSED = {
    "empty": ("", "is empty"),
    "spaces": (" \n\n", "is empty"),
    "another table": ("chr\tstart\n1\t2\n", "no header with an HGNC id and a symbol; found chr, start"),
    "comma separated": ("hgnc_id,symbol\nHGNC:1,A\n", "no header with an HGNC id"),
    "no genes": (COMPLETE[:1], "has a header but no genes"),
    "same id twice": (
        [*COMPLETE, ROW],
        "HGNC:4177 stands twice: hgnc_2023-06-13.txt, line 2, and hgnc_2023-06-13.txt, line 3",
    ),
    "no id": ([COMPLETE[0], ROW.replace("HGNC:4177", "GBA1")], "line 2, column HGNC id: 'GBA1' is not an HGNC id"),
    "no symbol": ([COMPLETE[0], ROW.replace("\tGBA1\t", "\t\t")], "line 2, column symbol: empty"),
    "long symbol": ([COMPLETE[0], ROW.replace("\tGBA1\t", "\t" + "G" * 101 + "\t")], "column symbol: more than 100"),
    "odd status": ([COMPLETE[0], ROW.replace("Approved", "Perhaps")], "line 2, column status: 'Perhaps'"),
    "cut short": ("\n".join(COMPLETE)[:-30], "line 2: the last line breaks off"),
    "two symbols": (["hgnc_id\tsymbol\tApproved symbol", "HGNC:1\tA\tB"], "more than one column is a symbol"),
    "names only": (["HGNC ID\tApproved name", "HGNC:1\tsomething"], "No gene symbols were read from"),
    "approved and withdrawn": (
        [COMPLETE[0], ROW.replace("glucosylceramidase beta 1", "entry withdrawn")],
        "the name says 'entry withdrawn', but",
    ),
    "cut gzip": (gzip.compress("\n".join(COMPLETE).encode())[:-20], "damaged or incomplete gzip"),
    "no gzip": (b"\x1f\x8bnonsense", "damaged or incomplete gzip"),
    "picture": (b"\x89PNG\r\n\x1a\n", "line 1: not UTF-8 text"),
    "binary": (b"hgnc_id\tsymbol\nHGNC:1\tA\0\n", "line 2: not a text file"),
    "cut JSON": ('{"response": {"docs": [{"hgnc_id": "HGN', "line 1, column 36: broken or incomplete JSON"),
    "other JSON": ('{"docs": 3}', "has no list of genes"),
    "JSON list of numbers": ("[1, 2]", "has no list of genes"),
    "deep JSON": ("[" * 100_000, "JSON"),
    "JSON of nothing": ("[]", "no header with an HGNC id"),
    "JSON without id": ('[{"hgnc_id": null, "symbol": "A"}]', "document 1, column HGNC id: '' is not"),
}


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_read_what_is_no_whole_list_of_hgnc(tmp_path, content, sentence):
    path = a_file(tmp_path, content)

    with pytest.raises(Refusal) as refused:
        read_genes([path])

    assert sentence in refused.value.detail
    assert path.name in refused.value.detail


def test_read_lists_that_contradict_each_other(tmp_path):
    gone = a_file(tmp_path, [WITHDRAWN_LIST[0], "HGNC:4177\tEntry Withdrawn\tGBA1\t"], "withdrawn.txt")

    with pytest.raises(Refusal, match=r"withdrawn.txt, line 2: HGNC:4177 is withdrawn here but approved in hgnc_2023"):
        read_genes([a_file(tmp_path, COMPLETE), gone])


def test_read_file_that_is_not_there(tmp_path):
    with pytest.raises(Refusal, match=r"nothing\.txt cannot be read: No such file"):
        read_genes([tmp_path / "nothing.txt"])


def test_read_two_approved_genes_under_one_symbol_tells(tmp_path):
    names = read_genes([a_file(tmp_path, ["hgnc_id\tsymbol", "HGNC:1\tSAME", "HGNC:2\tSAME"])])

    assert names.problems == ("hgnc_2023-06-13.txt, line 2: SAME is also the symbol of HGNC:2.",)
    assert Resolver(names.records, "").resolve("SAME").match == "ambiguous"


def test_shipped_names_are_whole():
    names = read_genes([SHIPPED])

    assert names.dated == date(2023, 6, 13)
    assert (len(names.records), names.problems) == (48_859, ())
    assert sum(record.status == "approved" for record in names.records) == 44_418
    assert sum(bool(record.grch37) for record in names.records) == 35_591
    assert sum(bool(record.grch38) for record in names.records) == 35_766
    assert SHIPPED.stat().st_size < 2_000_000


def test_shipped_names_know_entries_withdrawn_without_successor():
    """MSK1 is RPS6KA5 today: the entry MSK1 itself was withdrawn, and must not stand in its way."""
    names = Resolver(read_genes([SHIPPED]).records, "")

    assert names.gene("HGNC:7331").status == "withdrawn"
    assert names.resolve("MSK1").gene_symbol == "RPS6KA5"
    assert names.resolve("A12M1").match == "withdrawn"


def test_places_take_the_row_under_the_symbol_and_whole_chromosomes_only():
    def row(pk: str, location: str) -> dict:
        genes = {"GRch38": {"90": {"ensembl_id": f"E-{pk}", "location": location}}}
        return {"pk": pk, "fields": {"hgnc_symbol": "ONE", "hgnc_id": "HGNC:1", "ensembl_genes": genes}}

    clone, own, scaffold = row("AC1.1", "1:5-9"), row("ONE", "1:1-2"), row("ONE", "GL000194.1:1-2")

    assert places([clone, own]) == {"HGNC:1": {"grch38": ("E-ONE", "1:1-2")}}
    assert places([clone, scaffold]) == {"HGNC:1": {"grch38": ("E-AC1.1", "1:5-9")}}


def test_withdrawn_entries_spare_a_symbol_given_anew():
    def row(pk: str, hgnc_id: str | None) -> dict:
        return {"pk": pk, "fields": {"gene_name": "entry withdrawn", "hgnc_id": hgnc_id}}

    records = [GeneRecord("HGNC:1", "GONE"), GeneRecord("HGNC:2", "ANEW"), GeneRecord("HGNC:3", "OTHER")]
    reference = [row("GONE~withdrawn", None), row("ANEW~withdrawn", None), row("ANEW", "HGNC:2")]

    assert withdrawn_entries(records, reference) == {"HGNC:1"}


@pytest.mark.real_data
def test_read_real_layouts(real_data):
    old = read_genes([real_data / "hgnc" / "hgnc_complete_set_reduced_2019layout.txt"])
    new = read_genes([real_data / "hgnc" / "hgnc_complete_set_sample.json"])
    gone = read_genes([real_data / "hgnc" / "withdrawn_sample.txt"])

    assert (len(old.records), len(old.problems)) == (266, 3)
    assert old.records[0].alias_symbols == ("FLJ11506", "p34")
    assert "BRAF" in {record.symbol for record in new.records}
    assert [record.merged_into for record in gone.records] == [(), ("HGNC:12469",), ("HGNC:6692",)]


@pytest.mark.real_data
def test_read_real_names_give_the_shipped_ones(real_data):
    folder = real_data / "hgnc"

    names = read_genes([folder / "hgnc_dump_20230613.txt.gz", folder / "hgnc_names_20230606.txt.gz"])

    merged = {record.hgnc_id: record.merged_into for record in names.records if record.merged_into}
    assert len(names.records) == 48_859
    assert len(merged) == 3_371
    assert merged == {r.hgnc_id: r.merged_into for r in read_genes([SHIPPED]).records if r.merged_into}
