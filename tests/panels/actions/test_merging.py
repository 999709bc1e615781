"""From what a person asks to a merged list, through mirror, uploads and typed lists. BG-02, BG-03, BG-10, CO-01."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.catalogue import load_catalogue
from panels.actions.merging import merge_lists
from panels.actions.uploads import add_text, add_upload, read_list
from panels.api.merges import MergeBody
from panels.engine.content import content_record
from panels.engine.merge import Rule
from panels.engine.recipe import recipe_of, request_of
from panels.engine.request import ListChoice, MergeRequest, PanelChoice, PanelSpec, UploadChoice
from panels.formats.writing import FORMATS
from panels.formats.writing.about import hash_of

pytestmark = pytest.mark.django_db

GREEN = frozenset({"green"})
ALL_THREE = frozenset({"green", "amber", "red"})


def panel(source: str, panel_id: int, levels=None) -> PanelChoice:
    return PanelChoice(PanelSpec(source, panel_id), levels)


def merged(*inputs, **arguments):
    return merge_lists(request=MergeRequest(inputs=inputs, **arguments))


def replayed(result):
    """The recipe, sent as a body like anybody's."""
    body = MergeBody(data=recipe_of(result))
    body.is_valid(raise_exception=True)
    return merge_lists(request=body.request())


def test_merge_of_both_countries_and_a_list_shows_their_conflicts(demo_catalogue):
    result = merged(panel("uk", 90001), panel("aus", 95001), ListChoice("mine", ("MYBPC3", "nosuchgene")))

    [mybpc3] = [one for one in result.entities if one.entity.name == "MYBPC3"]
    assert {origin.source for origin in mybpc3.origins} == {"uk", "aus", "list"}
    assert result.in_conflict("confidence_level")
    assert [dropped.query for dropped in result.dropped if dropped.code == "unresolved"] == ["nosuchgene"]


def test_an_old_symbol_is_merged_under_its_current_one_and_kept_beside_it(db):
    """BG-04."""
    result = merged(ListChoice("a", ("GBA", "C5orf42")), ListChoice("b", ("GBA1", "MUT")))

    assert {one.entity.name: [origin.given for origin in one.origins] for one in result.entities} == {
        "GBA1": ["GBA", ""],
        "CPLANE1": ["C5orf42"],
        "MMUT": ["MUT"],
    }


@pytest.mark.parametrize("symbol", ["AIP", "ADA2", "ACAT1", "AGT"])
def test_an_approved_symbol_is_never_taken_for_an_alias(db, symbol):
    [one] = merged(ListChoice("mine", (symbol,))).entities

    assert (one.entity.name, one.origins[0].given) == (symbol, "")


def test_an_id_and_a_symbol_of_different_genes_are_not_guessed_at(db):
    result = merged(ListChoice("mine", ({"gene_symbol": "BRCA2", "hgnc_id": "HGNC:1100"},)))

    assert result.entities == ()
    assert "HGNC:1101" in result.dropped[0].reason
    assert replayed(result).entities == ()


def test_an_id_decides_between_the_genes_of_an_ambiguous_symbol_also_when_replayed(db):
    """QARS was the symbol of QARS1 and of EPRS1."""
    result = merged(ListChoice("mine", ({"gene_symbol": "QARS", "hgnc_id": "HGNC:9751"},)))

    assert [one.entity.name for one in result.entities] == ["QARS1"]
    assert hash_of(replayed(result)) == hash_of(result)


def test_a_recipe_makes_the_same_list_again(demo_catalogue):
    upload = add_text(text="gene,level,note\nGBA,green,mine\nMUT,2,\n2-Sep,,\nGBA,red,", session_key="k")
    result = merge_lists(
        request=MergeRequest(
            inputs=[panel("uk", 90001, GREEN), panel("aus", 95001), UploadChoice(str(upload.pk))],
            rule=Rule("at_least", 1),
            resolve={"confidence_level": "majority"},
        ),
        session_key="k",
    )

    again = replayed(result)

    assert hash_of(again) == hash_of(result)
    assert [one.entity for one in again.entities] == [one.entity for one in result.entities]
    assert len(again.dropped) == len(result.dropped)
    assert recipe_of(again) == recipe_of(result)


