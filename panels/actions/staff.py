"""What members of staff take out of the back office."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from audit.events import Action
from audit.record import record
from panels.formats.cells import guarded


@transaction.atomic
def export_rows(*, rows: QuerySet, columns: Sequence[str], by: Any) -> str:
    """The rows as CSV, and DATA_EXPORT with it. ``columns`` are fields, also of related rows; one query. Times are UTC.

    Text that a spreadsheet would run stays text.
    """
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(name.replace("__", "_") for name in columns)
    number = 0
    for values in rows.values_list(*columns).iterator(chunk_size=2000):
        lines.writerow(map(_cell, values))
        number += 1
    name = rows.model._meta.model_name
    record(
        Action.DATA_EXPORT,
        by=by,
        resource_type=name,
        description=f"Exported {number} rows of {rows.model._meta.verbose_name_plural} from the back office",
        details={"columns": list(columns)},
    )
    return written.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else guarded(str(value))
