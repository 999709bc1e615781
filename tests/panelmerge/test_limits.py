"""SM-06, F-9, F-10: what is counted, to whom, and how a refusal looks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.tokens import create_token
from accounts.counters import forget
from accounts.models import RateWindow, User

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password"
VERSION = "/api/v1/version/"


@pytest.fixture(autouse=True)
def _limits(settings):
    settings.RATE_LIMIT_PER_MINUTE, settings.RATE_LIMIT_PER_HOUR, settings.RATE_LIMIT_PER_DAY = 5, 40, 0
    # A Redis that outlives the test remembers who asked before.
    cache.clear()
    forget()


@pytest.fixture
def ada():
    return User.objects.create_user("ada", "ada@example.org", PASSWORD, is_verified=True)


def token_of(person: User) -> dict[str, str]:
    text = create_token(by=person, name="export", scope="write", expires_at=timezone.now() + timedelta(days=1))[1]
    return {"HTTP_AUTHORIZATION": f"Bearer {text}"}


def statuses(client, times: int, address: str = VERSION, **headers: str) -> list[int]:
    return [client.get(address, **headers).status_code for _ in range(times)]


def test_one_call_too_many_is_answered_429_with_the_time_to_wait(client):
    """SM-06: the guide's loop of curl, with a limit of five."""
    answers = [client.get(VERSION) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    refused = answers[-1]
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["detail"].startswith("5 requests in one minute were made, which is the limit (RATE_LIMIT_PER")
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused["Retry-After"] in refused.json()["detail"]


def test_every_answer_of_the_api_says_how_much_is_left(client):
    answers = [client.get(address) for address in (VERSION, "/api/v1/nothing/", "/api/v1/catalogue/genes/x/")]

    assert [answer["RateLimit-Remaining"] for answer in answers] == ["4", "3", "2"]
    assert {answer["RateLimit-Limit"] for answer in answers} == {"5"}
    assert all(0 < int(answer["RateLimit-Reset"]) <= 60 for answer in answers)


@pytest.mark.parametrize("address", ["/", "/?q=BRCA1", "/catalogue/", "/account/login/", "/api/v1/docs/", "/healthz"])
def test_pages_and_fragments_are_never_counted(client, address):
    answers = [client.get(address, HTTP_HX_REQUEST="true") for _ in range(7)]

    assert {answer.status_code for answer in answers} == {200}
    assert not RateWindow.objects.exists()
    assert "RateLimit-Limit" not in answers[0]


def test_a_form_too_many_is_refused_as_a_page_and_changes_nothing(client):
    client.post("/uploads/", {"text": "BRCA1"})
    for _ in range(5):
        client.post("/uploads/", {"text": "TP53"})

    answer = client.post("/uploads/", {"text": "APOE"})

    assert answer.status_code == 429
    assert "Nothing was changed. Try again in" in answer.content.decode()
    assert answer["Content-Type"].startswith("text/html") and answer["Retry-After"]


def test_an_account_has_one_budget_for_its_session_and_all_its_tokens(client, ada):
    first, second = token_of(ada), token_of(ada)
    client.force_login(ada, "accounts.backends.RoleBackend")

    with_tokens = statuses(client, 2, **first) + statuses(client, 2, **second)

    assert with_tokens == [200] * 4
    assert statuses(client, 2) == [200, 429]
    assert statuses(client, 1, **first) == [429]


def test_made_up_tokens_are_one_stranger(client):
    found = [client.get(VERSION, HTTP_AUTHORIZATION=f"Bearer pm_{number}").status_code for number in range(6)]

    assert found == [401] * 5 + [429]


def test_made_up_sessions_are_one_stranger(client, settings):
    found = []
    for number in range(6):
        client.cookies[settings.SESSION_COOKIE_NAME] = f"{number:032}"
        found += statuses(client, 1)

    assert found == [200] * 5 + [429]


def test_a_token_is_read_once(client, ada):
    headers = token_of(ada)

    with CaptureQueriesContext(connection) as found:
        answer = client.get("/api/v1/timezone/current/", **headers)

    assert answer.status_code == 200
    assert sum('FROM "api_token"' in query["sql"] for query in found) == 1


def test_nobody_signed_in_is_refused_for_what_their_network_does(client, ada):
    """F-10: a sprayer behind the same address, and somebody who works."""
    client.force_login(ada, "accounts.backends.RoleBackend")
    sprayer = type(client)()
    sprayed = [sprayer.post("/account/login/", {"login": f"u{n}", "password": "x"}).status_code for n in range(60)]

    assert 429 in sprayed
    assert statuses(client, 6) == [200] * 5 + [429]


def test_a_network_has_ten_times_the_limit_for_all_its_browsers(client, settings):
    settings.RATE_LIMIT_PER_MINUTE = 2

    browsers = [type(client)() for _ in range(21)]
    found = [browser.post("/uploads/", {"text": "BRCA1"}).status_code for browser in browsers]

    assert found == [302] * 20 + [429]


def test_who_signed_in_from_a_browser_before_gets_in_beside_a_sprayer(client, ada):
    client.post("/account/login/", {"login": "ada", "password": PASSWORD})
    client.post("/account/logout/")
    sprayer = type(client)()
    for number in range(60):
        last = sprayer.post("/account/login/", {"login": f"u{number}", "password": "x"})

    answer = client.post("/account/login/", {"login": "ada", "password": PASSWORD})

    assert last.status_code == 429
    assert answer.status_code == 302


def test_nobody_guesses_while_nothing_can_be_counted(client, ada, monkeypatch):
    """F-9: signing in never fails open; what only reads goes on."""
    monkeypatch.setattr("accounts.limits.count", lambda budgets, *, brief: None)

    refused = client.post("/account/login/", {"login": "ada", "password": PASSWORD})

    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert "_auth_user_id" not in client.session
    assert statuses(client, 1) == [200]


def test_a_window_of_zero_is_off(client, settings):
    settings.RATE_LIMIT_PER_MINUTE = settings.RATE_LIMIT_PER_HOUR = 0

    answers = [client.get(VERSION) for _ in range(9)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Limit" not in answers[0]
