"""Files as other programs write them."""

from __future__ import annotations

import pytest

from panels.actions.symbols import current_resolver
from panels.engine.columns import find_layout
from panels.engine.listing import list_genes
from panels.formats.reading import read_file

pytestmark = pytest.mark.real_data


def test_read_scouts_panels_by_symbol_with_the_id_beside_it(real_data):
    for file in sorted((real_data / "scout").glob("*panel*.[ct][sx][vt]")):
        rows = read_file(file, file.name).sheets[0].rows

        layout = find_layout(rows)

        assert (layout.gene, layout.hgnc_id) == (1, 0), file.name
        assert all(row[0].isdigit() for row in rows[layout.first_row :] if row), file.name


def test_read_panelapps_upload_file_with_level_and_inheritance(real_data):
    rows = read_file(real_data / "panelapp_tsv" / "import_panel_data.tsv", "import.tsv").sheets[0].rows

    layout = find_layout(rows)

    headings = rows[layout.heading]
    assert headings[layout.gene] == "Entity Symbol"
    assert headings[layout.level] == "GEL_Status"
    assert headings[layout.inheritance] == "Model_Of_Inheritance"
    assert headings[layout.entity_type] == "Entity type"


def test_read_scouts_files_to_genes_with_their_models(db, real_data):
    """Every row of Scout's own files is a gene of ours, or named among the problems."""
    for file in sorted((real_data / "scout").glob("*panel*.[ct][sx][vt]")):
        rows = read_file(file, file.name).sheets[0].rows
        layout = find_layout(rows)

        listing = list_genes(rows, layout, current_resolver())

        filled = sum(bool(row) for row in rows[layout.first_row :])
        assert len(listing.genes) == filled, file.name
        assert len(listing.usable) + len([one for one in listing.genes if one.reason]) == filled, file.name
        assert len(listing.usable) >= 0.9 * filled, file.name


def test_read_panelapps_upload_file_with_strs_regions_and_their_places(db, real_data):
    rows = read_file(real_data / "panelapp_tsv" / "import_panel_data.tsv", "import.tsv").sheets[0].rows

    listing = list_genes(rows, find_layout(rows), current_resolver())

    said = {gene.query: gene for gene in listing.usable}
    assert {gene.entity_type for gene in listing.usable} == {"gene", "str", "region"}
    assert (said["STR_1"].grch37, said["STR_1"].grch38) == ("1:12-20", "1:12-20")
    assert said["ISCA-37478"].grch38.startswith("15:341468")
    assert said["A1CF"].confidence_level in {"green", "amber"}
    assert said["A1CF"].evidence == "Expert Review Green"
