"""The library's pages: what is seen, what is asked before something goes, and who sees it. SP-10, SP-14, SP-15."""

from __future__ import annotations

import pytest

from panels.actions.library import change_panel, create_panel
from panels.actions.lifecycle import delete_panel
from panels.actions.sharing import share_panel
from panels.models import PanelVersion, RetentionPolicy, SavedPanel

pytestmark = pytest.mark.django_db


def words(soup) -> str:
    return " ".join(soup.get_text(" ").split())


def at(panel, *parts: object) -> str:
    return "/".join(["/panels", str(panel.pk), *map(str, parts), ""])


@pytest.fixture
def two_versions(panel, alice):
    change_panel(
        panel=panel.pk, by=alice, expected=1, gene_changes=None, genes=["BRCA1", "MYH7"], comment="Hearts only"
    )
    panel.refresh_from_db()
    return panel


@pytest.mark.parametrize(
    "tab",
    [
        "",
        "versions",
        "compare",
        "changes",
        "sharing",
        "discussion",
        "exports",
        "retention",
        "about",
        "edit",
        "delete",
        "give",
    ],
)
def test_every_page_of_a_panel_opens_for_its_owner(two_versions, alice, reading, tab):
    page = reading(alice).get(at(two_versions, *([tab] if tab else [])))

    assert page.h1.get_text(strip=True).startswith("Hearts")
    assert page.find("script", src=False) is None and page.find(style=True) is None


def test_genes_of_a_panel_are_filtered_and_sorted(panel, alice, reading):
    found = reading(alice).get(at(panel) + "?name=tumor")
    turned = reading(alice).get(at(panel) + "?sort=-name")

    assert [row.th.get_text(strip=True) for row in found.tbody.find_all("tr")] == ["TP53"]
    assert [row.th.get_text(strip=True) for row in turned.tbody.find_all("tr")] == ["TTN", "TP53", "BRCA1"]


def test_a_stranger_is_told_that_there_is_nothing_and_who_is_not_signed_in_is_asked_to(panel, carol, reading):
    assert "not yours to see" in words(reading(carol).get(at(panel), status=404))

    answer = reading(None).client.get(at(panel))

    assert (answer.status_code, answer["Location"]) == (302, f"/account/login/?next=/panels/{panel.pk}/")
    assert reading(None).client.get("/panels/999999/")["Location"] == "/account/login/?next=/panels/999999/"


def test_a_level_too_low_is_refused_in_a_sentence(panel, alice, bob, reading):
    share_panel(panel=panel.pk, by=alice, user="bob", level="VIEW")

    page = reading(bob).get(at(panel, "edit"), status=403)

    assert "needs the level EDIT" in words(page)
    assert "Edit genes" not in words(reading(bob).get(at(panel)))


def test_library_has_ones_own_panels_those_shared_and_the_public_ones(panel, alice, bob, editor, reading):
    create_panel(by=editor, name="For everybody", visibility="PUBLIC")
    share_panel(panel=panel.pk, by=alice, user="bob", level="VIEW")

    mine = words(reading(alice).get("/panels/"))
    shared = words(reading(bob).get("/panels/?scope=shared"))
    public = words(reading(None).get("/panels/"))

    assert "Hearts" in mine and "For everybody" not in mine
    assert "Hearts" in shared
    assert "For everybody" in public and "Hearts" not in public


def test_library_finds_a_panel_by_a_gene_under_a_former_name(alice, reading):
    create_panel(by=alice, name="Gaucher", genes=["GBA1"])

    assert "Gaucher" in words(reading(alice).get("/panels/?gene=GBA"))
    assert "No panel fits" in words(reading(alice).get("/panels/?gene=TTN"))


def test_library_asks_the_same_number_of_queries_for_any_number_of_panels(
    alice, reading, django_assert_max_num_queries
):
    browser = reading(alice)
    for number in range(12):
        create_panel(by=alice, name=f"Panel {number}", genes=["BRCA1"])
    browser.get("/panels/")

    with django_assert_max_num_queries(14):
        browser.get("/panels/?as=cards")


def test_new_panel_of_pasted_genes_is_made_and_a_doubtful_name_is_refused_with_its_row(alice, reading):
    browser = reading(alice)

    refused = browser.post("/panels/new/", {"name": "Mine", "genes": "BRCA1, QARS"}, status=400)
    made = browser.post("/panels/new/", {"name": "Mine", "genes": "BRCA1, GBA", "level": "green"})

    assert "QARS" in words(refused) and refused.find("textarea", id="genes").get_text() == "BRCA1, QARS"
    assert "Created with 2 genes" in words(made)
    assert SavedPanel.objects.get(name="Mine").gene_count == 2


