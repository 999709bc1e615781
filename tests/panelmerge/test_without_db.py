"""WITHOUT_DB=True under gunicorn with two workers: everything works, nothing is kept. CF-07."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.panelmerge.running import ROOT, SOUND, environment, free_port, run, settings_of

# One server for all of them, which the last one ends.
pytestmark = pytest.mark.xdist_group("without_db")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """(address, folder for temporary files, process). The wish to run without a database stands in .env only."""
    folder, port = tmp_path_factory.mktemp("without"), free_port()
    temporary = folder / "tmp"
    temporary.mkdir()
    (folder / ".env").write_text("WITHOUT_DB=True\nDEBUG=True\nWEB_CONCURRENCY=2\n")
    settings = SOUND | {"ENV_FILE": str(folder / ".env"), "TMPDIR": str(temporary), "PORT": str(port)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn"], cwd=ROOT, env=environment(settings), stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process, folder / "log")
        yield address, temporary, process
    finally:
        process.kill()
        process.wait()


def wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 100
    while time.monotonic() < end and process.poll() is None:
        try:
            requests.get(f"{address}/healthz", timeout=90)
        except requests.ConnectionError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(log.read_text())


def test_the_workbench_and_the_catalogue_are_filled(server):
    address, *_ = server

    page = requests.get(f"{address}/", timeout=30)
    panels = requests.get(f"{address}/api/v1/catalogue/panels/", timeout=30).json()

    assert page.status_code == 200
    assert "Nothing is kept here after the server stops." in page.text
    assert panels["count"] > 10


def test_an_upload_through_one_worker_is_there_in_the_other(server):
    address, *_ = server
    browser = requests.Session()
    [report] = browser.post(f"{address}/api/v1/uploads/", json={"text": "BRCA1, TP53"}, timeout=30).json()

    def ask(_) -> int:
        # A connection of its own each time, so that both workers are asked.
        cookies = browser.cookies.get_dict()
        return requests.get(f"{address}/api/v1/uploads/{report['id']}/", cookies=cookies, timeout=30).status_code

    with ThreadPoolExecutor(8) as asking:
        assert set(asking.map(ask, range(40))) == {200}


def test_search_merge_and_download_work(server):
    """CF-07."""
    address, *_ = server
    [panel, *_] = requests.get(f"{address}/api/v1/catalogue/panels/?search=cardio", timeout=30).json()["results"]
    body = {"inputs": [{"source": panel["source"], "panel_id": panel["panel_id"]}, {"name": "mine", "genes": ["TTN"]}]}

    merged = requests.post(f"{address}/api/v1/merges/", json=body, timeout=30)
    file = requests.post(f"{address}/api/v1/merges/export/csv/", json=body, timeout=30)

    assert merged.status_code == 200 and merged.json()["genes"]
    assert file.status_code == 200 and file.content


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/accounts/user/"])
def test_what_needs_accounts_is_503_with_a_sentence(server, address):
    """CF-07."""
    answer = requests.get(server[0] + address, timeout=30)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "This server runs without a database (WITHOUT_DB)" in answer.text


def test_a_header_in_no_known_encoding_is_answered(server):
    unknown = {"Content-Type": "multipart/form-data; boundary*=foo''x"}

    answer = requests.post(f"{server[0]}/api/v1/merges/", data=b"{}", headers=unknown, timeout=30)

    assert answer.status_code == 415
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


def test_static_files_have_every_header(server):
    answer = requests.get(f"{server[0]}/static/panels/panelmerge.css", timeout=30)

    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" not in answer.headers["Cache-Control"]


def test_everything_is_gone_when_the_server_ends(server):
    """Runs last: database, uploads and the folder around them go with SIGTERM."""
    address, temporary, process = server
    assert requests.post(f"{address}/api/v1/uploads/", json={"text": "BRCA1"}, timeout=30).status_code == 201
    [folder] = temporary.iterdir()
    files = {file.name for file in folder.rglob("*") if file.is_file()}

    process.terminate()

    assert process.wait(timeout=40) == 0
    assert "panelmerge.sqlite3" in files and any(name.endswith(".txt") for name in files)
    assert list(temporary.iterdir()) == []


def test_uploads_lie_beside_the_temporary_database(tmp_path):
    """Never among the files of a real installation, from which they would not be told apart."""
    found = settings_of("MEDIA_ROOT", "DATABASES", "REDIS_URL", WITHOUT_DB="True", MEDIA_ROOT="/srv/real")

    assert found["MEDIA_ROOT"] == str(Path(found["DATABASES"]["default"]["NAME"]).parent / "uploads")
    assert found["REDIS_URL"] == ""


def test_the_maker_of_the_folder_removes_it_and_its_children_do_not(tmp_path):
    code = (
        "import os; from panelmerge.without_db import temporary_database as place; import sys; "
        "print(place().parent, flush=True); child = os.fork(); "
        "sys.exit(0) if not child else (os.waitpid(child, 0), print(place().parent.is_dir()))"
    )

    done = run("-c", code, TMPDIR=str(tmp_path))

    made, seen = done.stdout.split()
    assert (Path(made).parent, seen) == (tmp_path, "True")
    assert list(tmp_path.iterdir()) == []
