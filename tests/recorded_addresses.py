"""What every address that changes something must leave in the record: done once, as whoever may.

``VISITS`` has a visit or more for each address and method of ``tests/access.py``
that somebody may post, put, patch or delete to; what changes nothing, or
nobody's business but the reader's own, stands in ``CHANGES_NOTHING`` and
``UNRECORDED`` with the reason. An address without a place here fails
``tests/test_recorded.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.models import SocialAccount

from accounts.models import User
from panels.actions.library import create_panel
from panels.actions.sharing import share_panel
from panels.models import SavedPanel
from tests.access import BACK_OFFICE as OFFICE
from tests.access import BASKET, BLOCK, LIST, MESSAGE, OWN, SOON
from tests.accounts.acting import NEW_PASSWORD, PASSWORD, Browser, code_of, mailed_path
from tests.asking import Asker, Row
from tests.panels import library_recorded

# A guess counts, recorded or not.
FAILURES = ("axes.AccessAttempt", "axes.AccessFailureLog")
TWO_NEW = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


@dataclass(frozen=True)
class Visit:
    """``prepare`` does what must have happened before and returns what is filled into address and form."""

    row: Row
    events: list[str]
    role: str = "ADMIN"
    prepare: Callable[[Asker], dict[str, Any] | None] = id
    # Tables that are written whether or not it can be recorded.
    keeps: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.row} {self.row.sent or ''}"


def visit(
    route: str,
    events: str,
    sent: dict[str, Any] | None = None,
    *,
    method: str = "POST",
    of: str = "",
    query: str = "",
    done: int = 302,
    role: str = "ADMIN",
    prepare: Callable[[Asker], dict[str, Any] | None] = id,
    keeps: tuple[str, ...] = (),
) -> Visit:
    return Visit(Row(route, method, "", done, of, sent, query), events.split(), role, prepare, keeps)


# --- What must have happened before ------------------------------------------------------------------------------


def asked_to_sign_up(visitor: Asker) -> dict[str, str]:
    visitor.browser.post("/account/signup/", {"email": "new@example.org", "password1": PASSWORD})
    return {"key": mailed_path().split("/")[3]}


def asked_for_another_address(visitor: Asker) -> dict[str, str]:
    visitor.browser.post("/account/email/", {"email": "new@example.org", "action_add": "1"})
    return {"key": mailed_path().split("/")[3]}


def followed_the_link_of_a_reset(visitor: Asker) -> dict[str, str]:
    visitor.browser.post("/account/password/reset/", {"email": "bob@example.org"})
    form = visitor.browser.get(mailed_path())["Location"]
    uid, _, key = form.rstrip("/").rpartition("/")[2].partition("-")
    return {"uidb36": uid, "key": key}


def switched_the_second_factor_on(visitor: Asker) -> dict[str, str]:
    return {"code": code_of(visitor.browser.switch_on(), 1)}


def looked_at_the_key(visitor: Asker) -> dict[str, str]:
    visitor.browser.get("/account/2fa/totp/activate/")
    return {"code": code_of(visitor.browser.session["mfa.totp.secret"])}


def gave_the_password(visitor: Asker) -> dict[str, str]:
    """And is asked for the code now."""
    code = switched_the_second_factor_on(visitor)
    visitor.browser = Browser(raise_request_exception=False)
    visitor.browser.sign_in("ada")
    return code


def came_from_a_provider_once(visitor: Asker) -> dict[str, int]:
    ada = User.objects.get(username="ada")
    return {"account": SocialAccount.objects.create(user=ada, provider="oidc", uid="7").pk}


# --- Visits ----------------------------------------------------------------------------------------------------

PAGES = [
    visit("download/<str:format_name>/", "PANEL_DOWNLOAD", query=BASKET, done=200),
    visit("uploads/", "PANEL_UPLOAD", {"text": "BRCA1"}),
    visit("uploads/<uuid:upload_id>/column/", "UPLOAD_CHANGE", {"column": "1"}, of=OWN),
    visit("uploads/<uuid:upload_id>/remove/", "UPLOAD_DELETE", of=OWN),
    visit("catalogue/compare/download/", "PANEL_DOWNLOAD", query="a=uk:<panel_id>&b=uk:<panel_id>", done=200),
    visit("matrix/paste/", "PANEL_UPLOAD", {"text": "BRCA1"}),
    visit(
        "matrix/download/<str:format_name>/",
        "PANEL_DOWNLOAD",
        query=f"upload:<upload_id>=&{BASKET}",
        of=OWN,
        done=200,
    ),
]
ACCOUNT = [
    visit("account/profile/", "PROFILE_UPDATE", {"username": "another-name"}),
    visit("account/timezone/", "PROFILE_UPDATE", {"timezone": "Asia/Tokyo", "time_format": "12h"}),
    visit("account/data/", "DATA_EXPORT", done=200),
    visit("account/delete/", "UPLOAD_DELETE PANEL_UPDATE USER_DELETE COMPLIANCE_EVENT"),
    visit("account/sessions/end-others/", "SESSION_MANAGEMENT"),
    visit("account/sessions/<int:pk>/end/", "SESSION_MANAGEMENT", of="own session"),
    visit("account/tokens/", "API_ACCESS", {"name": "nightly", "scope": "read", "days": "30"}, done=200),
    visit("account/tokens/<int:pk>/revoke/", "API_ACCESS", of="own token"),
    # The list that was brought along before signing in comes with it.
    visit("account/login/", "UPLOAD_CHANGE LOGIN", {"login": "bob", "password": PASSWORD}, role="anonymous"),
    visit("account/login/", "LOGIN", {"login": "bob", "password": "wrong"}, role="anonymous", done=200, keeps=FAILURES),
    visit("account/logout/", "LOGOUT"),
    visit("account/reauthenticate/", "LOGIN", {"password": "wrong"}, done=200),
    visit("account/signup/", "REGISTER", {"email": "new@example.org", "password1": PASSWORD}, role="anonymous"),
    visit("account/confirm-email/<str:key>/", "PROFILE_UPDATE", role="anonymous", prepare=asked_to_sign_up),
    visit("account/email/", "PROFILE_UPDATE", {"email": "new@example.org", "action_add": "1"}),
    visit("account/confirm-email/<str:key>/", "PROFILE_UPDATE PROFILE_UPDATE", prepare=asked_for_another_address),
    visit(
        "account/email/",
        "PROFILE_UPDATE",
        {"email": "new@example.org", "action_remove": "1"},
        prepare=asked_for_another_address,
    ),
    visit("account/password/change/", "PASSWORD_CHANGE", {"oldpassword": PASSWORD, **TWO_NEW}),
    visit(
        "account/password/reset/key/<uidb36>-<key>/",
        "PASSWORD_RESET",
        TWO_NEW,
        role="anonymous",
        prepare=followed_the_link_of_a_reset,
    ),
    visit("account/2fa/totp/activate/", "MFA_EVENT MFA_EVENT", {"code": "<code>"}, prepare=looked_at_the_key),
    visit("account/2fa/totp/deactivate/", "MFA_EVENT MFA_EVENT", prepare=switched_the_second_factor_on),
    visit("account/2fa/authenticate/", "LOGIN", {"code": "<code>"}, prepare=gave_the_password),
    visit("account/2fa/recovery-codes/generate/", "MFA_EVENT", prepare=switched_the_second_factor_on),
    visit("account/2fa/reauthenticate/", "", {"code": "<code>"}, prepare=switched_the_second_factor_on),
    visit("account/3rdparty/", "PROFILE_UPDATE", {"account": "<account>"}, prepare=came_from_a_provider_once),
]
API = [
    visit("api/v1/uploads/", "PANEL_UPLOAD", {"text": "BRCA1"}, done=201),
    visit("api/v1/uploads/<uuid:pk>/", "UPLOAD_CHANGE", {"column": 1}, method="PATCH", of=OWN, done=200),
    visit("api/v1/uploads/<uuid:pk>/", "UPLOAD_DELETE", method="DELETE", of=OWN, done=204),
    visit("api/v1/merges/export/<str:format_name>/", "PANEL_DOWNLOAD", LIST, done=200),
    visit("api/v1/timezone/set/", "PROFILE_UPDATE", {"timezone": "Asia/Tokyo"}, done=200),
    visit("api/v1/users/me/", "PROFILE_UPDATE", {"first_name": "Ada"}, method="PATCH", done=200),
    visit("api/v1/tokens/", "API_ACCESS", {"name": "nightly", "scope": "read", "expires_at": SOON}, done=201),
    visit("api/v1/tokens/<int:pk>/", "API_ACCESS", method="DELETE", of="own token", done=204),
]


def chosen(model: str, action: str, events: str, **sent: str) -> Visit:
    """An action of a list of the back office on one row."""
    return visit(f"admin/{model}/", events, {"action": action, "_selected_action": "<object_id>", **sent}, of=model)


def passed_on(visitor: Asker) -> None:
    """By Bob, of a panel that is not his."""
    root, bob = (User.objects.get(username=name) for name in ("root", "bob"))
    panel = create_panel(by=root, name="Theirs").panel.pk
    share_panel(panel=panel, by=root, user="bob", level="ADMIN")
    share_panel(panel=panel, by=bob, link=True)


USERS = "accounts/user"
BACK_OFFICE = [
    visit("admin/accounts/user/add/", "USER_CREATE", {"email": "new@example.org", "role": "USER"}),
    visit(
        "admin/accounts/user/",
        "USER_UPDATE PANEL_SHARE SESSION_MANAGEMENT",
        {"action": "deactivate", "_selected_action": "<object_id>", "confirmed": "yes"},
        of=USERS,
        prepare=passed_on,
    ),
    visit(
        "admin/accounts/user/",
        "USER_UPDATE",
        {"action": "activate", "_selected_action": "<object_id>", "confirmed": "yes"},
        of=USERS,
        prepare=lambda visitor: User.objects.filter(username="bob").update(is_active=False),
    ),
    chosen(USERS, "unlock", "ACCOUNT_LOCKOUT", confirmed="yes"),
    chosen(USERS, "start_reset", "PASSWORD_RESET", confirmed="yes"),
    chosen(USERS, "end_sessions", "SESSION_MANAGEMENT", confirmed="yes"),
    visit(
        "admin/accounts/user/",
        "ROLE_CHANGE PANEL_SHARE SESSION_MANAGEMENT",
        {"action": "change_role", "_selected_action": "<object_id>", "role": "VIEWER", "confirmed": "yes"},
        of=USERS,
        prepare=passed_on,
    ),
    chosen("accounts/lock", "lift", "ACCOUNT_LOCKOUT", confirmed="yes"),
    visit("admin/announcements/adminmessage/add/", "ADMIN_ACTION", MESSAGE),
    visit(
        "admin/announcements/adminmessage/<path:object_id>/change/",
        "ADMIN_ACTION",
        {**MESSAGE, "title": "Tomorrow"},
        of="announcements/adminmessage",
    ),
    chosen("announcements/adminmessage", "switch_off", "ADMIN_ACTION"),
    visit("admin/audit/blockedaddress/add/", "ADMIN_ACTION", BLOCK),
    chosen("audit/blockedaddress", "lift_blocks", "ADMIN_ACTION"),
]
PANEL, TEAM = "panels/savedpanel", "panels/team"


def with_a_deleted_panel(visitor: Asker) -> None:
    SavedPanel.objects.filter(pk=visitor.things[PANEL]["object_id"]).update(status="DELETED", status_before="ACTIVE")


def with_an_archived_panel(visitor: Asker) -> None:
    SavedPanel.objects.filter(pk=visitor.things[PANEL]["object_id"]).update(status="ARCHIVED")


def with_a_share_of_a_person(visitor: Asker) -> dict[str, Any]:
    panel = SavedPanel.objects.get(pk=visitor.things["another's panel"]["panel_id"])
    return {"share": share_panel(panel=panel.pk, by=panel.owner, user="root")[0].pk}


def confirmed(prepare: Callable[[Asker], dict[str, Any] | None], model: str, action: str, events: str) -> Visit:
    sent = {"action": action, "_selected_action": "<object_id>", "confirmed": "yes"}
    return visit(f"admin/{model}/", events, sent, of=model, prepare=prepare)


BACK_OFFICE_OF_PANELS = [
    *[
        visit(
            f"admin/panels/{name}/",
            "DATA_EXPORT",
            {"action": "download_list", "_selected_action": "<object_id>"},
            of=f"panels/{name}",
            done=200,
        )
        for name in (
            *("savedpanel", "panelversion", "panelshare", "panelcomment", "panelversiontag", "retentionpolicy"),
            "exporttemplate",
        )
    ],
    chosen(PANEL, "archive", "PANEL_UPDATE", confirmed="yes"),
    confirmed(with_an_archived_panel, PANEL, "activate", "PANEL_UPDATE"),
    chosen(PANEL, "change_visibility", "PANEL_UPDATE", confirmed="yes", visibility="PUBLIC"),
    chosen(PANEL, "hand_over", "PANEL_UPDATE", confirmed="yes", to="root", keep="VIEW"),
    chosen(PANEL, "remove", "PANEL_DELETE", confirmed="yes"),
    confirmed(with_a_deleted_panel, PANEL, "bring_back", "PANEL_UPDATE"),
    chosen("panels/panelshare", "revoke", "PANEL_SHARE", confirmed="yes"),
    visit(
        "admin/panels/panelshare/",
        "PANEL_SHARE",
        {"action": "change_level", "_selected_action": "<share>", "confirmed": "yes", "level": "EDIT"},
        prepare=with_a_share_of_a_person,
    ),
    chosen("panels/panelversiontag", "take_off", "PANEL_UPDATE", confirmed="yes"),
    visit("admin/panels/team/add/", "ADMIN_ACTION", {"name": "New", "description": ""}),
    visit("admin/panels/team/<path:object_id>/change/", "ADMIN_ACTION", {"name": "Other", "description": ""}, of=TEAM),
    chosen(TEAM, "add_member", "ADMIN_ACTION", confirmed="yes", user="root"),
    chosen(TEAM, "change_member", "ADMIN_ACTION", confirmed="yes", user="bob", is_manager="on"),
    chosen(TEAM, "remove_member", "ADMIN_ACTION", confirmed="yes", user="bob"),
    chosen(TEAM, "dissolve", "ADMIN_ACTION", confirmed="yes"),
]
LIBRARY = [visit(**one) for one in library_recorded.VISITED]
VISITS = [*PAGES, *ACCOUNT, *API, *LIBRARY, *BACK_OFFICE, *BACK_OFFICE_OF_PANELS]

# {(address, method): why}
CHANGES_NOTHING = {
    ("decide/", "POST"): "a decision stands in the browser's session",
    ("account/password/reset/", "POST"): "a mail; the answer is the same whether there is an account",
    ("account/2fa/reauthenticate/", "POST"): "the browser's session alone knows it",
    ("api/v1/catalogue/gene-matrix/", "POST"): "computes",
    ("api/v1/genes/resolve/", "POST"): "computes",
    ("api/v1/merges/", "POST"): "computes",
    ("api/v1/timezone/detect/", "POST"): "a cookie",
    **{
        (f"admin/{page}", "POST"): "leads elsewhere, or shows"
        for page in ("", "users", "users/", "login/", "logout/", "password_change/", "password_change/done/")
    },
    ("admin/<app_label>/", "POST"): "shows",
    **{
        (row.route, row.method): "leads to the page, or to the record"
        for row in OFFICE
        if row.method == "POST" and row.route.endswith(("<path:object_id>/", "history/"))
    },
    **{
        (f"admin/{model}/", "POST"): "has no actions"
        for model in (
            *("panels/generation", "panels/cataloguepanel", "panels/generelease", "panels/gene", "panels/upload"),
            "panels/paneldownload",
        )
    },
}
UNRECORDED = {("announcements/<int:pk>/dismiss/", "POST"): "what one reader does not want to see again"}
# Where somebody else's server is asked meanwhile.
ELSEWHERE = library_recorded.ELSEWHERE | {
    ("account/oidc/<str:provider_id>/login/", "POST"): "tests/accounts/views/test_provider.py",
    ("account/oidc/<str:provider_id>/login/callback/", "POST"): "tests/accounts/views/test_provider.py",
    ("account/3rdparty/signup/", "POST"): "tests/accounts/views/test_provider.py",
    ("account/password/set/", "POST"): "tests/accounts/views/test_provider.py",
}
