"""Configuration as system checks: each has an id, names its variable and says what to write there."""

from __future__ import annotations

import getpass
import ipaddress
import logging
import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from panelmerge.lib.crypto import KeyMalformed, check_key

log = logging.getLogger(__name__)
MAKE_KEY = "python -c 'import os, base64; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
MAKE_SECRET = "python -c 'import secrets; print(secrets.token_urlsafe(50))'"


def _key_errors(name: str, keys: list[str], number: int) -> list[checks.CheckMessage]:
    if not keys:
        return [
            checks.Error(
                f"{name} is not set.",
                hint=f"Write {name}=… with the output of: {MAKE_KEY}",
                id=f"panelmerge.E{number:03}",
            )
        ]
    errors = []
    for position, key in enumerate(keys, start=1):
        try:
            check_key(key)
        except KeyMalformed:
            errors.append(
                checks.Error(
                    f"{name}: key {position} of {len(keys)} is malformed; a key is 44 characters of URL-safe base64.",
                    hint=f"Write the output of: {MAKE_KEY}",
                    id=f"panelmerge.E{number:03}",
                )
            )
    return errors


@checks.register()
def check_secrets(app_configs, **kwargs) -> list[checks.CheckMessage]:
    errors = []
    try:
        secret_key = settings.SECRET_KEY
    except ImproperlyConfigured:  # Django's own word for an empty one
        secret_key = ""
    if not secret_key:
        errors.append(
            checks.Error(
                "SECRET_KEY is not set.",
                hint=f"Write SECRET_KEY=… with the output of: {MAKE_SECRET}",
                id="panelmerge.E001",
            )
        )
    elif len(secret_key) < 50 and not settings.DEBUG:
        errors.append(
            checks.Error(
                "SECRET_KEY is shorter than 50 characters.",
                hint=f"Write the output of: {MAKE_SECRET}",
                id="panelmerge.E002",
            )
        )
    errors += _key_errors("ENCRYPTION_KEY", settings.ENCRYPTION_KEYS, 3)
    errors += _key_errors("AUDIT_KEY", settings.AUDIT_KEYS, 4)
    return errors


@checks.register()
def check_hosts(app_configs, **kwargs) -> list[checks.CheckMessage]:
    errors = []
    if not settings.DEBUG and not settings.ALLOWED_HOSTS:
        errors.append(
            checks.Error(
                "ALLOWED_HOSTS is not set.",
                hint="Write the names people type, e.g. ALLOWED_HOSTS=panelmerge.example.org,localhost",
                id="panelmerge.E005",
            )
        )
    for network in settings.TRUSTED_PROXIES:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            errors.append(
                checks.Error(
                    f"TRUSTED_PROXIES: {network!r} is no network.",
                    hint="Write networks such as TRUSTED_PROXIES=10.0.0.0/8,192.0.2.7/32",
                    id="panelmerge.E006",
                )
            )
    return errors


@checks.register()
def check_limits(app_configs, **kwargs) -> list[checks.CheckMessage]:
    too_small = [
        checks.Error(
            f"{name}={value} is too small.", hint=f"Write a number above 0, e.g. {name}={example}", id="panelmerge.E007"
        )
        for name, value, example in (
            ("SESSION_TIMEOUT", settings.SESSION_TIMEOUT, 3600),
            ("SESSION_ABSOLUTE_TIMEOUT", settings.SESSION_ABSOLUTE_TIMEOUT, 43200),
            ("MAX_LOGIN_ATTEMPTS", settings.MAX_LOGIN_ATTEMPTS, 5),
            ("LOCKOUT_DURATION", settings.LOCKOUT_DURATION, 900),
            ("BRUTE_FORCE_THRESHOLD", settings.BRUTE_FORCE_THRESHOLD, 5),
            ("IP_BLOCK_HOURS", settings.IP_BLOCK_HOURS, 24),
            ("AUDIT_RETENTION_DAYS", settings.AUDIT_RETENTION_DAYS, 365),
            ("MAX_UPLOAD_SIZE", settings.MAX_UPLOAD_SIZE, 10485760),
            ("CATALOGUE_MAX_AGE_DAYS", settings.CATALOGUE_MAX_AGE_DAYS, 7),
            ("MAX_LOG_SIZE", settings.MAX_LOG_SIZE, 10485760),
        )
        if value <= 0
    ]
    below_nothing = [
        checks.Error(
            f"{name}={value} is below 0.",
            hint=f"Write how many requests are answered, e.g. {name}={example}, or {name}=0 to switch the window off.",
            id="panelmerge.E011",
        )
        for name, value, example in (
            ("RATE_LIMIT_PER_MINUTE", settings.RATE_LIMIT_PER_MINUTE, 60),
            ("RATE_LIMIT_PER_HOUR", settings.RATE_LIMIT_PER_HOUR, 1000),
            ("RATE_LIMIT_PER_DAY", settings.RATE_LIMIT_PER_DAY, 10000),
        )
        if value < 0
    ]
    return too_small + below_nothing


def _can_be_written(file: Path) -> bool:
    """Without making it: it would belong to whoever checks."""
    if not file.exists():
        return os.access(file.parent, os.W_OK)
    try:
        file.open("a").close()
    except OSError:
        return False
    return True


