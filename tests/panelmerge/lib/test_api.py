"""What is accepted as JSON: nothing that a database cannot hold or that says two things at once."""

from __future__ import annotations

import io
import json

import pytest
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError

from panelmerge.lib.api import StrictJSONParser


def parse(body: bytes):
    return StrictJSONParser().parse(io.BytesIO(body))


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None, True]}, [], "王 😀", 0, {"": ""}])
def test_parse_gives_what_was_written(value):
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": NaN}', "NaN is no JSON value"),
        (b"[-Infinity]", "-Infinity is no JSON value"),
        (b"[1e999]", "not JSON"),
        (b"[" + b"1" * 5000 + b"]", "not JSON"),
        (b'{"a": 1, "a": 2}', "a key is given twice"),
        (b'[{"b": {"a": 1, "a": 1}}]', "a key is given twice"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"a\\u0000": 1}', "NUL"),
        (b'{"a": "\0"}', "not JSON"),
        (b'{"a": "\\ud800"}', "not UTF-8"),
        (b'{"\\udfff": 1}', "not UTF-8"),
        (b'{"a": "\xff"}', "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_parse_refuses_with_a_sentence(body, told):
    with pytest.raises(ParseError, match=told):
        parse(body)


def test_parse_more_than_the_limit_is_refused_before_it_is_read_to_the_end(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    stream = io.BytesIO(b'"' + b"a" * 5000 + b'"')

    with pytest.raises(RequestDataTooBig):
        StrictJSONParser().parse(stream)

    assert stream.tell() == 1001


def test_an_escaped_backslash_before_u0000_is_no_nul():
    assert parse(rb'{"a": "\\u0000"}') == {"a": r"\u0000"}
