"""What the library's actions and addresses must leave in the record: see ``tests/recorded_actions.py``. F-15."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
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
    teams,
    templates,
    versions,
)
from panels.actions.merging import merge_lists
from panels.engine.request import ListChoice, MergeRequest
from panels.models import ExportTemplate, PanelVersionTag, RetentionPolicy, SavedPanel, Team
from tests.asking import Asker
from tests.panels.library_access import (
    BASE,
    EDIT,
    LIST,
    ONE,
    OWN,
    PAGE,
    PAGE_OF_VERSION,
    TAG,
    TEAM_OWN,
    TEMPLATE_OWN,
    VERSION,
    WHOLE,
)
from tests.recorded_actions import Deed, Place
from tests.recorded_addresses import Visit, visit

MORE = MergeRequest(inputs=(ListChoice("more", ("MYH7",)),))


def furnish(ada: User, root: User) -> None:
    """A panel of two versions with a tag, a link and a policy, a template, and a team."""
    panel = library.create_panel(by=ada, name="Hearts", genes=["BRCA1", "TTN"]).panel
    library.change_panel(panel=panel.pk, by=ada, expected=1, genes=["BRCA1"])
    keeping_versions.add_tag(panel=panel.pk, by=ada, number=2, tag_name="old", tag_type="BACKUP")
    sharing.share_panel(panel=panel.pk, by=ada, link=True)
    keeping_versions.set_retention(panel=panel.pk, by=ada, max_versions=50)
    templates.make_template(by=ada, name="Lab", format="csv")
    team = teams.found_team(by=root, name="Heart team")
    teams.add_member(team=team.pk, by=root, user=ada.pk)


def own(place: Place) -> int:
    return SavedPanel.objects.get(owner=place.ada).pk


def of(place: Place) -> dict[str, Any]:
    """The panel, and who acts."""
    return {"panel": own(place), "by": place.ada}


def team(place: Place) -> dict[str, Any]:
    return {"team": Team.objects.get().pk, "by": place.root}


def template(place: Place) -> dict[str, Any]:
    return {"template": ExportTemplate.objects.get().pk, "by": place.ada}


def link(place: Place) -> int:
    return SavedPanel.objects.get(owner=place.ada).shares.get().pk


def emptied(genes: dict, resolver: Any) -> dict:
    return {}


def gave_up_old_versions(place: Place) -> None:
    PanelVersionTag.objects.all().delete()
    RetentionPolicy.objects.update(max_versions=1, backup_retention_days=0)


ACTIONS = {
    f"panels.actions.{name}": deed
    for name, deed in {
        "differences.save_on_top": Deed(
            lambda place: differences.save_on_top(**of(place), base=1, edit=emptied, choices={}, expected=2),
            ["PANEL_UPDATE"],
        ),
        "discussion.add_comment": Deed(
            lambda place: discussion.add_comment(**of(place), text="Why?"), ["PANEL_UPDATE"]
        ),
        "keeping_versions.add_tag": Deed(
            lambda place: keeping_versions.add_tag(**of(place), number=1, tag_name="new", tag_type="BACKUP"),
            ["PANEL_UPDATE"],
        ),
        "keeping_versions.remove_tag": Deed(
            lambda place: keeping_versions.remove_tag(**of(place), number=2, tag_name="old"), ["PANEL_UPDATE"]
        ),
        "keeping_versions.set_retention": Deed(
            lambda place: keeping_versions.set_retention(**of(place), max_versions=3), ["PANEL_UPDATE"]
        ),
        "keeping_versions.prune_versions": Deed(
            lambda place: keeping_versions.prune_versions(by=place.root), ["PANEL_UPDATE"], prepare=gave_up_old_versions
        ),
        "library.create_panel": Deed(
            lambda place: library.create_panel(by=place.ada, name="New", genes=["TTN"]), ["PANEL_CREATE"]
        ),
        "library.create_from_merge": Deed(
            lambda place: library.create_from_merge(by=place.ada, name="New", result=merge_lists(request=MORE)),
            ["PANEL_CREATE"],
        ),
        "library.change_panel": Deed(
            lambda place: library.change_panel(**of(place), expected=2, name="Other"), ["PANEL_UPDATE"]
        ),
        "library.set_state": Deed(lambda place: library.set_state(**of(place), status="ARCHIVED"), ["PANEL_UPDATE"]),
        "library.restore_version": Deed(
            lambda place: library.restore_version(**of(place), number=1, expected=2), ["PANEL_UPDATE"]
        ),
        "lifecycle.delete_panel": Deed(lambda place: lifecycle.delete_panel(**of(place)), ["PANEL_DELETE"]),
        "lifecycle.undelete_panel": Deed(
            lambda place: lifecycle.undelete_panel(**of(place)),
            ["PANEL_UPDATE"],
            prepare=lambda place: lifecycle.delete_panel(**of(place)),
        ),
        "lifecycle.duplicate_panel": Deed(lambda place: lifecycle.duplicate_panel(**of(place)), ["PANEL_CREATE"]),
        "lifecycle.hand_over": Deed(lambda place: lifecycle.hand_over(**of(place), to=place.root), ["PANEL_UPDATE"]),
        "panel_files.export_panel": Deed(
            lambda place: panel_files.export_panel(**of(place), format="csv"), ["PANEL_DOWNLOAD"]
        ),
        "panel_files.export_panels": Deed(
            lambda place: panel_files.export_panels(panels=[own(place)], by=place.ada, format="csv"), ["PANEL_DOWNLOAD"]
        ),
        "panel_files.import_panel": Deed(
            lambda place: panel_files.import_panel(by=place.ada, file_name="a.csv", content=b"gene\nTP53\n"),
            ["PANEL_CREATE"],
        ),
        "panel_files.merge_into": Deed(
            lambda place: panel_files.merge_into(**of(place), request=MORE, expected=2), ["PANEL_UPDATE"]
        ),
        "saved_lists.note_reading": Deed(
            lambda place: saved_lists.note_reading(
                SavedPanel.objects.with_standing(place.root).get(owner=place.ada), place.root
            ),
            ["VIEW"],
        ),
        "sharing.share_panel": Deed(
            lambda place: sharing.share_panel(**of(place), user=place.root.username), ["PANEL_SHARE"]
        ),
        "sharing.change_share": Deed(
            lambda place: sharing.change_share(
                **of(place), share=link(place), expires_at=timezone.now() + timedelta(days=1)
            ),
            ["PANEL_SHARE"],
        ),
        "sharing.revoke_share": Deed(
            lambda place: sharing.revoke_share(**of(place), share=link(place)), ["PANEL_SHARE"]
        ),
        "teams.found_team": Deed(lambda place: teams.found_team(by=place.root, name="New"), ["ADMIN_ACTION"]),
        "teams.change_team": Deed(lambda place: teams.change_team(**team(place), name="Other"), ["ADMIN_ACTION"]),
        "teams.dissolve_team": Deed(lambda place: teams.dissolve_team(**team(place)), ["ADMIN_ACTION"]),
        "teams.add_member": Deed(
            lambda place: teams.add_member(**team(place), user=place.ada.pk),
            ["ADMIN_ACTION"],
            prepare=lambda place: teams.remove_member(**team(place), user=place.ada.pk),
        ),
        "teams.change_member": Deed(
            lambda place: teams.change_member(**team(place), user=place.ada.pk, is_manager=True), ["ADMIN_ACTION"]
        ),
        "teams.remove_member": Deed(
            lambda place: teams.remove_member(**team(place), user=place.ada.pk), ["ADMIN_ACTION"]
        ),
        "templates.make_template": Deed(
            lambda place: templates.make_template(by=place.ada, name="New", format="csv"), ["CONFIG_CHANGE"]
        ),
        "templates.change_template": Deed(
            lambda place: templates.change_template(**template(place), name="Other"), ["CONFIG_CHANGE"]
        ),
        "templates.remove_template": Deed(
            lambda place: templates.remove_template(**template(place)), ["CONFIG_CHANGE"]
        ),
        "versions.save_version": Deed(
            lambda place: versions.save_version(**of(place), edit=emptied, expected=2), ["PANEL_UPDATE"]
        ),
    }.items()
}
PARTS = {
    f"panels.actions.{part}": f"panels.actions.{whole}"
    for part, whole in {
        "library.note_change": "library.change_panel",
        "lists.write_genes": "versions.save_version",
        "lists.keep_snapshot": "versions.save_version",
        "lists.snapshot_of": "versions.save_version",
        "versions.first_version": "library.create_panel",
        "sharing.end_of_membership": "teams.remove_member",
        "templates.note_use": "panel_files.export_panel",
    }.items()
}
_READS = {
    "differences": "diff_versions records_of diff_records three_way",
    "discussion": "comments_of",
    "editing": "split_genes whole_list edited_list row_numbers",
    "exporting": "plain_name",
    "finding_panels": "find_panels",
    "keeping_versions": "tags_of retention_of prunable",
    "library": "version_of",
    "lifecycle": "living_panels",
    "lists": "current_records current_records_of stored_genes records_in",
    "metadata": "checked_metadata checked_comment",
    "rights": "check_level panel_for locked_panel number_of check_expected check_open check_may_own check_may_publish",
    "saved_lists": "read_saved gene_list",
    "sharing": "stored_token may_share shares_of share_facts panel_of_link person_named",
    "teams": "teams_of team_for manages check_may_found managed_among",
    "templates": "templates_of template_for expanded template_facts",
    "typed": "typed_list typed_entity typed_origin",
    "uploads": "read_for_panel",
    "versions": "metadata_of as_json",
}
READS = {f"panels.actions.{module}.{name}" for module, names in _READS.items() for name in names.split()}

# --- The doors ---------------------------------------------------------------------------------------------------


def read_it(visitor: Asker) -> dict[str, str]:
    """And holds its ETag."""
    panel = visitor.things[OWN]["panel_id"]
    return {"etag": visitor.browser.get(f"/{BASE}{panel}/")["ETag"]}


def deleted_it(visitor: Asker) -> None:
    visitor.browser.delete(f"/{BASE}{visitor.things[OWN]['panel_id']}/")


def changed_it(visitor: Asker) -> None:
    panel = SavedPanel.objects.get(pk=visitor.things[OWN]["panel_id"])
    library.change_panel(panel=panel.pk, by=panel.owner, expected=1, genes=["BRCA1"])


def read_what_was_changed(visitor: Asker) -> dict[str, str]:
    changed_it(visitor)
    return read_it(visitor)


def brought_a_file(visitor: Asker) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("a.csv", b"gene\nTP53\n")}


MATCH = {"If-Match": "<etag>"}
VISITS: list[Visit] = [
    visit(BASE, "PANEL_CREATE", {"name": "New", "genes": ["TTN"]}, done=201),
    visit("api/v1/merges/save/", "PANEL_CREATE", {**LIST, "name": "New"}, done=201),
    visit(ONE, "PANEL_UPDATE", WHOLE, method="PUT", of=OWN, done=200, headers=MATCH, prepare=read_it),
    visit(ONE, "PANEL_UPDATE", EDIT, method="PATCH", of=OWN, done=200, headers=MATCH, prepare=read_it),
    visit(ONE, "PANEL_DELETE", method="DELETE", of=OWN, done=204),
    visit(f"{ONE}comments/", "PANEL_UPDATE", {"text": "Why?"}, of=OWN, done=201),
    visit(f"{ONE}duplicate/", "PANEL_CREATE", {"name": "Copy"}, of=OWN, done=201),
    visit(f"{ONE}hand-over/", "PANEL_UPDATE", {"user": "bob"}, of=OWN, done=200),
    visit(
        f"{ONE}merge/",
        "PANEL_UPDATE",
        {"inputs": [{"name": "more", "genes": ["MYH7"]}]},
        of=OWN,
        done=200,
        headers=MATCH,
        prepare=read_it,
    ),
    visit(f"{ONE}retention/", "PANEL_UPDATE", {"max_versions": 3}, method="PUT", of=OWN, done=200),
    visit(f"{ONE}shares/", "PANEL_SHARE", {"user": "bob"}, of=OWN, done=201),
    visit(
        f"{ONE}shares/<panel:share_id>/",
        "PANEL_SHARE",
        {"expires_at": "2030-01-01T00:00:00Z"},
        method="PATCH",
        of=OWN,
        done=200,
    ),
    visit(f"{ONE}shares/<panel:share_id>/", "PANEL_SHARE", method="DELETE", of=OWN, done=204),
    visit(f"{ONE}undelete/", "PANEL_UPDATE", of=OWN, done=200, prepare=deleted_it),
    visit(f"{VERSION}restore/", "PANEL_UPDATE", of=OWN, done=200, headers=MATCH, prepare=read_what_was_changed),
    visit(f"{VERSION}tags/", "PANEL_UPDATE", TAG, of=OWN, done=201),
    visit(f"{BASE}export/<str:format_name>/", "PANEL_DOWNLOAD", {"ids": "<ids>"}, of=OWN, done=200),
    visit(f"{BASE}import/", "PANEL_CREATE", {"file": "<file>"}, done=201, as_form=True, prepare=brought_a_file),
    visit("api/v1/teams/", "ADMIN_ACTION", {"name": "New"}, done=201),
    visit("api/v1/teams/<panel:team_id>/", "ADMIN_ACTION", {"description": "d"}, method="PATCH", of=TEAM_OWN, done=200),
    visit("api/v1/teams/<panel:team_id>/", "ADMIN_ACTION", method="DELETE", of=TEAM_OWN, done=204),
    visit("api/v1/teams/<panel:team_id>/members/", "ADMIN_ACTION", {"user": "root"}, of=TEAM_OWN, done=201),
    visit(
        "api/v1/teams/<panel:team_id>/members/<panel:user_id>/",
        "ADMIN_ACTION",
        {"is_manager": True},
        method="PATCH",
        of=TEAM_OWN,
        done=200,
    ),
    visit(
        "api/v1/teams/<panel:team_id>/members/<panel:user_id>/", "ADMIN_ACTION", method="DELETE", of=TEAM_OWN, done=204
    ),
    visit("api/v1/export-templates/", "CONFIG_CHANGE", {"name": "New", "format": "csv"}, done=201),
    visit(
        "api/v1/export-templates/<panel:template_id>/",
        "CONFIG_CHANGE",
        {"name": "Other"},
        method="PATCH",
        of=TEMPLATE_OWN,
        done=200,
    ),
    visit("api/v1/export-templates/<panel:template_id>/", "CONFIG_CHANGE", method="DELETE", of=TEMPLATE_OWN, done=204),
    # Pages.
    visit("panels/new/", "PANEL_CREATE", {"name": "New", "genes": "TTN"}),
    visit("panels/save/", "PANEL_CREATE", {"name": "New"}, query="uk:<panel_id>=green"),
    visit("panels/import/", "PANEL_UPLOAD", {"file": "<file>"}, prepare=brought_a_file),
    visit(f"{PAGE}about/", "PANEL_UPDATE", {"name": "Other", "expected": "1"}, of=OWN),
    visit(f"{PAGE}edit/", "PANEL_UPDATE", {"base": "1", "paste": "MYH7", "paste_verb": "add", "act": "save"}, of=OWN),
    visit(f"{PAGE}sharing/", "PANEL_SHARE", {"with": "link"}, of=OWN, done=200),
    visit(f"{PAGE}sharing/<panel:share_id>/", "PANEL_SHARE", {"revoke": "1"}, of=OWN),
    visit(f"{PAGE}discussion/", "PANEL_UPDATE", {"text": "Why?"}, of=OWN),
    visit(f"{PAGE}download/", "PANEL_DOWNLOAD", {"format": "csv"}, of=OWN, done=200),
    visit(f"{PAGE}duplicate/", "PANEL_CREATE", of=OWN),
    visit(f"{PAGE}give/", "PANEL_UPDATE", {"to": "bob"}, of=OWN),
    visit(f"{PAGE}delete/", "PANEL_DELETE", {"expected": "1"}, of=OWN),
    visit(f"{PAGE}undelete/", "PANEL_UPDATE", of=OWN, prepare=deleted_it),
    visit(f"{PAGE_OF_VERSION}restore/", "PANEL_UPDATE", {"expected": "2"}, of=OWN, prepare=changed_it),
    visit(f"{PAGE_OF_VERSION}tag/", "PANEL_UPDATE", TAG, of=OWN),
    visit("teams/", "ADMIN_ACTION", {"name": "New"}),
    visit("teams/<panel:team_id>/", "ADMIN_ACTION", {"act": "change", "name": "N"}, of=TEAM_OWN),
]
# What a GET records: an administrator who reads somebody's genes, a list that was looked at, a file that was taken.
GETS_RECORD = {"VIEW", "PANEL_LIST", "PANEL_DOWNLOAD"}
GETS_WRITE = {"panels.PanelDownload"}
