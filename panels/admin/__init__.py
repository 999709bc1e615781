"""The back office of panels: the mirror, gene names, files, and the library."""

from panels.admin.catalogue import (
    CataloguePanelAdmin,
    GeneAdmin,
    GenerationAdmin,
    GeneReleaseAdmin,
    PanelDownloadAdmin,
    UploadAdmin,
)
from panels.admin.library import ExportTemplateAdmin, PanelVersionAdmin, SavedPanelAdmin
from panels.admin.sharing import PanelCommentAdmin, PanelShareAdmin
from panels.admin.tags import PanelVersionTagAdmin, RetentionPolicyAdmin
from panels.admin.teams import TeamAdmin

__all__ = [
    "CataloguePanelAdmin",
    "ExportTemplateAdmin",
    "GeneAdmin",
    "GeneReleaseAdmin",
    "GenerationAdmin",
    "PanelCommentAdmin",
    "PanelDownloadAdmin",
    "PanelShareAdmin",
    "PanelVersionAdmin",
    "PanelVersionTagAdmin",
    "RetentionPolicyAdmin",
    "SavedPanelAdmin",
    "TeamAdmin",
    "UploadAdmin",
]
