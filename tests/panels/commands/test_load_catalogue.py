"""``manage.py load_catalogue``"""

import pytest
from django.core.management import CommandError, call_command

from panels.models import CataloguePanel
from tests.fakes.panelapp import DEMO

pytestmark = pytest.mark.django_db


def test_load_catalogue_says_what_it_loaded(capsys):
    """CA-03"""
    call_command("load_catalogue", DEMO)

    told = capsys.readouterr()
    assert "PanelApp UK: 25 panels, 27 new versions" in told.out
    assert "PanelApp Australia: 19 panels, 21 new versions" in told.out
    assert told.err == ""


def test_load_catalogue_dry_run_writes_nothing(capsys):
    call_command("load_catalogue", DEMO, "--dry-run")

    assert "nothing was written" in capsys.readouterr().out
    assert not CataloguePanel.objects.exists()


def test_load_catalogue_fails_with_the_sentence(tmp_path):
    (tmp_path / "strange.json").write_text("<html>")

    with pytest.raises(CommandError, match=r"strange\.json.*not JSON") as error:
        call_command("load_catalogue", tmp_path)

    assert error.value.returncode == 1


def test_load_catalogue_takes_the_source_that_is_said(tmp_path):
    (tmp_path / "old.json").write_text('{"id": 7, "name": "Old", "version": "0.3", "genes": []}')

    call_command("load_catalogue", tmp_path, "--source", "aus")

    assert CataloguePanel.objects.get().source == "aus"
