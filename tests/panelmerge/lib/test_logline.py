"""One event, one line of JSON, whatever somebody sent. A-25, F-23."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from panelmerge.lib.logline import LineFormatter


def line_of(message: str, *arguments: object, **more: object) -> str:
    return LineFormatter().format(logging.LogRecord("x.y", logging.WARNING, "", 0, message, arguments, **more))


def test_an_event_is_an_object_with_what_one_looks_for():
    event = json.loads(line_of("Gone: %s", "/x/", exc_info=None))

    assert event.keys() == {"time", "level", "logger", "request_id", "process", "message"}
    assert (event["level"], event["logger"], event["message"], event["request_id"]) == (
        "WARNING",
        "x.y",
        "Gone: /x/",
        None,
    )
    assert event["time"].endswith("+00:00")


@pytest.mark.parametrize("sent", ["a\r\n2026 ERROR forged", "\x1b[2J", "\x00\x07\x7f\x85", "\u2028\u202eb", "\ud800"])
def test_what_somebody_sent_stays_in_its_line_and_is_written_out(sent):
    line = line_of("Not Found: %s", sent, exc_info=None)

    assert line.isprintable() and line.encode()
    assert json.loads(line)["message"] == f"Not Found: {sent}"


def test_words_of_every_language_stay_readable():
    assert "é, Ж and 漢" in line_of("%s", "é, Ж and 漢", exc_info=None)


def test_a_traceback_is_in_the_line_of_its_event_without_keys():
    try:
        raise ValueError("cannot open /account/confirm-email/MQ:1xVQQ0:BzR/")
    except ValueError:
        line = line_of("Internal Server Error", exc_info=sys.exc_info())

    assert "\n" not in line and "MQ:1xVQQ0" not in line
    assert "ValueError" in json.loads(line)["traceback"]
