"""Where mails go, by one setting; and that they are sent from there."""

from __future__ import annotations

from email import message_from_bytes
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.cache import cache

from tests.accounts.acting import PASSWORD, Browser
from tests.panelmerge.running import settings_of

BACKENDS = "django.core.mail.backends"


@pytest.fixture(autouse=True)
def _nothing_was_sent_before():
    # One address gets a link every few minutes; that is counted there.
    cache.clear()


@pytest.mark.parametrize(
    ("address", "backend", "folder"),
    [
        ("filemail:///var/mails", f"{BACKENDS}.filebased.EmailBackend", "/var/mails"),
        ("filemail:////var/mails", f"{BACKENDS}.filebased.EmailBackend", "/var/mails"),
        ("smtp+tls://me:secret@mail.example.org:587", f"{BACKENDS}.smtp.EmailBackend", ""),
    ],
)
def test_email_url_names_the_way(address, backend, folder):
    found = settings_of("EMAIL_BACKEND", "EMAIL_FILE_PATH", "EMAIL_CONFIGURED", EMAIL_URL=address)

    assert (found["EMAIL_BACKEND"], found["EMAIL_FILE_PATH"], found["EMAIL_CONFIGURED"]) == (backend, folder, True)


def test_without_email_url_mails_are_printed_for_development_and_sign_up_is_closed_elsewhere():
    found = [settings_of("EMAIL_BACKEND", "EMAIL_CONFIGURED", DEBUG=debug) for debug in ("True", "False")]

    assert [one["EMAIL_CONFIGURED"] for one in found] == [True, False]
    assert {one["EMAIL_BACKEND"] for one in found} == {f"{BACKENDS}.console.EmailBackend"}


@pytest.mark.django_db
def test_a_mail_lies_in_the_folder_as_plain_text(settings, tmp_path):
    settings.EMAIL_CONFIGURED = True
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = f"{BACKENDS}.filebased.EmailBackend", str(tmp_path / "mails")

    Browser().post("/account/signup/", {"email": "ada@example.org", "password1": PASSWORD})

    [file] = Path(settings.EMAIL_FILE_PATH).iterdir()
    sent = message_from_bytes(file.read_bytes())
    assert (sent["To"], sent["From"]) == ("ada@example.org", django_settings.DEFAULT_FROM_EMAIL)
    assert (
        sent.get_content_type() == "text/plain" and "/account/confirm-email/" in sent.get_payload(decode=True).decode()
    )


@pytest.mark.django_db
def test_a_mail_server_that_is_away_is_recorded_and_stops_nobody(settings, monkeypatch):
    from accounts.models import User
    from audit.models import AuditLog

    def away(self, fail_silently=False):
        raise ConnectionRefusedError("nobody listens")

    settings.EMAIL_CONFIGURED = True
    monkeypatch.setattr(mail.EmailMessage, "send", away)

    answer = Browser().post("/account/signup/", {"email": "ada@example.org", "password1": PASSWORD})

    event = AuditLog.objects.get(action_type="ERROR")
    assert answer.status_code == 302 and User.objects.count() == 1
    assert event.action_description == "A mail could not be sent: ConnectionRefusedError" and not event.success
