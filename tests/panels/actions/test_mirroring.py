"""The mirror is published whole or not at all."""

from types import SimpleNamespace

import pytest
from django.db import DatabaseError

from audit.models import AuditLog
from panelmerge.lib.errors import Refusal
from panels.actions import mirroring
from panels.actions.catalogue import load_catalogue, read_panel, sync_catalogue
from panels.models import CataloguePanel, CatalogueVersion, Generation
from panels.panelapp.client import PanelAppClient, PanelAppUnavailable
from panels.panelapp.parse import unpack
from tests.fakes import panelapp as fakes
from tests.fakes.panelapp import DEMO, FakePanelApp, demo_bodies
from tests.panels.actions.mirror import everything, listing, written

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def bodies() -> list[dict]:
    return demo_bodies("uk", 3)


@pytest.fixture
def service(httpserver, bodies) -> FakePanelApp:
    return FakePanelApp(httpserver, bodies, page_size=2)


@pytest.fixture
def client(service) -> PanelAppClient:
    return PanelAppClient("uk", service.base_url, sleep=lambda seconds: None, total_timeout=20)


# --- Synchronising -------------------------------------------------------------------------------------------


def test_sync_catalogue_mirrors_every_panel_with_its_body(client, bodies):
    """CA-01"""
    published = sync_catalogue(source="uk", client=client)

    assert (published.panels_seen, published.versions_added) == (3, 3)
    for body in bodies:
        panel = CataloguePanel.objects.get(source="uk", panel_id=body["id"])
        assert unpack(panel.current_version.body) == body
        assert panel.listed_version == panel.current_version.version == body["version"]
        assert panel.entries.count() == sum(len(body[key]) for key in fakes.ENTITIES)


def test_sync_catalogue_asks_only_for_new_versions(client, service):
    sync_catalogue(source="uk", client=client)
    service.release(90002)
    service.asked.clear()

    published = sync_catalogue(source="uk", client=client)

    assert published.versions_added == 1
    assert dict(service.asked) == {"panels/": 2, "panels/90002/": 1}


def test_sync_catalogue_keeps_the_version_before(client, service, bodies):
    sync_catalogue(source="uk", client=client)
    service.release(90001, genes=bodies[0]["genes"][:1])

    sync_catalogue(source="uk", client=client)

    assert len(read_panel(source="uk", panel_id=90001).rows) == 1
    before = read_panel(source="uk", panel_id=90001, version=bodies[0]["version"])
    assert len(before.rows) == len(bodies[0]["genes"])


def test_sync_catalogue_marks_retired_panels_and_takes_the_mark_off(client, service):
    sync_catalogue(source="uk", client=client)
    body = service.bodies.pop(90003)

    retired = sync_catalogue(source="uk", client=client)

    panel = CataloguePanel.objects.get(panel_id=90003)
    assert (retired.panels_retired, panel.retired_at is None, panel.entries.exists()) == (1, False, True)
    service.bodies[90003] = body
    assert sync_catalogue(source="uk", client=client).panels_returned == 1
    panel.refresh_from_db()
    assert panel.retired_at is None


def test_sync_catalogue_leaves_the_other_source_alone(client, tmp_path):
    load_catalogue(path=DEMO / "aus.jsonl.gz")
    before = list(CataloguePanel.objects.filter(source="aus").values())

    sync_catalogue(source="uk", client=client)

    assert list(CataloguePanel.objects.filter(source="aus").values()) == before


