"""The back office: looking only, for who may, in constant queries."""

from __future__ import annotations

import re
from unittest.mock import Mock

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from announcements.models import AdminMessage
from audit.events import Action
from audit.models import AuditLog, BlockedAddress
from audit.record import record
from panelmerge.lib.admin import BackOfficeAdmin
from panels.actions.uploads import add_text
from panels.models import PanelDownload

pytestmark = pytest.mark.django_db

OF_THE_LIBRARY = (
    *("savedpanel", "panelversion", "panelshare", "panelcomment", "panelversiontag", "retentionpolicy"),
    *("exporttemplate", "team"),
)
SHOWN = {
    "EDITOR": {
        *("panels.generation", "panels.cataloguepanel", "panels.generelease", "panels.gene"),
        *("announcements.adminmessage", "panels.team"),
    },
    "AUDITOR": {
        *("panels.generation", "panels.cataloguepanel", "panels.generelease", "panels.gene", "panels.paneldownload"),
        *(
            "accounts.user",
            "accounts.lock",
            "panels.upload",
            "audit.auditlog",
            "audit.blockedaddress",
            "announcements.adminmessage",
        ),
        *(f"panels.{name}" for name in OF_THE_LIBRARY),
    },
}
SHOWN["ADMIN"] = SHOWN["AUDITOR"]
EVERY = sorted(SHOWN["ADMIN"])
# What is written in the back office, each by an action that records it, has tests of its own.
LOOKED_AT = sorted(
    SHOWN["ADMIN"] - {"announcements.adminmessage", "audit.blockedaddress", "accounts.user", "panels.team"}
)


def signed_in(role: str) -> Client:
    person = User.objects.create_user(role.lower(), f"{role}@example.org", first_name="Ada", role=role)
    browser = Client()
    browser.force_login(person)
    return browser


def of(label: str, page: str, *arguments) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=arguments)


def add_rows(number: int) -> None:
    with transaction.atomic():
        for position in range(number):
            person = User.objects.create_user(f"ada{position}", f"ada{position}@example.org", first_name="Ada")
            record(Action.VIEW, by=person, target=person, description="looked", details={"position": position})
            BlockedAddress.objects.create(
                network=f"192.0.2.{position}", reason="test", created_at=timezone.now(), ends_at=timezone.now()
            )
            add_text(text="BRCA1", owner=person)
            Client().post("/account/login/", {"login": person.username, "password": "wrong"})
            PanelDownload.objects.create(ip_address="local", panel_ids="uk:1@1.0", list_types="green", user=person)
            AdminMessage.objects.create(title="Tonight", message="We move.", is_active=False, created_by=person)


@pytest.mark.parametrize("role", ["EDITOR", "AUDITOR", "ADMIN"])
def test_the_index_leads_to_what_the_role_may_see(role):
    page = signed_in(role).get("/admin/").content.decode()

    shown = {
        model._meta.label_lower for model in admin.site._registry if of(model._meta.label_lower, "changelist") in page
    }
    assert shown == SHOWN[role]


@pytest.mark.parametrize("label", sorted(set(EVERY) - {f"panels.{name}" for name in OF_THE_LIBRARY}))
def test_an_administrator_sees_every_list_and_one_of_it(demo_catalogue, label):
    """Nothing in the page is what the security policy forbids."""
    browser = signed_in("ADMIN")
    add_rows(1)
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)

    listing = browser.get(of(label, "changelist"))
    detail = browser.get(of(label, "change", model.objects.values_list("pk", flat=True)[0]))

    for answer in (listing, detail):
        assert answer.status_code == 200
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", answer.content.decode())


@pytest.mark.parametrize(
    "label",
    [
        *("accounts.user", "accounts.lock", "audit.auditlog", "audit.blockedaddress"),
        *("panels.paneldownload", "panels.upload", "announcements.adminmessage"),
    ],
)
def test_a_list_costs_the_same_queries_for_one_row_and_thirty(label):
    browser = signed_in("ADMIN")
    add_rows(1)
    # Once in a while a request also moves the end of the session.
    browser.get(of(label, "changelist"))
    with CaptureQueriesContext(connection) as one:
        browser.get(of(label, "changelist"))

    AdminMessage.objects.all().delete()
    User.objects.exclude(role="ADMIN").delete()
    add_rows(30)
    with CaptureQueriesContext(connection) as thirty:
        browser.get(of(label, "changelist"))

    assert len(thirty) == len(one) <= 12


@pytest.mark.parametrize("role", ["EDITOR", "AUDITOR", "ADMIN"])
@pytest.mark.parametrize("label", LOOKED_AT)
def test_nobody_changes_anything(role, label):
    """AU-01: what changes a row comes with its record, which no form here writes."""
    browser = signed_in(role)
    add_rows(1)
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    before = list(model.objects.order_by("pk").values_list("pk", flat=True))

    answers = [
        browser.post(of(label, "add"), {"username": "eve"}).status_code,
        browser.post(of(label, "change", before[0] if before else 1), {"role": "ADMIN"}).status_code,
        browser.post(of(label, "delete", before[0] if before else 1), {"post": "yes"}).status_code,
    ]

    assert set(answers) <= ({403} if before else {403, 302})
    # The refusals themselves are new entries of the record.
    assert list(model.objects.order_by("pk").values_list("pk", flat=True))[: len(before)] == before
    assert label == "audit.auditlog" or model.objects.count() == len(before)


