"""Who may not, or no longer: nothing typed is lost, and nobody's name is told to strangers. A-1, F-7, SP-17."""

from __future__ import annotations

import pytest

from panels.actions.library import change_panel, set_state
from panels.actions.sharing import change_share, revoke_share, share_panel
from tests.panels.library.seeing import everything, numbers
from tests.panels.views.library.test_pages import at, words

pytestmark = pytest.mark.django_db
BRCA1 = "gene:HGNC:1100"


@pytest.fixture
def share(panel, alice, bob):
    return share_panel(panel=panel.pk, by=alice, user=bob.pk, level="EDIT")[0]


def sent_back(page) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in page.main.find_all("dt"):
        found.setdefault(name.get_text(), []).append(name.find_next_sibling("dd").get_text())
    return found


@pytest.mark.parametrize("how", ["revoked", "lowered"])
@pytest.mark.parametrize("act", ["gather", "save"])
def test_an_edit_that_may_no_longer_be_saved_is_shown_back_in_words(panel, alice, bob, share, reading, how, act):
    browser = reading(bob)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)
    said = reading.fields(browser.post(at(panel, "edit"), said | {"paste": "MYH7, GBA1"}).main.form)
    if how == "revoked":
        revoke_share(panel=panel.pk, share=share.pk, by=alice)
    else:
        change_share(panel=panel.pk, share=share.pk, by=alice, level="VIEW")

    typed = said | {
        "act": act,
        "comment": "As the letter says",
        f"note.{BRCA1}": "see letter",
        "remove.gene:HGNC:1": "",
    }
    page = browser.post(at(panel, "edit"), typed, status=404 if how == "revoked" else 403)

    assert numbers(panel) == [1]
    assert sent_back(page) == {
        "Change": ["Add MYH7", "Add GBA1", "BRCA1: user notes see letter"],
        "Comment": ["As the letter says"],
    }


@pytest.mark.parametrize(
    ("page", "said", "told"),
    [
        (
            "discussion",
            {"text": "Why <this>\nand that?", "gene": "TTN"},
            {"text": ["Why <this>and that?"], "gene": ["TTN"]},
        ),
        ("about", {"name": "Other", "description": ""}, {"name": ["Other"]}),
        ("give", {"user": "carol"}, {"user": ["carol"]}),
    ],
)
def test_whatever_was_typed_is_shown_back_after_a_share_was_revoked(
    panel, alice, bob, share, reading, page, said, told
):
    browser = reading(bob)
    browser.get(at(panel, "about"))
    revoke_share(panel=panel.pk, share=share.pk, by=alice)

    assert sent_back(browser.post(at(panel, page), said, status=404)) == told


def test_whose_session_is_over_is_told_so_and_keeps_what_was_typed(panel, alice, reading):
    browser = reading(alice)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)
    browser.client.logout()

    page = browser.post(at(panel, "edit"), said | {"paste": "MYH7", "act": "save"}, status=401)

    assert "Sign in, then do it again" in words(page)
    assert page.main.find("a", string="Sign in")["href"].startswith("/account/login/")
    assert sent_back(page) == {"Change": ["Add MYH7"]}
    assert numbers(panel) == [1]


def test_a_stranger_ends_no_share_of_a_public_panel(panel, alice, editor, reading):
    """None is not None: a link and an address have no person, and a stranger has no number."""
    shares = [
        share_panel(panel=panel.pk, by=alice, link=True)[0],
        share_panel(panel=panel.pk, by=alice, user="somebody@example.org")[0],
    ]
    type(panel).objects.filter(pk=panel.pk).update(visibility="PUBLIC")

    for share in shares:
        reading(None).post(f"{at(panel, 'sharing')}{share.pk}/", {"revoke": "1"}, status=401)
        share.refresh_from_db()

    assert [share.is_active for share in shares] == [True, True]


def test_strangers_read_a_public_panel_and_no_names_of_people(alice, admin, panel, reading):
    """A-1: as the API tells them none. Who says something about it is for who has an account."""
    change_panel(panel=panel.pk, by=alice, expected=1, name="Hearts again")
    set_state(panel=panel.pk, by=admin, visibility="PUBLIC")
    stranger, person = reading(None), reading(admin)

    seen = [at(panel), *(at(panel, part) for part in ("versions", "versions/1", "compare", "exports", "about"))]
    seen += ["/panels/?scope=public", "/panels/?scope=public&as=cards"]
    for address in seen:
        page = stranger.get(address)
        assert "Hearts again" in words(page) and "alice" not in page.decode(), address
        assert not page.find("a", string=["Changes", "Sharing", "Discussion"]), address
        assert "alice" in person.get(address).decode(), address
    for part in ("changes", "sharing", "discussion"):
        assert stranger.client.get(at(panel, part))["Location"].startswith("/account/login/")


@pytest.mark.parametrize(
    ("page", "said"),
    [
        *(("about", {"description": "a\0b"}), ("discussion", {"text": "a\0b"}), ("give", {"user": "a\0b"})),
        *(("sharing", {"user": "a\0@b"}), ("edit", {"paste": "MYH7", "comment": "a\0b", "act": "save"})),
        *(("versions/1/tag", {"remove": "a\0b"}), ("duplicate", {"name": "a\0b"}), ("edit", {"a\0b": "c"})),
    ],
)
def test_a_form_with_a_nul_is_refused_on_every_database(panel, alice, reading, page, said):
    before = everything()

    refused = reading(alice).post(at(panel, page), said, status=400)

    assert "holds a NUL character" in words(refused)
    assert everything() == before
