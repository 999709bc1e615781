"""Who may do what with a saved panel, at every address: written from the contract and never from the code. F-7, BG-20.

``tests/panels/library/test_access.py`` asks it: every role in every
relation, state and visibility at every address, of programs and of pages, by
every method. An address of the library without a row fails there, and a row
without an address too. The same addresses stand, role by role,
in ``LIBRARY`` for ``tests/access.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.asking import Row, at

ROLES = ("anonymous", "VIEWER", "USER", "EDITOR", "AUDITOR", "ADMIN")
RELATIONS = ("owner", "none", "VIEW", "COMMENT", "EDIT", "ADMIN", "expired", "revoked", "team", "reshare", "address")
STATES = ("ACTIVE", "DRAFT", "ARCHIVED", "DELETED")
VISIBILITIES = ("PRIVATE", "SHARED", "PUBLIC")

# How far a relation reaches. The team has the panel at COMMENT; the address at EDIT; reshare is VIEW, to be passed on.
REACH = {
    "owner": "OWNER",
    "none": "NONE",
    "VIEW": "VIEW",
    "COMMENT": "COMMENT",
    "EDIT": "EDIT",
    "ADMIN": "ADMIN",
    "expired": "NONE",
    "revoked": "NONE",
    "team": "COMMENT",
    "reshare": "VIEW",
    "address": "EDIT",
}
LEVELS = ("NONE", "VIEW", "COMMENT", "EDIT", "ADMIN", "OWNER")
# Roles that look at panels and change none.
LOOKING = ("VIEWER", "AUDITOR")


@dataclass(frozen=True, slots=True)
class Act:
    """At an address below ``BASE``; or, where the route begins with a slash, a page and what is sent to it as a form.

    ``needs`` is the level it takes; SHARE is ADMIN, or a share that may be passed on. ``done`` is the status of
    success, ``archived`` what an archived panel answers instead. ``for_all``: also without an account where the panel
    is public. ``keeps``: it takes a role that owns panels. ``of_managers``: who only passes shares on does not see it.
    The panel's number stands in the route as ``{id}``, that of a share on it as ``{share}``; ``if_match`` says that it
    comes with the ETag."""

    method: str
    route: str
    needs: str
    done: int
    sent: dict[str, Any] = field(default_factory=dict)
    archived: int | None = None
    for_all: bool = False
    keeps: bool = False
    if_match: bool = False
    of_managers: bool = False

    @property
    def is_page(self) -> bool:
        return self.route.startswith("/")

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


PANEL = "{id}/"
EDIT = {"gene_changes": {"add": ["MYH7"]}}
WHOLE = {"name": "New", "genes": ["TTN"]}
MERGE = {"inputs": [{"name": "more", "genes": ["MYH7"]}]}
TAG = {"tag_name": "new", "tag_type": "BACKUP"}

ACTS = [
    Act("GET", PANEL, "VIEW", 200, for_all=True),
    Act("PUT", PANEL, "EDIT", 200, WHOLE, archived=409, if_match=True),
    Act("PATCH", PANEL, "EDIT", 200, EDIT, archived=409, if_match=True),
    # The state is the managers' to change, also of what is archived.
    Act("PATCH", "{id}/#state", "ADMIN", 200, {"status": "ACTIVE"}, if_match=True),
    Act("DELETE", PANEL, "OWNER", 204),
    Act("GET", "{id}/versions/", "VIEW", 200, for_all=True),
    Act("GET", "{id}/versions/1/", "VIEW", 200, for_all=True),
    Act("POST", "{id}/versions/1/restore/", "EDIT", 200, archived=409, if_match=True),
    Act("GET", "{id}/versions/1/tags/", "VIEW", 200, for_all=True),
    Act("POST", "{id}/versions/1/tags/", "EDIT", 201, TAG),
    Act("DELETE", "{id}/versions/1/tags/?tag_name=old", "EDIT", 204),
    Act("DELETE", "{id}/versions/1/tags/?tag_name=live", "ADMIN", 204),
    Act("GET", "{id}/diff/1/2/", "VIEW", 200, for_all=True),
    Act("GET", "{id}/changes/", "VIEW", 200),
    Act("GET", "{id}/shares/", "SHARE", 200),
    Act("POST", "{id}/shares/", "SHARE", 201, {"user": "dora", "permission_level": "VIEW"}),
    Act("POST", "{id}/shares/#edit", "ADMIN", 201, {"user": "dora", "permission_level": "EDIT"}),
    Act("PATCH", "{id}/shares/{share}/", "ADMIN", 200, {"permission_level": "COMMENT"}, of_managers=True),
    Act("DELETE", "{id}/shares/{share}/", "ADMIN", 204, of_managers=True),
    Act("GET", "{id}/comments/", "VIEW", 200),
    Act("POST", "{id}/comments/", "COMMENT", 201, {"text": "Why?"}, archived=409),
    Act("GET", "{id}/retention/", "VIEW", 200),
    Act("PUT", "{id}/retention/", "ADMIN", 200, {"max_versions": 3}),
    Act("POST", "{id}/duplicate/", "VIEW", 201, keeps=True),
    Act("POST", "{id}/hand-over/", "OWNER", 200, {"user": "dora"}),
    Act("GET", "{id}/export/csv/", "VIEW", 200, for_all=True),
    Act("POST", "export/csv/", "VIEW", 200, {"ids": ["{id}"]}),
    Act("POST", "{id}/merge/", "EDIT", 200, MERGE, archived=409, if_match=True),
]
SAVE = {"act": "save", "pending": "[]", "paste": "MYH7", "paste_verb": "add"}
KEEP = {"max_versions": "9", "backup_retention_days": "30", "cleanup_frequency_hours": "24"}
WITH_DORA = {"with": "person", "user": "dora", "level": "VIEW"}
PAGES = [
    Act("GET", "/panels/{id}/", "VIEW", 200, for_all=True),
    Act("GET", "/panels/{id}/edit/", "EDIT", 200),
    Act("POST", "/panels/{id}/edit/", "EDIT", 302, SAVE, archived=409),
    Act("GET", "/panels/{id}/about/", "VIEW", 200, for_all=True),
    Act("POST", "/panels/{id}/about/", "EDIT", 302, {"name": "New"}, archived=409),
    Act("POST", "/panels/{id}/about/?state", "ADMIN", 302, {"status": "ACTIVE"}),
    Act("GET", "/panels/{id}/versions/", "VIEW", 200, for_all=True),
    Act("GET", "/panels/{id}/versions/1/", "VIEW", 200, for_all=True),
    Act("GET", "/panels/{id}/versions/1/restore/", "EDIT", 200),
    Act("POST", "/panels/{id}/versions/1/restore/", "EDIT", 302, archived=409),
    Act("POST", "/panels/{id}/versions/1/tag/", "EDIT", 302, TAG),
    Act("POST", "/panels/{id}/versions/1/tag/?off", "EDIT", 302, {"remove": "old"}),
    Act("POST", "/panels/{id}/versions/1/tag/?unprotect", "ADMIN", 302, {"remove": "live"}),
    Act("GET", "/panels/{id}/compare/", "VIEW", 200, for_all=True),
    Act("GET", "/panels/{id}/changes/", "VIEW", 200),
    Act("GET", "/panels/{id}/sharing/", "VIEW", 200),
    Act("POST", "/panels/{id}/sharing/", "SHARE", 302, WITH_DORA),
    Act("POST", "/panels/{id}/sharing/?link", "SHARE", 200, {"with": "link"}),
    Act("POST", "/panels/{id}/sharing/?edit", "ADMIN", 302, WITH_DORA | {"level": "EDIT"}),
    Act("POST", "/panels/{id}/sharing/{share}/", "ADMIN", 302, {"level": "COMMENT"}, of_managers=True),
    Act("POST", "/panels/{id}/sharing/{share}/?end", "ADMIN", 302, {"revoke": "1"}, of_managers=True),
    Act("GET", "/panels/{id}/discussion/", "VIEW", 200),
    Act("POST", "/panels/{id}/discussion/", "COMMENT", 302, {"text": "Why?"}, archived=409),
    Act("GET", "/panels/{id}/exports/", "VIEW", 200, for_all=True),
    Act("POST", "/panels/{id}/download/", "VIEW", 200, {"format": "csv"}, for_all=True),
    Act("POST", "/panels/", "VIEW", 200, {"ids": ["{id}"], "format": "csv"}),
    Act("GET", "/panels/{id}/retention/", "ADMIN", 200),
    Act("POST", "/panels/{id}/retention/", "ADMIN", 302, KEEP),
    Act("POST", "/panels/{id}/duplicate/", "VIEW", 302, keeps=True),
    Act("GET", "/panels/{id}/give/", "OWNER", 200),
    Act("POST", "/panels/{id}/give/", "OWNER", 302, {"user": "dora"}),
    Act("GET", "/panels/{id}/delete/", "OWNER", 200),
    Act("POST", "/panels/{id}/delete/", "OWNER", 302),
]
# Deleted panels are brought back at the one address that still knows them.
UNDELETE = Act("POST", "{id}/undelete/", "OWNER", 200, archived=409)
UNDELETE_PAGE = Act("POST", "/panels/{id}/undelete/", "OWNER", 302, archived=409)


def level(role: str, relation: str, state: str, visibility: str) -> str:
    """How far they may go, by the contract's words."""
    if role == "ADMIN":
        return "OWNER"
    is_public = visibility == "PUBLIC" and state not in ("DRAFT", "DELETED")
    public = "VIEW" if is_public else "NONE"
    if role == "anonymous":
        return public
    reach = max(REACH[relation], public, key=LEVELS.index)
    return min(reach, "VIEW", key=LEVELS.index) if role in LOOKING else reach


