"""Every release as the last migration of each of our apps, and what an operator should know about it.

A release is a state the database can be at. Apps that a release does not know
yet have no migration in it (None). Once 2.0.0 is tagged, a line never changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from panelmerge.lib.errors import Refusal

APPS = ("accounts", "audit", "announcements", "panels")

RELEASES: dict[str, dict[str, str | None]] = {
    "1.3.0": {
        "accounts": "0001_release_1_3_0",
        "audit": None,
        "announcements": None,
        "panels": "0001_release_1_3_0",
    },
    "1.4.0": {
        "accounts": "0004_release_1_4_0_require_address",
        "audit": "0001_release_1_4_0",
        "announcements": "0001_release_1_4_0",
        "panels": "0002_release_1_4_0",
    },
    "1.4.1": {
        "accounts": "0006_release_1_4_1_set_utc",
        "audit": "0001_release_1_4_0",
        "announcements": "0001_release_1_4_0",
        "panels": "0002_release_1_4_0",
    },
    "1.5.0": {
        "accounts": "0006_release_1_4_1_set_utc",
        "audit": "0003_release_1_5_0_words",
        "announcements": "0001_release_1_4_0",
        "panels": "0004_release_1_5_0_current_version",
    },
    "1.5.1": {
        "accounts": "0006_release_1_4_1_set_utc",
        "audit": "0003_release_1_5_0_words",
        "announcements": "0001_release_1_4_0",
        "panels": "0007_release_1_5_1_widths",
    },
    "2.0.0": {
        "accounts": "0012_release_2_0_0_adopted",
        "audit": "0007_release_2_0_0_watching",
        "announcements": "0004_release_2_0_0_checks",
        "panels": "0017_release_2_0_0_library_guards",
    },
}
NEWEST = next(reversed(RELEASES))
# What the guide calls 1.1 and 1.2 had the tables of 1.3.
SAME_SCHEMA = {"1.1": "1.3.0", "1.2": "1.3.0"}


@dataclass(frozen=True, slots=True)
class About:
    """What a release is, for people.

    ``rewrites``: columns whose values its steps may change on the way forward;
    every other value of every row must be the same before and after, and is
    compared. ``rewrites_back``: the same on the way back. Seconds are those of
    an ordinary machine: a fixed part, and one for each thousand rows of a table.
    """

    title: str
    adds: tuple[str, ...]
    loses: tuple[str, ...]
    seconds: float = 2.0
    seconds_per_1000: Mapping[str, float] = field(default_factory=dict)
    rewrites: frozenset[tuple[str, str]] = frozenset()
    rewrites_back: frozenset[tuple[str, str]] = frozenset()
    # Those of them that the way forward does not bring back by itself: the file of a rollback keeps them.
    changed_back: frozenset[tuple[str, str]] = frozenset()
    # Columns whose words of its own the step back keeps before the row's description, in brackets.
    put_aside: frozenset[tuple[str, str]] = frozenset()
    # Rows that the step back would stop at: (table, condition, why). They go into the file as a whole.
    too_much: tuple[tuple[str, str, str], ...] = ()
    # Columns of its own that the way forward fills: what is empty in them is kept as well.
    refilled: frozenset[tuple[str, str]] = frozenset()
    # Releases of the code that can go on serving a database at this one.
    also_serves: tuple[str, ...] = ()

    def expected_seconds(self, rows: Mapping[str, int]) -> float:
        """How long the step takes with so many rows in each table."""
        return self.seconds + sum(rate * rows.get(table, 0) / 1000 for table, rate in self.seconds_per_1000.items())


_ACTION_TYPES = frozenset({("audit_log", "action_type")})
_WORDS = _ACTION_TYPES | {("audit_log", "action_description")}
# On the way back they carry marks of what older columns have no place for.
_MARKED = {("panel_shares", "share_token"), ("panel_genes", "gene_name")}

ABOUT: dict[str, About] = {
    "1.3.0": About(
        title="People and downloads",
        adds=("user (username, password_hash)", "panel_download"),
        loses=("every account", "the record of downloads"),
    ),
    "1.4.0": About(
        title="Security: roles, record of changes, announcements",
        adds=(
            "user: e-mail, encrypted names, role, state",
            "audit_log with 33 action types",
            "admin_message",
            "panel_download: who took it",
        ),
        loses=("addresses, names, roles and states of people", "the record of changes", "announcements"),
        seconds_per_1000={"user": 0.1, "panel_download": 0.02},
    ),
    "1.4.1": About(
        title="Time zones",
        adds=("user.timezone_preference, existing users set to UTC",),
        loses=("the time zones that people chose",),
        seconds=1.0,
        seconds_per_1000={"user": 0.05},
    ),
    "1.5.0": About(
        title="Saved panels",
        adds=(
            "saved_panels, panel_versions, panel_genes, panel_shares, panel_changes",
            "the key from a panel to its current version, last",
            "action types PANEL_CREATE, PANEL_UPDATE, PANEL_SHARE, PANEL_LIST; change type PANEL_CREATED",
        ),
        loses=("every saved panel with its versions, genes, shares and changes",),
        seconds_per_1000={"audit_log": 0.02},
        rewrites=_WORDS,
        rewrites_back=_WORDS,
        put_aside=_ACTION_TYPES,
        too_much=(
            (
                "audit_log",
                "action_type IN ('PANEL_CREATE', 'PANEL_UPDATE', 'PANEL_SHARE', 'PANEL_LIST') "
                "AND LENGTH(action_description) + LENGTH(action_type) + 3 > 500",
                "entries whose description has no room for their word in brackets",
            ),
        ),
    ),
    "1.5.1": About(
        title="Wider columns, unique share tokens",
        adds=("wider columns of panel_genes and saved_panels.source_reference", "share tokens are unique"),
        loses=("values that are too long for the narrower columns",),
        seconds_per_1000={"panel_genes": 0.06, "saved_panels": 0.1},
    ),
    "2.0.0": About(
        title="PanelMerge as a Django application",
        adds=(
            "the mirror of both catalogues and the gene names, empty until they are loaded",
            "the proof of the record: MACs, chain, seals, triggers",
            "accounts: addresses, sessions, tokens, second factor, earlier passwords",
            "announcements with beginning, end and audience",
            "uploads; downloads with room for every panel",
        ),
        loses=(
            "the mirrors, gene names and uploads",
            "the proof of the record and its seals",
            "sessions, tokens, second factors and earlier passwords",
            "auditors become viewers",
        ),
        seconds=4.0,
        seconds_per_1000={"audit_log": 0.35, "user": 0.3, "panel_genes": 0.05, "panel_versions": 0.5},
        rewrites=frozenset({("user", "email"), ("admin_message", "message_type")} | _MARKED | _WORDS),
        rewrites_back=frozenset(
            {("user", "email"), ("user", "role"), ("admin_message", "is_active")} | _MARKED | _WORDS
        ),
        changed_back=frozenset({("user", "role"), ("admin_message", "is_active")}),
        put_aside=_ACTION_TYPES,
        too_much=(
            (
                "panel_genes",
                "(entity_type <> 'gene' OR own_name IS NOT NULL) AND LENGTH(COALESCE(gene_name, '')) "
                "+ LENGTH(COALESCE(own_name, '')) + LENGTH(COALESCE(grch37, '')) + LENGTH(COALESCE(grch38, '')) > 150",
                "STRs and regions whose names do not fit beside a mark in the older column",
            ),
        ),
        refilled=frozenset({("user", "email_as_written")}),
    ),
}


class UnknownRelease(Refusal):
    code = "unknown_release"


def targets(release: str) -> list[tuple[str, str | None]]:
    """What ``MigrationExecutor.migrate`` is given to bring our apps to a release.

    A list of (app, last migration); None takes the app to before its first.
    """
    return [(app, RELEASES[release][app]) for app in APPS]


def named(text: str) -> str:
    """The release that somebody typed: 1.4.1, v1.4.1, 1.4.x and 1.4 (the newest of the line), 1.2 (as 1.3.0).

    Raises UnknownRelease with those that there are.
    """
    asked = text.strip().lower().removeprefix("v")
    if asked in RELEASES:
        return asked
    line = re.fullmatch(r"(\d+\.\d+)(?:\.(?:x|\d+))?", asked)
    if line and line[1] in SAME_SCHEMA:
        return SAME_SCHEMA[line[1]]
    if line and asked in (line[1], f"{line[1]}.x"):
        of_the_line = [release for release in RELEASES if release.startswith(f"{line[1]}.")]
        if of_the_line:
            return of_the_line[-1]
    raise UnknownRelease(f"{text!r} is no release. There are: {', '.join(RELEASES)}.")


def between(start: str | None, end: str) -> list[str]:
    """The releases above ``start`` (None: before the first) up to ``end``, in order."""
    order = list(RELEASES)
    return order[order.index(start) + 1 if start else 0 : order.index(end) + 1]
