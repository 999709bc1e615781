"""Every "no" as a page that speaks like people, and as problem+json below /api/."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import HttpResponse
from django.test import Client
from django.urls import path, re_path

from panelmerge.lib.errors import NotHere, Refusal, TooLarge, Unavailable, WrongType

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

REFUSED = {
    "malformed": SuspiciousOperation("canary"),
    "forbidden": PermissionDenied("canary"),
    "absent": NotHere("There is no panel 7."),
    "quota": Refusal("You have 100 uploads.", status=409),
    "large": TooLarge("list.csv is too large."),
    "body": RequestDataTooBig("canary"),
    "type": WrongType("list.exe is no list."),
    "often": Refusal("Wait a minute.", status=429),
    "broken": RuntimeError("canary"),
    "away": Unavailable("The catalogue is being loaded."),
}


def refuse(request, kind: str) -> HttpResponse:
    raise REFUSED[kind]


def form(request, **_) -> HttpResponse:
    return HttpResponse(str(len(request.POST)))


urlpatterns = [
    path("refuse/<kind>/", refuse),
    path("api/v1/refuse/<kind>/", refuse),
    path("form/", form),
    re_path("^any(?P<rest>.*)$", form),
]
handler400 = "panelmerge.errors.bad_request"
handler403 = "panelmerge.errors.permission_denied"
handler404 = "panelmerge.errors.not_found"
handler500 = "panelmerge.errors.server_error"

STATUSES = [
    ("malformed", 400),
    ("forbidden", 403),
    ("absent", 404),
    ("quota", 409),
    ("large", 413),
    ("body", 413),
    ("type", 415),
    ("often", 429),
    ("broken", 500),
    ("away", 503),
]


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("kind", "status"), STATUSES)
def test_a_page_that_refuses_says_so_in_a_sentence(visitor, kind, status):
    answer = visitor.get(f"/refuse/{kind}/")

    page = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert re.search(r"<h1>\w[^<]{9,}</h1>\s*<p>\w[^<]{9,}[.]</p>", page)
    assert f"<code>{answer['X-Request-ID']}</code>" in page
    assert '<a href="/">' in page


@pytest.mark.parametrize(("kind", "status"), STATUSES)
def test_an_address_of_the_api_that_refuses_answers_with_a_problem(visitor, kind, status):
    """BG-19, PT-05: problem+json for every error, whoever raised it, with a request id to quote."""
    answer = visitor.get(f"/api/v1/refuse/{kind}/")

    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert set(problem) == {"type", "title", "status", "code", "detail", "request_id"}
    assert (problem["status"], problem["request_id"]) == (status, answer["X-Request-ID"])
    assert problem["detail"].endswith(".")


@pytest.mark.parametrize("kind", ["absent", "quota", "large", "type", "often", "away"])
def test_a_refusal_is_told_in_its_own_words(visitor, kind):
    assert REFUSED[kind].detail in visitor.get(f"/refuse/{kind}/").content.decode()
    assert visitor.get(f"/api/v1/refuse/{kind}/").json()["detail"] == REFUSED[kind].detail


@pytest.mark.parametrize("kind", ["malformed", "forbidden", "body", "broken"])
@pytest.mark.parametrize("below", ["", "/api/v1"])
def test_an_error_of_ours_tells_nothing_of_the_inside(visitor, kind, below):
    """F-23: neither message nor trace nor setting reaches the reader."""
    answer = visitor.get(f"{below}/refuse/{kind}/?token=canary")

    for inside in ("canary", "Traceback", "RuntimeError", "/work", "SECRET", ".py"):
        assert inside not in answer.content.decode()


@pytest.mark.parametrize("kind", ["often", "away"])
@pytest.mark.parametrize("below", ["", "/api/v1"])
def test_what_passes_says_when_to_come_back(visitor, kind, below):
    assert visitor.get(f"{below}/refuse/{kind}/")["Retry-After"] == "60"


@pytest.mark.parametrize("address", ["/nothing/", "/api/v1/nothing/"])
def test_an_address_that_is_not_there_is_404(visitor, address):
    answer = visitor.get(address)

    assert answer.status_code == 404
    assert ("problem+json" in answer["Content-Type"]) == address.startswith("/api/")


def test_a_form_from_another_site_is_refused(visitor):
    """A-13: 403, and how to go on."""
    answer = Client(enforce_csrf_checks=True).post("/form/", {"a": "b"})

    assert answer.status_code == 403
    assert "reload the page and send it again" in answer.content.decode()


def test_a_form_that_is_too_large_is_413(visitor, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    assert visitor.post("/form/", {"text": "x" * 200}).status_code == 413


def test_a_form_with_too_many_fields_is_400(visitor, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2

    assert visitor.post("/form/", {"a": 1, "b": 2, "c": 3}).status_code == 400


def test_a_request_id_from_outside_is_not_taken_over(visitor):
    answers = [visitor.get("/form/", headers={"x-request-id": "forged\r\nX: y"}) for _ in range(2)]

    ids = {answer["X-Request-ID"] for answer in answers}
    assert len(ids) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)


@pytest.mark.parametrize("address", ["/any%00", "/nothing%00/", "/form/?q=%00", "/form/?a=1&b%00c=2", "/api/v1/x%00/"])
def test_a_nul_in_the_address_is_400(visitor, address):
    assert visitor.get(address).status_code == 400


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "other"])
def test_a_nul_in_a_cookie_is_400(visitor, name):
    """PostgreSQL refuses text with a NUL, and the session's key goes into a query."""
    answer = visitor.get("/form/", headers={"cookie": f'{name}="abcdefgh\\000ijklmnop"'})

    assert answer.status_code == 400


def test_a_host_that_is_not_ours_is_400(visitor):
    """A-10: neither Host nor X-Forwarded-Host leads anywhere else."""
    assert visitor.get("/form/", headers={"host": "evil.example"}).status_code == 400
    assert visitor.get("/form/", headers={"x-forwarded-host": "evil.example"}).status_code == 200
