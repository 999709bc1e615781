"""People in the back office: found, looked at, and what is done to an account, confirmed and recorded. AC-03."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core import mail
from django.http import HttpResponse
from django.utils import timezone

from accounts.models import ApiToken, User
from tests.accounts.acting import NEW_PASSWORD, PASSWORD, Browser, break_the_record, mailed_path, told

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"
LOCKS = "/admin/accounts/lock/"


@pytest.fixture
def root(db) -> User:
    return User.objects.create_superuser("root", "root@example.org", PASSWORD)


@pytest.fixture
def office(root) -> Browser:
    """An administrator's browser."""
    browser = Browser()
    browser.sign_in("root")
    return browser


def act(office: Browser, action: str, *people: User, address: str = LIST, **sent: str) -> HttpResponse:
    """The action on these rows, confirmed."""
    chosen = [one.pk for one in people]
    return office.post(address, {"action": action, "_selected_action": chosen, "confirmed": "yes", **sent}, follow=True)


def named(office: Browser, query: str) -> list[str]:
    """User names in the list."""
    page = office.get(f"{LIST}?{query}").content.decode()
    return re.findall(r'class="field-username"><a[^>]*>([^<]*)<', page)


@pytest.mark.parametrize("action", ["deactivate", "activate", "unlock", "start_reset", "end_sessions", "change_role"])
def test_an_action_asks_first_and_says_what_it_does_to_whom(office, ada, action):
    before = told()

    page = office.post(LIST, {"action": action, "_selected_action": ada.pk}).content.decode()

    assert "1 chosen" in page and "<li>ada</li>" in page and 'name="confirmed" value="yes"' in page
    assert told() == before and User.objects.get(pk=ada.pk).is_active


def test_deactivate_then_activate(office, ada, browser):
    browser.sign_in("ada")

    act(office, "deactivate", ada)
    away = browser.is_signed_in(), browser.sign_in("ada").status_code
    act(office, "activate", ada)

    assert away[0] is False and browser.sign_in("ada").status_code == 302
    assert ("USER_UPDATE", "Deactivated the account") in told() and ("USER_UPDATE", "Activated the account") in told()


def test_change_role_holds_at_once_and_is_recorded(office, ada, browser):
    browser.sign_in("ada")

    act(office, "change_role", ada, role="EDITOR")

    assert User.objects.get(pk=ada.pk).role == "EDITOR" and not browser.is_signed_in()
    assert ("ROLE_CHANGE", "Changed the role from USER to EDITOR") in told()


def test_change_role_to_none_that_there_is_changes_nothing(office, ada):
    answer = act(office, "change_role", ada, role="ROOT")

    assert answer.status_code == 400 and User.objects.get(pk=ada.pk).role == "USER"


@pytest.mark.parametrize(("action", "sent"), [("deactivate", {}), ("change_role", {"role": "USER"})])
def test_the_last_administrator_stays_and_with_them_all_that_were_chosen(office, ada, root, action, sent):
    page = act(office, action, ada, root, **sent).content.decode()

    assert "Nothing was changed. You cannot" in page and "last administrator" in page
    assert list(User.objects.order_by("pk").values_list("role", "is_active")) == [("ADMIN", True), ("USER", True)]


