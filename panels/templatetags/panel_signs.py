"""Confidence, inheritance and addresses as templates show them."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from panelmerge.lib.errors import Refusal
from panels.engine.diff import Folded
from panels.engine.genes import Confidence, Counts
from panels.engine.inheritance import short_inheritance
from panels.engine.merge import Conflict, MergedEntity
from panels.panelapp.sources import SOURCES

register = template.Library()


FIELDS = {"confidence_level": "Confidence", "mode_of_inheritance": "Inheritance"}


@register.filter
def field_word(field: str) -> str:
    return FIELDS[field]


@register.filter
def level_word(value: str) -> str:
    return "level 0" if value == Confidence.NONE else value


@register.filter
def words(text: str) -> list[str]:
    return text.split()


@register.filter
def said_of_fields(refusal: Refusal) -> list[tuple[str, str]]:
    """(field, sentence) for what a refusal says of single fields and not in its own sentence already."""
    said = [(name, sentence) for name, sentences in refusal.errors.items() for sentence in sentences]
    return [one for one in said if refusal.detail not in (one[1], ": ".join(one))]


@register.filter
def count_of(counts: Counts, level_: str) -> int:
    """How many of a confidence."""
    return getattr(counts, level_)


@register.filter
def said_plainly(value) -> str:
    """A field's name or value as people say it."""
    return ", ".join(value) if isinstance(value, list) else str(value or "—").replace("_", " ")


@register.filter
def level(value: str) -> str:
    """Shape, letter and colour, with the word in full for the eye on hover and for a screen reader."""
    if value not in list(Confidence):
        return value or "not given"
    word = level_word(value)
    return format_html(
        '<span class="level {}" title="{}"><span aria-hidden="true">{}</span><span class="vh">{}</span></span>',
        value,
        word,
        Confidence(value).letter,
        word,
    )


@register.filter
def inheritance(value: str) -> str:
    """Our short form, with the source's sentence on hover."""
    short = short_inheritance(value)
    return format_html('<abbr title="{}">{}</abbr>', value, short) if short and short != value else short


@register.filter
def conflict_value(value: str, field: str) -> str:
    return level(value) if field == "confidence_level" else inheritance(value)


@register.simple_tag(takes_context=True)
def here_with(context: dict, **changes) -> str:
    """This page's address (``here`` of the context where it differs) with other values for some parameters."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    if "page" not in changes:
        query.pop("page", None)
    for name, value in changes.items():
        query[name] = value
    return f"{context.get('here', '')}?{query.urlencode(safe=':@,')}"


@register.simple_tag(takes_context=True)
def page_of(context: dict, name: str, number: int) -> str:
    """This page's address with another page of the table that has its page under ``name``."""
    return here_with(context, **{name: number})


@register.filter
def panel_key(panel) -> str:
    """uk:245"""
    return f"{panel.source}:{panel.panel_id}"


@register.filter
def levels_said(folded: Folded) -> str:
    """Every different confidence that a list's rows give an entity, the strongest first."""
    return format_html_join(" ", "{}", ((level(value),) for value in folded.values("confidence_level") or ("",)))


@register.filter
def modes_said(folded: Folded) -> str:
    return format_html_join(", ", "{}", ((inheritance(value),) for value in folded.values("mode_of_inheritance")))


@register.filter
def is_open(merged: MergedEntity, field: str) -> bool:
    """Whether nobody and no rule has decided this field."""
    return any(conflict.is_open and conflict.field == field for conflict in merged.conflicts)


@register.simple_tag
def typed_for(typed: Mapping[str, str], merged: MergedEntity, conflict: Conflict) -> Mapping[str, str]:
    """What was typed into this conflict's form before it was refused; nothing for every other form."""
    is_it = typed.get("entity") == merged.entity.key and typed.get("field") == conflict.field
    return typed if is_it else {}


@register.simple_tag
def by_input(merged: MergedEntity, conflict: Conflict, columns: list[tuple[int, str, str]]) -> list[tuple]:
    """For each column its label, each value that input gives with the child panels it is from, and whether
    anything of the entity was taken from it: to say nothing of a gene is not to leave it out."""
    said: list[list[tuple[str, str]]] = [[] for _ in columns]
    for value, places in conflict.values:
        children: dict[int, list[str]] = {}
        for place in places:
            child = merged.origins[place].child_panel_name
            children.setdefault(merged.inputs[place], []).extend([child] if child else [])
        for position, names in children.items():
            said[position].append((value, ", ".join(names)))
    return [
        (f"{place} {tag} {name}", cell, place - 1 in merged.inputs)
        for (place, tag, name), cell in zip(columns, said, strict=True)
    ]


@register.filter
def at(sequence, places) -> list:
    """The members at these positions."""
    return [sequence[place] for place in places]


@register.filter
def nth(sequence, place: int):
    return sequence[place]


# How a name was found, in words that go with "by".
MATCHES = {
    "current": "current symbol",
    "id": "HGNC id",
    "previous": "former symbol",
    "alias": "alias",
    "withdrawn": "withdrawn entry, merged",
    "unknown": "not found",
    "ambiguous": "may be several genes",
    "excel_date": "a date made by a spreadsheet",
}


@register.filter
def match_in_words(match: str) -> str:
    return MATCHES.get(match, match)


@register.filter
def short_source(source: str) -> str:
    """UK or AU."""
    return SOURCES[source].short


@register.filter
def source_tag(origin) -> str:
    """Two letters for where a statement comes from: UK, AU or mine."""
    short = SOURCES[origin.source].short if origin.source in SOURCES else "mine"
    return format_html('<span class="tag">{}</span>', short)