def test_merged_list_is_saved_from_the_workbench_with_its_recipe(alice, reading, demo_catalogue):
    browser = reading(alice)
    basket = "uk:90001=green&aus:95001=green"

    offered = browser.get(f"/panels/save/?{basket}")
    done = browser.post(f"/panels/save/?{basket}", reading.fields(offered.main.form) | {"name": "Both"})

    panel = SavedPanel.objects.get(name="Both")
    assert f"Saved with {panel.gene_count} genes" in words(done)
    assert panel.current_version.recipe and panel.source_reference.startswith("uk:90001@")


def test_saved_panel_goes_back_into_the_workbench(two_versions, alice, carol, reading):
    page = words(reading(alice).get(f"/?saved:{two_versions.pk}=&saved:{two_versions.pk}@v1="))
    other = words(reading(carol).get(f"/?saved:{two_versions.pk}="))

    assert "Hearts" in page and "4 gene" in page
    assert "not yours to see" in other and "Hearts" not in other


def test_version_shows_its_own_genes_and_a_diff_says_what_changed(two_versions, alice, reading):
    browser = reading(alice)

    first = words(browser.get(at(two_versions, "versions", 1)))
    diff = words(browser.get(at(two_versions, "compare") + "?a=1&b=2"))

    assert "TTN" in first and "MYH7" not in first
    assert "1 added" in diff and "2 removed" in diff and "MYH7" in diff


def test_restore_asks_first_and_makes_a_new_version(two_versions, alice, reading):
    browser = reading(alice)
    page = browser.get(at(two_versions, "versions", 1, "restore"))
    form = page.main.find_all("form")[-1]

    done = browser.post(at(two_versions, "versions", 1, "restore"), reading.fields(form))

    assert "Restore as version 3" in words(form)
    assert "Saved as version 3" in words(done)
    assert PanelVersion.objects.filter(panel=two_versions).count() == 3


def test_restore_after_somebody_saved_is_refused_and_says_so(two_versions, alice, reading):
    page = reading(alice).post(at(two_versions, "versions", 1, "restore"), {"expected": "1"}, status=412)

    assert "is at version 2 now" in words(page)


def test_a_version_of_an_earlier_release_says_that_its_genes_were_never_kept(two_versions, alice, reading):
    PanelVersion.objects.create(panel=two_versions, version_number=9, created_by=alice, gene_count=7)
    browser = reading(alice)

    page = words(browser.get(at(two_versions, "versions", 9)))
    refused = words(browser.post(at(two_versions, "versions", 9, "restore"), {"expected": "2"}, status=409))

    assert "were never kept" in page and "Restore …" not in page
    assert "were never kept" in refused


def test_tags_are_put_on_and_taken_off_a_version(panel, alice, reading):
    browser = reading(alice)

    on = words(browser.post(at(panel, "versions", 1, "tag"), {"tag_name": "live", "tag_type": "PRODUCTION"}))
    bad = words(browser.post(at(panel, "versions", 1, "tag"), {"tag_name": "no way", "tag_type": "x"}, status=400))
    off = words(browser.post(at(panel, "versions", 1, "tag"), {"remove": "live"}))

    assert "live" in on and "protects it from pruning" in on
    assert "one of PRODUCTION" in bad
    assert "live" not in off


def test_delete_asks_says_what_stays_and_can_be_undone(panel, alice, reading):
    browser = reading(alice)
    page = browser.get(at(panel, "delete"))

    gone = words(browser.post(at(panel, "delete"), reading.fields(page.main.find_all("form")[-1])))
    back = words(browser.post(at(panel, "undelete")))

    assert "its 1 version is kept" in words(page).replace("its record are kept", "")
    assert "is deleted" in gone and "Bring back" in gone
    assert "The panel is back" in back


def test_only_the_owner_deletes(panel, alice, bob, reading):
    share_panel(panel=panel.pk, by=alice, user="bob", level="ADMIN")

    reading(bob).get(at(panel, "delete"), status=403)
    reading(bob).post(at(panel, "delete"), status=403)

    assert SavedPanel.objects.get(pk=panel.pk).status == "ACTIVE"


def test_deleted_panel_is_nowhere_but_among_its_owners_deleted_ones(panel, alice, bob, reading):
    share_panel(panel=panel.pk, by=alice, user="bob", level="VIEW")
    delete_panel(panel=panel.pk, by=alice)

    reading(bob).get(at(panel), status=404)

    assert "Hearts" not in words(reading(bob).get("/panels/?scope=shared"))
    assert "Hearts" not in words(reading(alice).get("/panels/"))
    assert "Hearts" in words(reading(alice).get("/panels/?scope=deleted"))