def test_start_reset_mails_a_link_and_nobody_chooses_a_password_for_them(office, ada):
    page = act(office, "start_reset", ada).content.decode()
    form = Browser()
    path = form.get(mailed_path())["Location"]
    form.post(path, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert mail.outbox[0].to == ["ada@example.org"] and 'type="password"' not in page
    assert Browser().sign_in("ada", NEW_PASSWORD).status_code == 302
    assert ("PASSWORD_RESET", "Mailed a link to set a new password") in told()


def test_start_reset_without_mail_shows_a_one_time_password_once(office, ada, settings):
    settings.EMAIL_CONFIGURED = False

    page = act(office, "start_reset", ada).content.decode()
    password = re.search(r"<code>([\w-]{20})</code>", page)[1]
    browser = Browser()
    browser.sign_in("ada", password)

    assert browser.get("/")["Location"] == "/account/password/change/"
    assert password not in office.get(f"{LIST}{ada.pk}/change/").content.decode() and not mail.outbox


def test_end_sessions_signs_them_out_everywhere(office, ada, browser):
    other = Browser()
    browser.sign_in("ada")
    other.sign_in("ada")

    act(office, "end_sessions", ada)

    assert not browser.is_signed_in() and not other.is_signed_in() and office.is_signed_in()
    assert ("SESSION_MANAGEMENT", "Ended 2 sessions") in told()


def test_unlock_lets_them_try_at_once(office, ada, browser, settings):
    for _ in range(settings.MAX_LOGIN_ATTEMPTS):
        browser.sign_in("ada", "wrong")
    locked = browser.sign_in("ada").status_code

    act(office, "unlock", ada)

    assert (locked, browser.sign_in("ada").status_code) == (429, 302)
    assert ("ACCOUNT_LOCKOUT", "Lifted the locks of the account") in told()


@pytest.mark.parametrize("action", ["deactivate", "unlock", "start_reset", "end_sessions"])
def test_no_record_no_change(office, ada, browser, monkeypatch, action):
    browser.sign_in("ada")
    office.get(LIST)
    break_the_record(monkeypatch)

    answer = act(office, action, ada)

    assert answer.status_code == 503 and User.objects.get(pk=ada.pk).is_active
    assert browser.is_signed_in() and not mail.outbox


def test_an_account_is_created_without_a_password_and_its_owner_chooses_one(office):
    office.post(f"{LIST}add/", {"email": "New@Example.org", "role": "EDITOR"})
    form = Browser()
    path = form.get(mailed_path())["Location"]
    form.post(path, {"password1": PASSWORD, "password2": PASSWORD})

    new = User.objects.get(role="EDITOR")
    assert (new.email, form.sign_in("new@example.org").status_code) == ("new@example.org", 302)
    assert ("USER_CREATE", "Created an account") in told()


def test_an_account_is_created_with_a_one_time_password_where_no_mail_is_sent(office, settings):
    settings.EMAIL_CONFIGURED = False

    page = office.post(f"{LIST}add/", {"email": "new@example.org", "role": "USER"}).content.decode()

    password = re.search(r"<code>([\w-]{20})</code>", page)[1]
    browser = Browser()
    browser.sign_in("new@example.org", password)
    assert browser.get("/")["Location"] == "/account/password/change/"


@pytest.mark.parametrize("email", ["", "no address", "ADA@example.org"])
def test_an_account_is_not_created_with_a_bad_address(office, ada, email):
    answer = office.post(f"{LIST}add/", {"email": email, "role": "USER"})

    assert answer.status_code in (200, 400) and User.objects.count() == 2


def test_people_are_found_by_name_address_role_state_and_last_sign_in(office, ada):
    now = timezone.now()
    for name, fields in {
        "old": {"last_login": now - timedelta(days=100)},
        "new": {"last_login": now - timedelta(hours=2), "role": "EDITOR"},
        "gone": {"is_active": False},
        "unsure": {"is_verified": False},
    }.items():
        User.objects.create_user(name, f"{name}@mill.example", **{"is_verified": True, **fields})

    assert named(office, "q=mill.example") == ["gone", "new", "old", "unsure"]
    assert named(office, "role__exact=EDITOR") == ["new"]
    assert named(office, "state=deactivated") == ["gone"]
    assert named(office, "state=unconfirmed") == ["unsure"]
    assert named(office, "signed_in=day") == ["new", "root"]
    assert named(office, "signed_in=long-ago") == ["old"]
    assert named(office, "signed_in=never") == ["ada", "gone", "unsure"]
    assert named(office, "state=nonsense") == ["ada", "gone", "new", "old", "root", "unsure"]


def test_people_are_found_by_lock_and_second_factor(office, ada, browser, settings):
    careful = User.objects.create_user("careful", "careful@example.org", PASSWORD, is_verified=True)
    other = Browser()
    other.sign_in("careful")
    other.switch_on()
    # Two browsers of one network count together.
    for number in range(settings.MAX_LOGIN_ATTEMPTS):
        Browser(headers={"User-Agent": f"browser {number % 2}"}).sign_in("ada", "wrong")

    assert named(office, "lock=locked") == ["ada"]
    assert named(office, "lock=open") == ["careful", "root"]
    assert named(office, "second_factor=on") == [careful.username]


def test_locks_are_listed_once_and_lifted_with_a_record(office, ada, browser, settings):
    for number in range(settings.MAX_LOGIN_ATTEMPTS):
        Browser(headers={"User-Agent": f"browser {number % 2}"}).sign_in("ada", "wrong")
    Browser().sign_in("nobody at all", "wrong")

    page = office.get(f"{LOCKS}?lock=locked").content.decode()
    everything = office.get(LOCKS).content.decode()
    [lock] = {int(pk) for pk in re.findall(rf"{LOCKS}(\d+)/change/", page)}
    act(office, "lift", AccessAttempt.objects.get(pk=lock), address=LOCKS)

    assert "ada" in page and "a name that nobody has" in everything and "nobody at all" not in everything
    assert browser.sign_in("ada").status_code == 302
    assert ("ACCOUNT_LOCKOUT", "Lifted the lock for 127.0.0.1") in told()


def test_locks_that_are_over_are_not_listed(office, ada, settings):
    for _ in range(settings.MAX_LOGIN_ATTEMPTS):
        Browser().sign_in("ada", "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(seconds=settings.LOCKOUT_DURATION + 1))

    assert named(office, "lock=locked") == [] and "0 locks" in office.get(LOCKS).content.decode()


def test_times_are_in_the_readers_zone_with_utc_on_hover(office, root):
    """TZ-02"""
    with time_machine.travel("2026-07-01T12:00:00Z"):
        office.sign_in("root")
        office.post("/api/v1/timezone/set/", {"timezone": "Europe/London"}, content_type="application/json")
        User.objects.update(last_login=timezone.now())

        pages = [office.get(address).content.decode() for address in (LIST, f"{LIST}{root.pk}/change/")]

    shown = '<time datetime="2026-07-01T12:00:00Z" title="2026-07-01 12:00 UTC">1 July 2026, 13:00 BST</time>'
    assert shown in pages[0] and shown in pages[1]


def test_a_persons_page_offers_the_actions_and_shows_no_hash(office, ada):
    page = office.get(f"{LIST}{ada.pk}/change/").content.decode()

    assert page.count('name="action"') == 6 and User.objects.get(pk=ada.pk).password not in page


def test_an_auditor_looks_and_is_offered_nothing(ada):
    User.objects.create_user("kim", "kim@example.org", PASSWORD, role="AUDITOR", is_verified=True)
    auditor = Browser()
    auditor.sign_in("kim")

    page = auditor.get(f"{LIST}{ada.pk}/change/").content.decode()
    act(auditor, "deactivate", ada)

    assert 'name="action"' not in page and User.objects.get(pk=ada.pk).is_active
    assert ApiToken.objects.count() == 0


@pytest.mark.parametrize("address", ["/admin/users", "/admin/users/"])
def test_admin_users_leads_to_the_list_and_strangers_through_the_sign_in(office, address):
    """AC-03: ``curl -I /admin/users``"""
    inside, outside = office.head(address), Browser().head(address)

    assert (inside.status_code, inside["Location"]) == (302, LIST)
    assert (outside.status_code, outside["Location"]) == (302, f"/admin/login/?next={address}")
