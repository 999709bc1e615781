"""The files of deploy/ fit the program: every command, option, setting and folder in them is there. RL-14.

Without an engine no image is built: the steps of the Dockerfile are taken one by one instead, on a copy.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from panelmerge.configuration import BY_NAME
from tests.panelmerge.running import ROOT, SOUND, environment, free_port, is_understood

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
TIMERS = sorted(path.stem.partition("@")[2] for path in DEPLOY.glob("panelmerge@*.timer"))
# Of the images that the compose file names, not ours.
OF_OTHERS = {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "PYTHONUNBUFFERED"}


def steps(instruction: str) -> list[str]:
    """What the Dockerfile says after each of these instructions."""
    return [line.strip() for line in re.findall(rf"^{instruction} (.+)$", DOCKERFILE, re.MULTILINE)]


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read(DEPLOY / name, encoding="utf-8")
    return parser


# --- systemd -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", TIMERS)
def test_each_timer_starts_a_command_that_runs_without_options(command):
    assert is_understood(command)
    assert unit(f"panelmerge@{command}.timer")["Timer"]["OnCalendar"]
    assert unit(f"panelmerge@{command}.timer")["Install"]["WantedBy"] == "timers.target"


def test_every_duty_has_its_timer_and_its_place_in_the_container():
    """The four of the issue, and ours."""
    script = (DEPLOY / "duties").read_text(encoding="utf-8")

    assert {"sync_panelapp", "seal_audit", "prune_audit", "backup"} <= set(TIMERS)
    assert sorted(re.findall(r"^ +duty (\w+)$", script, re.MULTILINE)) == TIMERS
    assert f"panelmerge@{{{','.join(_told_of_timers())}}}.timer" in (DEPLOY / "panelmerge@.service").read_text()


def _told_of_timers() -> list[str]:
    [told] = re.findall(r"enable --now panelmerge@\{([\w,]+)\}", (DEPLOY / "panelmerge@.service").read_text())
    assert sorted(told.split(",")) == TIMERS
    return told.split(",")


def test_the_units_are_sound_to_systemd_itself(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")
    for path in [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]:
        text = path.read_text(encoding="utf-8").replace("/srv/panelmerge/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / path.name).write_text(text.replace("/srv/panelmerge", str(ROOT)))
    shown = [str(tmp_path / f"panelmerge@{name}.timer") for name in TIMERS] + [str(tmp_path / "panelmerge.service")]

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *shown], capture_output=True, text=True, check=False
    )
    times = [unit(f"panelmerge@{name}.timer")["Timer"]["OnCalendar"] for name in TIMERS]
    asked = subprocess.run(["systemd-analyze", "calendar", *times], capture_output=True, text=True, check=False)

    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or "panelmerge" in line] == []
    assert asked.returncode == 0, asked.stderr


def test_the_duties_of_a_container_come_when_their_time_has_come(tmp_path):
    """With a clock and a Python of the test: what is asked, in which order."""
    (tmp_path / "python").write_text('#!/bin/sh\necho "$2" >> "$LOG"\n[ "$2" != backup ]\n')
    (tmp_path / "date").write_text('#!/bin/sh\nTZ=UTC exec /bin/date -d "$(cat "$NOW")" "$2"\n')
    (tmp_path / "sleep").write_text(
        '#!/bin/sh\nread next < "$TIMES" || { kill "$PPID"; exit; }\n'
        'echo "$next" > "$NOW"; tail -n +2 "$TIMES" > "$TIMES.new"; mv "$TIMES.new" "$TIMES"; echo -- >> "$LOG"\n'
    )
    for name in ("python", "date", "sleep"):
        (tmp_path / name).chmod(0o755)
    (tmp_path / "now").write_text("2026-11-28 23:59")
    (tmp_path / "times").write_text("2026-11-29 00:00\n2026-11-29 01:00\n2026-11-29 01:01\n")
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "LOG": str(tmp_path / "log"), "NOW": str(tmp_path / "now")}

    done = subprocess.run(
        ["sh", str(DEPLOY / "duties")],
        env=env | {"TIMES": str(tmp_path / "times")},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    nightly = ["backup", "sync_panelapp", "prune_versions", "verify_audit"]
    # A backup that failed is said, and keeps nothing else from being done; a Sunday has two more.
    assert (tmp_path / "log").read_text().split("--\n") == [
        "\n".join(["seal_audit", "expire_uploads", *nightly, ""]),
        "seal_audit\nexpire_uploads\n",
        "\n".join(["seal_audit", "expire_uploads", *nightly, "prune_audit", "check_db", ""]),
        "seal_audit\n",
    ]
    assert (done.returncode, done.stderr.count("manage.py backup ended with 1")) == (0, 2)


# --- Containers --------------------------------------------------------------------------------------


def test_every_setting_that_a_container_is_given_is_one_of_ours():
    given = {name for service in COMPOSE["services"].values() for name in service.get("environment", {})}
    given |= set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    for line in steps("ENV"):
        given |= {part.partition("=")[0] for part in line.split()}

    assert sorted(given - OF_OTHERS - set(BY_NAME)) == []
    assert {"DATABASE_URL", "REDIS_URL", "HOST", "TRUSTED_PROXIES"} <= given


def test_every_command_of_a_container_is_understood():
    told = [service["command"] for service in COMPOSE["services"].values() if "command" in service]
    ours = [shlex.join(words[2:]) for words in told if words[:2] == ["python", "manage.py"]]

    assert [is_understood(command) for command in ours] == [True]
    assert ["sh", "deploy/duties"] in told and os.access(DEPLOY / "duties", os.X_OK)


def test_servers_and_duties_wait_for_the_upgrade_and_the_upgrade_for_the_database():
    services = COMPOSE["services"]

    assert set(services) == {"database", "redis", "upgrade", "web", "duties"}
    assert services["upgrade"]["depends_on"]["database"] == {"condition": "service_healthy"}
    for name in ("web", "duties"):
        assert services[name]["depends_on"] == {"upgrade": {"condition": "service_completed_successfully"}}
    assert services["upgrade"]["restart"] == "no"


def test_what_is_kept_lies_in_volumes_where_the_settings_look_for_it():
    kept = {line.rpartition(":")[2] for line in COMPOSE["services"]["web"]["volumes"]}
    [volumes] = steps("VOLUME")
    [work] = steps("WORKDIR")

    assert kept == set(yaml.safe_load(volumes))
    for folder in (settings.VAR_DIR, settings.BACKUP_ROOT):
        assert f"{work}/{Path(folder).name}" in kept
    named = {
        volume.partition(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", ())
    }
    assert named == set(COMPOSE["volumes"])


def test_nothing_but_the_proxy_of_this_machine_reaches_a_container():
    assert COMPOSE["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["web"]
    assert steps("EXPOSE") == ["8000"]


def test_the_image_has_no_secret_and_runs_as_nobody_of_importance():
    [user] = steps("USER")
    copied = {word for line in steps("COPY") for word in line.split()[:-1]}
    left_in = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"}

    assert user == "panelmerge" and DOCKERFILE.index("USER panelmerge") < DOCKERFILE.index("CMD [")
    assert copied == left_in
    assert all((ROOT / name).exists() for name in copied)
    assert not any(name.startswith((".env", "var", "logs", "backups")) for name in copied)


def test_pg_dump_in_the_image_is_as_new_as_the_database_beside_it():
    [client] = re.findall(r"postgresql-client-(\d+)", DOCKERFILE)
    [server] = re.findall(r"postgres:(\d+)-(\w+)", COMPOSE["services"]["database"]["image"])

    assert client == server[0]
    assert server[1] in steps("FROM")[0]


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory) -> Path:
    """What COPY brings into the image, and styles collected as RUN says."""
    place = tmp_path_factory.mktemp("image")
    for line in steps("COPY"):
        *sources, target = line.split()
        for source in sources:
            to = place / target / (source if target == "./" else "")
            to.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(ROOT / source, to)
    collected = next(line for line in steps("RUN") if "collectstatic" in line).split("&&")[0]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    subprocess.run(["sh", "-c", collected], cwd=place, env={"PATH": path, "LANG": "C.UTF-8"}, check=True, timeout=120)
    shutil.rmtree(place / "var", ignore_errors=True)
    return place


@pytest.fixture(scope="module")
def served(laid_out, tmp_path_factory):
    """The image's own command on a copy, with settings of production. (Its port, its environment.)"""
    [command] = [yaml.safe_load(line) for line in steps("CMD") if "gunicorn" in line]
    [defaults] = steps("ENV")
    port = free_port()
    env = dict(part.split("=") for part in defaults.split()) | {"HOST": "127.0.0.1", "PORT": str(port)}
    host = "panelmerge.example.org"
    env |= {
        "ALLOWED_HOSTS": host,
        "SITE_URL": f"https://{host}",
        "TRUSTED_PROXIES": "127.0.0.1",
        "WEB_CONCURRENCY": "1",
    }
    log = tmp_path_factory.mktemp("served") / "log"
    # A database that no release has been to: pages answer 503.
    env = environment(SOUND | env | {"DATABASE_URL": f"sqlite:///{log.parent}/empty.sqlite3"})
    with log.open("wb") as file:
        server = subprocess.Popen([sys.executable, "-m", *command], cwd=laid_out, env=env, stdout=file, stderr=file)
    try:
        until = time.monotonic() + 60
        while ask(f"http://127.0.0.1:{port}/healthz", host)[0] != 200:
            assert server.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield port, env
    finally:
        server.terminate()
        server.wait(timeout=30)


