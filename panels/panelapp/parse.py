"""What PanelApp's JSON says, read into the engine's words.

Bodies differ by service and by year: lists are null or text, Ensembl ids are
``{}`` or missing, confidence is text, a number or an old word. What can be
understood is; a row that cannot is reported with its position, never dropped
in silence; a body that is no panel is refused.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import orjson

from panelmerge.lib.errors import Refusal
from panels.engine.genes import Confidence, Entity, EntityType, Origin, Row

LISTS = {"genes": EntityType.GENE, "strs": EntityType.STR, "regions": EntityType.REGION}

CONFIDENCE_WORDS = {
    "4": Confidence.GREEN,
    "3": Confidence.GREEN,
    "2": Confidence.AMBER,
    "1": Confidence.RED,
    "0": Confidence.NONE,
    "highevidence": Confidence.GREEN,
    "moderateevidence": Confidence.AMBER,
    "lowevidence": Confidence.RED,
    "nolist": Confidence.NONE,
}

BUILDS = ("GRCh37", "GRCh38")
LARGEST_ID = 2**31 - 1
LONGEST_NAME = 255
# Offsets of the clocks of Melbourne, where PanelApp Australia's times are written.
AUSTRALIAN_OFFSETS = {timedelta(hours=10), timedelta(hours=11)}

_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})")
_PLACE = re.compile(r"[0-9A-Za-z_.]+:\d+-\d+")


@dataclass(frozen=True, slots=True)
class TypeGiven:
    slug: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class PanelHeader:
    """A panel as a listing names it. ``version`` is text, ``version_created`` aware or None."""

    panel_id: int
    name: str
    version: str
    version_created: datetime | None = None
    description: str = ""
    disease_group: str = ""
    disease_sub_group: str = ""
    relevant_disorders: tuple[str, ...] = ()
    status: str = ""
    types: tuple[TypeGiven, ...] = ()

    @property
    def version_key(self) -> tuple[int, int]:
        return version_key(self.version)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that could not be read: which list, the position in it from 0 (None: the list as a whole), and why."""

    where: str
    position: int | None
    name: str
    reason: str

    def as_dict(self) -> dict:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ParsedPanel:
    header: PanelHeader
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]


class _Unreadable(ValueError):
    """Why one row cannot be read."""


def version_key(version: str) -> tuple[int, int]:
    """("1.10" → (1, 10)): the order of versions, in which 1.10 comes after 1.9. Refusal unless it is M.m."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise Refusal(f"“{version[:40]}” is not a panel version: a version is written as two numbers, like 4.13.")
    return int(found[1]), int(found[2])


# --- One value -------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    """Text or a number as text; anything else is no text and reads as empty."""
    if isinstance(value, str):
        # PostgreSQL keeps no NUL in a text.
        return value.replace("\x00", "").strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def _texts(value: object) -> tuple[str, ...]:
    """A list of texts; also null, and one text in which semicolons part the members."""
    if isinstance(value, str):
        value = value.split(";")
    if not isinstance(value, list):
        return ()
    return tuple(text for text in map(_text, value) if text)


def _mapping(value: object) -> dict:
    """An object; also one that was written as text (``"{}"``). Anything else is empty."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {}
    return value if isinstance(value, dict) else {}


