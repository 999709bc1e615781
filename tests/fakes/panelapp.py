"""PanelApp on loopback: real HTTP, the wire shape of either source, and a trap for everything that can go wrong."""

from __future__ import annotations

import copy
import gzip
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import panels.shipped
from panels.panelapp.parse import version_key

DEMO = Path(panels.shipped.__file__).parent / "demo_catalogue"
ENTITIES = ("genes", "strs", "regions")

Answer = Callable[[Request], Response]


def demo_bodies(source: str, number: int | None = None) -> list[dict]:
    """The first ``number`` current panels of the shipped demonstration catalogue (None: all of them)."""
    page, *bodies = map(orjson.loads, gzip.decompress((DEMO / f"{source}.jsonl.gz").read_bytes()).splitlines())
    return bodies[: page["count"]][:number]


def heading_of(body: dict) -> dict:
    return {key: value for key, value in body.items() if key not in ENTITIES}


def json_answer(value: object, **headers: str) -> Response:
    return Response(orjson.dumps(value), content_type="application/json", headers=headers)


class FakePanelApp:
    """Serves ``bodies`` under ``base_url``. What stands in ``traps`` for a path is answered first, once each."""

    def __init__(self, server: HTTPServer, bodies: list[dict], page_size: int = 100, prefix: str = "/api/v1") -> None:
        self.prefix = prefix
        self.base_url = server.url_for(prefix)
        self.bodies = {body["id"]: copy.deepcopy(body) for body in bodies}
        self.history: dict[tuple[int, str], dict] = {}
        self.page_size = page_size
        self.traps: dict[str, list[Answer | Response]] = {}
        self.asked: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []
        server.expect_request(re.compile(f"{prefix}/.*")).respond_with_handler(self.answer)

    def trap(self, path: str, *answers: Answer | Response) -> None:
        """Answer the next requests for ``path`` (``panels/`` or ``panels/90001/``) with these instead."""
        self.traps.setdefault(path, []).extend(answers)

    def release(self, panel_id: int, **changes: object) -> None:
        """Publish a new version of a panel; the one before stays to be asked for."""
        old = self.bodies[panel_id]
        self.history[panel_id, old["version"]] = old
        major, minor = version_key(old["version"])
        self.bodies[panel_id] = old | {"version": f"{major}.{minor + 1}"} | changes

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix(f"{self.prefix}/")
        self.asked[path] += 1
        self.headers.append(dict(request.headers))
        if self.traps.get(path):
            trap = self.traps[path].pop(0)
            return trap if isinstance(trap, Response) else trap(request)
        if path == "panels/":
            return self.page(request)
        found = re.fullmatch(r"panels/(\d+)/", path)
        body = self.bodies.get(int(found[1])) if found else None
        version = request.args.get("version")
        if body is not None and version is not None and version != body["version"]:
            body = self.history.get((body["id"], version))
        if body is None:
            return Response(orjson.dumps({"detail": "Not found."}), 404, content_type="application/json")
        return json_answer(body)

    def page(self, request: Request) -> Response:
        number = int(request.args.get("page", "1"))
        headings = [heading_of(body) for body in self.bodies.values()]
        start, end = (number - 1) * self.page_size, number * self.page_size
        return json_answer(
            {
                "count": len(headings),
                "next": f"{self.base_url}/panels/?page={number + 1}" if end < len(headings) else None,
                "previous": f"{self.base_url}/panels/?page={number - 1}" if number > 1 else None,
                "results": headings[start:end],
            }
        )


# --- Traps ---------------------------------------------------------------------------------------------------


def busy(retry_after: str | None = "7", status: int = 429) -> Response:
    return Response("{}", status, {"Retry-After": retry_after} if retry_after else {}, content_type="application/json")


def forbidden() -> Response:
    return Response("<html><h1>403 ERROR</h1>Request blocked.</html>", 403, content_type="text/html")


def broken() -> Response:
    return Response("<h1>Server Error (500)</h1>", 500, content_type="text/html")


def not_found_with_200() -> Response:
    return json_answer({"detail": "Not found."})


def html_with_200() -> Response:
    return Response("<html>Please sign in</html>", 200, content_type="text/html; charset=utf-8")


def truncated() -> Response:
    return Response(b'{"count": 5, "next": null, "results": [{"id": 90', content_type="application/json")


def elsewhere(address: str = "http://169.254.169.254/latest/meta-data/") -> Response:
    return json_answer({"count": 5, "next": address, "previous": None, "results": []})


def redirect(address: str = "http://169.254.169.254/latest/meta-data/") -> Response:
    return Response("", 302, {"Location": address})


def going_round(request: Request) -> Response:
    return json_answer({"count": 5, "next": request.url, "previous": None, "results": []})


def too_few(bodies: list[dict]) -> Response:
    return json_answer({"count": len(bodies) + 3, "next": None, "results": [heading_of(body) for body in bodies]})


def oversized() -> Response:
    return Response(b" " * (21 * 1024 * 1024), content_type="application/json")


def gzip_bomb() -> Response:
    bomb = gzip.compress(b" " * (200 * 1024 * 1024), 1)
    return Response(bomb, content_type="application/json", headers={"Content-Encoding": "gzip"})


def dripping(pieces: int = 20, pause: float = 0.05) -> Response:
    """A body that comes one byte at a time, so that no single read is ever late."""

    def drip():
        for _ in range(pieces):
            time.sleep(pause)
            yield b" "

    return Response(drip(), content_type="application/json", headers={"Content-Length": str(pieces * 1000)})


def gzipped(body: dict) -> Response:
    packed = gzip.compress(orjson.dumps(body))
    return Response(packed, content_type="application/json", headers={"Content-Encoding": "gzip"})
