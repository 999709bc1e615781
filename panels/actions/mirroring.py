"""Publishing one generation of the mirror: whole, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.permissions import Permission
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import Refusal
from panels.actions.symbols import current_resolver
from panels.engine.genes import Counts, Row
from panels.engine.symbols import with_current_names
from panels.models import CatalogueEntry, CataloguePanel, CatalogueVersion, Generation, GeneRelease, PanelType
from panels.panelapp.parse import PanelBody, PanelHeader, version_key
from panels.panelapp.sources import SOURCES

HEADING_FIELDS = [
    "name",
    "description",
    "disease_group",
    "disease_sub_group",
    "relevant_disorders",
    "search_text",
    "status",
    "listed_version",
    "version_created",
    "generation",
]
# The widths of CatalogueEntry, an index for finding; the whole texts stay in the body.
LONGEST_INHERITANCE = LONGEST_CHILD_NAME = 500


@dataclass(frozen=True, slots=True)
class Published:
    """What one generation brought, in numbers."""

    source: str
    panels_seen: int
    versions_added: int
    panels_without_genes: int
    panels_retired: int
    panels_returned: int
    bodies_differing: int
    rows_skipped: int

    def sentences(self) -> list[str]:
        """The numbers for a person; what did not happen is left out."""
        told = [
            (self.panels_without_genes, "{} known by heading only: their genes were not loaded"),
            (self.panels_retired, "{} no longer listed, kept and marked as retired"),
            (self.panels_returned, "{} listed again"),
            (self.bodies_differing, "{} bodies differ from the version already stored, which was kept"),
            (self.rows_skipped, "{} rows could not be read and are reported with their panel"),
        ]
        first = f"{SOURCES[self.source].name}: {self.panels_seen} panels, {self.versions_added} new versions"
        return [first, *(f"  {words.format(number)}" for number, words in told if number)]


@transaction.atomic
def publish(
    *,
    source: str,
    origin: str,
    headers: Iterable[PanelHeader],
    bodies: Sequence[PanelBody],
    complete: bool,
    as_of: datetime | None = None,
    by: Any = None,
) -> Published:
    """Make ``headers`` and ``bodies`` of one source the newest generation of the mirror.

    ``complete`` says that the headers are all panels of the service: those
    missing are marked as retired (unless they are newer than ``as_of``), those
    that came back are no longer. A version that is already stored is never
    overwritten, and an older one never takes the place of a newer. Refusal, and
    nothing changed, when there is nothing to publish.
    """
    if by is not None and not by.has_perm(Permission.LOAD_CATALOGUE):
        raise Refusal("Your account may not load the catalogue.", status=403, code="permission_denied")
    # One publication at a time, the first one too, and none while gene names change.
    list(GeneRelease.objects.select_for_update().filter(is_current=True))
    as_of = as_of or timezone.now()
    listing = list(headers)
    if not listing and (complete or not bodies):
        raise Refusal(f"{SOURCES[source].name} listed no panel at all. The mirror stays as it was.")

    panels = {panel.panel_id: panel for panel in CataloguePanel.objects.filter(source=source)}
    generation = Generation.objects.create(source=source, origin=origin[:500], as_of=as_of)
    seen = _put_headings(source, generation, _newest([*listing, *(body.parsed.header for body in bodies)]), panels)
    added, differing = _add_versions(source, generation, bodies, panels)
    retired = returned = 0
    if complete:
        retired, returned = _mark_retired(source, {header.panel_id for header in listing}, as_of, panels)
    published = Published(
        source=source,
        panels_seen=len(seen),
        versions_added=added,
        panels_without_genes=sum(panels[panel_id].current_version_id is None for panel_id in seen),
        panels_retired=retired,
        panels_returned=returned,
        bodies_differing=differing,
        rows_skipped=sum(len(body.parsed.skipped) for body in bodies),
    )
    generation.panels_seen, generation.versions_added = published.panels_seen, published.versions_added
    generation.panels_retired = published.panels_retired
    generation.save()
    record(
        Action.CATALOGUE_LOAD,
        by=by,
        target=generation,
        description="; ".join(sentence.strip() for sentence in published.sentences()),
        details={"origin": origin, "complete": complete, "as_of": as_of.isoformat(), **asdict(published)},
    )
    return published


def _newest(headers: Iterable[PanelHeader]) -> dict[int, PanelHeader]:
    """One heading a panel; of equal versions the first, which is the listing's."""
    newest: dict[int, PanelHeader] = {}
    for header in headers:
        if header.panel_id not in newest or header.version_key > newest[header.panel_id].version_key:
            newest[header.panel_id] = header
    return newest