def expected(act: Act, role: str, relation: str, state: str, visibility: str) -> int:
    """The status that an answer must have."""
    reached = level(role, relation, state, visibility)
    if act in (UNDELETE, UNDELETE_PAGE):
        return _undelete(act, role, relation, state, reached)
    if role == "anonymous":
        if act.for_all and reached == "VIEW" and state != "DELETED":
            return act.done
        # Pages ask to sign in, whatever is there; a form without a session is not taken.
        return 302 if act.is_page and act.method == "GET" else 401
    if state == "DELETED" or reached == "NONE":
        return 404
    needs, passes_on = act.needs, relation == "reshare" and role not in (*LOOKING, "ADMIN")
    if act.of_managers and passes_on:
        return 404
    if needs == "SHARE":
        needs = "VIEW" if passes_on else "ADMIN"
    if LEVELS.index(reached) < LEVELS.index(needs) or (act.keeps and role in LOOKING):
        return 403
    if state == "ARCHIVED" and act.archived is not None:
        return act.archived
    return act.done


def _undelete(act: Act, role: str, relation: str, state: str, reached: str) -> int:
    if role == "anonymous":
        return 401
    if role in LOOKING:
        return 403
    if state == "DELETED":
        return act.done if role == "ADMIN" or relation == "owner" else 404
    if reached == "NONE":
        return 404
    return 409 if reached == "OWNER" else 403