def ask(address: str, host: str, *, body: bytes | None = None, **headers: str):
    """(status, headers, text); (0, …) where nobody answers. The certificate of a test is anybody's."""
    request = urllib.request.Request(address, data=body, headers={"Host": host, **headers})
    context = ssl._create_unverified_context() if address.startswith("https") else None
    try:
        with urllib.request.build_opener(_Stay, urllib.request.HTTPSHandler(context=context)).open(
            request, timeout=30
        ) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()
    except OSError:
        return 0, {}, ""


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def test_the_health_check_of_the_image_asks_the_server_under_a_name_it_knows(served, laid_out):
    _, env = served
    [command] = re.findall(r"HEALTHCHECK .*CMD (\[.+\])", DOCKERFILE)
    program, *arguments = yaml.safe_load(command)

    alive = subprocess.run([sys.executable, *arguments], cwd=laid_out, env=env, check=False)
    away = subprocess.run(
        [sys.executable, *arguments],
        cwd=laid_out,
        env=env | {"PORT": str(free_port())},
        capture_output=True,
        check=False,
    )

    assert program == "python"
    assert (alive.returncode, away.returncode) == (0, 1)
    assert b"nobody answers" in away.stderr


# --- nginx -------------------------------------------------------------------------------------------


def nginx_conf() -> str:
    return (DEPLOY / "nginx.conf").read_text(encoding="utf-8")


