"""What an address of the library does not take is refused, and never ignored. A-1"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.asking import Asker, Row, meaning
from tests.panels.library_access import LIBRARY, OWN
from tests.world import settled

pytestmark = pytest.mark.django_db
STAYS = ("401", "403", "404")


@pytest.fixture
def asker(request, settings, tmp_path) -> Asker:
    settings.MEDIA_ROOT, settings.STATIC_ROOT = str(tmp_path / "uploads"), str(tmp_path)
    return settled(request.param, tmp_path)


def expected(row: Row, role: str) -> tuple[str, ...]:
    """Who is refused anyway is told so first. To who may change the panel, only the tag asked for is not there."""
    said = row.expected(role)
    only_the_tag = said == "404" and bool(row.query) and (row.of == OWN or role == "ADMIN")
    if said in STAYS and not only_the_tag:
        return (said,)
    return ("400", "409") if said == "409" else ("400",)


@pytest.mark.parametrize(
    ("role", "asker"), [(role, role) for role in ("anonymous", "VIEWER", "EDITOR", "ADMIN")], indirect=["asker"]
)
def test_an_unknown_parameter_is_refused_at_every_address(role, asker):
    """401, 404 and 403 come first, and nothing is done."""
    wrong = []
    for row in LIBRARY:
        answer = asker.try_out(replace(row, query="&".join(filter(None, [row.query, "serach=x"]))))
        if meaning(answer) not in expected(row, role):
            wrong.append(f"{row}: expected {expected(row, role)}, was {meaning(answer)}")
        elif answer.status_code == 400 and list(answer.json()["errors"]) != ["serach"]:
            wrong.append(f"{row}: {answer.json()}")
        elif answer.recorded:
            wrong.append(f"{row}: refused, and yet there is {answer.recorded}")

    assert not wrong, "\n".join([role, *wrong])


@pytest.mark.parametrize(
    ("path", "name", "told"),
    [
        (
            "?min_gene=9",
            "min_gene",
            "Unknown parameter. Known here are: scope, search, status, visibility, tag, ",
        ),
        ("{id}/changes/?versoin=1", "versoin", "Unknown parameter. Known here are: version, page, per_page."),
        (
            "{id}/export/csv/?vresion=1",
            "vresion",
            "Unknown parameter. Known here are: version, template, build, padding, chr_prefix.",
        ),
        ("{id}/?version=1", "version", "This address takes none."),
    ],
)
def test_the_refusal_names_the_parameter_and_those_that_there_are(ask, panel, path, name, told):
    answer = ask.get(path.format(id=panel.pk))

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]
    assert answer.json()["errors"][name][0].startswith(told)


@pytest.mark.parametrize(
    "path", ["?per_page=1&page=1&format=json", "{id}/versions/?page=1&per_page=5", "{id}/?format=json"]
)
def test_pages_and_the_form_of_the_answer_may_be_asked_for(ask, panel, path):
    assert ask.get(path.format(id=panel.pk)).status_code == 200


def test_a_refused_post_is_not_done_and_leaves_its_key_free(ask):
    refused = ask.post("?dry_run=1", {"name": "Hearts"}, Idempotency_Key="k")
    made = ask.post("", {"name": "Hearts"}, Idempotency_Key="k")

    assert (refused.status_code, made.status_code) == (400, 201)
    assert ask.get("").json()["count"] == 1
