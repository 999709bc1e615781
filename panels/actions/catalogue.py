"""The mirror of PanelApp: fill it from the services or from files, and read panels out of it."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from audit.events import Action
from audit.models import AuditLog
from audit.record import record
from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.mirroring import Published, entries_of, publish, replace_entries
from panels.actions.symbols import current_resolver
from panels.engine.genes import Counts, GeneList, Unresolved
from panels.engine.request import PanelSpec
from panels.engine.symbols import Resolver, with_current_names
from panels.models import CatalogueEntry, CataloguePanel, CatalogueVersion, Generation
from panels.panelapp.client import PanelAppClient
from panels.panelapp.files import Progress, read_saved
from panels.panelapp.parse import LARGEST_ID, PanelBody, ParsedPanel, parse_header, parse_panel, unpack, version_key
from panels.panelapp.sources import SOURCES, terms_of

NEWEST_NAMED = 5
# What a synchronisation that failed is recorded under, with the source as its id.
MIRROR = "mirror"


@dataclass(frozen=True, slots=True)
class LastRun:
    """Of one source: when something was published last, and the event of a synchronisation that failed since."""

    key: str
    name: str
    published_at: datetime | None
    failed: AuditLog | None


def last_runs() -> list[LastRun]:
    """One for each source. Two queries."""
    published = dict(Generation.objects.order_by().values_list("source").annotate(Max("published_at")))
    failed: dict[str, AuditLog] = {}
    failures = AuditLog.objects.filter(action_type=Action.CATALOGUE_LOAD, success=False, resource_type=MIRROR)
    for event in failures.only("pk", "timestamp", "resource_id", "action_description").order_by("-pk")[:20]:
        since = published.get(event.resource_id)
        if since is None or event.timestamp > since:
            failed.setdefault(event.resource_id, event)
    return [LastRun(key, source.name, published.get(key), failed.get(key)) for key, source in SOURCES.items()]


# --- Filling it ----------------------------------------------------------------------------------------------


def sync_catalogue(
    *, source: str, client: PanelAppClient, by: Any = None, progress: Progress | None = None, dry_run: bool = False
) -> Published:
    """Mirror what the service lists now, asking only for versions that are not here yet.

    Nothing is written before the last answer is in. With ``dry_run`` the
    listing alone is asked for: ``versions_added`` then says how many panels
    would be, and nothing is written. Refusal (``Unavailable``) when the service
    does not answer as it should; the mirror then stays as it was, and the record says that it failed.
    """
    try:
        return _sync(source, client, by, progress, dry_run)
    except Refusal as refusal:
        if not dry_run:
            with transaction.atomic():
                record(
                    Action.CATALOGUE_LOAD,
                    by=by,
                    resource_type=MIRROR,
                    resource_id=source,
                    description=f"{SOURCES[source].name} could not be mirrored: {refusal.detail}",
                    success=False,
                )
        raise


def _sync(source: str, client: PanelAppClient, by: Any, progress: Progress | None, dry_run: bool) -> Published:
    headers = [parse_header(given) for given in client.list_panels()]
    held = set(CatalogueVersion.objects.filter(panel__source=source).values_list("panel__panel_id", "version"))
    wanted = [header for header in headers if (header.panel_id, header.version) not in held]
    if dry_run:
        return Published(source, len(headers), len(wanted), 0, 0, 0, 0, 0)
    bodies = []
    for number, header in enumerate(wanted, 1):
        bodies.append(PanelBody.read(client.panel(header.panel_id), source=source))
        if progress:
            progress(number, len(wanted), header.name)
    return publish(source=source, origin=client.base_url, headers=headers, bodies=bodies, complete=True, by=by)


def load_catalogue(
    *,
    path: Path | str,
    source: str | None = None,
    by: Any = None,
    progress: Progress | None = None,
    dry_run: bool = False,
) -> list[Published]:
    """Mirror answers of PanelApp saved as files: one generation a source, all in one transaction.

    ``path`` is a JSON or JSON Lines file, also gzipped, or a folder of them.
    With ``dry_run`` everything is done and taken back. Refusal that names the
    file when one of them cannot be used; nothing is loaded then.
    """
    path = Path(path)
    found = read_saved(path, source=source, progress=progress)
    with transaction.atomic():
        published = [
            publish(
                source=saved.source,
                origin=path.name,
                headers=saved.headers,
                bodies=saved.bodies,
                complete=saved.complete,
                as_of=saved.as_of,
                by=by,
            )
            for saved in found
        ]
        transaction.set_rollback(dry_run)
    return published


@transaction.atomic
def name_entries_again(**_signal: Any) -> int:
    """After new gene names: bring HGNC ids of entries and counts of current versions up to date.

    Returns the number of panels that changed. Connected to ``gene_names_loaded``.
    """
    resolver = current_resolver()
    had: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    for panel, *entry in CatalogueEntry.objects.order_by("pk").values_list(
        "panel_id", "entity_type", "entity_name", "hgnc_id"
    ):
        had[panel].append(tuple(entry))
    changed: list[CatalogueVersion] = []
    entries: list[CatalogueEntry] = []
    current = CatalogueVersion.objects.filter(pk__in=CataloguePanel.objects.values("current_version"))
    for version in current.select_related("panel").iterator(chunk_size=50):
        rows = PARSED.read(version.body_sha256, version.panel.source, version.body).rows
        named = with_current_names(rows, resolver)
        now = entries_of(version.panel, rows, named)
        if [(entry.entity_type, entry.entity_name, entry.hgnc_id) for entry in now] != had[version.panel_id]:
            for field, number in asdict(Counts.of(named)).items():
                setattr(version, field, number)
            version.body = b""  # Not written back, and too large to hold for every panel.
            changed.append(version)
            entries += now
    replace_entries([version.panel_id for version in changed], entries)
    CatalogueVersion.objects.bulk_update(changed, list(asdict(Counts())), batch_size=100)
    return len(changed)


@transaction.atomic
def clear_cached(*, source: str | None = None, by: Any = None, dry_run: bool = False) -> tuple[int, int]:
    """Forget what was worked out from the mirrored bodies and work it out anew; the mirror itself stays.

    That is the index of which panel has which gene, the counts by confidence,
    and this process's parsed bodies. Returns (panels, entries of the index made
    again). Refusal for a source there is not.
    """
    if source is not None and source not in SOURCES:
        raise Refusal(f"There is no source “{source[:20]}”: it is one of {', '.join(SOURCES)}.")
    panels = CataloguePanel.objects.exclude(current_version=None)
    panels = panels if source is None else panels.filter(source=source)
    numbers = list(panels.values_list("pk", flat=True))
    if dry_run:
        return len(numbers), CatalogueEntry.objects.filter(panel__in=numbers).count()
    PARSED.clear()
    CatalogueEntry.objects.filter(panel__in=numbers).delete()
    name_entries_again()
    made = CatalogueEntry.objects.filter(panel__in=numbers).count()
    record(
        Action.CACHE_CLEAR,
        by=by,
        resource_type="catalogue",
        resource_id=source or "",
        description=f"Worked the index of {len(numbers)} panels out anew from the mirror",
        details={"panels": len(numbers), "entries": made},
    )
    return len(numbers), made


# --- Reading it ------------------------------------------------------------------------------------------------


class ParsedBodies:
    """Bodies that were read lately, by their content: ``rows`` rows of them, or one body. Safe for threads."""

    def __init__(self, rows: int) -> None:
        self._room = rows
        self._held = 0
        self._bodies: OrderedDict[tuple[str, str], ParsedPanel] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: str, source: str) -> ParsedPanel | None:
        with self._lock:
            parsed = self._bodies.get((digest, source))
            if parsed is not None:
                self._bodies.move_to_end((digest, source))
            return parsed

    def clear(self) -> None:
        with self._lock:
            self._bodies.clear()
            self._held = 0

    def read(self, digest: str, source: str, packed: bytes) -> ParsedPanel:
        """The parsed body, from memory or from ``packed``."""
        known = self.get(digest, source)
        if known is not None:
            return known
        parsed = parse_panel(unpack(bytes(packed)), source=source)
        with self._lock:
            if (digest, source) not in self._bodies:
                self._bodies[digest, source] = parsed
                self._held += len(parsed.rows)
            while self._held > self._room and len(self._bodies) > 1:
                self._held -= len(self._bodies.popitem(last=False)[1].rows)
        return parsed


PARSED = ParsedBodies(rows=40_000)


def read_panel(*, source: str, panel_id: int, version: str | None = None) -> GeneList:
    """One panel as a gene list under today's gene names. See ``read_panels``."""
    return read_panels([PanelSpec(source, panel_id, version or "")])[0]


