"""What every action must leave in the record: each public function of an actions module, and of the audit's own.

One that changes something is done in ``ACTIONS`` and names its events; one that
is a part of another names that one in ``PARTS``; the rest only read. A function
without a place here fails ``tests/test_recorded.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import RequestFactory
from django.utils import timezone

from accounts.actions import locks, people, profile, sessions, tokens, zones
from accounts.models import Lock, User
from accounts.sessions import standing_sessions
from announcements import actions as announcing
from announcements.models import AdminMessage
from audit import denials, pruning, sealing, watching
from audit.events import Action
from audit.models import AuditLog, BlockedAddress, ChainLink
from audit.threats import Signal
from panels.actions import catalogue, closing, comparing, exporting, matrix, mirroring, symbols, uploads
from panels.engine.request import ListChoice, MergeRequest, PanelSpec
from panels.models import CataloguePanel, Upload
from panels.panelapp.parse import PanelBody, parse_header
from tests.fakes.panelapp import demo_bodies
from tests.panels import library_recorded

MODULES = (
    *("panels.actions", "accounts.actions", "announcements.actions"),
    *("audit.watching", "audit.pruning", "audit.denials", "audit.exporting"),
)


@dataclass(frozen=True)
class Place:
    """Where actions are tried out: somebody who has things, an administrator, a folder for files."""

    ada: User
    root: User
    folder: Path

    @property
    def upload(self) -> Upload:
        return Upload.objects.get(owner=self.ada)

    def spec(self) -> PanelSpec:
        return PanelSpec("uk", CataloguePanel.objects.get().panel_id)

    def file(self, content: str, name: str = "list.csv") -> Path:
        (self.folder / name).write_text(content)
        return self.folder / name

    def request(self):
        request = RequestFactory().post("/")
        request.user, request.session = self.root, {}
        return request


class Service:
    """PanelApp with one panel that is not in the mirror yet."""

    base_url = "https://panelapp.example/api/v1"

    def list_panels(self) -> list[dict]:
        return [self.panel(0)]

    def panel(self, panel_id: int, version: str | None = None) -> dict:
        return demo_bodies("uk", 2)[1]


@dataclass(frozen=True)
class Deed:
    act: Callable[[Place], Any]
    events: list[str]
    # What must have happened before.
    prepare: Callable[[Place], Any] = id


NAMES = "hgnc_id\tsymbol\tname\tstatus\nHGNC:1100\tBRCA1\tBRCA1 DNA repair associated\tApproved\n"


def published(place: Place) -> mirroring.Published:
    body = demo_bodies("uk", 2)[1]
    return mirroring.publish(
        source="uk",
        origin="test",
        headers=[parse_header(body)],
        bodies=[PanelBody.read(body, source="uk")],
        complete=False,
        by=place.root,
    )


def merged() -> Any:
    from panels.actions.merging import merge_lists

    return merge_lists(request=MergeRequest(inputs=(ListChoice("mine", ("BRCA1",)),)))


def fail(account: str) -> None:
    watching.sign_in_failed(account=account, network="192.0.2.9")


def sealed(place: Place) -> None:
    """Also on PostgreSQL, where an entry has its place in the chain only when its transaction is over."""
    waiting = AuditLog.objects.exclude(pk__in=ChainLink.objects.values("entry_id")).order_by("pk")
    sealing._link(list(waiting.values_list("pk", "row_mac")))
    sealing._seal(None)


def own_session(person: User) -> int:
    return standing_sessions(person).values_list("pk", flat=True)[0]


ACTIONS: dict[str, Deed] = {
    # --- panels ---
    "panels.actions.catalogue.sync_catalogue": Deed(
        lambda place: catalogue.sync_catalogue(source="uk", client=Service(), by=place.root), ["CATALOGUE_LOAD"]
    ),
    "panels.actions.catalogue.load_catalogue": Deed(
        lambda place: catalogue.load_catalogue(path=place.folder / "panels.jsonl", source="uk", by=place.root),
        ["CATALOGUE_LOAD"],
    ),
    "panels.actions.catalogue.clear_cached": Deed(lambda place: catalogue.clear_cached(by=place.root), ["CACHE_CLEAR"]),
    "panels.actions.mirroring.publish": Deed(published, ["CATALOGUE_LOAD"]),
    "panels.actions.symbols.load_gene_names": Deed(
        lambda place: symbols.load_gene_names(paths=[place.file(NAMES, "names.tsv")], by=place.root, allow_small=True),
        ["GENE_NAMES_LOAD"],
    ),
    "panels.actions.closing.let_go": Deed(
        lambda place: closing.let_go(person=place.ada, by=place.root), ["UPLOAD_DELETE"]
    ),
    "panels.actions.exporting.export_merge": Deed(
        lambda place: exporting.export_merge(result=merged(), format="csv", by=place.ada), ["PANEL_DOWNLOAD"]
    ),
    "panels.actions.exporting.export_matrix": Deed(
        lambda place: exporting.export_matrix(
            matrix=matrix.matrix_of_list(upload=place.upload), upload=place.upload, format="csv", by=place.ada
        ),
        ["PANEL_DOWNLOAD"],
    ),
    "panels.actions.exporting.export_comparison": Deed(
        lambda place: exporting.export_comparison(
            comparison=comparing.compare_panels(a=place.spec(), b=place.spec()), by=place.ada
        ),
        ["PANEL_DOWNLOAD"],
    ),
    "panels.actions.matrix.keep_pasted": Deed(
        lambda place: matrix.keep_pasted(text="TP53", owner=place.ada, by=place.ada), ["PANEL_UPLOAD"]
    ),
    "panels.actions.uploads.add_upload": Deed(
        lambda place: uploads.add_upload(name="a.csv", content=b"gene\nTP53\n", owner=place.ada, by=place.ada),
        ["PANEL_UPLOAD"],
    ),
    "panels.actions.uploads.add_uploads": Deed(
        lambda place: uploads.add_uploads(
            files=[("a.csv", b"gene\nTP53\n"), ("b.csv", b"gene\nBRCA1\n")], owner=place.ada, by=place.ada
        ),
        ["PANEL_UPLOAD", "PANEL_UPLOAD"],
    ),
    "panels.actions.uploads.add_text": Deed(
        lambda place: uploads.add_text(text="TP53", owner=place.ada, by=place.ada), ["PANEL_UPLOAD"]
    ),
    "panels.actions.uploads.choose_column": Deed(
        lambda place: uploads.choose_column(upload=place.upload, column=1, by=place.ada), ["UPLOAD_CHANGE"]
    ),
    "panels.actions.uploads.take_over": Deed(
        lambda place: uploads.take_over(session_key="visitor", owner=place.ada), ["UPLOAD_CHANGE"]
    ),
    "panels.actions.uploads.remove_upload": Deed(
        lambda place: uploads.remove_upload(upload=place.upload, by=place.ada), ["UPLOAD_DELETE"]
    ),
    "panels.actions.uploads.remove_expired": Deed(
        lambda place: uploads.remove_expired(by=place.root),
        ["UPLOAD_DELETE"],
        prepare=lambda place: Upload.objects.filter(owner=None).update(expires_at=timezone.now()),
    ),
    # --- accounts ---
    "accounts.actions.locks.lift_lock": Deed(
        lambda place: locks.lift_lock(lock=Lock.objects.counted().get(), by=place.root), ["ACCOUNT_LOCKOUT"]
    ),
    "accounts.actions.people.create_account": Deed(
        lambda place: people.create_account(email="new@example.org", role="USER", by=place.root), ["USER_CREATE"]
    ),
    "accounts.actions.people.change_role": Deed(
        lambda place: people.change_role(person=place.ada, role="VIEWER", by=place.root),
        ["ROLE_CHANGE", "PANEL_SHARE", "SESSION_MANAGEMENT"],
        prepare=library_recorded.passed_on,
    ),
    "accounts.actions.people.deactivate": Deed(
        lambda place: people.deactivate(person=place.ada, by=place.root),
        ["USER_UPDATE", "PANEL_SHARE", "SESSION_MANAGEMENT"],
        prepare=library_recorded.passed_on,
    ),
    "accounts.actions.people.activate": Deed(
        lambda place: people.activate(person=place.ada, by=place.root),
        ["USER_UPDATE"],
        prepare=lambda place: User.objects.filter(pk=place.ada.pk).update(is_active=False),
    ),
    "accounts.actions.people.unlock": Deed(
        lambda place: people.unlock(person=place.ada, by=place.root), ["ACCOUNT_LOCKOUT"]
    ),
    "accounts.actions.people.start_reset": Deed(
        lambda place: people.start_reset(person=place.ada, by=place.root, request=place.request()), ["PASSWORD_RESET"]
    ),
    "accounts.actions.people.set_one_time_password": Deed(
        lambda place: people.set_one_time_password(person=place.ada, by=place.root),
        ["PASSWORD_RESET", "SESSION_MANAGEMENT"],
    ),
    "accounts.actions.profile.change_profile": Deed(
        lambda place: profile.change_profile(by=place.ada, first_name="Ada"), ["PROFILE_UPDATE"]
    ),
    "accounts.actions.profile.hand_out_data": Deed(lambda place: profile.hand_out_data(by=place.ada), ["DATA_EXPORT"]),
    "accounts.actions.profile.close_account": Deed(
        lambda place: profile.close_account(person=place.ada, by=place.ada),
        ["UPLOAD_DELETE", "PANEL_SHARE", "USER_DELETE", "COMPLIANCE_EVENT"],
        prepare=library_recorded.passed_on,
    ),
    "accounts.actions.sessions.end_session": Deed(
        lambda place: sessions.end_session(by=place.ada, pk=own_session(place.ada)), ["SESSION_MANAGEMENT"]
    ),
    "accounts.actions.sessions.end_other_sessions": Deed(
        lambda place: sessions.end_other_sessions(by=place.ada, kept_key="another"), ["SESSION_MANAGEMENT"]
    ),
    "accounts.actions.sessions.end_sessions_of": Deed(
        lambda place: sessions.end_sessions_of(person=place.ada, by=place.root), ["SESSION_MANAGEMENT"]
    ),
    "accounts.actions.sessions.end_every_session": Deed(
        lambda place: sessions.end_every_session(), ["SESSION_MANAGEMENT"]
    ),
    "accounts.actions.tokens.create_token": Deed(
        lambda place: tokens.create_token(
            by=place.ada, name="new", scope="read", expires_at=timezone.now() + timedelta(days=1)
        ),
        ["API_ACCESS"],
    ),
    "accounts.actions.tokens.revoke_token": Deed(
        lambda place: tokens.revoke_token(by=place.ada, pk=place.ada.api_tokens.get().pk), ["API_ACCESS"]
    ),
    "accounts.actions.zones.choose_zone": Deed(
        lambda place: zones.choose_zone(by=place.ada, zone="Asia/Tokyo"), ["PROFILE_UPDATE"]
    ),
    # --- announcements ---
    "announcements.actions.publish": Deed(
        lambda place: announcing.publish(by=place.root, title="New", message="text"), ["ADMIN_ACTION"]
    ),
    "announcements.actions.change": Deed(
        lambda place: announcing.change(announcement=AdminMessage.objects.get(), by=place.root, title="Other"),
        ["ADMIN_ACTION"],
    ),
    "announcements.actions.switch": Deed(
        lambda place: announcing.switch(announcement=AdminMessage.objects.get(), by=place.root, on=False),
        ["ADMIN_ACTION"],
    ),
    # --- the record itself ---
    "audit.watching.block": Deed(
        lambda place: watching.block(
            network="192.0.2.0/24",
            extent="all",
            reason="test",
            ends_at=timezone.now() + timedelta(days=1),
            by=place.root,
            own_network=None,
        ),
        ["ADMIN_ACTION"],
    ),
    "audit.watching.lift": Deed(
        lambda place: watching.lift(block=BlockedAddress.objects.get(), by=place.root), ["ADMIN_ACTION"]
    ),
    "audit.watching.notice": Deed(
        lambda place: watching.notice(Signal.REFUSED, actor="user:7", network=None),
        ["PRIVILEGE_ESCALATION"],
        prepare=lambda place: [watching.notice(Signal.REFUSED, actor="user:7", network=None) for _ in range(9)],
    ),
    "audit.watching.sign_in_failed": Deed(
        lambda place: watching.sign_in_failed(account="user:5", network="192.0.2.9"),
        ["BRUTE_FORCE_ATTEMPT", "SYSTEM_SECURITY"],
        prepare=lambda place: [fail(f"user:{number}") for number in range(4)],
    ),
    "audit.watching.signed_in": Deed(
        lambda place: watching.signed_in(account="user:7", network="192.0.2.8", is_new_network=True, by=place.ada),
        ["SUSPICIOUS_ACTIVITY"],
        prepare=lambda place: [fail("user:7") for _ in range(3)],
    ),
    "audit.pruning.prune": Deed(
        lambda place: pruning.prune(by=place.root, days=-1), ["COMPLIANCE_EVENT"], prepare=sealed
    ),
    "audit.pruning.erase_person": Deed(
        lambda place: pruning.erase_person(user_id=place.ada.pk, by=place.root), ["COMPLIANCE_EVENT"]
    ),
    "audit.pruning.erase_or_leave": Deed(
        lambda place: pruning.erase_or_leave(user_id=place.ada.pk, by=place.root), ["COMPLIANCE_EVENT"]
    ),
    "audit.denials.record_denial": Deed(
        lambda place: denials.record_denial(
            Action.SUSPICIOUS_ACTIVITY, by=place.ada, resource_type="thing", description="Refused"
        ),
        ["SUSPICIOUS_ACTIVITY"],
    ),
}

ACTIONS |= {name: Deed(*deed) for name, deed in library_recorded.DEEDS.items()}

# What is called inside of one of those, and stands or falls with it.
PARTS: dict[str, str] = {
    **library_recorded.PARTS,
    # When the request is over.
    **dict.fromkeys(
        (
            "audit.denials.deny_later",
            "audit.denials.record_what_was_denied",
            "panels.actions.rights.on_record",
        ),
        "audit.denials.record_denial",
    ),
    "panels.actions.catalogue.name_entries_again": "panels.actions.symbols.load_gene_names",
    "panels.actions.keeping.forget_file": "panels.actions.uploads.remove_upload",
    "panels.actions.keeping.kept_file": "panels.actions.uploads.add_uploads",
    "panels.actions.mirroring.replace_entries": "panels.actions.mirroring.publish",
    "panels.actions.uploads.take_over_at_sign_in": "panels.actions.uploads.take_over",
}
# What changes something that is nobody's business but the reader's own, and why it is not recorded.
UNRECORDED: dict[str, str] = {
    "accounts.actions.zones.choose_zone_for_now": "a browser's session only",
    "accounts.actions.zones.detect_zone": "a cookie only",
    "announcements.actions.dismiss": "what one reader does not want to see again",
    "audit.watching.forget": "counters of signals, which end by themselves",
}
READS = {
    *library_recorded.READS,
    *(f"panels.actions.catalogue.{name}" for name in ("read_panel", "read_panels", "last_runs")),
    "panels.actions.closing.held_of",
    *(f"panels.actions.comparing.{name}" for name in ("compare_panels", "why_not")),
    "panels.actions.exporting.file_name",
    *(f"panels.actions.finding.{name}" for name in ("gene_asked", "panels_of_gene", "occurrences")),
    *(f"panels.actions.keeping.{name}" for name in ("folder", "path_of", "orphans")),
    *(f"panels.actions.matrix.{name}" for name in ("matrix_of_genes", "matrix_of_list", "own_lists")),
    *(f"panels.actions.merging.{name}" for name in ("merge_lists", "read_recipe")),
    *(f"panels.actions.mirroring.{name}" for name in ("search_text", "version_of", "entries_of")),
    *(f"panels.actions.symbols.{name}" for name in ("read_gene_names", "current_resolver")),
    *(f"panels.actions.upload_reports.{name}" for name in ("table_of", "sheet_of", "claimed_hash", "own_notes")),
    *(f"panels.actions.upload_reports.{name}" for name in ("report", "to_gene_list", "problems_csv")),
    *(f"panels.actions.uploads.{name}" for name in ("expired_uploads", "read_list", "display_name")),
    "accounts.actions.profile.my_data",
    "accounts.actions.sessions.every_session",
    "accounts.actions.tokens.digest_of",
    *(f"audit.watching.{name}" for name in ("current_rules", "count_of", "is_blocked", "checked_network")),
    *(f"audit.pruning.{name}" for name in ("plan_pruning", "waiting_erasures")),
    # Its command records that it was done.
    "audit.exporting.export_lines",
}
