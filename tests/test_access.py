"""Every address answers every role as ``tests/access.py`` says; there is none that the table does not know."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from tests.access import ANOTHERS, TABLE
from tests.asking import DONE, HIDDEN, METHODS, NO_SUCH_METHOD, ROLES, SIGN_IN, Asker, Row, meaning, routes
from tests.world import settled

NAMED: dict[str, set[str]] = defaultdict(set)
for _row in TABLE:
    NAMED[_row.route].add(_row.method)


@pytest.fixture
def asker(request, db, settings, tmp_path) -> Asker:
    settings.MEDIA_ROOT, settings.STATIC_ROOT = str(tmp_path / "uploads"), str(tmp_path)
    settings.EMAIL_CONFIGURED, settings.ACCOUNT_RATE_LIMITS = True, False
    return settled(request.param, tmp_path)


def test_every_address_of_the_urlconf_has_a_row():
    missing = [route for route in routes() if route not in NAMED]

    assert not missing, "Say in tests/access.py who may do what at: " + ", ".join(missing)


def test_every_row_has_its_address():
    assert set(NAMED) <= set(routes())


def test_no_row_stands_twice():
    asked = [(row.route, row.method, row.of, row.query, str(row.sent)) for row in TABLE]

    assert sorted({one for one in asked if asked.count(one) > 1}) == []


@pytest.mark.parametrize(("role", "asker"), [(role, role) for role in ROLES], indirect=["asker"])
def test_every_address_answers_as_the_table_says(role, asker):
    """AC-05, BG-20, F-7"""
    wrong = []
    for row in TABLE:
        answer, word = asker.try_out(row), row.word(role)
        if meaning(answer) != row.expected(role):
            wrong.append(f"{row}: expected {row.expected(role)}, was {meaning(answer)}")
        elif word != DONE and answer.recorded:
            wrong.append(f"{row}: {word}, and yet there is {answer.recorded}")

    assert not wrong, "\n".join([f"{role}:", *wrong])


@pytest.mark.parametrize(("role", "asker"), [(role, role) for role in ("anonymous", "ADMIN")], indirect=["asker"])
def test_methods_that_the_table_does_not_name_do_nothing(role, asker):
    one_of = {row.route: row for row in reversed(TABLE)}
    refused = {NO_SUCH_METHOD, SIGN_IN, "401", "403"}
    wrong = []
    for route, row in one_of.items():
        for method in sorted(set(METHODS) - NAMED[route]):
            found = meaning(asker.try_out(row, method))
            if found not in refused:
                wrong.append(f"{method} {route}: {found}")

    assert not wrong, "\n".join([f"{role}:", *wrong])


@pytest.mark.parametrize("asker", ["USER"], indirect=True)
def test_what_is_somebody_elses_answers_as_what_is_not_there(asker):
    """F-7: nothing but the request's id tells them apart."""
    hidden = [row for row in TABLE if row.of.startswith(ANOTHERS) and row.expected("USER") == HIDDEN]
    nowhere = {name: re.sub(r"[1-9a-f]", "0", str(value)) for name, value in asker.things[ANOTHERS].items()}

    for row in hidden:
        theirs = _without_its_own(asker.try_out(row), asker.things[row.of])
        asker.things["nothing"] = {"pk": 999_999} if "<int:pk>" in row.route else nowhere | {"ids": [999_999]}
        absent = Row(row.route, row.method, row.who, row.done, "nothing", row.sent)
        assert theirs == _without_its_own(asker.try_out(absent), asker.things["nothing"]), row
    assert len(hidden) > 5


def _without_its_own(answer, filled: dict) -> bytes:
    content = re.sub(rb"[0-9a-f]{32}", b"(request)", answer.content)
    for value in filled.values():
        content = content.replace(f"/{value}/".encode(), b"/(thing)/")
    return content