def _time(value: object) -> datetime | None:
    """An aware time in UTC. A time without an offset is taken as UTC, an unreadable one is None."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _hgnc_id(value: object) -> str:
    number = _text(value).upper().removeprefix("HGNC:").strip()
    return f"HGNC:{int(number)}" if number.isascii() and number.isdigit() and len(number) <= 9 else ""


def _confidence(row: dict) -> Confidence:
    given = row.get("confidence_level")
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    level = CONFIDENCE_WORDS.get(_text(given).lower())
    if level is None:
        raise _Unreadable(f"its confidence level {given!r:.60} is none of 0 to 4")
    return level


# --- The heading -----------------------------------------------------------------------------------------


def _heading(body: dict, key: str, limit: int, panel: str) -> str:
    text = _text(body.get(key))
    if len(text) > limit:
        raise Refusal(f"{panel}: {key} is longer than {limit} characters. This is not an answer of PanelApp.")
    return text


def _types(value: object) -> tuple[TypeGiven, ...]:
    types = {}
    for given in value if isinstance(value, list) else []:
        given = _mapping(given)
        name = _text(given.get("name"))[:200]
        slug = _text(given.get("slug")) or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        if slug:
            types[slug[:100]] = TypeGiven(slug[:100], name or slug, _text(given.get("description")))
    return tuple(types.values())


def parse_header(body: object) -> PanelHeader:
    """The heading of a panel, from a listing or from the panel's own body. Refusal if it is none."""
    if not isinstance(body, dict):
        raise Refusal("This is not a panel of PanelApp: an object with id, name and version was expected.")
    panel_id, version = body.get("id"), body.get("version")
    if isinstance(panel_id, bool) or not isinstance(panel_id, int) or not 0 < panel_id <= LARGEST_ID:
        raise Refusal("This is not a panel of PanelApp: it has no whole number as its id.")
    panel = f"Panel {panel_id}"
    if isinstance(version, int | float):
        raise Refusal(
            f"{panel}: its version came as the number {version}. 1.10 and 1.1 are the same number "
            "but different versions, so a version must be text. Save the answer of PanelApp unchanged."
        )
    if not isinstance(version, str):
        raise Refusal(f"{panel} names no version. This is not an answer of PanelApp.")
    version_key(version)
    name = _heading(body, "name", 500, panel)
    if not name:
        raise Refusal(f"{panel} has no name. This is not an answer of PanelApp.")
    return PanelHeader(
        panel_id=panel_id,
        name=name,
        version=version,
        version_created=_time(body.get("version_created")),
        description=_text(body.get("description")),
        disease_group=_heading(body, "disease_group", 500, panel),
        disease_sub_group=_heading(body, "disease_sub_group", 500, panel),
        relevant_disorders=_texts(body.get("relevant_disorders")),
        status=_heading(body, "status", 20, panel),
        types=_types(body.get("types")),
    )


def told_source(body: dict) -> str:
    """ "aus" or "uk" by what only that service writes into a heading or a page, else ""."""
    following = _text(body.get("next")) or _text(body.get("previous"))
    if following:
        return "aus" if "panelapp-aus" in following else "uk" if "genomicsengland" in following else ""
    if "description" in body or "child_panel_ids" in body:
        return "aus"
    created = body.get("version_created")
    if isinstance(created, str):
        try:
            if datetime.fromisoformat(created.strip()).utcoffset() in AUSTRALIAN_OFFSETS:
                return "aus"
        except ValueError:
            return ""
    return "uk" if "hash_id" in body else ""


# --- The rows --------------------------------------------------------------------------------------------


def _release(release: str) -> int:
    return int(release) if release.isascii() and release.isdigit() else 0


def _ensembl(gene: dict, build: str) -> dict:
    """The record of the newest Ensembl release for a build (``GRch37`` is PanelApp's spelling)."""
    for key, releases in _mapping(gene.get("ensembl_genes")).items():
        releases = _mapping(releases)
        if key.lower() == build and releases:
            return _mapping(releases[max(releases, key=_release)])
    return {}


def _entity(entity_type: EntityType, row: dict, gene: dict) -> Entity:
    name = _text(row.get("entity_name"))
    if not name and entity_type == EntityType.GENE:
        name = _text(gene.get("gene_symbol")) or _text(gene.get("hgnc_symbol"))
    if not name:
        raise _Unreadable("it has no name")
    if len(name) > LONGEST_NAME:
        raise _Unreadable(f"its name is longer than {LONGEST_NAME} characters")
    grch38 = _ensembl(gene, "grch38")
    where = {build: _where(entity_type, row, gene, build) for build in BUILDS}
    return Entity(
        entity_type=entity_type,
        name=name,
        hgnc_id=_hgnc_id(gene.get("hgnc_id")),
        gene_name=_text(gene.get("gene_name")) if entity_type != EntityType.REGION else _text(row.get("verbose_name")),
        ensembl_id=_text(grch38.get("ensembl_id")) or _text(grch38.get("ensemble_id")),
        grch37=where["GRCh37"],
        grch38=where["GRCh38"],
    )


def _row(entity_type: EntityType, row: object, header: PanelHeader, source: str) -> Row:
    if not isinstance(row, dict):
        raise _Unreadable("it is not an object")
    own_type = _text(row.get("entity_type")).lower()
    if own_type and own_type != entity_type:
        raise _Unreadable(f"it calls itself {own_type[:40]!r}")
    child = _mapping(row.get("panel"))
    child_id = _text(child.get("id"))
    if child_id == str(header.panel_id):
        child, child_id = {}, ""
    return Row(
        entity=_entity(entity_type, row, _mapping(row.get("gene_data"))),
        origin=Origin(
            source=source,
            panel_id=str(header.panel_id),
            panel_name=header.name,
            version=header.version,
            confidence_level=_confidence(row),
            mode_of_inheritance=_text(row.get("mode_of_inheritance")),
            penetrance=_text(row.get("penetrance")),
            mode_of_pathogenicity=_text(row.get("mode_of_pathogenicity")),
            phenotypes=_texts(row.get("phenotypes")),
            evidence=_texts(row.get("evidence")),
            publications=_texts(row.get("publications")),
            tags=_texts(row.get("tags")),
            child_panel_id=child_id[:20],
            child_panel_name=_text(child.get("name")),
            child_version=_text(child.get("version")),
        ),
    )


