"""Another e-mail address: it waits until its link is followed. AC-02."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import User
from tests.accounts.acting import Browser, mailed_path

pytestmark = pytest.mark.django_db
NEW = "ada@mill.example"


def ask(browser: Browser, email: str = NEW):
    browser.prove()
    return browser.post("/account/email/", {"email": email, "action_add": "1"})


def test_change_waits_for_the_new_address(signed_in, ada):
    ask(signed_in)

    page = signed_in.get("/account/email/").content.decode()
    assert User.objects.get().email == "ada@example.org"
    assert "ada@example.org stays your address" in page and NEW in page
    assert [sent.to for sent in mail.outbox] == [[NEW]]
    assert Browser().sign_in(NEW).status_code == 200


def test_change_is_done_when_the_link_is_followed_and_the_old_address_is_told(signed_in):
    ask(signed_in)

    signed_in.post(mailed_path())

    assert User.objects.get().email == NEW
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(NEW, True, True)]
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == (
        ["ada@example.org"],
        "[PanelMerge] Your e-mail address was changed",
    )
    assert Browser().sign_in(NEW).status_code == 302


def test_change_can_be_taken_back_and_its_link_is_dead_then(signed_in):
    ask(signed_in)
    path = mailed_path()

    signed_in.post("/account/email/", {"email": NEW, "action_remove": "1"})
    answer = signed_in.post(path)

    assert answer.status_code == 404
    assert User.objects.get().email == "ada@example.org"


def test_change_asks_for_the_password_first(signed_in):
    answer = signed_in.post("/account/email/", {"email": NEW, "action_add": "1"})

    assert answer["Location"].startswith("/account/reauthenticate/")
    assert not mail.outbox and EmailAddress.objects.count() == 1


def test_change_to_somebody_elses_address_looks_the_same_and_takes_nothing(signed_in):
    User.objects.create_user("bob", NEW, is_verified=True)

    answer = ask(signed_in)

    followed = signed_in.post(mailed_path())

    assert (answer.status_code, followed.status_code < 500) == (302, True)
    assert not EmailAddress.objects.filter(user__username="ada", email=NEW, verified=True).exists()
    assert dict(User.objects.values_list("username", "email")) == {"ada": "ada@example.org", "bob": NEW}
