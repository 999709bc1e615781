"""Who may do what, at every address: written from the contract and never from the code. AC-05, F-7.

``tests/test_access.py`` asks each row as each role. An address of the URLconf
without a row fails there, and a row without an address too. Methods that are
not named here must do nothing at all, and whoever is refused changes nothing.

What stands in an address may be one's own or somebody else's; ``of`` says which.
Things with more dimensions than that (relation, state, visibility) have a table
of their own, of the same rows: make it a list beside the ones here and add it
to ``TABLE``.
"""

from __future__ import annotations

from datetime import date, timedelta

from tests.asking import Row, at
from tests.panels.library_access import LIBRARY, LIBRARY_PAGES

# What becomes of a request:
#           anonymous VIEWER USER EDITOR AUDITOR ADMIN
EVERYBODY = "yes      yes    yes  yes    yes     yes"
HAS_ACCOUNT = "sign-in yes    yes  yes    yes     yes"
NEW_HERE = "yes       302    302  302    302     302"
PROGRAM = "401       yes    yes  yes    yes     yes"
TOKENS = "401        403    yes  yes    yes     yes"
STAFF = "sign-in      403    403  yes    yes     yes"
EDITORS = "sign-in      403    403  yes    403     yes"
READERS = "sign-in    403    403  403    yes     yes"
API_READERS = "401    403    403  403    yes     yes"
ADMINS = "sign-in     403    403  403    403     yes"
NO_STAFF = "sign-in   403    403  403    403  403"
NOTHING = "sign-in    403    403  404    404  404"
TO_SIGN_IN = "sign-in sign-in sign-in sign-in sign-in sign-in"
NOBODY = "404 404 404 404 404 404"
NOBODY_SIGNED_IN = "sign-in 404 404 404 404 404"
NO_PROGRAM = "401 404 404 404 404 404"

SOON = f"{date.today() + timedelta(days=30)}T12:00:00Z"
OWN, ANOTHERS = "own", "another's"
LIST = {"inputs": [{"name": "mine", "genes": ["BRCA1"]}]}
BASKET = "uk:<panel_id>=green"

# --- Finding, merging, downloading: no account needed -----------------------------------------------------------

PAGES: list[Row] = [
    *at("", GET=(EVERYBODY, 200)),
    *at("decide/", POST=(EVERYBODY, 400)),
    *at("download/<str:format_name>/", query=BASKET, POST=(EVERYBODY, 200)),
    *at("uploads/", POST=(EVERYBODY, 302, {"text": "BRCA1"})),
    *at("uploads/<uuid:upload_id>/", of=OWN, GET=(EVERYBODY, 200)),
    *at("uploads/<uuid:upload_id>/column/", of=OWN, POST=(EVERYBODY, 302, {"column": "0"})),
    *at("uploads/<uuid:upload_id>/remove/", of=OWN, POST=(EVERYBODY, 302)),
    *at("uploads/<uuid:upload_id>/problems.csv", of=OWN, GET=(EVERYBODY, 200)),
    *at("uploads/<uuid:upload_id>/", of=ANOTHERS, GET=(NOBODY, 404)),
    *at("uploads/<uuid:upload_id>/column/", of=ANOTHERS, POST=(NOBODY, 404, {"column": "0"})),
    *at("uploads/<uuid:upload_id>/remove/", of=ANOTHERS, POST=(NOBODY, 404)),
    *at("uploads/<uuid:upload_id>/problems.csv", of=ANOTHERS, GET=(NOBODY, 404)),
    *at("catalogue/", GET=(EVERYBODY, 200)),
    *at("catalogue/compare/", GET=(EVERYBODY, 200)),
    *at("catalogue/compare/download/", query="a=uk:<panel_id>&b=uk:<panel_id>", POST=(EVERYBODY, 200)),
    *at("catalogue/<source:source>/<panel:panel_id>/", GET=(EVERYBODY, 200)),
    *at("matrix/", GET=(EVERYBODY, 200)),
    *at("matrix/paste/", POST=(EVERYBODY, 302, {"text": "BRCA1"})),
    *at(
        "matrix/download/<str:format_name>/", of=OWN, query="upload:<upload_id>=&uk:<panel_id>=", POST=(EVERYBODY, 200)
    ),
    *at("genes/", GET=(EVERYBODY, 200)),
    *at("genes/<path:symbol>/", GET=(EVERYBODY, 200)),
    *at("announcements/<int:pk>/dismiss/", of="for everyone", POST=(EVERYBODY, 302)),
    *at("announcements/<int:pk>/dismiss/", of="for staff", POST=("404 404 404 yes yes yes", 302)),
    *at("favicon.ico", GET=(EVERYBODY, 302)),
    # Bookmarks of the older application.
    *(
        row
        for old in ("auth/login", "auth/profile", "auth/register", "my-panels", "auth/admin/users")
        for row in at(old, GET=(EVERYBODY, 301))
    ),
    *(
        row
        for old in ("auth/admin/audit-logs", "version", "version-history", "api/version")
        for row in at(old, GET=(EVERYBODY, 301))
    ),
    *at("healthz", GET=(EVERYBODY, 200)),
    *at("readyz", GET=(EVERYBODY, 200)),
]

