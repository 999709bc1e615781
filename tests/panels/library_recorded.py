"""What every act of the library must leave in the record, as an action and through its doors. F-15, AU-03

``tests/recorded_actions.py`` and ``tests/recorded_addresses.py`` take it in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from panels.actions import (
    differences,
    discussion,
    keeping_versions,
    library,
    lifecycle,
    panel_files,
    saved_lists,
    sharing,
    staff,
    teams,
    templates,
    versions,
)
from panels.actions.editing import GeneChanges
from panels.engine.request import ListChoice, MergeRequest
from panels.models import ExportTemplate, PanelShare, PanelVersion, SavedPanel, Team
from tests.panels.library_access import BASE, EDIT, KEEP, LIST, MERGE, ONE, PAGE, PAGE_OF_VERSION, TAG, VERSION, WHOLE

# --- Actions: ``place`` has Ada and an administrator ---------------------------------------------------------------

Deeds = dict[str, tuple[Callable[[Any], Any], list[str], Callable[[Any], Any]]]


def hearts(place: Any) -> int:
    """Ada's panel at version 2."""
    panel = library.create_panel(by=place.ada, name="Hearts", genes=["BRCA1", "TTN"]).panel.pk
    library.change_panel(panel=panel, by=place.ada, expected=1, genes=["TTN"])
    return panel


def number() -> int:
    return SavedPanel.objects.get().pk


def tagged(place: Any) -> None:
    keeping_versions.add_tag(panel=hearts(place), by=place.ada, number=1, tag_name="a", tag_type="BACKUP")


def shared(place: Any) -> None:
    sharing.share_panel(panel=hearts(place), by=place.ada, user="root")


def passed_on(place: Any) -> None:
    """By Ada, of a panel that is not hers."""
    panel = library.create_panel(by=place.root, name="Theirs").panel.pk
    sharing.share_panel(panel=panel, by=place.root, user="ada", level="ADMIN")
    sharing.share_panel(panel=panel, by=place.ada, link=True)


def with_team(place: Any) -> None:
    team = teams.found_team(by=place.root, name="Team")
    teams.add_member(team=team.pk, by=place.root, user="ada")


def old_versions(place: Any) -> None:
    keeping_versions.set_retention(panel=hearts(place), by=place.ada, max_versions=1, backup_retention_days=0)
    PanelVersion.objects.update(created_at=timezone.now() - timedelta(days=1))


def with_template(place: Any) -> None:
    templates.make_template(by=place.ada, name="Lab", format="csv")


def edit(current: dict, resolver: Any) -> dict:
    return {}


def merged() -> Any:
    from panels.actions.merging import merge_lists

    return merge_lists(request=MergeRequest(inputs=(ListChoice("mine", ("BRCA1",)),)))


def one(action: str, act: Callable[[Any], Any], events: str, prepare: Callable[[Any], Any] = hearts) -> Deeds:
    return {f"panels.actions.{action}": (act, events.split(), prepare)}