# --- The same addresses role by role, for tests/access.py: a private panel, one's own and another's -----------------

OWN, ANOTHERS = "own panel", "another's panel"
TEAM_OWN, TEAM_ANOTHERS = "own team", "another's team"
TEMPLATE_OWN, TEMPLATE_ANOTHERS = "own template", "another's template"
BASE = "api/v1/saved-panels/"
ONE = f"{BASE}<panel:panel_id>/"
VERSION = f"{ONE}versions/<panel:number>/"
#         anonymous VIEWER USER EDITOR AUDITOR ADMIN
READS = "401 yes yes yes yes yes"
CHANGES = "401 403 yes yes 403 yes"
OTHERS = "401 404 404 404 404 yes"
EDITORS = "401 403 403 yes 403 yes"
EVERYBODY = "yes yes yes yes yes yes"
NOBODY = "404 404 404 404 404 404"
PERSONAL = "401 404 404 404 404 404"
LIST = {"inputs": [{"name": "mine", "genes": ["BRCA1"]}]}


def _panel(of: str, reads: str, changes: str) -> list[Row]:
    """Without If-Match a change that would be let through is 428."""
    return [
        *at(ONE, of=of, GET=(reads, 200), PUT=(changes, 428, WHOLE), PATCH=(changes, 428, EDIT), DELETE=(changes, 204)),
        *at(f"{ONE}versions/", of=of, GET=(reads, 200)),
        *at(VERSION, of=of, GET=(reads, 200)),
        *at(f"{VERSION}restore/", of=of, POST=(changes, 428)),
        *at(f"{VERSION}tags/", of=of, GET=(reads, 200), POST=(changes, 201, TAG)),
        *at(f"{VERSION}tags/", of=of, query="tag_name=none", DELETE=(changes.replace("yes", "404"), 204)),
        *at(f"{ONE}diff/<panel:a>/<panel:b>/", of=of, GET=(reads, 200)),
        *at(f"{ONE}changes/", of=of, GET=(reads, 200)),
        *at(f"{ONE}shares/", of=of, GET=(changes, 200), POST=(changes, 201, {"user": "someone@example.org"})),
        *at(
            f"{ONE}shares/<panel:share_id>/",
            of=of,
            PATCH=(changes, 200, {"permission_level": "VIEW"}),
            DELETE=(changes, 204),
        ),
        *at(f"{ONE}comments/", of=of, GET=(reads, 200), POST=(changes, 201, {"text": "x"})),
        *at(f"{ONE}retention/", of=of, GET=(reads, 200), PUT=(changes, 200, {"max_versions": 9})),
        *at(f"{ONE}duplicate/", of=of, POST=(changes, 201)),
        *at(f"{ONE}hand-over/", of=of, POST=(changes.replace("yes", "400"), 200, {"user": "nobody-so-called"})),
        *at(f"{ONE}export/<str:format_name>/", of=of, GET=(reads, 200)),
        *at(f"{ONE}merge/", of=of, POST=(changes, 428, LIST)),
    ]