# --- One's own account: everybody who has one, whatever the role ------------------------------------------------

ACCOUNT: list[Row] = [
    *at("account/", GET=(HAS_ACCOUNT, 200)),
    *at("account/profile/", GET=(HAS_ACCOUNT, 200), POST=(HAS_ACCOUNT, 302, {"username": "another-name"})),
    *at(
        "account/timezone/",
        GET=(HAS_ACCOUNT, 200),
        POST=(HAS_ACCOUNT, 302, {"timezone": "Europe/London", "time_format": "12h"}),
    ),
    *at("account/data/", GET=(HAS_ACCOUNT, 200), POST=(HAS_ACCOUNT, 200)),
    *at("account/delete/", GET=(HAS_ACCOUNT, 200), POST=(HAS_ACCOUNT, 302)),
    *at("account/sessions/", GET=(HAS_ACCOUNT, 200)),
    *at("account/sessions/end-others/", POST=(HAS_ACCOUNT, 302)),
    *at("account/sessions/<int:pk>/end/", of="own session", POST=(HAS_ACCOUNT, 302)),
    *at("account/sessions/<int:pk>/end/", of="another's session", POST=(NOBODY_SIGNED_IN, 404)),
    # Tokens from USER on; an auditor's may only read.
    *at(
        "account/tokens/",
        GET=(HAS_ACCOUNT, 200),
        POST=("sign-in 403 yes yes yes yes", 200, {"name": "nightly", "scope": "read", "days": "30"}),
    ),
    *at(
        "account/tokens/",
        of="that write",
        POST=("sign-in 403 yes yes 403 yes", 200, {"name": "nightly", "scope": "write", "days": "30"}),
    ),
    *at("account/tokens/<int:pk>/revoke/", of="own token", POST=(HAS_ACCOUNT, 302)),
    *at("account/tokens/<int:pk>/revoke/", of="another's token", POST=(NOBODY_SIGNED_IN, 404)),
    *at("account/login/", GET=(NEW_HERE, 200), POST=(NEW_HERE, 200, {"login": "nobody", "password": "wrong"})),
    *at("account/logout/", GET=("302 yes yes yes yes yes", 200), POST=(EVERYBODY, 302)),
    *at("account/inactive/", GET=(EVERYBODY, 200)),
    *at("account/reauthenticate/", GET=(HAS_ACCOUNT, 200), POST=(HAS_ACCOUNT, 200, {"password": "wrong"})),
    *at("account/signup/", GET=(NEW_HERE, 200), POST=(NEW_HERE, 200, {"email": "no address"})),
    *at(
        "account/email/",
        GET=(HAS_ACCOUNT, 200),
        POST=(HAS_ACCOUNT, 302, {"email": "new@example.org", "action_add": "1"}),
    ),
    *at("account/confirm-email/", GET=(EVERYBODY, 200)),
    *at("account/confirm-email/<str:key>/", GET=(EVERYBODY, 200), POST=(NOBODY, 404)),
    *at("account/password/change/", GET=(HAS_ACCOUNT, 200), POST=(HAS_ACCOUNT, 200, {"oldpassword": "wrong"})),
    # All of them have a password already.
    *at("account/password/set/", GET=(HAS_ACCOUNT, 302), POST=(HAS_ACCOUNT, 302, {"password1": "x"})),
    *at("account/password/reset/", GET=(EVERYBODY, 200), POST=(EVERYBODY, 302, {"email": "nobody@example.org"})),
    *at("account/password/reset/done/", GET=(EVERYBODY, 200)),
    *at("account/password/reset/key/<uidb36>-<key>/", GET=(EVERYBODY, 200), POST=(EVERYBODY, 200)),
    *at("account/password/reset/key/done/", GET=(EVERYBODY, 200)),
    *at("account/2fa/", GET=(HAS_ACCOUNT, 200)),
    *at("account/2fa/authenticate/", GET=(HAS_ACCOUNT, 302), POST=(HAS_ACCOUNT, 302)),
    *at("account/2fa/reauthenticate/", GET=(HAS_ACCOUNT, 302), POST=(HAS_ACCOUNT, 302)),
    *at("account/2fa/totp/activate/", GET=(HAS_ACCOUNT, 200), POST=(HAS_ACCOUNT, 200, {"code": "000000"})),
    *at("account/2fa/totp/deactivate/", GET=(NOBODY_SIGNED_IN, 404), POST=(NOBODY_SIGNED_IN, 404)),
    *at("account/2fa/recovery-codes/", GET=(NOBODY_SIGNED_IN, 404)),
    # Without a second factor there are none to make.
    *at("account/2fa/recovery-codes/generate/", GET=(HAS_ACCOUNT, 200), POST=(HAS_ACCOUNT, 200)),
    *at("account/2fa/recovery-codes/download/", GET=(NOBODY_SIGNED_IN, 404)),
    *at("account/3rdparty/", GET=(HAS_ACCOUNT, 200), POST=(HAS_ACCOUNT, 200, {"account": "1"})),
    # Nobody comes from a provider in these tests.
    *at("account/3rdparty/signup/", GET=(TO_SIGN_IN, 302), POST=(TO_SIGN_IN, 302)),
    *at("account/3rdparty/login/cancelled/", GET=(EVERYBODY, 200)),
    *at("account/3rdparty/login/error/", GET=(EVERYBODY, 401)),
    *at("account/oidc/<str:provider_id>/login/", GET=(NOBODY, 404), POST=(NOBODY, 404)),
    *at("account/oidc/<str:provider_id>/login/callback/", GET=(NOBODY, 404), POST=(NOBODY, 404)),
]