def read_panels(specs: Sequence[PanelSpec], resolver: Resolver | None = None) -> list[GeneList]:
    """Gene lists in the order of ``specs``, with the same few queries for any number of them.

    ``resolver`` spares the query for the current one to whoever has it.
    Rows of the body that could not be read stand in ``unresolved``. NotHere for
    a panel or version that is not in the mirror; Refusal for a panel whose
    genes were never loaded. Both say what to do.
    """
    wanted = Q(pk__in=[])
    for source in SOURCES:
        numbers = {spec.panel_id for spec in specs if spec.source == source and 0 < spec.panel_id <= LARGEST_ID}
        wanted |= Q(source=source, panel_id__in=numbers)
    panels = {(panel.source, panel.panel_id): panel for panel in CataloguePanel.objects.filter(wanted)}
    versions: dict[int, dict[str, CatalogueVersion]] = defaultdict(dict)
    for version in CatalogueVersion.objects.filter(panel__in=[panel.pk for panel in panels.values()]).defer("body"):
        versions[version.panel_id][version.version] = version
    chosen = [_choose(spec, panels.get((spec.source, spec.panel_id)), versions) for spec in specs]
    parsed = _parsed([(spec.source, version) for spec, version in zip(specs, chosen, strict=True)])
    resolver = current_resolver() if resolver is None else resolver
    return [_gene_list(spec.source, parsed[version.pk], resolver) for spec, version in zip(specs, chosen, strict=True)]