# --- The same for pages: who is not signed in is asked to; a form that comes without a session is not taken. ---------

PAGE = "panels/<panel:panel_id>/"
PAGE_OF_VERSION = f"{PAGE}versions/<panel:number>/"
SEES, SENDS_READING = "sign-in yes yes yes yes yes", "401 yes yes yes yes yes"
SEES_EDITING, SENDS = "sign-in 403 yes yes 403 yes", "401 403 yes yes 403 yes"
SEES_OTHERS, SENDS_TO_OTHERS = "sign-in 404 404 404 404 yes", "401 404 404 404 404 yes"
FOUNDS = "401 403 403 yes 403 yes"


def _pages(of: str, sees: str, edits: str, sends_reading: str, sends: str) -> list[Row]:
    return [
        *at(PAGE, of=of, GET=(sees, 200)),
        *at(f"{PAGE}edit/", of=of, GET=(edits, 200), POST=(sends, 200)),
        *at(f"{PAGE}about/", of=of, GET=(sees, 200), POST=(sends, 302, {"name": "Other", "expected": "1"})),
        *at(f"{PAGE}versions/", of=of, GET=(sees, 200)),
        *at(PAGE_OF_VERSION, of=of, GET=(sees, 200)),
        *at(f"{PAGE_OF_VERSION}restore/", of=of, GET=(edits, 200), POST=(sends, 302)),
        *at(f"{PAGE_OF_VERSION}tag/", of=of, POST=(sends, 302, TAG)),
        *at(f"{PAGE}compare/", of=of, GET=(sees, 200)),
        *at(f"{PAGE}changes/", of=of, GET=(sees, 200)),
        *at(f"{PAGE}sharing/", of=of, GET=(sees, 200), POST=(sends, 200, {"with": "link"})),
        *at(f"{PAGE}sharing/<panel:share_id>/", of=of, POST=(sends, 302, {"level": "VIEW"})),
        *at(f"{PAGE}discussion/", of=of, GET=(sees, 200), POST=(sends, 302, {"text": "x"})),
        *at(f"{PAGE}download/", of=of, POST=(sends_reading, 200, {"format": "csv"})),
        *at(f"{PAGE}exports/", of=of, GET=(sees, 200)),
        *at(f"{PAGE}retention/", of=of, GET=(edits, 200), POST=(sends, 302, KEEP)),
        *at(f"{PAGE}duplicate/", of=of, POST=(sends, 302)),
        *at(
            f"{PAGE}give/",
            of=of,
            GET=(edits, 200),
            POST=(sends.replace("yes", "400"), 302, {"user": "nobody-so-called"}),
        ),
        *at(f"{PAGE}delete/", of=of, GET=(edits, 200), POST=(sends, 302)),
    ]


