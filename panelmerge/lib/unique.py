"""What only the database can tell for sure: that nobody else saved the same at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from panelmerge.lib.errors import Refusal


@contextmanager
def refused_if_there(refusal: Refusal) -> Iterator[None]:
    """``refusal`` where a row is written that another one forbids, which a check before could not see yet.

    For one statement on a table with one rule to break: the answer is the same
    whichever it was.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise refusal from error
