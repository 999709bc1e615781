"""``manage.py sync_panelapp``"""

import pytest
from django.core.management import CommandError, call_command

from panels.models import CataloguePanel
from panels.panelapp import client
from tests.fakes import panelapp as fakes
from tests.fakes.panelapp import FakePanelApp, demo_bodies

pytestmark = pytest.mark.django_db


@pytest.fixture
def services(httpserver, settings, monkeypatch) -> dict[str, FakePanelApp]:
    """Both services on one server, below addresses of their own."""
    monkeypatch.setattr(client, "SPACING", 0)
    british = FakePanelApp(httpserver, demo_bodies("uk", 2), prefix="/uk/api/v1")
    australian = FakePanelApp(httpserver, demo_bodies("aus", 2), prefix="/aus/api/v1")
    settings.SITE_URL = "https://panels.example.org"
    settings.PANELAPP = {
        "uk": {"url": british.base_url, "token": ""},
        "aus": {"url": australian.base_url, "token": "secret"},
    }
    return {"uk": british, "aus": australian}


def test_sync_panelapp_mirrors_both_sources(services, capsys):
    """CA-01"""
    call_command("sync_panelapp")

    told = capsys.readouterr().out
    assert "PanelApp UK: 2 panels, 2 new versions" in told
    assert "PanelApp Australia: 2 panels, 2 new versions" in told
    assert services["aus"].headers[0]["Authorization"] == "Token secret"
    assert services["aus"].headers[0]["User-Agent"].endswith("(https://panels.example.org)")


def test_sync_panelapp_of_one_source_leaves_the_other_alone(services):
    """CA-01"""
    call_command("sync_panelapp", "--source", "aus")

    assert set(CataloguePanel.objects.values_list("source", flat=True)) == {"aus"}
    assert not services["uk"].asked


def test_sync_panelapp_tries_the_other_source_when_one_fails(services):
    services["uk"].trap("panels/", fakes.forbidden())

    with pytest.raises(CommandError, match="PANELAPP_UK_TOKEN") as error:
        call_command("sync_panelapp")

    assert error.value.returncode == 1
    assert set(CataloguePanel.objects.values_list("source", flat=True)) == {"aus"}


def test_sync_panelapp_dry_run_writes_nothing(services, capsys):
    call_command("sync_panelapp", "--dry-run", "--source", "uk")

    assert "2 panels listed, 2 to fetch" in capsys.readouterr().out
    assert not CataloguePanel.objects.exists()
