"""The rows of ``make bench`` about saved panels; ``python -m tests.bench_library`` runs these alone.

Through the API: a request goes through every middleware, with a session. The
requests per second are those of two real servers on the same database, so they
are measured where it can be shared (PostgreSQL).
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import count
from urllib.parse import urlsplit

from tests.bench import ROUNDS, median, ratio_row, row, run_rows  # sets Django up

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from panels.actions.symbols import load_gene_names
from panels.engine.content import GENE_KEYS
from panels.engine.records import keyed, labels
from panels.models import Gene, PanelGene, PanelVersion, SavedPanel
from tests.panelmerge.running import ROOT, free_port

BASE = "/api/v1/saved-panels/"
GENES, CHANGED, PANELS, CLIENTS, SECONDS = 4_000, 50, 10_000, 8, 8
BACKEND = "accounts.backends.RoleBackend"


def bench_library() -> None:
    if not Gene.objects.exists():
        load_gene_names(paths=None)
    ada = User.objects.create_user("bench-ada", "bench-ada@example.org")
    client = Client(raise_request_exception=True)
    client.force_login(ada, BACKEND)
    bench_one(client, ada)
    bench_list(client, ada)


def typed_genes() -> list[dict[str, str]]:
    chance = random.Random(4)
    symbols = Gene.objects.filter(status="approved").exclude(ensembl_id="").values_list("symbol", flat=True)[:GENES]
    return [
        {
            "gene_symbol": symbol,
            "confidence_level": chance.choice(["green", "amber", "red"]),
            "mode_of_inheritance": "BIALLELIC, autosomal or pseudoautosomal",
            "phenotype": f"Bench disorder {chance.randrange(500)}; another phenotype",
            "evidence_level": "Expert Review; Bench",
            "user_notes": "",
        }
        for symbol in symbols
    ]


def bench_one(client: Client, ada: User) -> None:
    genes, made = typed_genes(), []

    def create() -> None:
        answer = client.post(BASE, {"name": "Bench", "genes": genes}, content_type="application/json")
        assert answer.status_code == 201, answer.content[:300]
        made.append((answer.json()["id"], answer["ETag"]))

    create()
    path, tag = f"{BASE}{made[-1][0]}/", [made[-1][1]]
    records = keyed(client.get(path).json()["genes"])
    numbers = count()

    def change() -> None:
        notes = [{"hgnc_id": one["hgnc_id"], "user_notes": f"n{next(numbers)}"} for one in _some(records)]
        body = {"gene_changes": {"update": notes}}
        answer = client.patch(path, body, content_type="application/json", headers={"If-Match": tag[0]})
        assert answer.status_code == 200, answer.content[:300]
        tag[0] = answer["ETag"]

    def differ() -> None:
        last = tag[0].split("-")[1][1:]
        assert client.get(f"{path}diff/1/{last}/").status_code == 200

    bulk_seconds, create_seconds, change_seconds, diff_seconds = _medians(
        lambda: _bulk_seconds(records, ada), create, change, differ
    )
    ratio_row(
        f"create a panel of {GENES:,} genes / bulk_create of the same rows",
        create_seconds,
        bulk_seconds,
        3,
    )
    ratio_row(f"change {CHANGED} of those genes / creating it", change_seconds, create_seconds, 0.5)
    ratio_row("difference of two of its versions / creating it", diff_seconds, create_seconds, 0.1)
    row("read it / fetching its rows and json.dumps", lambda: client.get(path), lambda: _bare_read(made[-1][0]), 2)


def _some(records: dict[str, dict[str, str]]) -> list[dict[str, str]]:
    return random.Random(5).sample(list(records.values()), CHANGED)


def _medians(*works: Callable[[], float | None]) -> list[float]:
    """Seconds of each, by turns: what else the machine does falls on all of them. A work may say its own time."""
    times: list[list[float]] = [[] for _ in works]
    for number in range(ROUNDS + 1):
        for work, measured in zip(works, times, strict=True):
            start = time.perf_counter()
            said = work()
            if number:  # the first time of each is not counted
                measured.append(said or time.perf_counter() - start)
    return [statistics.median(measured) for measured in times]


def _bulk_seconds(records: dict[str, dict[str, str]], ada: User) -> float:
    """Of rows as ours write them, made before the clock runs."""
    names = labels(records.values())
    panel = SavedPanel.objects.create(name="Bare", owner=ada)
    panel.refresh_from_db()
    rows = [_gene(panel, key, names[key], one, ada) for key, one in records.items()]
    start = time.perf_counter()
    with transaction.atomic():
        PanelGene.objects.bulk_create(rows, batch_size=500)
    return time.perf_counter() - start


def _gene(panel: SavedPanel, key: str, label: str, record: dict[str, str], ada: User) -> PanelGene:
    texts = {name: record[name] or None for name in GENE_KEYS if name not in ("gene_symbol", "entity_type")}
    return PanelGene(
        panel=panel,
        gene_symbol=label,
        entity_type=record["entity_type"],
        entity_key=key,
        added_by=ada,
        added_at=panel.created_at,
        **texts,
    )


def _bare_read(panel: int) -> str:
    columns = ", ".join(GENE_KEYS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM panel_genes WHERE panel_id = %s ORDER BY gene_symbol", [panel])
        return json.dumps([dict(zip(GENE_KEYS, found, strict=True)) for found in cursor.fetchall()])


def bench_list(client: Client, ada: User) -> None:
    tenth, queries_at_a_tenth = _page(client, ada, PANELS // 10)
    whole, queries = _page(client, ada, PANELS)
    assert queries == queries_at_a_tenth, f"{queries_at_a_tenth} queries became {queries}"
    ratio_row(f"list 100 of {PANELS:,} panels / of a tenth of them ({queries} queries)", whole, tenth, 2)
    if connection.vendor == "postgresql":
        bench_requests(client)


def _page(client: Client, ada: User, wanted: int) -> tuple[float, int]:
    """Seconds and queries of the first hundred, once there are so many."""
    there = SavedPanel.objects.filter(owner=ada).count()
    panels = [SavedPanel(name=f"Panel {n}", owner=ada, tags="a,b", gene_count=n % 300) for n in range(there, wanted)]
    panels = SavedPanel.objects.bulk_create(panels, batch_size=1000)
    versions = [PanelVersion(panel=one, version_number=1, created_by=ada, content_hash="a" * 64) for one in panels]
    current = {one.panel_id: one.pk for one in PanelVersion.objects.bulk_create(versions, batch_size=1000)}
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE saved_panels SET current_version_id = %s WHERE id = %s",
            [(version, panel) for panel, version in current.items()],
        )
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE saved_panels")
            cursor.execute("ANALYZE panel_versions")
    path = f"{BASE}?per_page=100"
    answer = client.get(path)
    assert (answer.status_code, len(answer.json()["results"])) == (200, 100)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    # Read now: the next request clears them.
    queries = len(captured)
    return median(lambda: client.get(path)), queries


# --- Two servers on this database -----------------------------------------------------------------------------


def bench_requests(client: Client) -> None:
    path = f"{BASE}?per_page=100"
    cache.clear()
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        content = client.get(path).content
    statements = [one["sql"] for one in queries if "saved_panels" in one["sql"]]
    told = json.dumps({"statements": statements, "content": content.decode()})
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    rates = {}
    for name, application in (("ours", "panelmerge.wsgi"), ("bare", "tests.bench_bare")):
        with Served(application, told) as port:
            rates[name] = _rate(port, path, cookie, len(content))
    ratio_row(
        f"requests per second of a bare view / of the list, {CLIENTS} clients ({rates['ours']:.0f}/s)",
        rates["bare"],
        rates["ours"],
        4,
    )


class Served:
    def __init__(self, application: str, told: str) -> None:
        self.application, self.told = application, told

    def __enter__(self) -> int:
        port, name = free_port(), connection.settings_dict["NAME"]
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        # One cluster, and not that of a worker of the tests.
        mine = {name: value for name, value in os.environ.items() if name != "DATABASE_URLS"}
        environment = mine | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": address,
            "PORT": str(port),
            "BENCH_TOLD": self.told,
            "WEB_CONCURRENCY": "2",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", f"{self.application}:application", "--log-level", "warning"],
            cwd=ROOT,
            env=environment,
        )
        until = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10):
                    return port
            except OSError:
                assert time.monotonic() < until and self.process.poll() is None, f"{self.application} does not start"
                time.sleep(0.2)

    def __exit__(self, *failure: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


def _rate(port: int, path: str, cookie: str, size: int) -> float:
    """Answers per second to clients that ask again as soon as they are answered; the first second does not count."""

    def ask(until: float) -> int:
        one, answered = HTTPConnection("127.0.0.1", port, timeout=60), 0
        while time.monotonic() < until:
            one.request("GET", path, headers={"Cookie": cookie})
            answer = one.getresponse()
            content = answer.read()
            assert (answer.status, len(content) > size // 2) == (200, True), content[:200]
            answered += 1
        return answered

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(ask, [time.monotonic() + 1] * CLIENTS))
        start = time.monotonic()
        answered = sum(pool.map(ask, [start + SECONDS] * CLIENTS))
    return answered / (time.monotonic() - start)


if __name__ == "__main__":
    sys.exit(run_rows(bench_library))
