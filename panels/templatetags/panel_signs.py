"""Confidence, inheritance and addresses as templates show them."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.utils.html import format_html

from panels.engine.genes import Confidence
from panels.engine.inheritance import short_inheritance
from panels.panelapp.sources import SOURCES

register = template.Library()


@register.filter
def level(value: str) -> str:
    """Shape, letter and colour, with the word in full for the eye on hover and for a screen reader."""
    if value not in list(Confidence):
        return value or "not given"
    word = "level 0" if value == Confidence.NONE else value
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
    """This page's address with other values for some of its parameters."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    if "page" not in changes:
        query.pop("page", None)
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode(safe=':@,')}"


@register.filter
def at(sequence, places) -> list:
    """The members at these positions."""
    return [sequence[place] for place in places]


@register.filter
def nth(sequence, place: int):
    return sequence[place]


@register.filter
def short_source(source: str) -> str:
    """UK or AU."""
    return SOURCES[source].short


@register.filter
def source_tag(origin) -> str:
    """Two letters for where a statement comes from: UK, AU or mine."""
    short = SOURCES[origin.source].short if origin.source in SOURCES else "mine"
    return format_html('<span class="tag">{}</span>', short)
