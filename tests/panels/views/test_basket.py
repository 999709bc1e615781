"""CA-02: the basket in the address. Nothing in it is an error, and nothing that was meant disappears unsaid."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from panelmerge.lib.errors import Refusal
from panels.engine.request import PanelChoice, PanelSpec
from panels.views.basket import Basket

UPLOAD = "upload:3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def read(query: str) -> Basket:
    return Basket.read(QueryDict(query))


def keys(basket: Basket) -> list[str]:
    return [item.key for item in basket.items]


def test_read_address_gives_panels_levels_and_versions():
    basket = read(f"uk:90001=green&uk:90001=amber&aus:95001@2.9=red&{UPLOAD}=")

    assert keys(basket) == ["uk:90001", "aus:95001@2.9", UPLOAD]
    assert basket.items[0].choice() == PanelChoice(PanelSpec("uk", 90001), frozenset({"green", "amber"}))
    assert basket.items[1].choice() == PanelChoice(PanelSpec("aus", 95001, "2.9"), frozenset({"red"}))


@pytest.mark.parametrize(
    "key",
    [
        "uk:0",
        "uk:090001",
        "uk:-1",
        "uk:1e9",
        "uk:٩٠٠٠١",
        "uk:\uff19\uff10\uff10\uff10\uff11",
        "uk:1234567890",
        "uk:90001@",
        "uk:90001@2",
        "uk:90001@2.10.1",
        "uk:90001@v2.10",
        "UK:90001",
        "aus:",
        "upload:",
        "upload:nonsense",
        "upload:3f2504e04f8941d39a0c0305e82c3301----",
        "upload:3F2504E0-4F89-41D3-9A0C-0305E82C3301",
    ],
)
def test_read_key_that_names_nothing_is_said_and_left_out(key):
    basket = read(f"{key}=green&aus:95001=green")

    assert keys(basket) == ["aus:95001"]
    assert basket.unread == (key[:60],)


def test_read_key_of_something_else_is_none_of_ours():
    basket = read("utm_source=letter&page=2&show=list&csrf=1")

    assert basket == Basket()


def test_read_panel_twice_keeps_it_once_with_all_levels():
    """CO-01: a panel that counts twice would have two votes."""
    basket = read("uk:90001=green&aus:95001=&uk:90001=amber&uk:90001=green&uk:90001=blue")

    assert keys(basket) == ["uk:90001", "aus:95001"]
    assert basket.items[0].levels == ("green", "amber")


@pytest.mark.parametrize("number", ["-1", "1.5", "٢", "x", "", "9999", "1e3", " 2"])
def test_read_number_that_is_none_is_two(number):
    basket = read(f"uk:90001=green&rule=at_least&number={number}")

    assert basket.number == 2


def test_read_words_that_are_none_falls_back():
    basket = read("rule=everything&confidence=best&inheritance=&source=us&q=" + "x" * 500)

    assert (basket.rule, basket.confidence, basket.inheritance, basket.source) == ("union", "ask", "ask", "")
    assert len(basket.search) == 200


def test_address_read_again_is_the_same_basket():
    basket = read(
        f"uk:90001=green&aus:95001@2.9=none&{UPLOAD}=&rule=at_least&number=3"
        "&confidence=lowest&inheritance=majority&q=a+%26+b&source=uk"
    )

    assert read(basket.address()) == basket


def test_add_takes_everything_but_level_0():
    """CO-02: level 0 only on request."""
    basket = Basket().with_item("uk:90001")

    assert basket.items[0].levels == ("green", "amber", "red")


def test_add_held_panel_changes_its_version_in_place():
    basket = read("uk:90001=green&aus:95001=green").with_item("uk:90001@2.9")

    assert keys(basket) == ["uk:90001@2.9", "aus:95001"]
    assert basket.items[0].levels == ("green",)


@pytest.mark.parametrize(("removed", "number"), [("uk:1", 1), ("uk:2", 0), ("uk:3", 2)])
def test_remove_keeps_taking_away_the_same_panel(removed, number):
    """BG-02: another panel would be taken away if the number stayed."""
    basket = read("uk:1=green&uk:2=green&uk:3=green&rule=subtract&number=2")

    assert basket.without(removed).number == number


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("uk:1=green&uk:2=", "Number 2 in the basket: choose at least one confidence level"),
        ("uk:1=green&uk:2=green&rule=at_least&number=3", "give a number from 1 to 2"),
        ("uk:1=green&uk:2=green&rule=at_least&number=0", "give a number from 1 to 2"),
        ("uk:1=green&uk:2=green&rule=subtract&number=0", "Choose which one"),
        ("uk:1=green&uk:2=green&rule=subtract&number=3", "Choose which one"),
        ("uk:1=green&rule=subtract&number=1", "Choose which one"),
    ],
)
def test_request_that_makes_no_sense_says_what_to_change(query, told):
    """BG-02: a rule is never quietly made weaker."""
    basket = read(query)

    with pytest.raises(Refusal) as refused:
        basket.request({})

    assert told in refused.value.detail


def test_request_of_too_many_inputs_says_how_many_are_left_out():
    basket = read("&".join(f"uk:{number}=green" for number in range(1, 301)))

    with pytest.raises(Refusal) as refused:
        basket.request({})

    assert "names 300 panels and lists" in refused.value.detail
    assert "The last 100" in refused.value.detail


def test_request_counts_what_is_taken_away_from_0():
    basket = read("uk:1=green&uk:2=green&rule=subtract&number=1")

    assert basket.request({}).rule.number == 0


def test_signature_is_that_of_the_inputs_alone():
    assert read("uk:1=green&aus:2=red").signature == read("aus:2=&uk:1=amber&rule=intersection").signature
    assert read("uk:1=green").signature != read("uk:1@1.0=green").signature
