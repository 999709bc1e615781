"""Which release of the Flask application made a database: asked of tables, columns and enum labels.

Never of ``alembic_version``: operators stamped it by hand, generated revisions
of their own, or emptied it, and the version that the application reported was
wrong for months.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from panelmerge.releases.looking import OWN_TABLE, Look

SAVED_PANELS = ("saved_panels", "panel_versions", "panel_genes", "panel_shares", "panel_changes")
# What each table of later 1.5 releases is; they are moved aside when the database is adopted.
LATER = (
    *("panel_version_tags", "panel_version_branches", "panel_version_metadata", "panel_retention_policies"),
    *("export_templates", "password_history", "password_reset_tokens", "suspicious_activity"),
)
LEFT_ALONE = (
    *("visit", "literature_searches", "literature_articles", "search_results", "user_article_actions"),
    *("knowhow_categories", "knowhow_subcategories", "knowhow_links", "knowhow_articles", "knowhow_bookmarks"),
    *("knowhow_reactions", "knowhow_tags", "knowhow_article_tags", "knowhow_last_visits"),
)
NEW_WORDS = {
    "auditactiontype": ("PANEL_CREATE", "PANEL_UPDATE", "PANEL_SHARE", "PANEL_LIST"),
    "changetype": ("PANEL_CREATED",),
}
WIDE = ("ensembl_id", 100)

# What flask db current printed, in words.
REVISIONS = {
    "64ca2e43ca66": "the five tables of saved panels (the guide's 1.5.0)",
    "da320ce9e8aa": "action types for saved panels (the guide's 1.5.0)",
    "c8ec25cb2d5c": "wider columns for genes (1.5.1 here)",
    "951dc3f73d01": "tags, branches and retention of versions (tag v1.5.0)",
    "3d43d3ddbfa5": "12 or 24 hours (tag v1.5.0)",
    "9227e34bde83": "export templates (tag v1.5.0)",
    "b413fb2acd82": "action types for export templates (tag v1.5.0)",
    "5868db84be38": "earlier passwords (tag v1.5.0)",
    "c0aac8b28471": "forced change of password (tag v1.5.0)",
    "e6dcc61660f1": "lockout of password resets (tag v1.5.0)",
    "299ea9d516ff": "tokens of password resets (tag v1.5.0)",
    "2200f9942089": "suspicious activity (tag v1.5.0)",
    "b1365da014e7": "change of e-mail address (tag v1.5.0)",
    "d24f652d1a59": "temporary passwords (the end of tag v1.5.0)",
    "a1b2c3d4e5f6": "literature search (tag v1.5.1)",
    "b7c8d9e0f1a2": "know-how pages (tag v1.5.5)",
}


@dataclass(frozen=True, slots=True)
class LegacyStage:
    """``release``: the one of ours whose schema the database has, None in between two. ``adopted_as``: the lowest
    one that has room for all of it. ``notes``: what an operator should know. ``later`` and ``left_alone``: tables that
    are moved aside, or not touched, when it is adopted."""

    release: str | None
    adopted_as: str
    notes: tuple[str, ...]
    later: tuple[str, ...]
    left_alone: tuple[str, ...]


def recognise(look: Look) -> LegacyStage | None:
    """The stage of a database that the Flask application made; None for one that it did not make."""
    if look.ours or not (look.has("user", "username") and look.has("user", "password_hash")):
        return None
    release, notes = _stage(look)
    if look.revision:
        notes.append(explained(look.revision))
    known = {"user", "panel_download", "audit_log", "admin_message", "alembic_version", OWN_TABLE, *SAVED_PANELS}
    known |= {"django_migrations", *LATER, *LEFT_ALONE}
    unknown = sorted(set(look.tables) - known)
    if unknown:
        notes.append(f"tables that PanelMerge does not know are left alone: {', '.join(unknown)}")
    return LegacyStage(
        release,
        release or _room_for(look),
        tuple(notes),
        tuple(table for table in LATER if look.has(table)),
        tuple(sorted({table for table in LEFT_ALONE if look.has(table)} | set(unknown))),
    )


def explained(revision: str) -> str:
    """A revision number of the older application's own bookkeeping, in words. RL-13"""
    meaning = REVISIONS.get(revision, "a revision that somebody generated; it says nothing about the tables")
    return f"alembic_version says {revision}: {meaning}"


def _stage(look: Look) -> tuple[str | None, list[str]]:
    panels = [table for table in SAVED_PANELS if look.has(table)]
    if panels:
        missing = [table for table in SAVED_PANELS if table not in panels]
        if missing:
            return None, [f"saved panels are there in part; missing: {', '.join(missing)}"]
        return ("1.5.1" if _is_wide(look) else "1.5.0"), _missing_words(look)
    if look.has("user", "timezone_preference") and look.has("admin_message"):
        return "1.4.1", []
    if look.has("admin_message"):
        return "1.4.0", []
    if look.has("audit_log") or look.has("user", "email"):
        return None, ["between 1.3.0 and 1.4.0: announcements (admin_message) are not there yet"]
    return "1.3.0", ["1.1 and 1.2 have the same tables"]


def _room_for(look: Look) -> str:
    if any(look.has(table) for table in SAVED_PANELS):
        return "1.5.1" if _is_wide(look) else "1.5.0"
    return "1.4.1" if look.has("user", "timezone_preference") else "1.4.0"


def _is_wide(look: Look) -> bool:
    column, width = WIDE
    found = re.search(r"\((\d+)\)", look.tables["panel_genes"][column].type if look.has("panel_genes", column) else "")
    return bool(found) and int(found[1]) >= width


def _missing_words(look: Look) -> list[str]:
    return [
        f"{kind} lacks {', '.join(lacking)}; adopting adds them"
        for kind, words in NEW_WORDS.items()
        if kind in look.labels and (lacking := [word for word in words if word not in look.labels[kind]])
    ]
