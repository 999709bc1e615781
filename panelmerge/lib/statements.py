"""Querysets that are compiled once: for the few indexed look-ups that cost less than building their SQL."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet


def compiled(make: Callable[..., QuerySet]) -> Callable[..., list[tuple]]:
    """Turn a function that makes a ``values_list`` queryset into one that runs it on the default database.

    ``make`` is called once, with its parameters' values as given first; each of
    them must stand in the SQL exactly once, in order. Rows come as the driver
    gives them: use it for columns of text and numbers.
    """

    @cache
    def statement(vendor: str, *kinds: type) -> str:
        marks = tuple(kind() for kind in kinds)
        sql, params = make(*marks).query.sql_with_params()
        if params != marks:
            raise ValueError(f"{make.__name__}: the parameters {params} are not those it was given")
        return sql

    def run(*params: Any) -> list[tuple]:
        sql = statement(connection.vendor, *map(type, params))
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()

    return run