# --- For programs ----------------------------------------------------------------------------------------------

API: list[Row] = [
    *at("api/v1/version/", GET=(EVERYBODY, 200)),
    *at("api/v1/schema/", GET=(EVERYBODY, 200)),
    *at("api/v1/docs/", GET=(EVERYBODY, 200)),
    *at("api/v1/catalogue/panels/", GET=(EVERYBODY, 200)),
    *at("api/v1/catalogue/panels/<source:source>/<panel:panel_id>/", GET=(EVERYBODY, 200)),
    *at("api/v1/catalogue/genes/<path:gene>/", GET=(EVERYBODY, 200)),
    *at("api/v1/catalogue/gene-matrix/", POST=(EVERYBODY, 200, {"genes": ["BRCA1"]})),
    *at("api/v1/genes/resolve/", POST=(EVERYBODY, 200, {"symbols": ["BRCA1"]})),
    *at("api/v1/genes/suggest/", query="q=BRC", GET=(EVERYBODY, 200)),
    *at("api/v1/uploads/", GET=(EVERYBODY, 200), POST=(EVERYBODY, 201, {"text": "BRCA1"})),
    *at(
        "api/v1/uploads/<uuid:pk>/",
        of=OWN,
        GET=(EVERYBODY, 200),
        PATCH=(EVERYBODY, 200, {"column": 0}),
        DELETE=(EVERYBODY, 204),
    ),
    *at(
        "api/v1/uploads/<uuid:pk>/",
        of=ANOTHERS,
        GET=(NOBODY, 404),
        PATCH=(NOBODY, 404, {"column": 0}),
        DELETE=(NOBODY, 404),
    ),
    *at("api/v1/merges/", POST=(EVERYBODY, 200, LIST)),
    *at("api/v1/merges/export/<str:format_name>/", POST=(EVERYBODY, 200, LIST)),
    *at("api/v1/timezone/current/", GET=(EVERYBODY, 200)),
    *at("api/v1/timezone/detect/", POST=(EVERYBODY, 200, {"timezone": "Europe/London"})),
    *at("api/v1/timezone/set/", POST=(EVERYBODY, 200, {"timezone": "Europe/London"})),
    *at("api/v1/timezone/available/", GET=(EVERYBODY, 200)),
    *at("api/v1/announcements/", GET=(EVERYBODY, 200)),
    *at("api/v1/users/me/", GET=(PROGRAM, 200), PATCH=(PROGRAM, 200, {"first_name": "Ada"})),
    *at(
        "api/v1/tokens/",
        GET=(PROGRAM, 200),
        POST=(TOKENS, 201, {"name": "nightly", "scope": "read", "expires_at": SOON}),
    ),
    *at(
        "api/v1/tokens/",
        of="that write",
        POST=("401 403 yes yes 403 yes", 201, {"name": "nightly", "scope": "write", "expires_at": SOON}),
    ),
    *at("api/v1/tokens/<int:pk>/", of="own token", DELETE=(PROGRAM, 204)),
    *at("api/v1/tokens/<int:pk>/", of="another's token", DELETE=(NO_PROGRAM, 404)),
    *at("api/v1/audit/events/", GET=(API_READERS, 200)),
]