# --- Headings ----------------------------------------------------------------------------------------------


def _put_headings(
    source: str, generation: Generation, headers: dict[int, PanelHeader], panels: dict[int, CataloguePanel]
) -> list[int]:
    """Create and update panels in bulk, in the database and in ``panels``; an older heading changes nothing."""
    created, changed, types = [], [], {}
    for panel_id, header in headers.items():
        panel = panels.get(panel_id)
        if panel is None:
            panel = panels[panel_id] = CataloguePanel(source=source, panel_id=panel_id)
            created.append(panel)
        elif header.version_key < version_key(panel.listed_version):
            continue
        else:
            changed.append(panel)
        types[panel_id] = header.types
        panel.generation = generation
        panel.name, panel.description, panel.status = header.name, header.description, header.status
        panel.disease_group, panel.disease_sub_group = header.disease_group, header.disease_sub_group
        panel.relevant_disorders = list(header.relevant_disorders)
        panel.listed_version, panel.version_created = header.version, header.version_created
        panel.search_text = search_text(header)
    CataloguePanel.objects.bulk_create(created, batch_size=500)
    _update(changed, HEADING_FIELDS)
    _put_types({panels[panel_id].pk: given for panel_id, given in types.items()})
    return list(headers)


def search_text(header: PanelHeader) -> str:
    """Name, disorders and groups in lower case, each on a line of its own with a line's end on both sides."""
    lines = [header.name, *header.relevant_disorders, header.disease_group, header.disease_sub_group]
    return "\n" + "".join(" ".join(line.lower().split()) + "\n" for line in lines if line)


def _update(panels: list[CataloguePanel], fields: list[str]) -> None:
    """Many rows in one statement, which neither database offers as a plain UPDATE."""
    CataloguePanel.objects.bulk_create(
        panels,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["source", "panel_id"],
        update_fields=fields,
    )


def _put_types(given: dict[int, tuple]) -> None:
    """Replace the types of the panels with these keys where they differ."""
    every = {one.slug: one for types in given.values() for one in types}
    PanelType.objects.bulk_create(
        [PanelType(slug=one.slug, name=one.name, description=one.description) for one in every.values()],
        ignore_conflicts=True,
    )
    keys = dict(PanelType.objects.filter(slug__in=every).values_list("slug", "pk"))
    through = CataloguePanel.types.through
    had = defaultdict(set)
    for panel, type_key in through.objects.filter(cataloguepanel__in=given).values_list(
        "cataloguepanel_id", "paneltype_id"
    ):
        had[panel].add(type_key)
    wanted = {panel: {keys[one.slug] for one in types} for panel, types in given.items()}
    differing = {panel: types for panel, types in wanted.items() if types != had[panel]}
    through.objects.filter(cataloguepanel__in=differing).delete()
    through.objects.bulk_create(
        [
            through(cataloguepanel_id=panel, paneltype_id=type_key)
            for panel, types in differing.items()
            for type_key in sorted(types)
        ],
        batch_size=500,
    )


