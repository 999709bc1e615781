"""The first page of the back office: what needs attention, how much goes on, the models."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit import guards
from audit.models import AuditLog, BlockedAddress
from audit.sealing import seal_now
from panelmerge.attention import matters_for
from panelmerge.lib.errors import Unavailable
from panels.actions.catalogue import sync_catalogue
from panels.models import Generation
from tests.accounts.acting import PASSWORD, Browser

pytestmark = pytest.mark.django_db


class Silent:
    """A service that does not answer."""

    base_url = "https://panelapp.example/api/v1"

    def list_panels(self):
        raise Unavailable("PanelApp UK did not answer within 10 seconds.")


@pytest.fixture
def root(db, settings, tmp_path) -> User:
    # Mails to one address are counted there.
    cache.clear()
    settings.EMAIL_CONFIGURED, settings.AUDIT_CHECKPOINT_FILE = True, str(tmp_path / "audit.checkpoints")
    # What was loaded before the first test has waited for a while.
    seal_now()
    return User.objects.create_superuser("root", "root@example.org", PASSWORD)


def said(person: User) -> dict[str, tuple[bool, str]]:
    return {matter.name: (matter.is_well, matter.says) for matter in matters_for(person)}


def fail_to_mirror() -> None:
    with pytest.raises(Unavailable):
        sync_catalogue(source="uk", client=Silent())


def test_all_is_well_where_all_is_well(root, demo_catalogue):
    found = said(root)

    assert all(is_well for is_well, _ in found.values()), found
    assert found["Mirror of PanelApp UK"][1] == "holds the demonstration panels"


def test_an_empty_mirror_comes_first_with_the_command(root):
    first = matters_for(root)[0]

    assert not first.is_well and first.says == "empty. Fill it with manage.py sync_panelapp --source uk"


def test_an_old_mirror_says_since_when(root, demo_catalogue, settings):
    Generation.objects.update(origin="https://panelapp.example", as_of=timezone.now() - timedelta(days=8))

    is_well, says = said(root)["Mirror of PanelApp UK"]

    assert not is_well and "longer than CATALOGUE_MAX_AGE_DAYS=7 ago. Run manage.py sync_panelapp" in says


def test_a_synchronisation_that_failed_is_recorded_and_shown_until_one_succeeds(root, demo_catalogue):
    """The mirror stays as it was, and nobody has to read a log to know."""
    fail_to_mirror()
    shown = [matter for matter in matters_for(root) if not matter.is_well]
    Generation.objects.filter(source="uk").update(published_at=timezone.now() + timedelta(seconds=1))

    event = AuditLog.objects.get(action_type="CATALOGUE_LOAD", success=False)
    assert (event.resource_type, event.resource_id) == ("mirror", "uk")
    assert [matter.name for matter in shown] == ["Mirror of PanelApp UK"]
    assert "PanelApp UK could not be mirrored: PanelApp UK did not answer" in shown[0].says
    assert said(root)["Mirror of PanelApp UK"][0]


def test_the_list_of_generations_says_what_brings_the_mirror_up_to_date_and_how_the_last_run_went(
    root, client, demo_catalogue
):
    """Nobody's browser waits for PanelApp, so it is a command or a timer that asks it."""
    client.force_login(root)
    page = client.get("/admin/panels/generation/").content.decode()
    assert "manage.py sync_panelapp" in page and "PanelApp UK: last published" in page
    assert "could not be mirrored" not in page

    fail_to_mirror()

    assert (
        "PanelApp UK could not be mirrored: PanelApp UK did not answer"
        in client.get("/admin/panels/generation/").content.decode()
    )


def test_a_dry_run_that_fails_is_no_event():
    with pytest.raises(Unavailable):
        sync_catalogue(source="uk", client=Silent(), dry_run=True)

    assert not AuditLog.objects.filter(action_type="CATALOGUE_LOAD", success=False).exists()


def test_mails_that_were_not_sent_are_counted(root, monkeypatch):
    def away(self, fail_silently=False):
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(mail.EmailMessage, "send", away)
    Browser().post("/account/signup/", {"email": "ada@example.org", "password1": PASSWORD})

    now = said(root)["Mails"]
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        later = said(root)["Mails"]

    assert (now, later[0]) == ((False, "1 could not be sent within 7 days"), True)


def test_locks_and_blocks_are_counted(root, settings):
    for _ in range(settings.MAX_LOGIN_ATTEMPTS):
        Browser().sign_in("root", "wrong")
    now = timezone.now()
    BlockedAddress.objects.create(network="192.0.2.1", reason="x", created_at=now, ends_at=now + timedelta(hours=1))

    assert said(root)["Locks"] == (False, "1 after failed sign-ins")
    assert said(root)["Blocked networks"] == (False, "1 kept out now")


def test_missing_triggers_are_said(root):
    guards.lift()

    assert said(root)["Proof of the record"] == (False, "triggers are missing. Run manage.py migrate")
    guards.set_up()


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("EDITOR", {"Mirror of PanelApp UK", "Mirror of PanelApp Australia"}),
        (
            "AUDITOR",
            {
                *("Mirror of PanelApp UK", "Mirror of PanelApp Australia", "Proof of the record", "Mails", "Locks"),
                "Blocked networks",
            },
        ),
        ("USER", set()),
    ],
)
def test_nobody_is_told_what_they_may_not_look_into(role, names):
    assert set(said(User(username="ada", role=role))) == names


def test_the_index_shows_matters_then_pictures_then_models(root, client):
    client.force_login(root)

    page = client.get("/admin/").content.decode()

    places = [
        page.index(words) for words in ("What needs attention", "The last 30 days", "Everything", "Announcements")
    ]
    assert places == sorted(places) and page.count('class="activity"') == 4
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page)


def test_the_index_asks_the_same_questions_whatever_there_is(root, client, demo_catalogue):
    client.force_login(root)
    client.get("/admin/")
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/")

    for _ in range(30):
        fail_to_mirror()
        Browser().sign_in("root", "wrong")
    with CaptureQueriesContext(connection) as many:
        client.get("/admin/")

    assert len(many) == len(few) <= 22


def test_an_editor_sees_no_pictures_of_other_peoples_doings(client):
    client.force_login(User.objects.create_user("ed", "ed@example.org", role="EDITOR"))

    page = client.get("/admin/").content.decode()

    assert "What needs attention" in page and 'class="activity"' not in page
