"""Programs that ask the library: a client for each person."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.models import User

BASE = "/api/v1/saved-panels/"


class Program:
    """JSON in, JSON out, as somebody or as nobody."""

    def __init__(self, person: User | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        if person is not None:
            self.client.force_login(person, "accounts.backends.RoleBackend")

    def ask(self, method: str, path: str, body: Any = None, **headers: str):
        path = path if path.startswith("/") else f"{BASE}{path}"
        options = {"headers": {name.replace("_", "-"): value for name, value in headers.items()}}
        if method != "get":
            options |= {"data": {} if body is None else body, "content_type": "application/json"}
        return getattr(self.client, method)(path, **options)

    def get(self, path: str = "", **headers):
        return self.ask("get", path, **headers)

    def post(self, path: str = "", body: Any = None, **headers):
        return self.ask("post", path, body, **headers)

    def patch(self, path: str, body: Any, match: str | None = None):
        """With the panel's present ETag, unless another one, or "" for none, is said."""
        return self._matched("patch", path, body, match)

    def put(self, path: str, body: Any, match: str | None = None):
        return self._matched("put", path, body, match)

    def delete(self, path: str, **headers):
        return self.ask("delete", path, **headers)

    def _matched(self, method: str, path: str, body: Any, match: str | None):
        tag = self.get(path)["ETag"] if match is None else match
        return self.ask(method, path, body, **({"If_Match": tag} if tag else {}))


def names(answer) -> list[str]:
    """The symbols of the panel or list that was answered."""
    return [gene["gene_symbol"] for gene in answer.json()["genes"]]