def _choose(
    spec: PanelSpec, panel: CataloguePanel | None, versions: dict[int, dict[str, CatalogueVersion]]
) -> CatalogueVersion:
    if spec.source not in SOURCES:
        raise NotHere(f"There is no source “{spec.source[:20]}”: it is one of {', '.join(SOURCES)}.")
    name = SOURCES[spec.source].name
    if panel is None:
        raise NotHere(f"{name} has no panel {spec.panel_id} in this mirror.")
    held = versions[panel.pk]
    if spec.version and spec.version in held:
        return held[spec.version]
    if not held:
        raise Refusal(
            f"The genes of {name} panel {panel.panel_id}, {panel.name}, were not loaded: only its heading is known. "
            f"An administrator loads them with manage.py sync_panelapp --source {spec.source}, "
            "or with manage.py load_catalogue from a saved answer.",
            code="genes_not_loaded",
        )
    if spec.version:
        newest = sorted(held, key=version_key, reverse=True)[:NEWEST_NAMED]
        raise NotHere(
            f"{name} panel {panel.panel_id}, {panel.name}, is not here in version {spec.version[:20]}. "
            f"Versions held, newest first: {', '.join(newest)}."
        )
    return next(version for version in held.values() if version.pk == panel.current_version_id)


def _parsed(chosen: Iterable[tuple[str, CatalogueVersion]]) -> dict[int, ParsedPanel]:
    """Parsed bodies by the key of their version; those not in memory come with one query."""
    parsed: dict[int, ParsedPanel] = {}
    missing: dict[int, tuple[str, CatalogueVersion]] = {}
    for source, version in chosen:
        known = PARSED.get(version.body_sha256, source)
        if known is None:
            missing[version.pk] = (source, version)
        else:
            parsed[version.pk] = known
    if missing:
        for pk, body in CatalogueVersion.objects.filter(pk__in=missing).values_list("pk", "body"):
            source, version = missing[pk]
            parsed[pk] = PARSED.read(version.body_sha256, source, body)
    return parsed


def _gene_list(source: str, parsed: ParsedPanel, resolver: Resolver) -> GeneList:
    header = parsed.header
    return GeneList(
        source=source,
        panel_id=str(header.panel_id),
        name=header.name,
        version=header.version,
        rows=with_current_names(parsed.rows, resolver),
        unresolved=tuple(
            Unresolved(
                query=skipped.name or skipped.where,
                reason=f"In the list of {skipped.where}: {skipped.reason}.",
                row=None if skipped.position is None else skipped.position + 1,
            )
            for skipped in parsed.skipped
        ),
        terms=terms_of(source, [one.slug for one in header.types]),
    )
