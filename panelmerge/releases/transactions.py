"""One transaction around migrations, that is over when it is left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_transaction() -> Iterator[None]:
    """Kept as a whole, or undone as a whole.

    A migration whose last statements fail, those that Django puts off to its
    end (keys, indexes), leaves its own block open behind it. ``atomic`` would
    take the outer one for the inner then: nothing is rolled back, and whatever
    is done and "committed" afterwards is in a transaction that nobody ends.
    """
    inside = connection.in_atomic_block
    try:
        with transaction.atomic(durable=True):
            yield
    finally:
        if connection.in_atomic_block and not inside:
            _hang_up()


def _hang_up() -> None:
    """The server rolls back; the next query connects anew."""
    connection.in_atomic_block = connection.closed_in_transaction = False
    connection.close()