# --- The back office: editors what is theirs to edit, auditors everything and change nothing ----------------------


def model(
    name: str, who: str, *, adds: tuple[str, dict] = (NO_STAFF, {}), edits: tuple[str, dict] = (NO_STAFF, {})
) -> list[Row]:
    """The addresses of a model and of one row of it; who looks, who adds what, who changes what."""
    one = f"admin/{name}/<path:object_id>/"
    return [
        *at(f"admin/{name}/", GET=(who, 200)),
        *at(f"admin/{name}/add/", GET=(adds[0], 200), POST=(adds[0], 302, adds[1])),
        *at(one, of=name, GET=(STAFF, 302), POST=(STAFF, 302)),
        *at(f"{one}change/", of=name, GET=(who, 200), POST=(edits[0], 302, edits[1])),
        # In the record.
        *at(f"{one}history/", of=name, GET=(READERS, 302), POST=(READERS, 302)),
        *at(f"{one}delete/", of=name, GET=(NO_STAFF, 403), POST=(NO_STAFF, 403)),
    ]


def acts(name: str, who: str, action: str, **sent: str) -> list[Row]:
    """An action of a list on one row of it. To whom it is not offered, it is as if none was chosen: 200."""
    return at(f"admin/{name}/", of=name, POST=(who, 302, {"action": action, "_selected_action": "<object_id>", **sent}))


MESSAGE = {"title": "Tonight", "message": "We move.", "message_type": "info", "audience": "everyone", "is_active": "on"}
BLOCK = {"network": "192.0.2.0/24", "extent": "all", "reason": "test", "ends_at_0": SOON[:10], "ends_at_1": "12:00"}

TEAM = {"name": "Another name", "description": ""}


def library_model(name: str, *actions: tuple[str, dict[str, str]]) -> list[Row]:
    """A model of the library: auditors read it and its file, administrators act on it."""
    chosen = {"action": "download_list", "_selected_action": "<object_id>"}
    return [
        *model(f"panels/{name}", READERS),
        *at(f"admin/panels/{name}/", of=f"panels/{name}", POST=(READERS, 200, chosen)),
        *[
            row
            for action, sent in actions
            for row in acts(f"panels/{name}", "sign-in 403 403 403 302 yes", action, confirmed="yes", **sent)
        ],
    ]


