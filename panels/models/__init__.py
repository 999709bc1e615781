from panels.models.catalogue import (
    SOURCES,
    CatalogueEntry,
    CataloguePanel,
    CatalogueVersion,
    Generation,
    PanelType,
)
from panels.models.exports import ExportTemplate, PanelDownload
from panels.models.keeping import IdempotencyKey, PanelVersionTag, RetentionPolicy
from panels.models.library import PanelChange, PanelGene, PanelSnapshot, PanelVersion, SavedPanel
from panels.models.sharing import PanelComment, PanelShare, Team, TeamMember
from panels.models.symbols import Gene, GeneRelease
from panels.models.uploads import Upload

__all__ = [
    "SOURCES",
    "CatalogueEntry",
    "CataloguePanel",
    "CatalogueVersion",
    "ExportTemplate",
    "Gene",
    "GeneRelease",
    "Generation",
    "IdempotencyKey",
    "PanelChange",
    "PanelComment",
    "PanelDownload",
    "PanelGene",
    "PanelShare",
    "PanelSnapshot",
    "PanelType",
    "PanelVersion",
    "PanelVersionTag",
    "RetentionPolicy",
    "SavedPanel",
    "Team",
    "TeamMember",
    "Upload",
]
