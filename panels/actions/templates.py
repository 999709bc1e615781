"""A person's templates for files: format, columns, and a pattern for the file's name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import NotHere, Refusal
from panelmerge.lib.unique import refused_if_there
from panels.actions.exporting import plain_name
from panels.actions.rights import check_may_own
from panels.formats.writing import FORMATS
from panels.formats.writing.columns import HEADERS
from panels.models import ExportTemplate

MOST_TEMPLATES = 100
# What a pattern may hold; everything else in braces is a mistake.
PLACEHOLDERS = ("name", "version", "date", "format")
_BRACES = re.compile(r"\{([^{}]*)\}")
FIELDS = ("name", "description", "format", "columns", "filename_pattern", "is_default")


def templates_of(by: Any) -> QuerySet[ExportTemplate]:
    return ExportTemplate.objects.filter(user=by.pk)


def template_for(*, template: int, by: Any) -> ExportTemplate:
    found = templates_of(by).filter(pk=template).first()
    if found is None:
        raise NotHere("There is no such template of yours.")
    return found


@transaction.atomic
def make_template(*, by: Any, **values: Any) -> ExportTemplate:
    """Some of FIELDS; name and format are needed. Refusal that names what is not right, 409 for a name used already."""
    check_may_own(by)
    if templates_of(by).count() >= MOST_TEMPLATES:
        raise Refusal(f"You have {MOST_TEMPLATES} templates. Delete some first.", status=409, code="quota")
    made = ExportTemplate(user=by)
    _fill(made, values)
    with refused_if_there(_name_taken(made)):
        made.save()
    made.refresh_from_db()
    _record(made, by, f"Made the export template {made.name}", new=template_facts(made))
    return made


@transaction.atomic
def change_template(*, template: int, by: Any, **values: Any) -> ExportTemplate:
    """Give some of FIELDS other values."""
    list(templates_of(by).select_for_update().filter(pk=template).values_list("pk"))
    one = template_for(template=template, by=by)
    old = template_facts(one)
    _fill(one, values)
    if template_facts(one) == old:
        return one
    one.updated_at = timezone.now()
    with refused_if_there(_name_taken(one)):
        one.save()
    _record(one, by, f"Changed the export template {one.name}", old=old, new=template_facts(one))
    return one


@transaction.atomic
def remove_template(*, template: int, by: Any) -> None:
    one = template_for(template=template, by=by)
    _record(one, by, f"Removed the export template {one.name}", old=template_facts(one))
    one.delete()


def note_use(template: ExportTemplate) -> None:
    ExportTemplate.objects.filter(pk=template.pk).update(last_used_at=timezone.now(), usage_count=F("usage_count") + 1)


def expanded(pattern: str, *, name: str, version: str, format: str, at: datetime) -> str:
    """The pattern as a file's name without its ending, in letters that every file system takes."""
    filled = {"name": plain_name(name), "version": version, "date": f"{at:%Y-%m-%d}", "format": format}
    text = _BRACES.sub(lambda found: filled[found[1]], pattern)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:120] or "panel"


def template_facts(template: ExportTemplate) -> dict[str, Any]:
    return {name: getattr(template, name) or ([] if name == "columns" else "") for name in FIELDS[:-1]} | {
        "is_default": template.is_default
    }


def _fill(template: ExportTemplate, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(template, name, value)
    errors: dict[str, list[str]] = {}
    template.name = " ".join((template.name or "").split())
    if not 0 < len(template.name) <= 100:
        errors["name"] = ["A template has a name of at most 100 characters."]
    if template.format not in FORMATS:
        errors["format"] = [f"It is one of {', '.join(FORMATS)}."]
    if len(template.description or "") > 255:
        errors["description"] = ["A description has at most 255 characters."]
    if strange := _strange(template.columns):
        errors["columns"] = [f"{strange[0]!a:.60} is no column. There are: {', '.join(HEADERS)}."]
    pattern = template.filename_pattern or ""
    unknown = [part for part in _BRACES.findall(pattern) if part not in PLACEHOLDERS]
    if len(pattern) > 255 or unknown or "{" in _BRACES.sub("", pattern) or "}" in _BRACES.sub("", pattern):
        known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
        errors["filename_pattern"] = [f"At most 255 characters; in braces stand only {known}."]
    if errors:
        field, sentences = next(iter(errors.items()))
        raise Refusal(f"{field}: {sentences[0]}", errors=errors)
    others = ExportTemplate.objects.filter(user=template.user).exclude(pk=template.pk)
    if others.filter(name=template.name).exists():
        raise _name_taken(template)
    if template.is_default:
        others.filter(is_default=True).update(is_default=False)


def _name_taken(template: ExportTemplate) -> Refusal:
    return Refusal(f"You have a template {template.name} already.", status=409, code="name_taken")


def _strange(columns: Iterable[Any]) -> list[Any]:
    return [one for one in columns if one not in HEADERS]


def _record(template: ExportTemplate, by: Any, description: str, **values: Any) -> None:
    record(Action.CONFIG_CHANGE, by=by, target=template, description=description, **values)