LIBRARY_PAGES: list[Row] = [
    *at("panels/", GET=(EVERYBODY, 200)),
    *at("panels/", of=OWN, POST=(SENDS_READING, 200, {"ids": "<ids>", "format": "csv"})),
    *at("panels/", of=ANOTHERS, POST=(SENDS_TO_OTHERS, 200, {"ids": "<ids>", "format": "csv"})),
    *at("panels/new/", GET=(SEES, 200), POST=(SENDS, 302, {"name": "New", "genes": "BRCA1"})),
    *at("panels/save/", query="uk:<panel_id>=green", GET=(SEES, 200), POST=(SENDS, 302, {"name": "New"})),
    *at("panels/import/", GET=(SEES, 200), POST=(SENDS_READING.replace("yes", "400"), 302)),
    *_pages(OWN, SEES, SEES_EDITING, SENDS_READING, SENDS),
    *_pages(ANOTHERS, SEES_OTHERS, SEES_OTHERS, SENDS_TO_OTHERS, SENDS_TO_OTHERS),
    # Neither is deleted.
    *at(f"{PAGE}undelete/", of=OWN, POST=("401 403 409 409 403 409", 302)),
    *at(f"{PAGE}undelete/", of=ANOTHERS, POST=("401 403 404 404 403 409", 302)),
    *at("shared/<str:share_token>/", of=ANOTHERS, GET=(EVERYBODY, 200)),
    *at("shared/<str:share_token>/", GET=(NOBODY, 404)),
    # Whether anybody has it is not said to who might only have to sign in.
    *at("panels/content/<str:content_hash>/", of=OWN, GET=(SEES, 302)),
    *at("panels/content/<str:content_hash>/", GET=("sign-in 404 404 404 404 404", 302)),
    *at("export-templates/", GET=(SEES, 200), POST=(SENDS, 302, {"name": "New", "format": "csv"})),
    *at(
        "export-templates/<panel:template_id>/",
        of=TEMPLATE_OWN,
        GET=(SEES, 200),
        POST=(SENDS_READING, 302, {"act": "change", "name": "Other", "format": "csv"}),
    ),
    *at(
        "export-templates/<panel:template_id>/",
        of=TEMPLATE_ANOTHERS,
        GET=("sign-in 404 404 404 404 404", 200),
        POST=("401 404 404 404 404 404", 302, {"act": "change", "name": "Other", "format": "csv"}),
    ),
    *at("teams/", GET=(SEES, 200), POST=(FOUNDS, 302, {"name": "New"})),
    *at("teams/<panel:team_id>/", of=TEAM_OWN, GET=(SEES, 200), POST=(SENDS, 302, {"act": "change", "name": "N"})),
    *at(
        "teams/<panel:team_id>/",
        of=TEAM_ANOTHERS,
        GET=(SEES_OTHERS, 200),
        POST=("401 404 404 404 404 yes", 302, {"act": "change", "name": "N"}),
    ),
]