DEEDS: Deeds = {
    **one("library.create_panel", lambda p: library.create_panel(by=p.ada, name="New"), "PANEL_CREATE"),
    **one(
        "library.create_from_merge",
        lambda p: library.create_from_merge(by=p.ada, name="New", result=merged()),
        "PANEL_CREATE",
    ),
    **one(
        "library.change_panel",
        lambda p: library.change_panel(
            panel=number(), by=p.ada, expected=2, gene_changes=GeneChanges(add=("MYH7",)), status="DRAFT"
        ),
        "PANEL_UPDATE PANEL_UPDATE",
    ),
    **one(
        "library.set_state", lambda p: library.set_state(panel=number(), by=p.ada, status="ARCHIVED"), "PANEL_UPDATE"
    ),
    **one(
        "library.restore_version",
        lambda p: library.restore_version(panel=number(), by=p.ada, number=1, expected=2),
        "PANEL_UPDATE",
    ),
    **one(
        "versions.save_version",
        lambda p: versions.save_version(panel=number(), by=p.ada, edit=edit, expected=2),
        "PANEL_UPDATE",
    ),
    **one(
        "differences.save_on_top",
        lambda p: differences.save_on_top(panel=number(), by=p.ada, base=1, edit=edit, choices={}, expected=2),
        "PANEL_UPDATE",
    ),
    **one("lifecycle.delete_panel", lambda p: lifecycle.delete_panel(panel=number(), by=p.ada), "PANEL_DELETE"),
    **one(
        "lifecycle.undelete_panel",
        lambda p: lifecycle.undelete_panel(panel=number(), by=p.ada),
        "PANEL_UPDATE",
        lambda p: lifecycle.delete_panel(panel=hearts(p), by=p.ada),
    ),
    **one(
        "lifecycle.duplicate_panel",
        lambda p: lifecycle.duplicate_panel(panel=number(), by=p.ada, with_history=True),
        "PANEL_CREATE",
    ),
    **one(
        "lifecycle.hand_over",
        lambda p: lifecycle.hand_over(panel=number(), by=p.ada, to=p.root, keep="VIEW"),
        "PANEL_UPDATE",
    ),
    **one(
        "saved_lists.note_reading",
        lambda p: saved_lists.note_reading(SavedPanel.objects.with_standing(p.root).get(), p.root),
        "VIEW",
    ),
    **one(
        "sharing.share_panel",
        lambda p: sharing.share_panel(panel=number(), by=p.ada, link=True),
        "PANEL_SHARE",
    ),
    **one(
        "sharing.change_share",
        lambda p: sharing.change_share(panel=number(), share=PanelShare.objects.get().pk, by=p.ada, level="EDIT"),
        "PANEL_SHARE",
        shared,
    ),
    **one(
        "sharing.revoke_share",
        lambda p: sharing.revoke_share(panel=number(), share=PanelShare.objects.get().pk, by=p.ada),
        "PANEL_SHARE",
        shared,
    ),
    **one("teams.found_team", lambda p: teams.found_team(by=p.root, name="New"), "ADMIN_ACTION"),
    **one(
        "teams.change_team",
        lambda p: teams.change_team(team=Team.objects.get().pk, by=p.root, name="Other"),
        "ADMIN_ACTION",
        with_team,
    ),
    **one(
        "teams.dissolve_team",
        lambda p: teams.dissolve_team(team=Team.objects.get().pk, by=p.root),
        "ADMIN_ACTION",
        with_team,
    ),
    **one(
        "teams.add_member",
        lambda p: teams.add_member(team=Team.objects.get().pk, by=p.root, user="ada"),
        "ADMIN_ACTION",
        lambda p: teams.found_team(by=p.root, name="Team"),
    ),
    **one(
        "teams.change_member",
        lambda p: teams.change_member(team=Team.objects.get().pk, user=p.ada.pk, by=p.root, is_manager=True),
        "ADMIN_ACTION",
        with_team,
    ),
    **one(
        "teams.remove_member",
        lambda p: teams.remove_member(team=Team.objects.get().pk, user=p.ada.pk, by=p.root),
        "ADMIN_ACTION",
        with_team,
    ),
    **one(
        "discussion.add_comment",
        lambda p: discussion.add_comment(panel=number(), by=p.ada, text="Why?", gene="TTN"),
        "PANEL_UPDATE",
    ),
    **one(
        "keeping_versions.add_tag",
        lambda p: keeping_versions.add_tag(panel=number(), by=p.ada, number=1, tag_name="a", tag_type="BACKUP"),
        "PANEL_UPDATE",
    ),
    **one(
        "keeping_versions.remove_tag",
        lambda p: keeping_versions.remove_tag(panel=number(), by=p.ada, number=1, tag_name="a"),
        "PANEL_UPDATE",
        tagged,
    ),
    **one(
        "keeping_versions.set_retention",
        lambda p: keeping_versions.set_retention(panel=number(), by=p.ada, max_versions=3),
        "PANEL_UPDATE",
    ),
    **one("keeping_versions.prune_versions", lambda p: keeping_versions.prune_versions(), "PANEL_UPDATE", old_versions),
    **one(
        "templates.make_template",
        lambda p: templates.make_template(by=p.ada, name="New", format="csv"),
        "CONFIG_CHANGE",
    ),
    **one(
        "templates.change_template",
        lambda p: templates.change_template(template=ExportTemplate.objects.get().pk, by=p.ada, name="Other"),
        "CONFIG_CHANGE",
        with_template,
    ),
    **one(
        "templates.remove_template",
        lambda p: templates.remove_template(template=ExportTemplate.objects.get().pk, by=p.ada),
        "CONFIG_CHANGE",
        with_template,
    ),
    **one(
        "panel_files.export_panel",
        lambda p: panel_files.export_panel(panel=number(), by=p.ada, format="csv"),
        "PANEL_DOWNLOAD",
    ),
    **one(
        "panel_files.export_panels",
        lambda p: panel_files.export_panels(panels=[number()], by=p.ada, format="csv"),
        "PANEL_DOWNLOAD",
    ),
    **one(
        "panel_files.import_panel",
        lambda p: panel_files.import_panel(by=p.ada, file_name="a.csv", content=b"gene\nTP53\n"),
        "PANEL_CREATE",
    ),
    **one(
        "panel_files.merge_into",
        lambda p: panel_files.merge_into(
            panel=number(), by=p.ada, request=MergeRequest(inputs=(ListChoice("mine", ("BRCA1",)),)), expected=2
        ),
        "PANEL_UPDATE",
    ),
}
DEEDS |= one(
    "staff.export_rows",
    lambda p: staff.export_rows(rows=SavedPanel.objects.all(), columns=["name"], by=p.root),
    "DATA_EXPORT",
)
PARTS = {
    "panels.actions.library.note_change": "panels.actions.library.set_state",
    "panels.actions.versions.first_version": "panels.actions.library.create_panel",
    **{
        f"panels.actions.lists.{name}": "panels.actions.versions.save_version"
        for name in ("write_genes", "keep_snapshot", "snapshot_of")
    },
    "panels.actions.sharing.keep_what_leads_back": "panels.actions.sharing.revoke_share",
    "panels.actions.sharing.end_of_rights": "accounts.actions.people.deactivate",
    "panels.actions.sharing.end_of_membership": "panels.actions.teams.remove_member",
    "panels.actions.templates.note_use": "panels.actions.panel_files.export_panel",
}
READS = {
    f"panels.actions.{module}.{name}"
    for module, names in {
        "finding_panels": "find_panels",
        "library": "version_of versions_of version_by_content",
        "versions": "metadata_of as_json",
        "lists": "current_records current_records_of stored_genes records_in",
        "editing": "split_genes whole_list edited_list edited_in_turn row_numbers",
        "metadata": "checked_metadata checked_comment",
        "rights": "check_level panel_for locked_panel locked_panels hold_team number_of check_expected check_open "
        "check_signed_in check_may_own check_may_publish",
        "saved_lists": "read_saved gene_list",
        "lifecycle": "living_panels",
        "sharing": "stored_token may_share shares_of share_facts panel_of_link person_named",
        "passing_on": "bounds_of",
        "teams": "teams_of team_for manages check_may_found managed_among",
        "discussion": "comments_of",
        "keeping_versions": "tags_of retention_of prunable",
        "differences": "diff_versions records_of diff_records three_way",
        "templates": "templates_of template_for expanded template_facts",
        "typed": "typed_list typed_entity typed_origin",
        "uploads": "read_for_panel",
        "exporting": "plain_name",
    }.items()
    for name in names.split()
}