def has_rows(body: dict) -> bool:
    """Whether this is a panel's own body, and not only its heading."""
    return any(key in body for key in LISTS)


def parse_panel(body: object, *, source: str) -> ParsedPanel:
    """A panel's own body: heading, rows with ``source`` in their origins, and what could not be read.

    A gene keeps the symbol and the HGNC id that the body gives; bringing them
    up to date is ``panels.engine.symbols``'. Refusal if the body is no panel.
    """
    header = parse_header(body)
    if not has_rows(body):
        raise Refusal(f"Panel {header.panel_id} came without genes, STRs and regions: this is only its heading.")
    counted = _mapping(body.get("stats"))
    rows: list[Row] = []
    skipped: list[Skipped] = []
    for key, entity_type in LISTS.items():
        given = body.get(key)
        if given is None:
            given = []
        if not isinstance(given, list):
            raise Refusal(f"Panel {header.panel_id}: its {key} are not a list. Fetch the panel again.")
        for position, row in enumerate(given):
            try:
                rows.append(_row(entity_type, row, header, source))
            except _Unreadable as error:
                name = _text(row.get("entity_name"))[:LONGEST_NAME] if isinstance(row, dict) else ""
                skipped.append(Skipped(key, position, name, str(error)))
        promised = counted.get(f"number_of_{key}")
        if isinstance(promised, int) and promised > len(given):
            skipped.append(Skipped(key, None, "", f"the heading counts {promised} {key}, but {len(given)} came"))
    return ParsedPanel(header, tuple(rows), tuple(skipped))


# --- Where on the genome ------------------------------------------------------------------------------------


def _place(chromosome: object, coordinates: object) -> str:
    ends = coordinates if isinstance(coordinates, list) else []
    if len(ends) != 2 or not all(isinstance(end, int) for end in ends) or not _text(chromosome):
        return ""
    return f"{_text(chromosome)}:{ends[0]}-{ends[1]}"


def _where(entity_type: EntityType, row: dict, gene: dict, build: str) -> str:
    """``17:41196312-41277500``, or "" where the body has no place in this build.

    Genes are Ensembl's, 1-based and inclusive. For STRs and regions PanelApp
    does not say how it counts; they are taken for 1-based and inclusive too.
    """
    if entity_type == EntityType.GENE:
        place = _text(_ensembl(gene, build.lower()).get("location"))
    else:
        place = _place(row.get("chromosome"), row.get(f"{build.lower()}_coordinates"))
    return place if _PLACE.fullmatch(place) else ""


def places(body: dict) -> dict[tuple[str, str], dict[str, str]]:
    """Where the body puts each entity: {(type, key of Entity): {"GRCh37": "17:41196312-41277500", "GRCh38": …}}.

    A build for which the body has no place is left out. Unreadable rows have no place.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for key, entity_type in LISTS.items():
        for row in body.get(key) or []:
            row = _mapping(row)
            gene = _mapping(row.get("gene_data"))
            try:
                entity = _entity(entity_type, row, gene)
            except _Unreadable:
                continue
            for build, place in zip(BUILDS, (entity.grch37, entity.grch38), strict=True):
                if place:
                    found.setdefault((entity_type, entity.key), {})[build] = place
    return found


# --- Bodies as they are kept -----------------------------------------------------------------------------------


def pack(body: dict) -> tuple[bytes, str]:
    """The body as it is stored, and the SHA-256 of its content, in which the order of keys does not count."""
    try:
        digest = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
        return zlib.compress(orjson.dumps(body)), digest
    except orjson.JSONEncodeError as error:
        raise Refusal(f"Panel {body.get('id')} is nested too deeply. This is not an answer of PanelApp.") from error


def unpack(packed: bytes) -> dict:
    return orjson.loads(zlib.decompress(packed))


@dataclass(frozen=True, slots=True)
class PanelBody:
    """One panel's body, read and ready to be stored."""

    parsed: ParsedPanel
    packed: bytes
    sha256: str

    @classmethod
    def read(cls, body: object, *, source: str) -> PanelBody:
        """Refusal if the body is no panel."""
        parsed = parse_panel(body, source=source)
        return cls(parsed, *pack(body))
