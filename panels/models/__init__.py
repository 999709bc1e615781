from panels.models.catalogue import (
    SOURCES,
    CatalogueEntry,
    CataloguePanel,
    CatalogueVersion,
    Generation,
    PanelType,
)
from panels.models.exports import PanelDownload
from panels.models.library import PanelChange, PanelGene, PanelShare, PanelVersion, SavedPanel
from panels.models.symbols import Gene, GeneRelease
from panels.models.uploads import Upload

__all__ = [
    "SOURCES",
    "CatalogueEntry",
    "CataloguePanel",
    "CatalogueVersion",
    "Gene",
    "GeneRelease",
    "Generation",
    "PanelChange",
    "PanelDownload",
    "PanelGene",
    "PanelShare",
    "PanelType",
    "PanelVersion",
    "SavedPanel",
    "Upload",
]