# --- Addresses: (route, method, events, status, what is sent, whose, query, what must have happened before) --------

OWN, TEAM, TEMPLATE = "own panel", "own team", "own template"
SOMEBODY = {"user": "someone@example.org"}


def matching(visitor: Any) -> None:
    """The ETag of the panel as it is."""
    path = visitor.path_of(ONE, OWN)
    visitor.headers = {"If-Match": visitor.browser.get(path)["ETag"]}


def edited(visitor: Any) -> None:
    """At version 2."""
    matching(visitor)
    visitor.browser.patch(visitor.path_of(ONE, OWN), EDIT, content_type="application/json", headers=visitor.headers)
    matching(visitor)


def deleted(visitor: Any) -> None:
    visitor.browser.delete(visitor.path_of(ONE, OWN))


def with_tag(visitor: Any) -> None:
    visitor.browser.post(visitor.path_of(f"{VERSION}tags/", OWN), TAG, content_type="application/json")


def without_a_member(visitor: Any) -> None:
    User.objects.create_user("newcomer", "newcomer@example.org")


def _api(route: str, method: str, events: str, done: int, sent: Any = None, **options: Any) -> dict[str, Any]:
    of = options.pop("of", OWN if "panel_id" in route else "")
    return {"route": route, "method": method, "events": events, "done": done, "sent": sent, "of": of, **options}


