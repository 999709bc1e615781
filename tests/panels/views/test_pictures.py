"""BG-08: sizes, overlap and confidence as pictures, each beside a table of the same figures."""

from __future__ import annotations

import re

import pytest

from panels.engine.merge import MergeInput
from panels.engine.overlap import overlap
from panels.views.pictures import MOST_ROWS, pictures_of
from tests.panels.engine.lists import gene, listed
from tests.panels.views.pages import TWO, bring, seen

THREE = [
    listed(*(gene(number, "green") for number in (1, 2, 3)), of="1"),
    listed(*(gene(number, "amber", of="2") for number in (2, 3, 4)), of="2", source="aus"),
    listed(gene(3, "definitive", of="3"), of="3", source="list"),
]


def many(number: int) -> list[MergeInput]:
    return [listed(gene(place, of=str(place)), gene(9000, of=str(place)), of=str(place)) for place in range(number)]


def test_pictures_draw_a_bar_for_each_intersection_in_proportion():
    picture = pictures_of(THREE).overlap

    assert [bar.word for bar in picture.bars] == ["1", "1", "1", "1"]
    assert len({bar.height for bar in picture.bars}) == 1
    assert [word.text for word in picture.words] == ["1 UK", "2 AU", "3 mine"]
    assert sum(dot.is_on for dot in picture.dots) == 1 + 2 + 3 + 1


def test_pictures_draw_the_smallest_part_so_that_it_is_seen():
    """One gene that only one source names must not vanish beside thousands."""
    large = listed(*(gene(number) for number in range(1, 3000)))

    picture = pictures_of([large, listed(gene(5000, of="2"), of="2")]).overlap

    assert min(bar.height for bar in picture.bars) >= 2


def test_pictures_sum_what_is_smaller_than_the_twelfth():
    pictures = pictures_of(many(20))

    last = pictures.overlap.bars[-1]

    assert (last.kind, last.word) == ("rest", str(pictures.figures.rest))
    assert last.says == "9 in 9 smaller intersections together"


def test_pictures_keep_within_their_frame():
    for picture in (pictures_of(many(MOST_ROWS)).overlap, *(pictures_of(THREE).sizes, pictures_of(THREE).confidence)):
        for bar in picture.bars:
            assert bar.x >= 0 and bar.end <= picture.width
            assert bar.y >= 0 and bar.y + bar.height <= picture.height


def test_pictures_part_confidence_by_source_in_words():
    says = [bar.says for bar in pictures_of(THREE).confidence.bars]

    assert says == [
        "PanelApp UK: 3 green",
        "PanelApp Australia: 3 amber",
        "lists of yours: 1 without one of these levels",
    ]


def test_pictures_of_too_many_inputs_are_tables_only():
    pictures = pictures_of(many(MOST_ROWS + 1))

    assert pictures.sizes is None
    assert pictures.overlap is None
    assert len(pictures.sized) == MOST_ROWS + 1


def test_pictures_of_one_input_have_no_overlap():
    assert pictures_of(THREE[:1]).overlap is None


def test_pictures_of_an_empty_list_are_drawn():
    pictures = pictures_of([listed()])

    assert pictures.sizes.bars[0].width == 0
    assert pictures.confidence.bars == ()


@pytest.mark.django_db
def test_workbench_shows_the_overlap_and_the_same_figures_as_a_table(client, demo_catalogue):
    """BG-08"""
    page = client.get(f"/?{TWO}")

    body = page.content.decode()
    drawn = re.findall(r'<text class="middle"[^>]*>(\d+)</text>', body)
    table = body[body.index("Overlap as a table") :].partition("</table>")[0]
    assert drawn == re.findall(r'<td class="number">(\d+)</td>', table)[:-1]
    assert sum(map(int, drawn)) == int(re.findall(r'<td class="number">(\d+)</td>', table)[-1])


@pytest.mark.django_db
def test_workbench_pictures_have_name_and_description_and_no_style(client, demo_catalogue):
    """BG-23"""
    body = client.get(f"/?{TWO}&show=sizes").content.decode()

    for svg in re.findall(r"<svg.*?</svg>", body, flags=re.DOTALL):
        name, said = re.match(r'<svg role="img" aria-labelledby="(\S+) (\S+)"', svg).groups()
        assert f'<title id="{name}">' in svg
        assert f'<desc id="{said}">' in svg
    assert body.count("<svg") == 3
    assert " style=" not in body


@pytest.mark.django_db
def test_workbench_sizes_name_every_input(client, demo_catalogue):
    query = bring(client, "BRCA1\nTP53", TWO)

    page = client.get(f"/?{query}&show=sizes")

    assert "3: mine Pasted list 2" in seen(page)
    assert "Lists of yours 0 0 0 0 2 2" in seen(page)


@pytest.mark.django_db
def test_workbench_of_forty_lists_has_tables_and_no_picture(client, demo_catalogue):
    query = "&".join(f"uk:900{number:02}=green" for number in range(1, 26))
    query += "&" + "&".join(f"aus:950{number:02}=green" for number in range(1, 20))

    page = client.get(f"/?{query}&show=sizes")

    assert "More than 30 inputs are no picture any more" in seen(page)
    assert "smaller ones together" in seen(page)


def test_picture_and_figures_are_of_the_same_inputs():
    assert pictures_of(THREE).figures == overlap(THREE)
