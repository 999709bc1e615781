"""SE-01 to SE-03, F-11, F-18: a session stands as long as the database says so, whatever Redis holds."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.people import change_role, deactivate
from accounts.actions.sessions import end_other_sessions, end_session, end_sessions_of
from accounts.models import User
from accounts.permissions import Role
from accounts.session_store import PREFIX, kept_under

pytestmark = pytest.mark.django_db
PASSWORD, ANOTHER = "a-long-password", "quite another one 7"
INSIDE = "/account/email/"


@pytest.fixture(params=["database", "redis"])
def store(request, settings):
    """Both set-ups; the Redis may be killed."""
    if request.param == "database":
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
        return None
    settings.SESSION_ENGINE = "accounts.session_store"
    server = request.getfixturevalue("own_redis")
    settings.CACHES = server.cache_settings()
    return server


@pytest.fixture
def redis(settings, own_redis):
    settings.SESSION_ENGINE = "accounts.session_store"
    settings.CACHES = own_redis.cache_settings()
    return own_redis


@pytest.fixture
def ada():
    return User.objects.create_user("ada", "ada@example.org", PASSWORD, is_verified=True)


@pytest.fixture
def root():
    return User.objects.create_user("root", "root@example.org", role=Role.ADMIN)


def signed_in(password: str = PASSWORD) -> Client:
    browser = Client()
    answer = browser.post("/account/login/", {"login": "ada", "password": password})
    assert answer.status_code == 302
    return browser


def is_in(browser: Client) -> bool:
    return browser.get(INSIDE).status_code == 200


def change_password(browser: Client):
    return browser.post(
        "/account/password/change/", {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}
    )


def test_the_key_is_new_at_sign_in(store, ada, settings):
    """A key that somebody planted before is worth nothing after."""
    browser = Client()
    browser.post("/uploads/", {"text": "BRCA1"})
    before = browser.cookies[settings.SESSION_COOKIE_NAME].value

    browser.post("/account/login/", {"login": "ada", "password": PASSWORD})

    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_new_password_gives_this_browser_a_new_key_and_ends_all_others(store, ada, settings):
    browser, other = signed_in(), signed_in()
    before = browser.cookies[settings.SESSION_COOKIE_NAME].value

    answer = change_password(browser)

    assert answer.status_code == 302
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != before
    assert (is_in(browser), is_in(other)) == (True, False)
    assert UserSession.objects.count() == 1


@pytest.mark.parametrize("act", ["role", "deactivated", "ended", "one ended", "others ended"])
def test_what_ends_a_session_holds_with_the_next_request(store, ada, root, act):
    """SE-01, F-11"""
    kept, ended = signed_in(), signed_in()
    assert is_in(ended)

    if act == "role":
        change_role(person=ada, role=Role.VIEWER, by=root)
    elif act == "deactivated":
        deactivate(person=ada, by=root)
    elif act == "ended":
        end_sessions_of(person=ada, by=root)
    elif act == "one ended":
        end_session(by=ada, pk=UserSession.objects.get(session_key=ended.session.session_key).pk)
    else:
        end_other_sessions(by=ada, kept_key=kept.session.session_key)

    assert not is_in(ended)
    assert is_in(kept) == act.endswith(("one ended", "others ended"))


def test_a_session_that_was_put_back_into_redis_stands_for_nobody(redis, ada, root):
    """F-11: as a Redis that was away during the sign-out has it."""
    browser = signed_in()
    assert is_in(browser)
    key = kept_under(browser.session.session_key)
    copy = cache.get(key)
    end_sessions_of(person=ada, by=root)

    cache.set(key, copy)

    assert copy["content"]["_auth_user_id"] == str(ada.pk)
    assert not is_in(browser)
    assert cache.get(key) is None


def test_a_copy_with_somebody_else_in_it_signs_nobody_in(redis, ada, root):
    browser = signed_in()
    key = kept_under(browser.session.session_key)
    copy = cache.get(key)
    copy["content"]["_auth_user_id"] = str(root.pk)

    cache.set(key, copy)

    assert not is_in(browser)


def test_what_was_saved_while_redis_was_away_is_not_replaced_by_what_it_kept(redis, ada):
    """A decision on a gene would silently be undone by the copy from before it."""
    browser = signed_in()
    is_in(browser)
    key = kept_under(browser.session.session_key)
    old = cache.get(key)
    session = browser.session
    session["decisions"] = {"uk:1": {"HGNC:1100": {"confidence_level": "red", "reason": "seen twice"}}}
    session.save()

    cache.set(key, old)

    assert is_in(browser)
    assert browser.session["decisions"]["uk:1"]["HGNC:1100"]["confidence_level"] == "red"
    assert cache.get(key)["content"]["decisions"] == browser.session["decisions"]


def test_a_visitors_session_is_read_from_the_database(redis, settings):
    browser = Client()
    browser.post("/uploads/", {"text": "BRCA1"})

    assert browser.session.session_key
    assert redis.client().keys(f"*{PREFIX}*") == []


def test_flushing_redis_signs_nobody_out(redis, ada):
    """SE-02, BK-04, TR-09, F-18"""
    browser = signed_in()

    redis.client().flushall()

    assert is_in(browser)


def test_signing_in_working_and_ending_go_on_while_redis_is_away(redis, ada, root):
    """F-18"""
    before = signed_in()
    redis.kill()

    during = signed_in()

    assert is_in(before) and is_in(during)
    end_sessions_of(person=ada, by=root)
    assert not is_in(before) and not is_in(during)


def test_one_query_loads_the_person_and_says_that_the_session_stands(redis, ada):
    browser = signed_in()
    is_in(browser)

    with CaptureQueriesContext(connection) as found:
        answer = browser.get("/api/v1/timezone/current/")

    assert answer.status_code == 200
    about_who = [query["sql"] for query in found if "usersession" in query["sql"] or 'FROM "user"' in query["sql"]]
    assert len(about_who) == 1
    assert not [query["sql"] for query in found if query["sql"].startswith('SELECT "django_session"')]


def test_an_idle_session_ends_and_leads_back_after_signing_in(store, ada, settings):
    """SE-03"""
    browser = signed_in()

    with time_machine.travel(timezone.now() + timedelta(seconds=settings.SESSION_TIMEOUT + 1), tick=False):
        answer = browser.get(INSIDE)

    assert answer.status_code == 302
    assert answer["Location"] == f"/account/login/?next={INSIDE}"


def test_any_session_ends_after_its_absolute_time(store, ada, settings):
    settings.SESSION_TIMEOUT, settings.SESSION_ABSOLUTE_TIMEOUT = 3600, 7200
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        browser = signed_in()

    found = []
    for minutes in (30, 60, 90, 119, 121):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            found.append(is_in(browser))

    assert found == [True, True, True, True, False]


def test_clear_sessions_ends_every_session_and_nothing_else(store, ada):
    """SE-02"""
    browser, visitor = signed_in(), Client()
    visitor.post("/uploads/", {"text": "BRCA1"})
    said = StringIO()

    call_command("clear_sessions", "--dry-run", stdout=said)
    still = is_in(browser)
    call_command("clear_sessions", stdout=said)

    assert still and not is_in(browser)
    assert not Session.objects.exists() and not UserSession.objects.exists()
    assert User.objects.get() == ada
    assert said.getvalue().splitlines() == [
        "1 signed-in sessions and 1 of visitors would be ended.",
        "Ended 1 signed-in sessions and 1 of visitors.",
    ]