@checks.register()
def check_log(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """A log that cannot be written would only show in what it does not hold."""
    found = []
    if settings.LOG_BACKUP_COUNT < 0:
        hint = "Write how many old files stay, e.g. LOG_BACKUP_COUNT=5"
        told = f"LOG_BACKUP_COUNT={settings.LOG_BACKUP_COUNT} is below 0."
        found.append(checks.Error(told, hint=hint, id="panelmerge.E012"))
    file = Path(settings.LOG_FILE) if settings.LOG_FILE else None
    if file is not None and not _can_be_written(file):
        hint = f"Let this user write it (chown {getpass.getuser()} {file.parent}), or write LOG_FILE=- for no file."
        found.append(checks.Error(f"LOG_FILE={file} cannot be written.", hint=hint, id="panelmerge.E013"))
    return found


@checks.register()
def check_cache_address(app_configs, **kwargs) -> list[checks.CheckMessage]:
    if not settings.REDIS_URL or urlsplit(settings.REDIS_URL).scheme in ("redis", "rediss", "unix"):
        return []
    return [
        checks.Error(
            "REDIS_URL is no address of a Redis.",
            hint="Write REDIS_URL=redis://host:6379/0, or leave it out for a cache in each process.",
            id="panelmerge.E008",
        )
    ]


@checks.register()
def check_addresses(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """Addresses that are no web address would fail at the first mail or synchronisation."""
    named = {"SITE_URL": settings.SITE_URL}
    named |= {f"PANELAPP_{source.upper()}_URL": service["url"] for source, service in settings.PANELAPP.items()}
    return [
        checks.Error(
            f"{name}={url!r} is no web address.",
            hint=f"Write it with https:// in front, e.g. {name}=https://panelmerge.example.org",
            id="panelmerge.E010",
        )
        for name, url in named.items()
        if url and not (url.startswith(("https://", "http://")) and len(url.partition("//")[2]) > 0)
    ]


@checks.register(deploy=True)
def check_static_files(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """Without DEBUG no page, not even an error's, can name its stylesheet before the files are collected."""
    names_from_manifest = "Manifest" in settings.STORAGES["staticfiles"]["BACKEND"]
    if names_from_manifest and not (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        return [
            checks.Error(
                f"The static files are not in {settings.STATIC_ROOT} yet.",
                hint="Run: python manage.py collectstatic --noinput (make serve does), or set DEBUG=True.",
                id="panelmerge.E009",
            )
        ]
    return []


@checks.register(deploy=True)
def check_embedded(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """The embedded defaults work, but a hospital should know that it runs on them."""
    warnings = []
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") and not settings.WITHOUT_DB:
        warnings.append(
            checks.Warning(
                "DATABASE_URL is not PostgreSQL: the embedded SQLite serves one machine.",
                hint="Write DATABASE_URL=postgres://user:password@host/name",
                id="panelmerge.W001",
            )
        )
    if not settings.REDIS_URL and not settings.WITHOUT_DB:
        warnings.append(
            checks.Warning(
                "REDIS_URL is not set: each worker process has a cache of its own.",
                hint="Write REDIS_URL=redis://host:6379/0",
                id="panelmerge.W002",
            )
        )
    return warnings


@checks.register()
def check_upload_folder(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """UP-02: private lists are not readable by other users of the machine."""
    folder = Path(settings.MEDIA_ROOT)
    if folder.is_dir() and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        return [
            checks.Warning(
                f"MEDIA_ROOT {folder} can be read by other users of this machine.",
                hint=f"Run: chmod 700 {folder}",
                id="panelmerge.W003",
            )
        ]
    return []


def check_stored_values() -> list[checks.CheckMessage]:
    """EN-01: under a wrong key nothing could be read, and what is written anew would be lost to the right one."""
    # Models are there only when the settings were sound enough to load every app.
    from panelmerge.rotation import keys_that_are_missing

    try:
        missing = keys_that_are_missing()
    except DatabaseError:
        # Away or at another release: every request is answered with that.
        return []
    return [
        checks.Error(
            f"ENCRYPTION_KEY: what is stored lies under key {one}, which is not among the keys.",
            hint="Write the key that was used so far, after a comma if another is to be the first.",
            id="panelmerge.E014",
        )
        for one in sorted(missing)
    ]


def stop_on_errors() -> None:
    """Raise ImproperlyConfigured with every error at once. For gunicorn, which runs no checks by itself.

    CF-05: without DEBUG, warnings go to the log.
    """
    messages = [*checks.run_checks(), *check_static_files(None), *check_embedded(None)]
    messages = [message for message in messages if not message.is_silenced()]
    if not any(message.is_serious() for message in messages):
        messages += check_stored_values()
    found = [message for message in messages if message.is_serious()]
    for message in messages:
        if message not in found and not settings.DEBUG:
            log.warning("%s: %s %s", message.id, message.msg, message.hint or "")
    if found:
        lines = [f"{message.id}: {message.msg} {message.hint or ''}".strip() for message in found]
        raise ImproperlyConfigured("PanelMerge does not start.\n" + "\n".join(lines))
