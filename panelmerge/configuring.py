"""``.env`` completed and checked: nothing that stands there is doubled or overwritten, and no secret is shown.

CF-01, CF-02, CF-10. Works where the settings cannot be read, which is when it is
needed most.
"""

from __future__ import annotations

import difflib
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.fernet import Fernet

from panelmerge.configuration import BY_NAME, SETTINGS, Setting, names_in, unread_lines, value_of, values_in
from panelmerge.releases import files

GENERATED = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "ENCRYPTION_KEY": lambda: Fernet.generate_key().decode(),
    "AUDIT_KEY": lambda: Fernet.generate_key().decode(),
}
# Without DEBUG nothing starts without them.
REQUIRED = ("SECRET_KEY", "ENCRYPTION_KEY", "AUDIT_KEY", "ALLOWED_HOSTS")
# The guide's own list.
REQUIRED_BY_THE_GUIDE = (
    *("SECRET_KEY", "ENCRYPTION_KEY", "DATABASE_URL", "REDIS_URL", "SECURITY_MONITORING_ENABLED"),
    "AUDIT_RETENTION_DAYS",
)
HEAD = "\n# Added by manage.py configure. The names are explained in .env.example.\n"
ADVICE = {
    "ALLOWED_HOSTS": "write the names people type, e.g. ALLOWED_HOSTS=panelmerge.example.org,localhost",
    "DATABASE_URL": "write DATABASE_URL=postgres://user:password@host/name",
    "REDIS_URL": "write REDIS_URL=redis://host:6379/0",
}


@dataclass(frozen=True, slots=True)
class Configured:
    """``added``: names that were written; ``kept``: the copy of the file as it was, None where nothing was written."""

    added: tuple[str, ...]
    kept: Path | None


@dataclass(frozen=True, slots=True)
class Line:
    """One setting: ``source`` says where its value comes from, ``shown`` hides secrets."""

    name: str
    source: str
    shown: str


def configure(env_file: Path, environment: Mapping[str, str]) -> Configured:
    """Write every missing setting into the file, with its default or a fresh key, behind a copy of the file.

    A setting that is there in any way, also as NAME_FILE or in the environment of
    the process, is left alone. A second run changes nothing.
    """
    text = env_file.read_text(encoding="utf-8") if env_file.is_file() else ""
    there = set(names_in(text))
    missing = [
        setting
        for setting in SETTINGS
        if (setting.written or setting.name in GENERATED)
        and not {setting.name, f"{setting.name}_FILE"} & (there | environment.keys())
    ]
    if not missing:
        return Configured((), None)
    kept = None
    if env_file.is_file():
        kept = files.unused(env_file.with_name(f"{env_file.name}.backup.{datetime.now(UTC):%Y%m%d-%H%M%S}"))
        files.copy(env_file, kept)
    lines = [f"{setting.name}={_made(setting)}" for setting in missing]
    if text and not text.endswith("\n"):
        text += "\n"
    files.write(env_file, (text + HEAD + "\n".join(lines) + "\n").encode())
    return Configured(tuple(setting.name for setting in missing), kept)


def _made(setting: Setting) -> str:
    return GENERATED[setting.name]() if setting.name in GENERATED else setting.default


def settings_seen(env_file: Path, environment: Mapping[str, str]) -> list[Line]:
    """Every setting with where it comes from, and its value or what stands for a secret."""
    in_file = values_in(env_file.read_text(encoding="utf-8")) if env_file.is_file() else {}
    found = []
    for setting in SETTINGS:
        name = setting.name
        if environment.get(name):
            source, value = "environment", environment[name]
        elif environment.get(f"{name}_FILE") or (not in_file.get(name) and in_file.get(f"{name}_FILE")):
            source = f"file {environment.get(f'{name}_FILE') or in_file[f'{name}_FILE']}"
            value = value_of(name, {**in_file, **environment})
        elif in_file.get(name):
            source, value = env_file.name, in_file[name]
        else:
            source, value = "default", setting.default
        shown = ("set" if value else "not set") if setting.secret else value or "-"
        found.append(Line(name, source, shown))
    return found


def wrong(env_file: Path, environment: Mapping[str, str], *, strict: bool = False) -> list[str]:
    """Everything that is missing, malformed, doubled or unknown, each with what to write."""
    text = env_file.read_text(encoding="utf-8") if env_file.is_file() else ""
    in_file = values_in(text)
    given = {**in_file, **environment}
    return [
        *_missing(given, strict),
        *_malformed(given),
        *_unreadable(given),
        *_doubled(text),
        *(f"line {number} of the file is not read; write NAME=value without blanks" for number in unread_lines(text)),
        *_unknown(in_file),
    ]


def _missing(given: Mapping[str, str], strict: bool) -> Iterator[str]:
    debug = (value_of("DEBUG", given) or "").strip().lower() in ("true", "yes", "on", "ok", "y", "1")
    debug = debug or (not value_of("DEBUG", given) and value_of("FLASK_ENV", given) == "development")
    without_db = value_of("WITHOUT_DB", given).strip().lower() in ("true", "yes", "on", "ok", "y", "1")
    wanted = [name for name in REQUIRED if not (debug and name == "ALLOWED_HOSTS")]
    if strict:
        wanted += [name for name in REQUIRED_BY_THE_GUIDE if name not in wanted]
    for name in wanted:
        if value_of(name, given) or (without_db and name in ("DATABASE_URL", "REDIS_URL")):
            continue
        yield f"{name} is not set; {ADVICE.get(name, 'run python manage.py configure')}"
    if strict and not (value_of("DEBUG", given) or value_of("FLASK_ENV", given)):
        yield "DEBUG is not set (nor FLASK_ENV, its old spelling); write DEBUG=False"


def _malformed(given: Mapping[str, str]) -> Iterator[str]:
    for setting in SETTINGS:
        value = value_of(setting.name, given)
        if value and (said := setting.judge(value)):
            shown = "" if setting.secret else f"={value!r}"
            default = f"; write e.g. {setting.name}={setting.default}" if setting.default else ""
            yield f"{setting.name}{shown} {said}{default}"


def _unreadable(given: Mapping[str, str]) -> Iterator[str]:
    for setting in SETTINGS:
        path = given.get(f"{setting.name}_FILE")
        if path and not given.get(setting.name) and not os.access(path, os.R_OK):
            yield f"{setting.name}_FILE names {path}, which cannot be read"


def _doubled(text: str) -> Iterator[str]:
    names = names_in(text)
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield f"{name} stands {names.count(name)} times in the file, and only the last one counts; remove the others"


def _unknown(in_file: Mapping[str, str]) -> Iterator[str]:
    known = [*BY_NAME, *(f"{name}_FILE" for name in BY_NAME)]
    for name in in_file:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            yield f"{name} is no setting of PanelMerge" + (f"; did you mean {near[0]}?" if near else "")
