"""The client against a real server on loopback: whatever it answers, we get a panel or a sentence."""

import pytest
import requests

from panelmerge.lib.errors import Refusal
from panels.panelapp.client import PanelAppClient, PanelAppUnavailable, PanelNotListed
from tests.fakes import panelapp as fakes
from tests.fakes.panelapp import FakePanelApp, demo_bodies


@pytest.fixture(scope="module")
def bodies() -> list[dict]:
    return demo_bodies("uk", 5)


@pytest.fixture
def service(httpserver, bodies) -> FakePanelApp:
    return FakePanelApp(httpserver, bodies, page_size=2)


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(service, waits) -> PanelAppClient:
    return PanelAppClient("uk", service.base_url, "secret", sleep=waits.append, total_timeout=0.4, read_timeout=5)


def test_list_panels_follows_every_page(client, service, bodies):
    panels = list(client.list_panels())

    assert [panel["id"] for panel in panels] == [body["id"] for body in bodies]
    assert service.asked["panels/"] == 3


def test_panel_gives_the_body_unchanged(client, bodies):
    body = client.panel(90001)

    assert body == bodies[0]


def test_panel_gives_an_older_version(client, service, bodies):
    service.release(90001, genes=[])

    assert client.panel(90001, bodies[0]["version"]) == bodies[0]
    assert client.panel(90001)["genes"] == []


def test_panel_reads_a_gzipped_answer(client, service, bodies):
    service.trap("panels/90001/", fakes.gzipped(bodies[0]))

    assert client.panel(90001) == bodies[0]


def test_client_says_honestly_who_asks(client, service):
    client.panel(90001)

    (headers,) = service.headers
    assert headers["User-Agent"].startswith("PanelMerge/")
    assert headers["Accept-Encoding"] == "gzip"
    assert headers["Authorization"] == "Token secret"


@pytest.mark.parametrize(("token", "sent"), [("", None), ("Bearer abc", "Bearer abc"), ("abc", "Token abc")])
def test_client_sends_the_token_as_it_is_configured(service, token, sent):
    client = PanelAppClient("aus", service.base_url, token, spacing=0)

    client.panel(90001)

    assert service.headers[0].get("Authorization") == sent


def test_client_spaces_its_calls(client, waits):
    list(client.list_panels())

    assert waits == [0.5, 0.5]


@pytest.mark.parametrize("status", [429, 503])
def test_client_waits_as_long_as_it_is_told(client, service, waits, bodies, status):
    service.trap("panels/90001/", fakes.busy("7", status), fakes.busy("3", status))

    body = client.panel(90001)

    assert body == bodies[0]
    assert [wait for wait in waits if wait != 0.5] == [7, 3]


@pytest.mark.parametrize("asked", ["86400", "Fri, 31 Dec 9999 23:59:59 GMT", "soon"])
def test_client_never_waits_longer_than_two_minutes(client, service, waits, asked):
    service.trap("panels/90001/", fakes.busy(asked))

    client.panel(90001)

    assert max(waits) == 120


def test_client_waits_of_its_own_accord_without_retry_after(client, service, waits):
    service.trap("panels/90001/", fakes.busy(None), fakes.busy(None))

    client.panel(90001)

    assert all(1 <= wait <= 10 for wait in waits if wait != 0.5)
    assert len(waits) == 4


def test_client_gives_up_after_five_tries(client, service):
    service.trap("panels/90001/", *[fakes.busy("1") for _ in range(9)])

    with pytest.raises(PanelAppUnavailable, match="too busy 5 times"):
        client.panel(90001)

    assert service.asked["panels/90001/"] == 5


def test_client_does_not_ask_again_after_403(client, service):
    service.trap("panels/90001/", fakes.forbidden())

    with pytest.raises(PanelAppUnavailable, match="PANELAPP_UK_TOKEN"):
        client.panel(90001)

    assert service.asked["panels/90001/"] == 1


@pytest.mark.parametrize(
    ("trap", "words"),
    [
        (fakes.broken, "status 500"),
        (fakes.html_with_200, "text/html instead of JSON"),
        (fakes.truncated, "not JSON, or is cut short"),
        (fakes.redirect, "where we do not go"),
        (fakes.oversized, "larger than 20 MB"),
        (fakes.gzip_bomb, "larger than 20 MB"),
        (fakes.dripping, "took longer than"),
        (lambda: fakes.json_answer([]), "no JSON object"),
        (lambda: fakes.json_answer({"id": 90001}), "version"),
        (lambda: fakes.json_answer(demo_bodies("uk", 1)[0] | {"version": 1.1}), "must be text"),
        (lambda: fakes.json_answer(demo_bodies("uk", 2)[1]), "gave panel 90002"),
        (lambda: fakes.json_answer(fakes.heading_of(demo_bodies("uk", 1)[0])), "without its genes"),
    ],
)
def test_panel_refuses_an_answer_that_is_none(service, bodies, trap, words):
    client = PanelAppClient("uk", service.base_url, spacing=0, total_timeout=0.4 if trap is fakes.dripping else 20)
    service.trap("panels/90001/", trap())

    with pytest.raises(PanelAppUnavailable, match=words) as refusal:
        client.panel(90001)

    assert refusal.value.status == 503
    assert client.panel(90001) == bodies[0]