TRAPS = {
    "busy": lambda service: service.trap("panels/90003/", *[fakes.busy("1") for _ in range(5)]),
    "forbidden": lambda service: service.trap("panels/", fakes.forbidden()),
    "forbidden in the middle": lambda service: service.trap("panels/90003/", fakes.forbidden()),
    "status 500": lambda service: service.trap("panels/90003/", fakes.broken()),
    "200 not found": lambda service: service.trap("panels/90003/", fakes.not_found_with_200()),
    "html": lambda service: service.trap("panels/90003/", fakes.html_with_200()),
    "truncated": lambda service: service.trap("panels/90003/", fakes.truncated()),
    "next elsewhere": lambda service: service.trap("panels/", fakes.elsewhere()),
    "next in circles": lambda service: service.trap("panels/", fakes.going_round),
    "redirect": lambda service: service.trap("panels/", fakes.redirect()),
    "oversized": lambda service: service.trap("panels/90003/", fakes.oversized()),
    "gzip bomb": lambda service: service.trap("panels/90003/", fakes.gzip_bomb()),
    "page missing": lambda service: service.trap("panels/", fakes.too_few(list(service.bodies.values())[:1])),
    "version as number": lambda service: service.bodies[90003].update(version=4.1),
    "another panel": lambda service: service.trap("panels/90003/", fakes.json_answer(service.bodies[90001])),
    "empty listing": lambda service: service.bodies.clear(),
    "genes as text": lambda service: service.bodies[90003].update(genes="none"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_sync_catalogue_that_fails_changes_nothing(client, service, trap):
    """CA-01: the last good copy stays, byte for byte, and a failure is no empty catalogue."""
    sync_catalogue(source="uk", client=client)
    service.release(90001)
    service.release(90003)
    before = everything()
    TRAPS[trap](service)

    with pytest.raises(Refusal) as refusal:
        sync_catalogue(source="uk", client=client)

    assert "PanelApp UK" in refusal.value.detail or "Panel 90003" in refusal.value.detail
    assert everything() == before
    assert read_panel(source="uk", panel_id=90003).rows
    [event] = AuditLog.objects.filter(success=False)
    assert event.action_type == "CATALOGUE_LOAD" and event.action_description.endswith(refusal.value.detail[-60:])


def test_sync_catalogue_of_a_slow_body_changes_nothing(service):
    client = PanelAppClient("uk", service.base_url, spacing=0, total_timeout=0.3)
    service.trap("panels/", fakes.dripping())

    with pytest.raises(PanelAppUnavailable, match="took longer"):
        sync_catalogue(source="uk", client=client)

    assert not CataloguePanel.objects.exists()


def test_sync_catalogue_without_a_record_changes_nothing(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise DatabaseError("the record is full")

    monkeypatch.setattr(mirroring, "record", refuse)

    with pytest.raises(DatabaseError):
        sync_catalogue(source="uk", client=client)

    assert everything() == [[], [], [], [], [], list(AuditLog.objects.order_by("pk").values())]


def test_sync_catalogue_dry_run_says_how_many_and_writes_nothing(client, service):
    published = sync_catalogue(source="uk", client=client, dry_run=True)

    assert published.versions_added == 3
    assert not CataloguePanel.objects.exists()
    assert set(service.asked) == {"panels/"}


# --- Publishing ----------------------------------------------------------------------------------------------


def test_publish_records_who_loaded_what(client):
    person = SimpleNamespace(pk=7, is_authenticated=True, get_username=lambda: "erin", has_perm=lambda permission: True)

    sync_catalogue(source="uk", client=client, by=person)

    event = AuditLog.objects.get(action_type="CATALOGUE_LOAD")
    assert (event.username, event.resource_type) == ("erin", "generation")
    assert event.details["versions_added"] == 3
    assert "PanelApp UK: 3 panels, 3 new versions" in event.action_description


def test_publish_is_refused_to_those_who_may_not(client):
    person = SimpleNamespace(
        pk=7, is_authenticated=True, get_username=lambda: "erin", has_perm=lambda permission: False
    )

    with pytest.raises(Refusal) as refusal:
        sync_catalogue(source="uk", client=client, by=person)

    assert refusal.value.status == 403
    assert not Generation.objects.exists()


def test_load_catalogue_never_overwrites_a_stored_version(tmp_path, bodies):
    load_catalogue(path=written(tmp_path, bodies[0]))
    forged = bodies[0] | {"genes": bodies[0]["genes"][:3]}

    (published,) = load_catalogue(path=written(tmp_path, forged))

    assert (published.versions_added, published.bodies_differing) == (0, 1)
    assert unpack(CatalogueVersion.objects.get().body) == bodies[0]
    assert any("differ from the version already stored" in line for line in published.sentences())


def test_load_catalogue_takes_1_10_for_newer_than_1_9(tmp_path, bodies):
    newer, older = bodies[0] | {"version": "1.10"}, bodies[0] | {"version": "1.9", "genes": []}
    load_catalogue(path=written(tmp_path, newer))

    load_catalogue(path=written(tmp_path, older))

    panel = CataloguePanel.objects.get()
    assert (panel.current_version.version, panel.listed_version) == ("1.10", "1.10")
    assert read_panel(source="uk", panel_id=90001, version="1.9").rows == ()
    assert panel.entries.count() == len(newer["genes"])


def test_load_catalogue_in_either_order_ends_the_same(tmp_path, bodies):
    newer, older = bodies[0] | {"version": "1.10"}, bodies[0] | {"version": "1.9", "genes": []}

    load_catalogue(path=written(tmp_path, older))
    load_catalogue(path=written(tmp_path, newer))

    panel = CataloguePanel.objects.get()
    assert panel.current_version.version == "1.10"
    assert panel.entries.count() == len(newer["genes"])


def test_load_catalogue_of_an_old_listing_does_not_retire_newer_panels(tmp_path, bodies):
    old = bodies[1] | {"version_created": "2025-09-01T00:00:00Z"}
    new = bodies[2] | {"version_created": "2026-09-01T00:00:00Z"}
    load_catalogue(path=written(tmp_path, bodies[0], old, new))

    (published,) = load_catalogue(path=written(tmp_path, listing(bodies[0])))

    assert published.panels_retired == 1
    assert list(CataloguePanel.objects.in_use().order_by("panel_id").values_list("panel_id", flat=True)) == [
        90001,
        90003,
    ]


def test_load_catalogue_of_part_of_a_listing_retires_nothing(tmp_path, bodies):
    load_catalogue(path=written(tmp_path, *bodies))
    part = listing(bodies[0]) | {"count": 261}

    (published,) = load_catalogue(path=written(tmp_path, part))

    assert published.panels_retired == 0


def test_load_catalogue_keeps_text_that_a_database_cannot(tmp_path, bodies):
    body = bodies[0] | {"name": "Heart\u0000 (demo)", "disease_group": "\u0000"}

    load_catalogue(path=written(tmp_path, body))

    assert CataloguePanel.objects.get().name == "Heart (demo)"


def test_load_catalogue_counts_a_repeated_gene_once_at_its_highest_level(tmp_path):
    body = next(body for body in demo_bodies("uk") if body["name"].startswith("Sudden cardiac death"))
    ids = {row["gene_data"]["hgnc_id"] for row in body["genes"]}

    load_catalogue(path=written(tmp_path, body))

    version = CatalogueVersion.objects.get()
    assert version.genes == len(ids) < len(body["genes"])
    assert version.green + version.amber + version.red + version.none == version.genes
