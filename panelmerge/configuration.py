"""Every setting by its name: what kind of value it takes, its default, and whether it is a secret.

The one list behind ``configure``, its check, and what a backup leaves out. It
needs no settings of Django, because it is asked when those cannot be read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import environ

from panelmerge.lib.crypto import KeyMalformed, check_key
from panelmerge.lib.env import DATABASES, comma_list

TRUTHS = ("true", "yes", "on", "ok", "y", "1", "false", "no", "off", "n", "0")


@dataclass(frozen=True, slots=True)
class Setting:
    """``judge`` says what is wrong with a value, in words that follow the name; "" where nothing is. ``written``:
    whether ``configure`` writes the default where the setting is missing."""

    name: str
    default: str
    judge: Callable[[str], str]
    secret: bool = False
    written: bool = False


def _anything(value: str) -> str:
    return ""


def _number(least: int) -> Callable[[str], str]:
    def judge(value: str) -> str:
        if not re.fullmatch(r"-?\d+", value.strip()):
            return "is no whole number"
        return "" if int(value) >= least else f"is below {least}"

    return judge


def _truth(value: str) -> str:
    return "" if value.strip().lower() in TRUTHS else "is neither True nor False"


def _one_of(*words: str) -> Callable[[str], str]:
    return lambda value: "" if value.strip().lower() in words else f"is none of {', '.join(words)}"


def _keys(value: str) -> str:
    keys = comma_list(value)
    for place, key in enumerate(keys, start=1):
        try:
            check_key(key)
        except KeyMalformed:
            return f"key {place} of {len(keys)} is malformed; a key is 44 characters of URL-safe base64"
    return ""


def _long(value: str) -> str:
    return "" if len(value) >= 50 else "is shorter than 50 characters"


def _web(value: str) -> str:
    return "" if re.fullmatch(r"https?://\S+", value) else "is no web address; write it with https:// in front"


def _scheme(*schemes: str) -> Callable[[str], str]:
    def judge(value: str) -> str:
        return "" if value.partition(":")[0] in schemes else f"is no address that begins with {', '.join(schemes)}"

    return judge


_MAIL = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail")

SETTINGS: tuple[Setting, ...] = (
    Setting("SECRET_KEY", "", _long, secret=True),
    Setting("ENCRYPTION_KEY", "", _keys, secret=True),
    Setting("AUDIT_KEY", "", _keys, secret=True),
    Setting("ALLOWED_HOSTS", "", _anything),
    Setting("DEBUG", "False", _truth),
    Setting("PROFILE", "False", _truth),
    Setting("FLASK_ENV", "", _one_of("development", "production", "testing")),
    Setting("WITHOUT_DB", "False", _truth),
    Setting("SITE_URL", "", _web),
    Setting("TRUSTED_PROXIES", "", _anything),
    Setting("DATABASE_URL", "", _scheme(*DATABASES), secret=True),
    Setting("REDIS_URL", "", _scheme("redis", "rediss", "unix"), secret=True),
    Setting("SESSION_TIMEOUT", "3600", _number(1), written=True),
    Setting("SESSION_ABSOLUTE_TIMEOUT", "43200", _number(1), written=True),
    Setting("MAX_LOGIN_ATTEMPTS", "5", _number(1), written=True),
    Setting("LOCKOUT_DURATION", "900", _number(1), written=True),
    Setting("RATE_LIMIT_PER_MINUTE", "60", _number(0), written=True),
    Setting("RATE_LIMIT_PER_HOUR", "1000", _number(0), written=True),
    Setting("RATE_LIMIT_PER_DAY", "10000", _number(0), written=True),
    Setting("MFA_REQUIRED_FOR_ADMINS", "True", _truth),
    Setting("SIGN_UP_CONSENT", "", _anything),
    Setting("EMAIL_URL", "", _scheme(*_MAIL), secret=True),
    Setting("DEFAULT_FROM_EMAIL", "", _anything),
    Setting("OIDC_SERVER_URL", "", _web),
    Setting("OIDC_NAME", "Single sign-on", _anything),
    Setting("OIDC_CLIENT_ID", "", _anything),
    Setting("OIDC_CLIENT_SECRET", "", _anything, secret=True),
    Setting("AUDIT_ENCRYPTION", "True", _truth, written=True),
    Setting("AUDIT_COMPRESSION", "True", _truth, written=True),
    Setting("AUDIT_CHECKPOINT_FILE", "var/audit.checkpoints", _anything),
    Setting("AUDIT_RETENTION_DAYS", "365", _number(1), written=True),
    Setting("SECURITY_MONITORING_ENABLED", "True", _truth, written=True),
    Setting("THREAT_DETECTION_SENSITIVITY", "medium", _one_of("low", "medium", "high"), written=True),
    Setting("IP_BLOCKING_ENABLED", "True", _truth, written=True),
    Setting("IP_BLOCK_HOURS", "24", _number(1), written=True),
    Setting("BRUTE_FORCE_THRESHOLD", "5", _number(1), written=True),
    Setting("PANELAPP_UK_URL", "https://panelapp.genomicsengland.co.uk/api/v1", _web),
    Setting("PANELAPP_UK_TOKEN", "", _anything, secret=True),
    Setting("PANELAPP_AUS_URL", "https://panelapp-aus.org/api/v1", _web),
    Setting("PANELAPP_AUS_TOKEN", "", _anything, secret=True),
    Setting("CATALOGUE_MAX_AGE_DAYS", "7", _number(1), written=True),
    Setting("CATALOGUE_PATH", "", _anything),
    Setting("MAX_UPLOAD_SIZE", "10485760", _number(1), written=True),
    Setting("MEDIA_ROOT", "var/uploads", _anything),
    Setting("WEB_CONCURRENCY", "2", _number(1)),
    Setting("HOST", "127.0.0.1", _anything),
    Setting("PORT", "8000", _number(1)),
    Setting(
        "LOG_LEVEL", "INFO", _one_of("debug", "info", "warning", "warn", "error", "critical", "fatal"), written=True
    ),
    Setting("LOG_FILE", "logs/panelmerge.log", _anything, written=True),
    Setting("MAX_LOG_SIZE", "10485760", _number(1), written=True),
    Setting("LOG_BACKUP_COUNT", "5", _number(0), written=True),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
SECRETS = tuple(setting.name for setting in SETTINGS if setting.secret)
# As django-environ reads it: no blanks around the sign, no comment behind the value.
_LINE = re.compile(r"(?:export )?([A-Za-z_0-9]+)=(.*)")


def names_in(text: str) -> list[str]:
    """The names that an ``.env`` sets, in order, each as often as it stands there."""
    return [found[1] for line in text.splitlines() if (found := _LINE.fullmatch(line))]


def values_in(text: str) -> dict[str, str]:
    """{name: value} of an ``.env``, as the settings will read it; the last line of a name counts."""

    class Reader(environ.Env):
        ENVIRON: ClassVar[dict[str, str]] = {}

    Reader.read_env(io.StringIO(text))
    return dict(Reader.ENVIRON)


def unread_lines(text: str) -> list[int]:
    """Numbers of lines that are neither a setting nor a comment, and so are not read."""
    return [
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if line and not line.startswith("#") and not _LINE.fullmatch(line)
    ]


def without_secrets(text: str) -> str:
    """An ``.env`` with a note instead of each secret, for a backup that may be read by others."""
    kept = []
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        kept.append(f"# {found[1]} was left out" if found and found[1] in SECRETS else line)
    return "\n".join([*kept, ""])


def value_of(name: str, environment: Mapping[str, str]) -> str:
    """The value of NAME, or the content of the file that NAME_FILE points to; "" where there is neither."""
    if environment.get(name):
        return environment[name]
    path = environment.get(f"{name}_FILE")
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else ""
    except (OSError, UnicodeDecodeError):
        return ""