@pytest.mark.parametrize("label", sorted(SHOWN["ADMIN"] - SHOWN["EDITOR"]))
def test_an_editor_does_not_see_people_and_their_doings(label):
    browser = signed_in("EDITOR")

    assert browser.get(of(label, "changelist")).status_code == 403


def test_an_auditor_sees_the_record_with_its_details():
    browser = signed_in("AUDITOR")
    add_rows(1)

    page = browser.get(
        of("audit.auditlog", "change", AuditLog.objects.filter(action_type="VIEW").get().pk)
    ).content.decode()

    assert "position" in page and "looked" in page


@pytest.mark.parametrize("role", ["VIEWER", "USER"])
@pytest.mark.parametrize("address", ["/admin/", "/admin/audit/auditlog/", "/admin/accounts/user/"])
def test_who_may_not_enter_is_told_so_and_it_is_recorded(role, address):
    """AU-02; no second form to sign in with, which would ask for no second factor."""
    answer = signed_in(role).get(address)

    assert answer.status_code == 403 and "<form" not in answer.content.decode()
    assert AuditLog.objects.filter(action_type="ACCESS_DENIED", username=role.lower(), resource_id=address).exists()


@pytest.mark.parametrize("role", ["VIEWER", "ADMIN"])
def test_who_is_signed_in_meets_no_other_form_to_sign_in_with(role):
    """AC-03: Django's own would know of no second factor."""
    browser = signed_in(role)
    User.objects.create_superuser("root", "root@example.org", "a-long-password")

    answer = browser.post("/admin/login/?next=/admin/", {"username": "root", "password": "a-long-password"})

    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=%2Fadmin%2F")
    assert browser.get("/api/v1/users/me/").json()["username"] == role.lower()


@pytest.mark.parametrize("address", ["/admin/", "/admin/audit/auditlog/", "/admin/nothing/"])
def test_a_stranger_is_led_to_the_sign_in(client, address):
    answer = client.get(address)

    assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={address}")


@pytest.mark.parametrize(
    "address",
    [
        *("/admin/audit/auditlog/?q=%27&o=99&p=x", "/admin/accounts/user/?role__exact=ROOT", "/admin/panels/gene/?o=x"),
        *("/admin/audit/auditlog/?timestamp__year=x", "/admin/accounts/user/?password__startswith=a"),
        *(
            "/admin/accounts/user/?first_name=Ada",
            "/admin/accounts/user/nobody/change/",
            "/admin/panels/gene/_00/change/",
        ),
        *(f"/admin/panels/upload/?created_at__year={year}" for year in ("1", "9999", "99999", "x")),
        "/admin/panels/paneldownload/?download_date__year=9999&download_date__month=12&download_date__day=31",
        *(f"/admin/accounts/user/?created_at__{asked}" for asked in ("year__gte=99999", "gte=0001-01-01", "lt=x")),
        *(f"/admin/panels/savedpanel/?{name}__in={10**23}" for name in ("pk", "gene_count", "owner", "owner__id")),
        *(f"/admin/accounts/user/?username__{pattern}=%28" for pattern in ("regex", "iregex")),
    ],
)
def test_no_question_breaks_a_list(address):
    administrator = signed_in("ADMIN")
    User.objects.update(timezone_preference="Pacific/Auckland", timezone_is_chosen=True)

    answer = administrator.get(address)

    assert answer.status_code in (200, 302, 400, 404)


@pytest.mark.parametrize("fault", [ValueError, OverflowError])
@pytest.mark.parametrize("question", ["", "?q=x", "?name=x", "?e=1"])
def test_a_fault_of_ours_is_no_question_of_the_person(monkeypatch, question, fault):
    """It is a 500 with its number, and no quiet way back to the list."""
    administrator = signed_in("ADMIN")
    administrator.raise_request_exception = False
    monkeypatch.setattr(BackOfficeAdmin, "get_search_results", Mock(side_effect=fault("ours")))

    answer = administrator.get(f"/admin/panels/upload/{question}")

    assert answer.status_code == 500


@pytest.mark.parametrize("role", ["EDITOR", "AUDITOR"])
def test_times_on_the_page_of_one_are_shown_with_utc_on_hover(role):
    """TZ-02: whoever may only look sees all of them so, an editor those that are not edited."""
    browser = signed_in(role)
    add_rows(1)
    AdminMessage.objects.update(expires_at=timezone.now())

    page = browser.get(of("announcements.adminmessage", "change", AdminMessage.objects.get().pk)).content.decode()

    assert page.count("<time datetime=") == {"EDITOR": 1, "AUDITOR": 2}[role]