def test_nginx_lets_pass_what_the_program_itself_would_take():
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", nginx_conf())
    [patience] = re.findall(r"proxy_read_timeout (\d+)s;", nginx_conf())
    [timeout] = re.findall(r"^timeout = (\d+)", (ROOT / "gunicorn.conf.py").read_text(), re.MULTILINE)

    assert int(megabytes) * 1024**2 >= settings.MAX_REQUEST_SIZE
    assert int(patience) > int(timeout)


def test_nginx_says_of_a_client_what_the_settings_read():
    told = dict(re.findall(r"proxy_set_header (\S+) +(\S+);", nginx_conf()))

    assert (told["Host"], told["X-Forwarded-For"], told["X-Forwarded-Proto"]) == ("$host", "$remote_addr", "$scheme")
    assert "proxy_intercept_errors off;" in nginx_conf()


@pytest.fixture
def proxied(served, tmp_path):
    """A real nginx with our file before the server. ``proxied(port of the server)``: its (http, https) addresses."""
    if not shutil.which("nginx") or not shutil.which("openssl"):
        pytest.skip("nginx or openssl is not here")
    started = []

    def start(upstream: int) -> tuple[str, str]:
        plain, secure = free_port(), free_port()
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=panelmerge.example.org"]
        subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        text = nginx_conf().replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
        text = re.sub(r"listen \[::\].*\n", "", text).replace("listen 80;", f"listen 127.0.0.1:{plain};")
        text = text.replace("listen 443 ", f"listen 127.0.0.1:{secure} ")
        text = text.replace("/etc/ssl/certs/panelmerge.pem", str(certificate))
        text = text.replace("/etc/ssl/private/panelmerge.key", str(key))
        # Its workers change their user where root starts it, and then cannot write below the folder of a test.
        user = "user root; " if os.geteuid() == 0 else ""
        whole = f"{user}daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\nevents {{}}\nhttp {{\n"
        whole += "access_log off;\n" + "".join(
            f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (tmp_path / "nginx.conf").write_text(f"{whole}{text}}}\n")
        command = ["nginx", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "error.log"), "-p", str(tmp_path)]
        tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert tried.returncode == 0 and "warn" not in tried.stderr, tried.stderr
        started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        until = time.monotonic() + 20
        while not ask(f"http://127.0.0.1:{plain}/", "panelmerge.example.org")[0]:
            assert time.monotonic() < until, (tmp_path / "error.log").read_text()
            time.sleep(0.05)
        return f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}"

    yield start
    for one in started:
        one.send_signal(signal.SIGQUIT)
        one.wait(timeout=20)


def test_through_nginx_a_503_with_its_command_arrives_as_it_was_said(proxied, served):
    """No release has been to the database: what the server says, with Retry-After and without a redirect to https."""
    plain, secure = proxied(served[0])

    status, headers, said = ask(f"{secure}/panels/", "panelmerge.example.org")
    turned = ask(f"{plain}/panels/?page=2", "panelmerge.example.org")

    assert (status, headers["Retry-After"]) == (503, "60")
    assert "python manage.py upgrade" in said and headers["X-Request-ID"]
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    assert (turned[0], turned[1]["Location"]) == (308, "https://panelmerge.example.org/panels/?page=2")


def test_through_nginx_too_large_a_body_is_refused_by_the_program_itself(proxied, served):
    _, secure = proxied(served[0])
    body = b"x" * (settings.MAX_REQUEST_SIZE + 1)

    status, headers, _ = ask(f"{secure}/api/v1/uploads/", "panelmerge.example.org", body=body)

    assert (status, headers["Content-Type"]) == (413, "application/problem+json")


def test_while_nobody_answers_nginx_says_so_with_when_to_come_again(proxied, served):
    _, secure = proxied(free_port())

    status, headers, said = ask(f"{secure}/panels/", "panelmerge.example.org")

    assert (status, headers["Retry-After"]) == (503, "10")
    assert said.startswith("PanelMerge is being started again")
