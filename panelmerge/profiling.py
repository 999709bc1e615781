"""``PROFILE=1 make run``: what each request took, on the terminal. PF-04

Only where DEBUG is on; elsewhere the middleware takes itself out.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse

MIB = 2**20


class _Counted:
    """Every statement of a request: how many, and their seconds together."""

    def __init__(self) -> None:
        self.number, self.seconds = 0, 0.0

    def __call__(self, execute, sql, params, many, context):
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.number += 1
            self.seconds += time.perf_counter() - began


class ProfileMiddleware:
    """A line a request: method, address, status, time, queries with theirs, memory with what came to it."""

    def __init__(self, get_response):
        if not (settings.PROFILE and settings.DEBUG):
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        counted, before, began = _Counted(), _memory(), time.perf_counter()
        with connection.execute_wrapper(counted):
            response = self.get_response(request)
        took, now = time.perf_counter() - began, _memory()
        sys.stderr.write(
            f"PROFILE {request.method} {request.path} {response.status_code}: {took * 1000:.0f} ms, "
            f"{counted.number} queries in {counted.seconds * 1000:.0f} ms, {now:.1f} MiB ({now - before:+.1f})\n"
        )
        return response


def _memory() -> float:
    """MiB of this process that are in memory now; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB
