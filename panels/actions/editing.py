"""From what a person types to the genes of a panel: everything resolved and every doubt with its row, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from panelmerge.lib.errors import Refusal, TooLarge
from panels.actions.typed import MAX_LIST_GENES, typed_entity, typed_origin
from panels.engine.columns import level_word
from panels.engine.genes import Confidence, EntityType, Row
from panels.engine.listing import why_unresolved
from panels.engine.records import BY_HAND, EDITABLE, LEVELS, PLACES, Record, key_of, record_of, why_unfit
from panels.engine.symbols import Resolver

Typed = str | Mapping[str, str]
# Beside EDITABLE: what only the list knows of an STR or a region.
OWN_OF_OTHERS = ("gene_name", *PLACES)
WORDS = ", ".join(Confidence)
LONGEST_PASTE = 500_000
_BETWEEN = re.compile(r"[,;\s]+")
_ID_WITH_SPACE = re.compile(r"(?i)\bhgnc\s*:\s*(?=\d)")


@dataclass(frozen=True, slots=True)
class GeneChanges:
    """An edit of a list. ``add`` and ``remove`` are symbols, ids or objects; ``update`` objects that name a gene by id
    or symbol and give some of its keys other values ("" empties one).

    A gene to add that is there already is a problem, unless ``skip_present`` says to leave it as it is.
    """

    add: Sequence[Typed] = ()
    update: Sequence[Mapping[str, str]] = ()
    remove: Sequence[Typed] = ()
    skip_present: bool = False


@dataclass(slots=True)
class Edited:
    """The list that comes out, by key. ``given`` is what was typed where it is another name for the gene."""

    genes: dict[str, Record]
    given: dict[str, str] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)

    def refuse(self) -> None:
        """Refusal that names each row, when there is a problem with any."""
        if self.problems:
            first = next(iter(self.problems.values()))[0]
            more = f" And {len(self.problems) - 1} more." if len(self.problems) > 1 else ""
            raise Refusal(f"{first} Nothing was changed.{more}", code="genes", errors=self.problems)


def split_genes(text: str) -> list[str]:
    """Symbols and ids between commas, semicolons, spaces or line ends. TooLarge for more than LONGEST_PASTE signs:
    a text that is cut short may name another gene at its end."""
    if len(text) > LONGEST_PASTE:
        raise TooLarge(f"At most {LONGEST_PASTE:,} characters are pasted at once; these are {len(text):,}.")
    return [part for part in _BETWEEN.split(_ID_WITH_SPACE.sub("HGNC:", text)) if part]


def whole_list(genes: Sequence[Typed], current: Mapping[str, Record], resolver: Resolver) -> Edited:
    """The list that these genes make. Refusal by row for what names no gene for certain, or one twice.

    A gene of ``current`` that nobody can name, from an earlier release, may stay.
    """
    found = Edited({})
    _check_size(len(genes))
    rows: dict[str, int] = {}
    for place, typed in enumerate(genes):
        record = _read(typed, f"genes.{place}", current, resolver, found)
        if record is None:
            continue
        key = key_of(record)
        before = found.genes.setdefault(key, record)
        if before is not record and before != record:
            told = f"{record['gene_symbol']} stands in row {rows[key] + 1} already, with other values."
            found.problems[f"genes.{place}"] = [told]
        rows.setdefault(key, place)
    found.refuse()
    return found


def edited_list(changes: GeneChanges, current: Mapping[str, Record], resolver: Resolver) -> Edited:
    """The list that the edit makes of the current one. Refusal by row; nothing is half done."""
    found = Edited(dict(current))
    names = _Names(current, resolver)
    touched: dict[str, str] = {}
    for place, typed in enumerate(changes.remove):
        key = _meant(typed, f"gene_changes.remove.{place}", names, touched, found)
        if key is not None:
            del found.genes[key]
    for place, typed in enumerate(changes.update):
        where = f"gene_changes.update.{place}"
        key = _meant(typed, where, names, touched, found)
        if key is not None:
            _update(key, typed, where, found)
    for place, typed in enumerate(changes.add):
        _add(typed, f"gene_changes.add.{place}", current, names, touched, changes.skip_present, found)
    _check_size(len(found.genes))
    found.refuse()
    return found


def edited_in_turn(steps: Iterable[GeneChanges], current: Mapping[str, Record], resolver: Resolver) -> Edited:
    """The list that several edits make, each of what the one before it left. Refusal by row; nothing is half done."""
    found = Edited(dict(current))
    for changes in steps:
        edited = edited_list(changes, found.genes, resolver)
        found = Edited(edited.genes, found.given | edited.given)
    return found


def _check_size(number: int) -> None:
    if number > MAX_LIST_GENES:
        raise TooLarge(f"A panel holds at most {MAX_LIST_GENES:,} genes; these would be {number:,}.")


def _read(typed: Typed, where: str, current: Mapping[str, Record], resolver: Resolver, found: Edited) -> Record | None:
    given = {"gene_symbol": typed} if isinstance(typed, str) else typed
    try:
        entity, why = typed_entity(given, resolver)
    except Refusal as refusal:
        found.problems[where] = [refusal.detail]
        return None
    if entity is None:
        found.problems[where] = [why]
        return None
    symbol = given.get("gene_symbol") or given.get("hgnc_id", "")
    record = record_of(Row(entity, typed_origin("", given, "")))
    before = current.get(key_of(record), {})
    if entity.entity_type == EntityType.GENE and not entity.hgnc_id and not before:
        why = why_unresolved(resolver.resolve(entity.name))
    why = why or why_unfit(record) or _why_no_level(record, before, stated=bool(given.get("source_panel_id")))
    if why:
        found.problems[where] = [why]
        return None
    if symbol not in (entity.name, entity.hgnc_id):
        found.given[key_of(record)] = symbol
    return record


def _why_no_level(record: Record, before: Mapping[str, str], *, stated: bool) -> str:
    """A list that was made elsewhere keeps its own words; what a person types is one of ours."""
    if stated:
        return ""
    for key in LEVELS:
        if record[key] and record[key] not in list(Confidence) and record[key] != before.get(key):
            return f"{key}: {record[key][:40]!a} is none of {WORDS}."
    return ""


class _Names:
    """Which entities of a list a text may mean."""

    def __init__(self, current: Mapping[str, Record], resolver: Resolver) -> None:
        self.resolver = resolver
        self.called: dict[str, list[str]] = {}
        self.keys: dict[str, str] = {}
        for key, record in current.items():
            self.called.setdefault(record["gene_symbol"].casefold(), []).append(key)
            if record["entity_type"] != EntityType.GENE:
                continue
            if record["hgnc_id"]:
                self.keys[record["hgnc_id"]] = key
        for key, record in current.items():
            # A gene of an earlier release without an id is the gene that its symbol means for certain.
            if not record["hgnc_id"] and record["entity_type"] == EntityType.GENE:
                self.keys.setdefault(resolver.resolve(record["gene_symbol"]).hgnc_id, key)
        self.keys.pop("", None)

    def of_id(self, hgnc_id: str) -> str | None:
        gene = self.resolver.current_gene(hgnc_id)
        return self.keys.get(hgnc_id) or (self.keys.get(gene.hgnc_id) if gene else None)

    def find(self, given: Mapping[str, str]) -> tuple[str | None, str]:
        """The key of the entity meant, or None and why not."""
        symbol, hgnc_id = given.get("gene_symbol", ""), given.get("hgnc_id", "")
        kind = given.get("entity_type", "")
        if hgnc_id and kind in ("", EntityType.GENE):
            key = self.of_id(self.resolver.resolve(hgnc_id).hgnc_id or hgnc_id)
            return (key, "") if key else (None, f"{hgnc_id} is not in this panel.")
        written = [key for key in self.called.get(symbol.casefold(), ()) if not kind or key.startswith(f"{kind}:")]
        exact = [key for key in written if key == f"gene:{symbol}"]
        if len(written) > 1 and len(exact) != 1:
            return None, f"{symbol} names several entries of this panel. Say entity_type, or the HGNC id."
        named = (exact or written or [None])[0]
        if kind in ("", EntityType.GENE):
            answer = self.resolver.resolve(symbol)
            meant = self.keys.get(answer.hgnc_id) if answer.found else None
            if named and named.startswith("gene:HGNC:") and answer.found and meant != named:
                told = f"{symbol} is {answer.hgnc_id} today, but here it stands for {named[5:]}."
                return None, f"{told} Give the HGNC id."
            named = named or meant
        return (named, "") if named else (None, f'"{symbol}" is not in this panel.')


def _meant(typed: Typed, where: str, names: _Names, touched: dict[str, str], found: Edited) -> str | None:
    given = {"gene_symbol": typed} if isinstance(typed, str) else typed
    if isinstance(typed, str) and names.resolver.resolve(typed).match == "id":
        given = {"hgnc_id": typed}
    key, why = names.find(given)
    if key is not None and key in touched:
        why = f"{found.genes.get(key, given).get('gene_symbol') or key} is meant by {touched[key]} already."
    if why:
        found.problems[where] = [why]
        return None
    touched[key] = where
    return key


def _update(key: str, typed: Mapping[str, str], where: str, found: Edited) -> None:
    before = found.genes[key]
    is_gene = before["entity_type"] == EntityType.GENE
    may = EDITABLE if is_gene else (*EDITABLE, *OWN_OF_OTHERS)
    record = dict(before)
    for name, value in typed.items():
        if name in may:
            record[name] = level_word(value) if name in LEVELS else value
        elif name in ("gene_name", "ensembl_id", *PLACES) and value and value != before.get(name, ""):
            found.problems[where] = [f"{name}: it follows from the HGNC id and is not edited."]
            return
    record = {name: value for name, value in record.items() if value or name not in PLACES}
    if before["source_panel_id"] == BY_HAND and "source_list_type" not in typed:
        # Nobody but the person who typed it said anything.
        record["source_list_type"] = record["confidence_level"]
    why = why_unfit(record) or _why_no_level(record, before, stated=False)
    if why:
        found.problems[where] = [why]
        return
    found.genes[key] = record


def _add(
    typed: Typed,
    where: str,
    current: Mapping[str, Record],
    names: _Names,
    touched: dict[str, str],
    skip_present: bool,
    found: Edited,
) -> None:
    record = _read(typed, where, {}, names.resolver, found)
    if record is None:
        return
    key = key_of(record)
    there = key if key in found.genes else names.of_id(record["hgnc_id"]) if record["hgnc_id"] else None
    if there is not None and there in found.genes and there not in touched:
        if not skip_present:
            found.problems[where] = [f"{record['gene_symbol']} is in the panel already; update it instead."]
        return
    if key in found.genes and found.genes[key] == record and touched.get(key, "").startswith("gene_changes.add"):
        return
    if key in touched and (key in found.genes or not touched[key].startswith("gene_changes.remove")):
        found.problems[where] = [f"{record['gene_symbol']} is meant by {touched[key]} already."]
        return
    touched[key] = where
    found.genes[key] = record


def row_numbers(problems: Iterable[str]) -> list[int]:
    """The rows, from 1, that the keys of problems name: for pages, which show the list as it was pasted."""
    return sorted(int(key.rpartition(".")[2]) + 1 for key in problems if key.rpartition(".")[2].isdigit())
