"""The settings completed and checked. CF-01, CF-02, CF-10."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from panelmerge.configuration import BY_NAME, SECRETS, SETTINGS, names_in, values_in, without_secrets
from panelmerge.configuring import configure, settings_seen, wrong
from tests.panelmerge.running import ROOT, SOUND, run

# Read by the process, not by PanelMerge.
OTHERS = {"ENV_FILE"}


@pytest.fixture
def env_file(tmp_path) -> Path:
    return tmp_path / ".env"


def run_configure(env_file: Path, *arguments: str, **settings: str):
    return run("manage.py", "configure", *arguments, ENV_FILE=str(env_file), **settings)


def test_configure_adds_what_is_missing_and_a_second_run_changes_nothing(env_file):
    """CF-01."""
    env_file.write_text("SESSION_TIMEOUT=60\nALLOWED_HOSTS=localhost\n")
    env_file.chmod(0o640)

    first = run_configure(env_file)
    once, copies = env_file.read_text(), sorted(env_file.parent.glob(".env.backup.*"))
    second = run_configure(env_file)

    assert (first.returncode, second.returncode) == (0, 0), first.stdout
    assert once.startswith("SESSION_TIMEOUT=60\nALLOWED_HOSTS=localhost\n") and once.count("SESSION_TIMEOUT") == 1
    assert {"ENCRYPTION_KEY", "AUDIT_KEY", "SECRET_KEY", "RATE_LIMIT_PER_MINUTE"} <= set(names_in(once))
    assert "Nothing is missing" in second.stdout and env_file.read_text() == once
    [copy] = copies
    assert re.fullmatch(r"\.env\.backup\.\d{8}-\d{6}", copy.name)
    assert copy.read_text() == "SESSION_TIMEOUT=60\nALLOWED_HOSTS=localhost\n"
    assert stat.S_IMODE(env_file.stat().st_mode) == stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(env_file.parent.glob(".env.backup.*")) == copies


def test_what_was_written_lets_the_project_start(env_file):
    run_configure(env_file, ALLOWED_HOSTS="localhost")

    assert wrong(env_file, {"ALLOWED_HOSTS": "localhost"}) == []
    checked = run("manage.py", "check", ENV_FILE=str(env_file), ALLOWED_HOSTS="localhost", LOG_FILE="-")
    assert checked.returncode == 0, checked.stdout


def test_a_key_that_is_there_in_any_way_is_not_made_again(env_file, tmp_path):
    """CF-01, EN-02: a second key appended to the file would make everything unreadable."""
    key = tmp_path / "key"
    key.write_text(SOUND["AUDIT_KEY"])
    env_file.write_text(f"export ENCRYPTION_KEY='{SOUND['ENCRYPTION_KEY']}'\nAUDIT_KEY_FILE={key}")

    added = configure(env_file, {"SECRET_KEY": "in the environment"}).added

    text = env_file.read_text()
    assert not {"ENCRYPTION_KEY", "AUDIT_KEY", "SECRET_KEY"} & set(added)
    assert text.count("ENCRYPTION_KEY") == 1 and "\nAUDIT_KEY=" not in text and "\nSECRET_KEY=" not in text


def test_the_guides_own_key_is_taken_as_it_is(env_file):
    made = run("-c", "import os, base64; print(base64.urlsafe_b64encode(os.urandom(32)).decode())").stdout.strip()
    env_file.write_text(f"ENCRYPTION_KEY={made}\n")

    configure(env_file, {})

    assert values_in(env_file.read_text())["ENCRYPTION_KEY"] == made
    assert not [sentence for sentence in wrong(env_file, {}) if "ENCRYPTION_KEY" in sentence]


def test_check_names_everything_that_is_wrong_at_once_and_writes_nothing(env_file):
    """CF-02: also where the settings cannot be read at all."""
    text = (
        "DEBUG=ture\nSECRET_KEY=short\nSECRET_KEY=again\nENCRYPTION_KEY=x\nRATE_LIMIT_PER_MINUTE=abc\n"
        "THREAT_DETECTION_SENSITVITY=high\nDATABASE_URL=mysql://x\nSITE_URL=panelmerge.org\nPORT = 5\n"
    )
    env_file.write_text(text)

    done = run_configure(env_file, "--check")

    assert done.returncode == 1
    for sentence in (
        "AUDIT_KEY is not set",
        "ALLOWED_HOSTS is not set",
        "DEBUG='ture' is neither True nor False",
        "SECRET_KEY is shorter than 50 characters",
        "SECRET_KEY stands 2 times",
        "ENCRYPTION_KEY key 1 of 1 is malformed",
        "RATE_LIMIT_PER_MINUTE='abc' is no whole number; write e.g. RATE_LIMIT_PER_MINUTE=60",
        "THREAT_DETECTION_SENSITVITY is no setting of PanelMerge; did you mean THREAT_DETECTION_SENSITIVITY?",
        "DATABASE_URL is no address that begins with",
        "SITE_URL='panelmerge.org' is no web address",
        "line 9 of the file is not read",
    ):
        assert sentence in done.stdout, sentence
    assert env_file.read_text() == text and list(env_file.parent.glob(".env.*")) == []


def test_check_is_silent_about_secrets(env_file):
    """CF-10: each name with its source and default, secrets masked."""
    env_file.write_text("".join(f"{name}={value}\n" for name, value in SOUND.items() if name != "ENV_FILE"))

    done = run_configure(env_file, "--check", REDIS_URL="redis://:s3cret@host/0")

    assert done.returncode == 0, done.stdout
    assert "s3cret" not in done.stdout and SOUND["ENCRYPTION_KEY"] not in done.stdout
    lines = {line.name: line for line in settings_seen(env_file, {"REDIS_URL": "redis://x"})}
    assert (lines["REDIS_URL"].source, lines["REDIS_URL"].shown) == ("environment", "set")
    assert (lines["SECRET_KEY"].source, lines["SECRET_KEY"].shown) == (".env", "set")
    assert (lines["PORT"].source, lines["PORT"].shown) == ("default", "8000")


def test_strict_demands_the_guides_whole_list(env_file):
    env_file.write_text("".join(f"{name}={value}\n" for name, value in SOUND.items() if name != "ENV_FILE"))

    missing = wrong(env_file, {}, strict=True)
    without_db = wrong(env_file, {"WITHOUT_DB": "True"}, strict=True)

    names = ["DATABASE_URL", "REDIS_URL", "SECURITY_MONITORING_ENABLED", "AUDIT_RETENTION_DAYS", "DEBUG"]
    assert [sentence.split()[0] for sentence in missing] == names
    assert [sentence.split()[0] for sentence in without_db] == names[2:]
    assert wrong(env_file, {}) == []


def test_the_list_is_what_the_settings_read_and_what_the_example_explains():
    """PT-06: one list; a setting that is added somewhere is missed here."""
    sources = [ROOT / "panelmerge" / "settings.py", ROOT / "gunicorn.conf.py"]
    text = "\n".join(path.read_text() for path in sources)
    read = set(
        re.findall(
            r'(?:boolean|number|one_of|secret|database|env\.str|environ\.get)\(\s*["\']([A-Z][A-Z_0-9]+)["\']', text
        )
    )
    example = set(re.findall(r"^#([A-Z][A-Z_0-9]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert read - OTHERS == set(BY_NAME)
    assert example <= set(BY_NAME)
    assert set(BY_NAME) - example == {"FLASK_ENV", "HOST", "PORT"}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_default_is_a_value_that_is_taken(setting):
    assert not setting.default or setting.judge(setting.default) == ""


def test_a_backup_that_others_may_read_has_no_secret():
    text = "".join(f"{name}=value-of-{name}\n" for name in BY_NAME)

    kept = without_secrets(text)

    assert not any(f"value-of-{name}\n" in kept for name in SECRETS)
    assert all(f"{name}=value-of-{name}\n" in kept for name in BY_NAME if name not in SECRETS)