VISITED = [
    _api(BASE, "POST", "PANEL_CREATE", 201, {"name": "New", "genes": ["BRCA1"]}),
    _api("api/v1/merges/save/", "POST", "PANEL_CREATE", 201, {**LIST, "name": "New"}),
    _api(f"{BASE}export/<str:format_name>/", "POST", "PANEL_DOWNLOAD", 200, {"ids": "<ids>"}, of=OWN),
    _api(ONE, "PUT", "PANEL_UPDATE", 200, WHOLE, prepare=matching),
    _api(ONE, "PATCH", "PANEL_UPDATE", 200, EDIT, prepare=matching),
    _api(ONE, "DELETE", "PANEL_DELETE", 204),
    _api(f"{ONE}undelete/", "POST", "PANEL_UPDATE", 200, prepare=deleted),
    _api(f"{ONE}duplicate/", "POST", "PANEL_CREATE", 201),
    _api(f"{ONE}hand-over/", "POST", "PANEL_UPDATE", 200, {"user": "bob"}),
    _api(f"{VERSION}restore/", "POST", "PANEL_UPDATE", 200, prepare=edited),
    _api(f"{VERSION}tags/", "POST", "PANEL_UPDATE", 201, TAG),
    _api(f"{VERSION}tags/", "DELETE", "PANEL_UPDATE", 204, query="tag_name=new", prepare=with_tag),
    _api(f"{ONE}shares/", "POST", "PANEL_SHARE", 201, SOMEBODY),
    _api(f"{ONE}shares/<panel:share_id>/", "PATCH", "PANEL_SHARE", 200, {"expires_at": "2999-01-01T00:00:00Z"}),
    _api(f"{ONE}shares/<panel:share_id>/", "DELETE", "PANEL_SHARE", 204),
    _api(f"{ONE}comments/", "POST", "PANEL_UPDATE", 201, {"text": "Why?"}),
    _api(f"{ONE}retention/", "PUT", "PANEL_UPDATE", 200, {"max_versions": 9}),
    _api(f"{ONE}merge/", "POST", "PANEL_UPDATE", 200, MERGE, prepare=matching),
    _api("api/v1/teams/", "POST", "ADMIN_ACTION", 201, {"name": "New"}),
    _api("api/v1/teams/<panel:team_id>/", "PATCH", "ADMIN_ACTION", 200, {"description": "d"}, of=TEAM),
    _api("api/v1/teams/<panel:team_id>/", "DELETE", "ADMIN_ACTION", 204, of=TEAM),
    _api(
        "api/v1/teams/<panel:team_id>/members/",
        "POST",
        "ADMIN_ACTION",
        201,
        {"user": "newcomer"},
        of=TEAM,
        prepare=without_a_member,
    ),
    _api(
        "api/v1/teams/<panel:team_id>/members/<panel:user_id>/",
        "PATCH",
        "ADMIN_ACTION",
        200,
        {"is_manager": True},
        of=TEAM,
    ),
    _api("api/v1/teams/<panel:team_id>/members/<panel:user_id>/", "DELETE", "ADMIN_ACTION", 204, of=TEAM),
    _api("api/v1/export-templates/", "POST", "CONFIG_CHANGE", 201, {"name": "New", "format": "csv"}),
    _api("api/v1/export-templates/<panel:template_id>/", "PATCH", "CONFIG_CHANGE", 200, {"name": "O"}, of=TEMPLATE),
    _api("api/v1/export-templates/<panel:template_id>/", "DELETE", "CONFIG_CHANGE", 204, of=TEMPLATE),
    # --- pages ---
    _api("panels/", "POST", "PANEL_DOWNLOAD", 200, {"ids": "<ids>", "format": "csv"}, of=OWN),
    _api("panels/new/", "POST", "PANEL_CREATE", 302, {"name": "New", "genes": "BRCA1"}),
    _api("panels/save/", "POST", "PANEL_CREATE", 302, {"name": "New"}, query="uk:<panel_id>=green"),
    _api(f"{PAGE}about/", "POST", "PANEL_UPDATE", 302, {"name": "Other", "expected": "1"}),
    _api(f"{PAGE_OF_VERSION}restore/", "POST", "PANEL_UPDATE", 302, {"expected": "2"}, prepare=edited),
    _api(f"{PAGE_OF_VERSION}tag/", "POST", "PANEL_UPDATE", 302, TAG),
    _api(f"{PAGE}retention/", "POST", "PANEL_UPDATE", 302, KEEP),
    _api(f"{PAGE}sharing/", "POST", "PANEL_SHARE", 200, {"with": "link"}),
    _api(f"{PAGE}sharing/<panel:share_id>/", "POST", "PANEL_SHARE", 302, {"revoke": "yes"}),
    _api(f"{PAGE}discussion/", "POST", "PANEL_UPDATE", 302, {"text": "x"}),
    _api(f"{PAGE}download/", "POST", "PANEL_DOWNLOAD", 200, {"format": "csv"}),
    _api(f"{PAGE}duplicate/", "POST", "PANEL_CREATE", 302),
    _api(f"{PAGE}give/", "POST", "PANEL_UPDATE", 302, {"user": "bob"}),
    _api(f"{PAGE}delete/", "POST", "PANEL_DELETE", 302),
    _api(f"{PAGE}undelete/", "POST", "PANEL_UPDATE", 302, prepare=deleted),
    _api("export-templates/", "POST", "CONFIG_CHANGE", 302, {"name": "New", "format": "csv"}),
    _api(
        "export-templates/<panel:template_id>/",
        "POST",
        "CONFIG_CHANGE",
        302,
        {"act": "change", "name": "O", "format": "csv"},
        of=TEMPLATE,
    ),
    _api("export-templates/<panel:template_id>/", "POST", "CONFIG_CHANGE", 302, {"act": "remove"}, of=TEMPLATE),
    _api("teams/", "POST", "ADMIN_ACTION", 302, {"name": "New"}),
    _api("teams/<panel:team_id>/", "POST", "ADMIN_ACTION", 302, {"act": "change", "name": "N"}, of=TEAM),
]
# Files and forms of several steps, each with tests of its own.
ELSEWHERE = {
    (f"{BASE}import/", "POST"): "tests/panels/library/test_api_making.py, and panel_files.import_panel above",
    ("panels/import/", "POST"): "tests/panels/views/library, and panel_files.import_panel above",
    (f"{PAGE}edit/", "POST"): "tests/panels/views/library/test_editing_pages.py",
}
GENES_IN_THE_OFFICE = [f"admin/panels/{name}/<panel:object_id>/genes/" for name in ("savedpanel", "panelversion")]
# Looking is recorded, and when somebody last looked; a file that is fetched is a download.
LOOKED_AT = {"VIEW", "PANEL_LIST", "PANEL_DOWNLOAD", "panels.SavedPanel", "panels.PanelShare", "panels.PanelDownload"}
LOOKING = (BASE, "api/v1/shared/", "panels/", "shared/", *GENES_IN_THE_OFFICE)