LIBRARY: list[Row] = [
    *at(BASE, GET=("401 yes yes yes yes yes", 200), POST=(CHANGES, 201, {"name": "New", "genes": ["BRCA1"]})),
    *at(BASE, of="public ones", query="scope=public", GET=(EVERYBODY, 200)),
    *at("api/v1/merges/save/", POST=(CHANGES, 201, {**LIST, "name": "New"})),
    *at(f"{BASE}import/", POST=("401 403 415 415 403 415", 415)),
    *at(f"{BASE}export/<str:format_name>/", of=OWN, POST=(READS, 200, {"ids": "<ids>"})),
    *at(f"{BASE}export/<str:format_name>/", of=ANOTHERS, POST=(OTHERS, 200, {"ids": "<ids>"})),
    *_panel(OWN, READS, CHANGES),
    *_panel(ANOTHERS, OTHERS, OTHERS),
    # Neither is deleted.
    *at(f"{ONE}undelete/", of=OWN, POST=("401 403 409 409 403 409", 200)),
    *at(f"{ONE}undelete/", of=ANOTHERS, POST=("401 403 404 404 403 409", 200)),
    *at("api/v1/shared/<str:share_token>/", of=ANOTHERS, GET=(EVERYBODY, 200)),
    *at("api/v1/shared/<str:share_token>/", GET=(NOBODY, 404)),
    *at("api/v1/teams/", GET=(READS, 200), POST=(EDITORS, 201, {"name": "New"})),
    *at(
        "api/v1/teams/<panel:team_id>/",
        of=TEAM_OWN,
        GET=(READS, 200),
        PATCH=(CHANGES, 200, {"description": "d"}),
        DELETE=(CHANGES, 204),
    ),
    *at(
        "api/v1/teams/<panel:team_id>/members/",
        of=TEAM_OWN,
        GET=(READS, 200),
        POST=(CHANGES, 201, {"user": "root"}),
    ),
    *at(
        "api/v1/teams/<panel:team_id>/members/<panel:user_id>/",
        of=TEAM_OWN,
        PATCH=(CHANGES, 200, {"is_manager": True}),
        DELETE=(CHANGES, 204),
    ),
    *at(
        "api/v1/teams/<panel:team_id>/",
        of=TEAM_ANOTHERS,
        GET=(OTHERS, 200),
        PATCH=(OTHERS, 200, {"description": "d"}),
        DELETE=(OTHERS, 204),
    ),
    *at(
        "api/v1/teams/<panel:team_id>/members/",
        of=TEAM_ANOTHERS,
        GET=(OTHERS, 200),
        POST=(OTHERS, 201, {"user": "root"}),
    ),
    # The last manager stays one.
    *at(
        "api/v1/teams/<panel:team_id>/members/<panel:user_id>/",
        of=TEAM_ANOTHERS,
        PATCH=(OTHERS, 200, {"is_manager": True}),
        DELETE=("401 404 404 404 404 409", 204),
    ),
    *at(
        "api/v1/export-templates/",
        GET=(READS, 200),
        POST=(CHANGES, 201, {"name": "New", "format": "csv"}),
    ),
    *at(
        "api/v1/export-templates/<panel:template_id>/",
        of=TEMPLATE_OWN,
        GET=(READS, 200),
        PATCH=(READS, 200, {"name": "Other"}),
        DELETE=(READS, 204),
    ),
    *at(
        "api/v1/export-templates/<panel:template_id>/",
        of=TEMPLATE_ANOTHERS,
        GET=(PERSONAL, 200),
        PATCH=(PERSONAL, 200, {"name": "Other"}),
        DELETE=(PERSONAL, 204),
    ),
]
