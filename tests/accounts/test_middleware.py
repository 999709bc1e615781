"""SE-03: SESSION_TIMEOUT is idle time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.utils import timezone

from panels.models import Upload

pytestmark = pytest.mark.django_db


def bring_a_list(client) -> None:
    client.post("/uploads/", {"text": "BRCA1"})


def test_a_session_in_use_lives_on(client, settings):
    start = timezone.now()
    bring_a_list(client)

    for quarter in range(1, 9):
        with time_machine.travel(start + timedelta(seconds=quarter * settings.SESSION_TIMEOUT / 4), tick=False):
            client.get("/")

    with time_machine.travel(start + timedelta(seconds=settings.SESSION_TIMEOUT * 2.5), tick=False):
        assert Upload.objects.visible_to(None, client.session.session_key).count() == 1


def test_an_idle_session_ends(client, settings):
    bring_a_list(client)
    upload = Upload.objects.get()

    with time_machine.travel(timezone.now() + timedelta(seconds=settings.SESSION_TIMEOUT + 60), tick=False):
        answer = client.get(f"/uploads/{upload.pk}/")

    assert answer.status_code == 404


def test_looking_around_makes_no_session(client):
    client.get("/")
    client.get("/catalogue/")

    assert not Session.objects.exists()


def test_a_made_up_session_key_stays_nobodys(client, settings):
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32

    client.get("/")

    assert not Session.objects.exists()


def test_lists_brought_before_signing_in_stay(client, django_user_model):
    bring_a_list(client)
    ada = django_user_model.objects.create_superuser("ada", "ada@example.org", "a long password")

    client.post("/account/login/", {"login": "ada", "password": "a long password"})

    assert Upload.objects.get().owner == ada