typed = st.one_of(
    st.sampled_from(["BRCA1", "GBA", "QARS", "2-Sep", "44441", "nosuchgene", "HGNC:1100", "hgnc:4177", " brca2 "]),
    st.fixed_dictionaries(
        {"gene_symbol": st.sampled_from(["BRCA1", "GBA", "QARS", "AIP"])},
        optional={
            "hgnc_id": st.sampled_from(["HGNC:1100", "HGNC:9751", "HGNC:999999"]),
            "confidence_level": st.sampled_from(["green", "3", "definitive", "Expert Review Red"]),
            "mode_of_inheritance": st.just("own words"),
            "user_notes": st.sampled_from(["=1+1", "a; b"]),
            "phenotype": st.just("one; two"),
        },
    ),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lists=st.lists(st.lists(typed, min_size=1, max_size=6), min_size=1, max_size=3))
def test_any_recipe_of_typed_lists_replays_to_the_same_hash(db, lists):
    result = merged(*(ListChoice(f"list {number}", tuple(genes)) for number, genes in enumerate(lists)))

    again = replayed(result)

    assert hash_of(again) == hash_of(result)
    assert recipe_of(again) == recipe_of(result)


def test_a_panel_version_can_be_asked_for(demo_catalogue):
    """BG-25."""
    with pytest.raises(NotHere, match="Versions held, newest first"):
        merged(PanelChoice(PanelSpec("uk", 90001, "0.0")))


def test_an_upload_of_somebody_else_is_not_there(db):
    upload = add_text(text="BRCA1", session_key="alice")

    with pytest.raises(NotHere, match="no upload"):
        merge_lists(request=MergeRequest(inputs=[UploadChoice(str(upload.pk))]), session_key="carol")


def test_a_rule_that_makes_no_sense_is_a_sentence(demo_catalogue):
    with pytest.raises(Refusal, match="at_least 3 makes no sense with 1 inputs"):
        merged(panel("uk", 90001), rule=Rule("at_least", 3))


def test_merging_asks_the_same_few_queries_for_any_number_of_panels(demo_catalogue, django_assert_num_queries):
    merged(panel("uk", 90001))  # gene names and bodies are in memory from here on
    few = [panel("uk", 90001), panel("uk", 90002)]
    many = [panel("uk", 90000 + number) for number in range(1, 21)]
    merged(*many)

    with django_assert_num_queries(3):
        merged(*few)
    with django_assert_num_queries(3):
        merged(*many)


@pytest.mark.real_data
def test_merge_of_three_real_panels_gives_the_known_numbers(db, real_data):
    for number in (112, 302, 467):
        load_catalogue(path=real_data / "panelapp_uk" / "panels" / f"panel_{number}.json", source="uk")

    def genes(*inputs, **arguments) -> int:
        return len(merged(*inputs, **arguments).of_type("gene"))

    green = [panel("uk", number, GREEN) for number in (112, 302, 467)]
    everything = merged(*(panel("uk", number, ALL_THREE) for number in (112, 302, 467)))

    assert [genes(one) for one in green] == [299, 654, 763]
    assert genes(*green) == 781
    assert genes(*green, rule=Rule("intersection")) == 217
    assert genes(*green, rule=Rule("at_least", 2)) == 718
    assert len(everything.of_type("gene")) == 1021
    assert sum(one.entity.entity_type == "gene" for one in everything.in_conflict("confidence_level")) == 88


@pytest.mark.real_data
def test_merge_of_a_real_super_panel_folds_its_repeated_genes(db, real_data):
    """BG-10: 284 rows, 164 genes, 79 of them repeated, 37 with differing confidence; 160 without level 0."""
    load_catalogue(path=real_data / "panelapp_uk" / "panels" / "panel_841.json", source="uk")

    whole = merged(panel("uk", 841, frozenset({"green", "amber", "red", "none"})))
    unasked = merged(panel("uk", 841))

    genes = whole.of_type("gene")
    assert sum(len(one.origins) for one in genes) == 284
    assert (len(genes), sum(len(one.origins) > 1 for one in genes)) == (164, 79)
    assert sum(one.entity.entity_type == "gene" for one in whole.in_conflict("confidence_level")) == 37
    assert len(unasked.of_type("gene")) == 160


