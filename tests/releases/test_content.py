"""What a database holds as figures: equal on both databases, different for every difference. F-21."""

from __future__ import annotations

import uuid
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
from django.db import connection, models

from panelmerge.releases.content import canonical_rows, contents
from panelmerge.releases.snapshots import snapshot
from tests.releases.rows import THEN

ODD = "a'b\"c;\\ é ü 漢字 \U0001f9ec \t\n"


class Everything(models.Model):
    """A column of every kind that we keep."""

    text = models.TextField(null=True)
    number = models.BigIntegerField(null=True)
    part = models.FloatField(null=True)
    yes = models.BooleanField(null=True)
    moment = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    words = models.JSONField(null=True)
    key = models.UUIDField(null=True)
    body = models.BinaryField(null=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        app_label = "tests_of_releases"
        managed = False
        db_table = "everything"

    def __str__(self) -> str:
        return str(self.pk)


ROWS = [
    {"text": ODD, "number": -(2**62), "part": 0.1, "yes": True, "moment": THEN, "day": date(2024, 2, 29)},
    {"words": {"b": [1, None, "é"], "a": 1.5}, "key": uuid.UUID(int=7), "body": b"\x00\xff", "address": "2001:db8::1"},
    {"text": "", "yes": False, "moment": datetime(2025, 1, 1, tzinfo=UTC), "words": "plain", "body": b""},
    {},
]


@pytest.fixture
def everything(database_at):
    database_at("empty")
    with connection.schema_editor() as editor:
        editor.create_model(Everything)
    Everything.objects.bulk_create(Everything(pk=place, **row) for place, row in enumerate(ROWS, start=1))


def test_rows_are_written_alike_on_both_databases(everything):
    """The very lines, so that SQLite and PostgreSQL are compared with each other."""
    with snapshot(connection.settings_dict) as moment:
        columns = [field.column for field in Everything._meta.fields]
        lines = sorted(canonical_rows(moment.raw, moment.look, "everything", columns))

    assert [line.decode() for line in lines] == [
        '[1,"a\'b\\"c;\\\\ é ü 漢字 🧬 \\t\\n",-4611686018427387904,0.1,true,"2025-03-30T00:59:59.123456+00:00",'
        '"2024-02-29",null,null,null,null]',
        '[2,null,null,null,null,null,null,"{\\"a\\":1.5,\\"b\\":[1,null,\\"é\\"]}",'
        '"00000000000000000000000000000007","00ff","2001:db8::1"]',
        '[3,"",null,null,false,"2025-01-01T00:00:00+00:00",null,"\\"plain\\"",null,"",null]',
        "[4,null,null,null,null,null,null,null,null,null,null]",
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"text": ODD.strip()},
        {"number": 0},
        {"part": 0.1 + 1e-16},
        {"yes": None},
        {"moment": datetime(2025, 3, 30, 0, 59, 59, 123457, tzinfo=UTC)},
        {"words": None},
    ],
)
def test_every_difference_shows(everything, changed):
    def hashed() -> str:
        with snapshot(connection.settings_dict) as moment:
            return contents(moment.raw, moment.look)["everything"].sha256

    before = hashed()
    place = 2 if "words" in changed else 1

    Everything.objects.filter(pk=place).update(**changed)

    assert hashed() != before


def test_order_does_not_matter_and_doubled_rows_do(everything):
    with snapshot(connection.settings_dict) as moment:
        before = contents(moment.raw, moment.look, columns={"everything": ["text", "number"]})
    Everything.objects.filter(pk=1).delete()
    Everything.objects.create(pk=99, **ROWS[0])
    with snapshot(connection.settings_dict) as moment:
        moved = contents(moment.raw, moment.look, columns={"everything": ["text", "number"]})
    Everything.objects.create(pk=100, **ROWS[0])
    with snapshot(connection.settings_dict) as moment:
        doubled = contents(moment.raw, moment.look, columns={"everything": ["text", "number"]})

    assert moved == before
    assert doubled["everything"] != before["everything"]


def test_a_snapshot_stays_at_its_moment_while_others_write(everything):
    with snapshot(connection.settings_dict) as moment, closing(connection.cursor()) as cursor:
        cursor.execute("INSERT INTO everything (id, text) VALUES (50, 'later')")
        during = contents(moment.raw, moment.look)["everything"].rows

    with snapshot(connection.settings_dict) as moment:
        assert (during, contents(moment.raw, moment.look)["everything"].rows) == (4, 5)
