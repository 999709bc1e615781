"""What every address of the API reads and writes: pages and strict JSON."""

from __future__ import annotations

import json
import re

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework import exceptions, pagination, parsers, renderers

# The escape of a NUL, but not a backslash that was escaped itself, followed by u0000.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class Pages(pagination.PageNumberPagination):
    """{count, next, previous, results}; ``page`` from 1, ``per_page`` up to 100."""

    page_size = 25
    page_size_query_param = "per_page"
    max_page_size = 100


class ORJSONRenderer(renderers.BaseRenderer):
    media_type = "application/json"
    format = "json"

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return b"" if data is None else orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)


class StrictJSONParser(parsers.BaseParser):
    """JSON without what a database cannot hold (NUL, half characters) and without a key given twice.

    Django's limit on the body guards forms only, so it is kept here for JSON.
    """

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        content = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(content) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig("The body is larger than MAX_UPLOAD_SIZE.")
        try:
            text = content.decode("utf-8")
            value = json.loads(text, object_pairs_hook=self._object, parse_constant=self._constant)
            # Round-trips every value: a lone surrogate cannot be written as UTF-8, and 1e999 is read as infinite.
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
        except UnicodeError as error:
            raise exceptions.ParseError("The body is not UTF-8 text.") from error
        except RecursionError as error:
            raise exceptions.ParseError("The body is nested too deeply.") from error
        except ValueError as error:
            raise exceptions.ParseError(f"The body is not JSON: {error}") from error
        if _NUL.search(text):
            raise exceptions.ParseError("The body holds a NUL character.")
        return value

    @staticmethod
    def _object(pairs):
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key is given twice")
        return found

    @staticmethod
    def _constant(name):
        raise ValueError(f"{name} is no JSON value")