def test_name_and_state_are_changed_on_the_page_about(panel, alice, reading):
    browser = reading(alice)

    browser.post(at(panel, "about"), {"name": "Heart", "description": "", "tags": "a, b", "expected": "1"})
    browser.post(at(panel, "about"), {"status": "ARCHIVED", "visibility": "PRIVATE"})

    panel.refresh_from_db()
    assert (panel.name, panel.tag_list, panel.status) == ("Heart", ["a", "b"], "ARCHIVED")
    assert "does not change" in words(browser.get(at(panel)))


def test_a_state_that_somebody_else_set_meanwhile_stays(panel, alice, reading):
    """SP-17."""
    browser = reading(alice)
    [form] = [one for one in browser.get(at(panel, "about")).main.find_all("form") if one.find(id="status")]
    stale = reading.fields(form)

    browser.post(at(panel, "about"), stale | {"status": "ARCHIVED"})
    browser.post(at(panel, "about"), stale | {"visibility": "SHARED"})
    browser.post(at(panel, "about"), stale, status=409)

    panel.refresh_from_db()
    assert (panel.status, panel.visibility) == ("ARCHIVED", "SHARED")


def test_publishing_is_refused_to_who_may_not(panel, alice, reading):
    page = reading(alice).post(at(panel, "about"), {"visibility": "PUBLIC"}, status=403)

    assert "Editors and administrators make panels public" in words(page)


def test_copy_and_handing_over(panel, alice, bob, reading):
    reading(alice).post(at(panel, "duplicate"), {"name": "Mine too", "with_history": "1"})
    reading(alice).post(at(panel, "give"), {"user": "bob", "keep": "VIEW"})

    assert SavedPanel.objects.get(name="Mine too").owner == alice
    assert SavedPanel.objects.get(pk=panel.pk).owner == bob


@pytest.mark.parametrize(
    ("said", "field", "told"),
    [
        ({"user": "nobody"}, "user", "Nobody has this user name."),
        # Bob's number, which is the name of nobody.
        ({"user": "{bob}"}, "user", "Nobody has this user name."),
        ({"user": "bob@example.org"}, "user", "Nobody has this user name."),
        ({"user": "alice"}, "user", "handed over to another person"),
        ({"user": "bob", "keep": "EVERYTHING"}, "keep", "It is one of VIEW"),
    ],
)
def test_handing_over_to_nobody_for_certain_is_refused_beside_the_field(panel, alice, bob, reading, said, field, told):
    said = said | {"user": said["user"].format(bob=bob.pk)}

    page = reading(alice).post(at(panel, "give"), said, status=400)

    asked = page.main.find(id=field)
    assert told in words(page.find(id=asked["aria-describedby"]))
    assert asked["aria-invalid"] == "true" and page.find(id="user")["value"] == said["user"]
    assert SavedPanel.objects.get(pk=panel.pk).owner == alice


def test_downloads_in_every_format_and_of_an_older_version(two_versions, alice, reading):
    client = reading(alice).client

    for name in ("xlsx", "csv", "tsv", "json", "bed", "gmt", "panelapp_tsv", "scout", "ids"):
        assert client.post(at(two_versions, "download"), {"format": name}).status_code == 200, name
    old = client.post(at(two_versions, "download"), {"format": "csv", "version": "1"})

    assert b"TTN" in old.content and b"MYH7" not in old.content
    assert client.post(at(two_versions, "download"), {"format": "exe"}).status_code == 404


def test_which_versions_are_kept_is_said_by_a_form_and_prunes_nothing(two_versions, alice, reading):
    """SP-13"""
    reader = reading(alice)
    form = reader.get(at(two_versions, "retention")).find("form", class_="narrow")

    page = reader.post(at(two_versions, "retention"), reader.fields(form) | {"max_versions": "1"})

    assert "Nothing is pruned before the next prune_versions." in words(page)
    assert two_versions.retention.max_versions == 1 and two_versions.versions.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [{"max_versions": "0"}, {"max_versions": "x"}, {"backup_retention_days": ""}, {"cleanup_frequency_hours": "0"}],
)
def test_a_rule_of_keeping_that_makes_no_sense_is_refused(two_versions, alice, reading, wrong):
    said = {"max_versions": "5", "backup_retention_days": "30", "cleanup_frequency_hours": "24"} | wrong

    page = reading(alice).post(at(two_versions, "retention"), said, status=400)

    assert page.find(role="alert") and not RetentionPolicy.objects.exists()
