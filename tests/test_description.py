"""F-6: every operation that the API describes, asked with what its description allows and some of what it does not.

No 5xx, and no answer that the description does not know. 50 examples of each
operation here, as three roles on SQLite and as the three others on PostgreSQL;
1,000 as every role in ``make proof``.
"""

from __future__ import annotations

import os

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode

from tests.asking import ROLES, Asker
from tests.world import settled

PROOF = bool(os.environ.get("PANELMERGE_PROOF"))
EXAMPLES = int(os.environ.get("PANELMERGE_EXAMPLES", 1000 if PROOF else 50))
ASKED_AS = ROLES if PROOF else ROLES[connection.vendor == "postgresql" :: 2]
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# Asked by hand elsewhere: the description itself, and what would end the session that asks.
LEFT_ALONE = ("/api/v1/schema/",)
SENSE = {
    "name": "New",
    "genes": ["BRCA1", "TTN"],
    "gene_list": "BRCA1",
    "gene": "BRCA1",
    "text": "Why?",
    "tags": ["a"],
    "inputs": [{"name": "mine", "genes": ["MYH7"]}],
    "gene_changes": {"add": ["MYH7"], "remove": ["TTN"]},
    "user": "root",
    "tag_name": "new",
    "tag_type": "BACKUP",
    "expires_at": "2999-01-01T00:00:00Z",
    "rule": "union",
}


class InThisProcess(WSGIHandler):
    """The site on this test's connection; who asks is known by a cookie, and no form was shown before."""

    def get_response(self, request):
        request._dont_enforce_csrf_checks = True
        return super().get_response(request)


@pytest.fixture
def asker(request, db, settings, tmp_path) -> Asker:
    settings.MEDIA_ROOT, settings.STATIC_ROOT = str(tmp_path / "uploads"), str(tmp_path)
    return settled(request.param, tmp_path)


@pytest.fixture
def operations(asker):
    """Each with its method and path. Connections stay open between requests, as in a test client."""
    load_all_checks()
    _stay_connected()
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", InThisProcess())
    schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    yield [found.ok() for found in schema.get_all_operations()]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(("role", "asker"), [(role, role) for role in ASKED_AS], indirect=["asker"])
def test_no_operation_answers_what_its_description_does_not_know(role, asker, operations):
    """F-6, BG-19"""
    known, wrong = _known(asker), []
    for operation in operations:
        if operation.path not in LEFT_ALONE:
            _try(operation, asker, known, wrong)

    assert len(operations) > 60
    assert not wrong, "\n\n".join([role, *wrong])


def _stay_connected() -> None:
    """A test client takes the signal up again after each request; then one outside of it closes the connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)


def _known(asker: Asker) -> dict:
    """What addresses of something that is there are filled with; what is one's own where there is any."""
    theirs = ("another's panel", "another's team", "another's template", "own panel", "own team", "own template")
    known = {name: value for of in ("", *theirs, "own") for name, value in asker.things[of].items()}
    # Every example finds the panel at the version that it has now.
    answer = asker.visitor().browser.get(f"/api/v1/saved-panels/{known['panel_id']}/")
    _stay_connected()
    return known | {"tag": answer.headers.get("ETag", '"none"')}


def _sensible(case, known: dict) -> None:
    """As somebody would ask who knows the place; of the body only keys that were there anyway."""
    case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
    if "saved-panels" in case.path:
        case.headers["If-Match"] = known["tag"]
    if isinstance(case.body, dict):
        case.body.update({key: SENSE[key] for key in case.body if key in SENSE})


def _try(operation, asker: Asker, known: dict, wrong: list[str]) -> None:
    """Each example finds the world as it was: what it changes is taken back."""
    checks = [CHECKS.get_one(name) for name in CHECKED]
    cookies = {name: morsel.value for name, morsel in asker.browser.cookies.items()}

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), is_sensible=st.sampled_from([True, True, False]))
    def ask(case, is_sensible):
        with transaction.atomic():
            if is_sensible:
                _sensible(case, known)
            response = case.call(cookies=cookies)
            transaction.set_rollback(True)
        case.validate_response(response, checks=checks)

    try:
        ask()
    except (Exception, BaseExceptionGroup) as failure:
        wrong.append(f"{operation.label}: {failure}"[:3000])