def _mark_retired(source: str, listed: set[int], as_of: datetime, panels: dict[int, CataloguePanel]) -> tuple[int, int]:
    """How many panels were marked as retired, and how many are listed again."""
    now = timezone.now()
    missing, back = [], []
    for panel in panels.values():
        if panel.panel_id in listed:
            if panel.retired_at is not None:
                back.append(panel.pk)
        # A panel made after an old listing was saved is not missing from it.
        elif panel.retired_at is None and (panel.version_created is None or panel.version_created <= as_of):
            missing.append(panel.pk)
    mirrored = CataloguePanel.objects.filter(source=source)
    mirrored.filter(pk__in=missing).update(retired_at=now)
    mirrored.filter(pk__in=back).update(retired_at=None)
    return len(missing), len(back)


# --- Versions ----------------------------------------------------------------------------------------------


def _add_versions(
    source: str, generation: Generation, bodies: Sequence[PanelBody], panels: dict[int, CataloguePanel]
) -> tuple[int, int]:
    """How many versions were added, and how many bodies differ from the version that is already stored."""
    touched = {body.parsed.header.panel_id for body in bodies}
    stored = {
        (panel_id, version): digest
        for panel_id, version, digest in CatalogueVersion.objects.filter(
            panel__source=source, panel__panel_id__in=touched
        ).values_list("panel__panel_id", "version", "body_sha256")
    }
    current = dict(
        CatalogueVersion.objects.filter(
            pk__in=[panels[panel_id].current_version_id for panel_id in touched]
        ).values_list("panel__panel_id", "version")
    )
    resolver = current_resolver()
    new: dict[tuple[int, str], tuple[CatalogueVersion, list[CatalogueEntry]]] = {}
    differing = 0
    for body in bodies:
        header = body.parsed.header
        key = (header.panel_id, header.version)
        if key in stored:
            differing += stored[key] != body.sha256
            continue
        stored[key] = body.sha256
        named = with_current_names(body.parsed.rows, resolver)
        panel = panels[header.panel_id]
        new[key] = (version_of(panel, generation, body, named), entries_of(panel, body.parsed.rows, named))
    CatalogueVersion.objects.bulk_create([version for version, _ in new.values()], batch_size=50)

    newest = dict(current)
    for panel_id, version in new:
        if panel_id not in newest or version_key(version) > version_key(newest[panel_id]):
            newest[panel_id] = version
    moved = [(panel_id, version) for panel_id, version in newest.items() if current.get(panel_id) != version]
    for key in moved:
        panels[key[0]].current_version = new[key][0]
    _update([panels[panel_id] for panel_id, _ in moved], ["current_version"])
    replace_entries([panels[panel_id].pk for panel_id, _ in moved], [entry for key in moved for entry in new[key][1]])
    return len(new), differing


def version_of(
    panel: CataloguePanel, generation: Generation, body: PanelBody, named: tuple[Row, ...]
) -> CatalogueVersion:
    return CatalogueVersion(
        panel=panel,
        version=body.parsed.header.version,
        version_created=body.parsed.header.version_created,
        body=body.packed,
        body_sha256=body.sha256,
        generation=generation,
        skipped=[skipped.as_dict() for skipped in body.parsed.skipped],
        **asdict(Counts.of(named)),
    )


def entries_of(panel: CataloguePanel, rows: Sequence[Row], named: Sequence[Row]) -> list[CatalogueEntry]:
    """Entries for finding, with the names as written in ``rows`` and the HGNC ids of today in ``named``."""
    return [
        CatalogueEntry(
            panel=panel,
            entity_type=row.entity.entity_type,
            entity_name=row.entity.name,
            hgnc_id=now.entity.hgnc_id,
            confidence_level=row.origin.confidence_level,
            mode_of_inheritance=row.origin.mode_of_inheritance[:LONGEST_INHERITANCE],
            child_panel_id=row.origin.child_panel_id,
            child_panel_name=row.origin.child_panel_name[:LONGEST_CHILD_NAME],
        )
        for row, now in zip(rows, named, strict=True)
    ]


def replace_entries(panel_keys: list[int], entries: list[CatalogueEntry]) -> None:
    CatalogueEntry.objects.filter(panel__in=panel_keys).delete()
    CatalogueEntry.objects.bulk_create(entries, batch_size=500)
