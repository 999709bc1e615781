"""Name, description and tags of a panel, checked the same from every door."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from panelmerge.lib.errors import Refusal

LONGEST_NAME = 255
LONGEST_DESCRIPTION = 20_000
LONGEST_TAGS = 500
LONGEST_COMMENT = 2_000


def checked_metadata(
    *, name: str | None = None, description: str | None = None, tags: str | Iterable[str] | None = None
) -> dict[str, Any]:
    """Those that are given, cleaned; None is not given. Refusal that names each field that is not right.

    Tags are a list, or text between commas. The same tag twice, in whatever case, is one.
    """
    found: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    if name is not None:
        found["name"] = _one_line(name)
        if not found["name"]:
            errors["name"] = ["Give the panel a name."]
        elif len(found["name"]) > LONGEST_NAME:
            errors["name"] = [f"A name has at most {LONGEST_NAME} characters."]
    if description is not None:
        found["description"] = description.replace("\r\n", "\n").strip()
        if len(found["description"]) > LONGEST_DESCRIPTION:
            errors["description"] = [f"A description has at most {LONGEST_DESCRIPTION:,} characters."]
    if tags is not None:
        found["tags"] = _tags(tags)
        if len(",".join(found["tags"])) > LONGEST_TAGS:
            errors["tags"] = [f"All tags together have at most {LONGEST_TAGS} characters."]
    if errors:
        field, sentences = next(iter(errors.items()))
        raise Refusal(f"{field}: {sentences[0]}", errors=errors)
    return found


def checked_comment(comment: str) -> str:
    """Refusal when it is too long."""
    text = comment.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_COMMENT:
        told = f"A comment has at most {LONGEST_COMMENT:,} characters."
        raise Refusal(f"comment: {told}", errors={"comment": [told]})
    return text


def _one_line(text: str) -> str:
    return " ".join("".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text).split())


def _tags(tags: str | Iterable[str]) -> list[str]:
    parts = tags.split(",") if isinstance(tags, str) else [part for tag in tags for part in tag.split(",")]
    found: dict[str, str] = {}
    for part in parts:
        if tag := _one_line(part):
            found.setdefault(tag.casefold(), tag)
    return list(found.values())
