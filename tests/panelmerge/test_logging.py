"""What the log says of a request, where it is written, and settings of it that cannot be. CF-08, CF-09."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils.module_loading import import_string

from panelmerge import health
from tests.panelmerge.running import SOUND, run, settings_of


def events_in(files: list[Path]) -> list[dict]:
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_an_error_of_ours_is_one_line_with_the_id_that_the_answer_bears(client, monkeypatch, tmp_path):
    """CF-08, PT-05."""
    monkeypatch.setattr(health, "__version__", object())
    client.raise_request_exception = False
    handler = logging.FileHandler(tmp_path / "log")
    handler.setFormatter(import_string(django_settings.LOGGING["formatters"]["one_line"]["()"])())
    logging.getLogger().addHandler(handler)
    try:
        answer = client.get("/healthz?q=%0d%0aforged")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()

    [event] = events_in([tmp_path / "log"])
    assert (answer.status_code, event["request_id"]) == (500, answer["X-Request-ID"])
    assert event["message"] == "Internal Server Error: /healthz" and "TypeError" in event["traceback"]


@pytest.mark.parametrize(("debug", "formatter"), [("True", "line"), ("False", "one_line")])
def test_the_terminal_shows_lines_of_json_except_for_development(debug, formatter):
    found = settings_of("LOGGING", DEBUG=debug)["LOGGING"]

    assert found["handlers"]["stderr"]["formatter"] == formatter and "file" not in found["handlers"]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL='LOUD' is none of"),
        ("MAX_LOG_SIZE", "10MB", "MAX_LOG_SIZE='10MB' is no whole number"),
        ("MAX_LOG_SIZE", "0", "MAX_LOG_SIZE=0 is too small."),
        ("LOG_BACKUP_COUNT", "-1", "LOG_BACKUP_COUNT=-1 is below 0."),
        ("LOG_FILE", "/dev/null/x/panelmerge.log", "LOG_FILE='/dev/null/x/panelmerge.log': its folder cannot be made"),
        ("LOG_FILE", "/proc", "LOG_FILE=/proc cannot be written."),
    ],
)
def test_a_setting_that_cannot_be_is_named_at_the_start(name, value, told):
    done = run("manage.py", "check", **(SOUND | {"DATABASE_URL": "sqlite://:memory:", name: value}))

    assert done.returncode != 0 and told in done.stdout


def test_what_stops_the_start_is_told_in_plain_lines_too(tmp_path):
    """Gunicorn imports it; the log has the same as a line of JSON."""
    done = run("-c", "import panelmerge.wsgi", **(SOUND | {"DATABASE_URL": "sqlite://:memory:", "MAX_LOG_SIZE": "0"}))

    assert done.returncode != 0
    assert "\npanelmerge.E007: MAX_LOG_SIZE=0 is too small. Write a number above 0" in done.stdout