BACK_OFFICE: list[Row] = [
    *at("admin/", GET=(STAFF, 200), POST=(STAFF, 200)),
    *at("admin/users", GET=(STAFF, 302), POST=(STAFF, 302)),
    *at("admin/users/", GET=(STAFF, 302), POST=(STAFF, 302)),
    # To the one door, the one way out and the one place to change a password.
    *at("admin/login/", GET=(TO_SIGN_IN, 302), POST=(TO_SIGN_IN, 302)),
    *at("admin/logout/", GET=("302 403 403 yes yes yes", 302), POST=("302 403 403 yes yes yes", 302)),
    *at("admin/password_change/", GET=(STAFF, 302), POST=(STAFF, 302)),
    *at("admin/password_change/done/", GET=(STAFF, 302), POST=(STAFF, 302)),
    *at("admin/autocomplete/", GET=(NO_STAFF, 403)),
    *at("admin/jsi18n/", GET=(STAFF, 200)),
    *at("admin/r/<path:content_type_id>/<path:object_id>/", GET=(NOTHING, 404), POST=(NOTHING, 404)),
    *at("admin/<app_label>/", GET=(STAFF, 200), POST=(STAFF, 200)),
    *at("admin/<url>", GET=(NOTHING, 404), POST=(NOTHING, 404)),
    *model("panels/generation", STAFF),
    *at("admin/panels/generation/", POST=(STAFF, 200)),
    *model("panels/cataloguepanel", STAFF),
    *at("admin/panels/cataloguepanel/", POST=(STAFF, 200)),
    *model("panels/generelease", STAFF),
    *at("admin/panels/generelease/", POST=(STAFF, 200)),
    *model("panels/gene", STAFF),
    *at("admin/panels/gene/", POST=(STAFF, 200)),
    *model("panels/paneldownload", READERS),
    *at("admin/panels/paneldownload/", POST=(READERS, 200)),
    *model("audit/blockedaddress", READERS, adds=(ADMINS, BLOCK)),
    *acts("audit/blockedaddress", "sign-in 403 403 403 200 yes", "lift_blocks"),
    *model("audit/auditlog", READERS),
    *at("admin/audit/auditlog/", POST=(NO_STAFF, 403)),
    *model("announcements/adminmessage", STAFF, adds=(EDITORS, MESSAGE), edits=(EDITORS, MESSAGE)),
    *acts("announcements/adminmessage", "sign-in 403 403 yes 200 yes", "switch_off"),
    *model("panels/upload", READERS),
    *at("admin/panels/upload/", POST=(READERS, 200)),
    *model("accounts/user", READERS, adds=(ADMINS, {"email": "new@example.org", "role": "USER"})),
    *model("accounts/lock", READERS),
    # Each shows what it will do; ``confirmed`` does it.
    *acts("accounts/lock", "sign-in 403 403 403 200 yes", "lift", confirmed="yes"),
    *[
        row
        for action in ("deactivate", "activate", "unlock", "start_reset", "end_sessions")
        for row in acts("accounts/user", "sign-in 403 403 403 200 yes", action, confirmed="yes")
    ],
    *acts("accounts/user", "sign-in 403 403 403 200 yes", "change_role", role="VIEWER", confirmed="yes"),
    *library_model(
        "savedpanel",
        ("archive", {}),
        ("activate", {}),
        ("change_visibility", {"visibility": "PUBLIC"}),
        ("hand_over", {"to": "root", "keep": "VIEW"}),
        ("remove", {}),
        ("bring_back", {}),
    ),
    *library_model("panelversion"),
    *library_model("panelshare", ("revoke", {}), ("change_level", {"level": "VIEW"})),
    *library_model("panelcomment"),
    *library_model("panelversiontag", ("take_off", {})),
    *library_model("retentionpolicy"),
    *library_model("exporttemplate"),
    # Where genes are, and nowhere else: administrators alone, and it is recorded.
    *[
        row
        for name in ("savedpanel", "panelversion")
        for row in at(
            f"admin/panels/{name}/<panel:object_id>/genes/",
            of=f"panels/{name}",
            GET=(ADMINS, 200),
            POST=(NO_STAFF, 403),
        )
    ],
    *model("panels/team", STAFF, adds=(EDITORS, TEAM), edits=(EDITORS, TEAM)),
    *[
        row
        for action, sent in (
            ("add_member", {"user": "root"}),
            ("change_member", {"user": "bob", "is_manager": "on"}),
            ("remove_member", {"user": "bob"}),
            ("dissolve", {}),
        )
        for row in acts("panels/team", "sign-in 403 403 yes 200 yes", action, confirmed="yes", **sent)
    ],
]
TABLE: list[Row] = [*PAGES, *ACCOUNT, *API, *LIBRARY, *LIBRARY_PAGES, *BACK_OFFICE]