def test_a_file_is_the_same_input_for_command_and_upload(db):
    content = b"gene,hgnc_id,level\nBRCA1,HGNC:1101,\nTP53,HGNC:11998,green\nGBA,HGNC:4177,2\nGBA1,HGNC:4177,2\n,,\n"
    upload = add_upload(name="mine.csv", content=content, session_key="k")
    kept = merge_lists(request=MergeRequest(inputs=[UploadChoice(str(upload.pk))]), session_key="k")

    read = merged(read_list(name="mine.csv", content=content))

    assert FORMATS["json"].write(read) == FORMATS["json"].write(kept)
    assert [one.entity.name for one in read.of_type("gene")] == ["GBA1", "TP53"]
    assert "HGNC:1101 is BRCA2" in read.dropped[0].reason


def test_a_replayed_recipe_gives_the_same_bytes(demo_catalogue):
    """BG-03."""
    upload = add_text(text="gene,note\nGBA,x\n,only a note\n2-Sep,\nMUT,\nQARS,", session_key="k")
    inputs = [panel("uk", 90001), UploadChoice(str(upload.pk)), ListChoice("typed", ("QARS", "MUT", "nosuchgene"))]
    result = merge_lists(request=MergeRequest(inputs=inputs), session_key="k")

    again = replayed(result)

    assert FORMATS["json"].write(again) == FORMATS["json"].write(result)
    assert FORMATS["xlsx"].write(again) == FORMATS["xlsx"].write(result)


@pytest.mark.parametrize(("symbol", "hgnc_id"), [("QARS", "HGNC:1101"), ("2-Sep", "HGNC:1100")])
def test_an_id_that_is_none_of_what_a_name_may_mean_is_a_conflict(db, symbol, hgnc_id):
    result = merged(ListChoice("mine", ({"gene_symbol": symbol, "hgnc_id": hgnc_id},)))

    assert result.entities == ()
    assert f"but {hgnc_id} is BRCA" in result.dropped[0].reason


def test_genes_above_the_headings_are_named_and_not_lost(db):
    result = merged(read_list(name="mine.csv", content=b"BRCA1\nTP53\ngene\nMLH1\n"))

    assert [one.entity.name for one in result.entities] == ["MLH1"]
    assert [(one.query, one.row) for one in result.dropped] == [("BRCA1", 1), ("TP53", 2)]
    assert "above the headings of row 3" in result.dropped[0].reason


def test_case_and_spaces_split_no_str(db):
    typed = [{"gene_symbol": name, "entity_type": "str"} for name in ("ATXN1_CAG", "atxn1_cag", " ATXN1_CAG ")]

    result = merged(ListChoice("mine", tuple(typed)))

    assert len(result.of_type("str")) == 1


@pytest.mark.parametrize("version", [2.1, 2, True])
def test_a_version_that_is_a_number_is_refused(version):
    body = MergeBody(data={"inputs": [{"source": "uk", "panel_id": 90001, "version": version}]})

    assert not body.is_valid()
    assert "with quotes" in str(body.errors)


def test_an_ensembl_id_of_another_gene_is_refused_with_both(db):
    wrong = ListChoice("mine", ({"gene_symbol": "BRCA1", "ensembl_id": "ENSG00000139618"},))

    with pytest.raises(Refusal, match=r"ENSG00000139618 was given for BRCA1 \(HGNC:1100\), but .* ENSG00000012048"):
        merge_lists(request=MergeRequest(inputs=[wrong]))


@pytest.mark.parametrize("ensembl_id", ["ENSG00000012048", "ensg00000012048.23", ""])
def test_an_ensembl_id_of_the_gene_itself_is_taken(db, ensembl_id):
    own = ListChoice("mine", ({"gene_symbol": "BRCA1", "ensembl_id": ensembl_id, "custom_confidence": "amber"},))

    [one] = merge_lists(request=MergeRequest(inputs=[own])).entities

    assert one.entity.ensembl_id == "ENSG00000012048"
    assert content_record(one)["custom_confidence"] == "amber"


def test_the_ensembl_id_of_a_typed_str_is_kept_and_replayed(db):
    typed = {"gene_symbol": "MY_CTG", "entity_type": "str", "ensembl_id": "ENSG00000104936", "gene_name": "repeat"}
    result = merge_lists(request=MergeRequest(inputs=[ListChoice("mine", (typed,))]))

    again = merge_lists(request=request_of(recipe_of(result)))

    assert result.entities[0].entity.ensembl_id == "ENSG00000104936"
    assert hash_of(again) == hash_of(result)
