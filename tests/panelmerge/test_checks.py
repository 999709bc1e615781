"""What stops the start: every check with its id, the variable's name, and what to write. EN-01, CF-03 to CF-05."""

from __future__ import annotations

import logging

import pytest
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from accounts.models import User
from panelmerge.checks import (
    check_addresses,
    check_embedded,
    check_static_files,
    check_stored_values,
    stop_on_errors,
)
from panelmerge.lib.crypto import key_id
from tests.panelmerge.running import SOUND, copy_of_the_project, run, settings_of

SHORT = "k" * 49


@pytest.fixture
def grown_up(settings, monkeypatch):
    """Nothing to complain of: PostgreSQL and Redis."""
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    settings.REDIS_URL = "redis://x"


def found(settings, **changed) -> dict[str, checks.CheckMessage]:
    for name, value in changed.items():
        setattr(settings, name, value)
    messages = [*checks.run_checks(), *check_embedded(None), *check_static_files(None)]
    return {message.id: message for message in messages if message.id.startswith("panelmerge.")}


@pytest.mark.parametrize(
    ("number", "changed", "variable", "advice"),
    [
        ("E001", {"SECRET_KEY": ""}, "SECRET_KEY", "SECRET_KEY=… with the output of: python -c"),
        ("E002", {"SECRET_KEY": SHORT}, "SECRET_KEY", "Write the output of: python -c"),
        ("E003", {"ENCRYPTION_KEYS": []}, "ENCRYPTION_KEY", "ENCRYPTION_KEY=… with the output of: python -c"),
        ("E003", {"ENCRYPTION_KEYS": [SOUND["AUDIT_KEY"], "x"]}, "ENCRYPTION_KEY: key 2 of 2", "Write the output"),
        ("E004", {"AUDIT_KEYS": []}, "AUDIT_KEY", "AUDIT_KEY=… with the output of: python -c"),
        ("E004", {"AUDIT_KEYS": ["é" * 44]}, "AUDIT_KEY: key 1 of 1", "Write the output"),
        ("E005", {"ALLOWED_HOSTS": []}, "ALLOWED_HOSTS", "ALLOWED_HOSTS=panelmerge.example.org"),
        ("E006", {"TRUSTED_PROXIES": ["10.0.0.1/8"]}, "TRUSTED_PROXIES", "TRUSTED_PROXIES=10.0.0.0/8"),
        ("E006", {"TRUSTED_PROXIES": ["::1", "proxy"]}, "'proxy' is no network", "TRUSTED_PROXIES=10.0.0.0/8"),
        ("E007", {"SESSION_TIMEOUT": 0}, "SESSION_TIMEOUT=0", "SESSION_TIMEOUT=3600"),
        ("E007", {"SESSION_ABSOLUTE_TIMEOUT": 0}, "SESSION_ABSOLUTE_TIMEOUT=0", "SESSION_ABSOLUTE_TIMEOUT=43200"),
        ("E007", {"MAX_LOGIN_ATTEMPTS": 0}, "MAX_LOGIN_ATTEMPTS=0", "MAX_LOGIN_ATTEMPTS=5"),
        ("E007", {"LOCKOUT_DURATION": -900}, "LOCKOUT_DURATION=-900", "LOCKOUT_DURATION=900"),
        ("E011", {"RATE_LIMIT_PER_MINUTE": -1}, "RATE_LIMIT_PER_MINUTE=-1", "RATE_LIMIT_PER_MINUTE=60, or"),
        ("E011", {"RATE_LIMIT_PER_DAY": -1}, "RATE_LIMIT_PER_DAY=-1", "RATE_LIMIT_PER_DAY=0 to switch"),
        ("E007", {"MAX_UPLOAD_SIZE": -1}, "MAX_UPLOAD_SIZE=-1", "MAX_UPLOAD_SIZE=10485760"),
        ("E007", {"CATALOGUE_MAX_AGE_DAYS": 0}, "CATALOGUE_MAX_AGE_DAYS=0", "CATALOGUE_MAX_AGE_DAYS=7"),
        ("E008", {"REDIS_URL": "localhost:6379"}, "REDIS_URL", "REDIS_URL=redis://host:6379/0"),
        (
            "E009",
            {"STORAGES": {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}},
            "static files",
            "collectstatic",
        ),
        ("W002", {"REDIS_URL": ""}, "REDIS_URL", "REDIS_URL=redis://"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_write(grown_up, settings, number, changed, variable, advice):
    before = found(settings)

    message = found(settings, **changed)[f"panelmerge.{number}"]

    assert before == {}
    assert variable in message.msg
    assert advice in message.hint
    assert message.is_serious() == number.startswith("E")


def test_the_embedded_database_is_named_with_what_to_write(grown_up, settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")

    [message] = found(settings).values()

    assert (message.id, message.is_serious()) == ("panelmerge.W001", False)
    assert "DATABASE_URL is not PostgreSQL" in message.msg and "DATABASE_URL=postgres://" in message.hint


@pytest.mark.parametrize(("mode", "warned"), [(0o755, True), (0o750, True), (0o701, True), (0o700, False)])
def test_a_folder_of_uploads_that_others_can_read_is_reported(settings, tmp_path, mode, warned):
    """UP-02, TR-02: anything wider than 0700 is reported."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    folder.chmod(mode)

    messages = found(settings, MEDIA_ROOT=str(folder))

    assert ("panelmerge.W003" in messages) == warned
    assert not warned or messages["panelmerge.W003"].hint == f"Run: chmod 700 {folder}"


def test_a_short_secret_is_enough_for_trying_out(settings):
    assert not {"panelmerge.E002", "panelmerge.E005"} & set(
        found(settings, SECRET_KEY=SHORT, ALLOWED_HOSTS=[], DEBUG=True)
    )


def test_the_start_stops_with_everything_that_is_wrong_at_once(settings):
    settings.ENCRYPTION_KEYS, settings.AUDIT_KEYS, settings.SESSION_TIMEOUT = ["x"], [], 0

    with pytest.raises(ImproperlyConfigured) as told:
        stop_on_errors()

    for part in ("E003: ENCRYPTION_KEY", "E004: AUDIT_KEY", "E007: SESSION_TIMEOUT=0", "Write "):
        assert part in str(told.value)


@pytest.mark.django_db
def test_the_start_with_embedded_parts_is_logged_and_goes_on(settings, caplog):
    """CF-05: several workers without Redis are warned about."""
    settings.REDIS_URL = ""

    with caplog.at_level(logging.WARNING, logger="panelmerge.checks"):
        stop_on_errors()

    assert "REDIS_URL is not set: each worker process has a cache of its own." in caplog.text


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY=… with the output of"),
        ({"ENCRYPTION_KEY": "x"}, "ENCRYPTION_KEY: key 1 of 1 is malformed"),
    ],
)
@pytest.mark.parametrize("start", [("manage.py", "check"), ("-m", "gunicorn", "--check-config")])
def test_neither_command_nor_server_starts_without_its_secrets(start, setting, told):
    """EN-01, CF-03: under gunicorn too, with the variable's name and what to write there."""
    done = run(*start, **(SOUND | {"DATABASE_URL": "sqlite://:memory:", "DEBUG": "True"} | setting))

    assert done.returncode != 0
    assert told in done.stdout


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SESSION_TIMEOUT", "an hour"),
        ("AUDIT_ENCRYPTION", "ture"),
        ("DATABASE_URL", "postgres://user:canary@host:port/name"),
        ("LOG_LEVEL", "chatty"),
        ("SECRET_KEY_FILE", "/nowhere/key"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(variable, value):
    start = SOUND | {"SECRET_KEY": ""} if variable == "SECRET_KEY_FILE" else SOUND

    done = run("manage.py", "check", **(start | {"DATABASE_URL": "sqlite://:memory:", variable: value}))

    assert done.returncode == 1
    assert variable in done.stdout.splitlines()[-1]
    assert "canary" not in done.stdout


@pytest.mark.parametrize(
    ("given", "debug", "warned"),
    [
        ({"FLASK_ENV": "development"}, True, True),
        ({"FLASK_ENV": "production"}, False, True),
        ({"FLASK_ENV": "development", "DEBUG": "False"}, False, True),
        ({"DEBUG": "True"}, True, False),
        ({}, False, False),
    ],
)
def test_flask_env_is_an_old_spelling_of_debug(given, debug, warned):
    """CF-06: read with a warning; not required; DEBUG wins."""
    done = run(
        "-c",
        "from panelmerge import settings; print(settings.DEBUG)",
        **(SOUND | {"DATABASE_URL": "sqlite://:memory:"} | given),
    )

    assert done.stdout.splitlines()[-1] == str(debug)
    assert ("FLASK_ENV is an old spelling; write DEBUG=True" in done.stdout) == warned


def test_secrets_come_from_files_and_keys_from_a_list(tmp_path):
    """EN-01, CF-03: NAME_FILE, and a comma list of keys."""
    (tmp_path / "keys").write_text(f"{SOUND['ENCRYPTION_KEY']}, {SOUND['AUDIT_KEY']}\n")

    found = settings_of(
        *("ENCRYPTION_KEYS", "REDIS_URL", "CACHES"),
        ENCRYPTION_KEY="",
        ENCRYPTION_KEY_FILE=str(tmp_path / "keys"),
        REDIS_URL="redis://cache:6379/0",
    )

    assert found["ENCRYPTION_KEYS"] == [SOUND["ENCRYPTION_KEY"], SOUND["AUDIT_KEY"]]
    assert found["CACHES"]["default"]["LOCATION"] == "redis://cache:6379/0"


def test_an_address_that_is_none_is_named(settings):
    settings.SITE_URL = "nonsense"
    settings.PANELAPP = {"uk": {"url": "ftp://x", "token": ""}, "aus": {"url": "https://panelapp-aus.org", "token": ""}}

    found = check_addresses(None)

    assert [message.id for message in found] == ["panelmerge.E010"] * 2
    assert [message.msg.partition("=")[0] for message in found] == ["SITE_URL", "PANELAPP_UK_URL"]


def test_a_production_set_up_has_nothing_to_complain_of(tmp_path):
    """F-25: ``check --deploy`` finds nothing, the description of the API included."""
    copy = copy_of_the_project(tmp_path)
    production = SOUND | {
        "SITE_URL": "https://panels.example.org",
        "ALLOWED_HOSTS": "panels.example.org",
        "DATABASE_URL": "postgres://web:secret@db.example.org/panels",
        "REDIS_URL": "redis://cache.example.org:6379/0",
        "EMAIL_URL": "smtp+tls://web:secret@mail.example.org:587",
        "TRUSTED_PROXIES": "10.0.0.0/8",
    }
    run("manage.py", "collectstatic", "--noinput", cwd=copy, **production)

    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", cwd=copy, **production)

    assert done.returncode == 0, done.stdout
    assert "no issues" in done.stdout


@pytest.mark.django_db
def test_a_wrong_key_is_told_with_the_id_of_the_right_one(settings):
    """EN-01: never empty data. A list that holds the right key somewhere is right."""
    User.objects.create_user("ada", "ada@example.org", first_name="Ada")
    right, wrong = settings.ENCRYPTION_KEYS[0], settings.AUDIT_KEYS[0]
    sound = check_stored_values()

    settings.ENCRYPTION_KEYS = [wrong]
    [message] = check_stored_values()
    settings.ENCRYPTION_KEYS = [wrong, right]

    assert (sound, check_stored_values()) == ([], [])
    assert (
        message.id == "panelmerge.E014"
        and f"ENCRYPTION_KEY: what is stored lies under key {key_id(right)}" in message.msg
    )


def test_a_wrong_key_stops_the_start_and_a_database_that_is_away_does_not(tmp_path):
    file = SOUND | {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "DEBUG": "True"}
    run("manage.py", "migrate", "--verbosity", "0", **file)
    run("manage.py", "load_genes", "--verbosity", "0", **file)

    wrong = run("-c", "import panelmerge.wsgi", **(file | {"ENCRYPTION_KEY": SOUND["AUDIT_KEY"]}))
    right = run("-c", "import panelmerge.wsgi", **file)
    away = run("-c", "import panelmerge.wsgi", **(file | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}))

    assert wrong.returncode != 0 and "\npanelmerge.E014: ENCRYPTION_KEY: what is stored" in wrong.stdout
    assert (right.returncode, away.returncode) == (0, 0), (right.stdout, away.stdout)
