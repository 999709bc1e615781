"""The addresses of the library below /api/v1/. Those without a number stand before those with one."""

from django.urls import path

from panels.api.library import files, panels, sharing, versions

PANEL = "saved-panels/<panel:panel_id>/"
VERSION = f"{PANEL}versions/<panel:number>/"

urlpatterns = [
    path("merges/save/", files.SaveMergeView.as_view(), name="merge-save"),
    path("saved-panels/", panels.SavedPanelsView.as_view(), name="saved-panels"),
    path("saved-panels/import/", files.ImportView.as_view(), name="saved-panels-import"),
    path("saved-panels/export/<str:format_name>/", files.BulkExportView.as_view(), name="saved-panels-export"),
    path(PANEL, panels.SavedPanelView.as_view(), name="saved-panel"),
    path(f"{PANEL}undelete/", panels.UndeleteView.as_view(), name="saved-panel-undelete"),
    path(f"{PANEL}duplicate/", panels.DuplicateView.as_view(), name="saved-panel-duplicate"),
    path(f"{PANEL}hand-over/", panels.HandOverView.as_view(), name="saved-panel-hand-over"),
    path(f"{PANEL}versions/", versions.VersionsView.as_view(), name="saved-panel-versions"),
    path(VERSION, versions.VersionView.as_view(), name="saved-panel-version"),
    path(f"{VERSION}restore/", versions.RestoreView.as_view(), name="saved-panel-restore"),
    path(f"{VERSION}tags/", versions.TagsView.as_view(), name="saved-panel-tags"),
    path(f"{PANEL}diff/<panel:a>/<panel:b>/", versions.DiffView.as_view(), name="saved-panel-diff"),
    path(f"{PANEL}changes/", versions.ChangesView.as_view(), name="saved-panel-changes"),
    path(f"{PANEL}retention/", versions.RetentionView.as_view(), name="saved-panel-retention"),
    path(f"{PANEL}shares/", sharing.SharesView.as_view(), name="saved-panel-shares"),
    path(f"{PANEL}shares/<panel:share_id>/", sharing.ShareView.as_view(), name="saved-panel-share"),
    path(f"{PANEL}comments/", sharing.CommentsView.as_view(), name="saved-panel-comments"),
    path(f"{PANEL}export/<str:format_name>/", files.ExportView.as_view(), name="saved-panel-export"),
    path(f"{PANEL}merge/", files.MergeIntoView.as_view(), name="saved-panel-merge"),
    path("shared/<str:share_token>/", sharing.SharedView.as_view(), name="shared"),
    path("teams/", sharing.TeamsView.as_view(), name="teams"),
    path("teams/<panel:team_id>/", sharing.TeamView.as_view(), name="team"),
    path("teams/<panel:team_id>/members/", sharing.MembersView.as_view(), name="team-members"),
    path("teams/<panel:team_id>/members/<panel:user_id>/", sharing.MemberView.as_view(), name="team-member"),
    path("export-templates/", files.TemplatesView.as_view(), name="export-templates"),
    path("export-templates/<panel:template_id>/", files.TemplateView.as_view(), name="export-template"),
]
