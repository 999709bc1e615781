"""Files as other programs write them."""

from __future__ import annotations

import pytest

from panels.engine.columns import find_layout
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