@pytest.mark.parametrize(
    ("trap", "words"),
    [
        (fakes.elsewhere(), "169.254.169.254"),
        (fakes.elsewhere("http://["), "cannot be read"),
        (fakes.elsewhere(7), "no text"),
        (fakes.going_round, "round in circles"),
        (fakes.too_few(demo_bodies("uk", 2)), "promises 5 panels, but 2 came"),
        (fakes.json_answer({"count": 0, "results": "none"}), "no page of a listing"),
        (fakes.json_answer({"count": 1, "results": [{"id": "x"}]}), "cannot be used"),
    ],
)
def test_list_panels_refuses_a_listing_that_is_not_whole(client, service, trap, words):
    service.trap("panels/", trap)

    with pytest.raises(PanelAppUnavailable, match=words):
        list(client.list_panels())


def test_list_panels_stops_at_a_hundred_pages(client, service):
    for number in range(120):
        service.trap("panels/", fakes.elsewhere(f"{service.base_url}/panels/?page={number + 2}"))

    with pytest.raises(PanelAppUnavailable, match="no end"):
        list(client.list_panels())

    assert service.asked["panels/"] == 100


@pytest.mark.parametrize("trap", [None, fakes.not_found_with_200])
def test_panel_that_is_not_there_is_told_apart(client, service, trap):
    if trap:
        service.trap("panels/99999/", trap())

    with pytest.raises(PanelNotListed):
        client.panel(99999)


@pytest.mark.parametrize("panel_id", ["90001", "HGNC:1", -1, 0, True, 1.5, None])
def test_panel_is_asked_for_by_number_only(client, service, panel_id):
    with pytest.raises(Refusal, match="by its number"):
        client.panel(panel_id)

    assert not service.asked


def test_panel_says_when_nobody_answers(client, service, httpserver):
    client.base_url = client.base_url.replace(str(httpserver.port), "1")

    with pytest.raises(PanelAppUnavailable, match="connection failed"):
        client.panel(90001)


def test_panel_says_when_the_service_falls_silent(service):
    client = PanelAppClient("uk", service.base_url, spacing=0, read_timeout=0.1)
    service.trap("panels/90001/", fakes.dripping(pieces=2, pause=0.5))

    with pytest.raises(PanelAppUnavailable, match=r"in time|in the middle"):
        client.panel(90001)


def test_client_leaves_netrc_alone(service, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine localhost login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    client = PanelAppClient("uk", service.base_url, session=requests.Session())

    client.panel(90001)

    assert "Authorization" not in service.headers[0]


def keys(body: dict) -> dict[str, set[str]]:
    found = {"panel": set(body)}
    for name in fakes.ENTITIES:
        for row in body[name]:
            found.setdefault(name, set()).update(set(row) - {"panel"})
            if row["gene_data"]:
                found.setdefault("gene_data", set()).update(row["gene_data"])
    return found


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("source", "folder"), [("uk", "panelapp_uk/panels/panel_*.json"), ("aus", "panelapp_au/au_panel_*.json")]
)
def test_fake_answers_with_the_keys_of_the_real_service(real_data, httpserver, source, folder):
    service = FakePanelApp(httpserver, demo_bodies(source))
    client = PanelAppClient(source, service.base_url, spacing=0)

    fake = [keys(client.panel(heading["id"])) for heading in client.list_panels()]

    real = [keys(fakes.orjson.loads(path.read_bytes())) for path in real_data.glob(folder)]
    for part in ("panel", "gene_data", *fakes.ENTITIES):
        expected = set().union(*(one.get(part, set()) for one in real))
        if expected:
            assert set().union(*(one.get(part, set()) for one in fake)) == expected, part


@pytest.mark.real_data
def test_fake_listing_has_the_keys_of_the_real_one(real_data, httpserver):
    service = FakePanelApp(httpserver, demo_bodies("uk"))
    real = fakes.orjson.loads((real_data / "panelapp_uk/list/ge_panels_page_1.json").read_bytes())

    page = requests.get(f"{service.base_url}/panels/", timeout=5).json()

    assert set(page) == set(real)
    assert set(page["results"][0]) == set(real["results"][0])
