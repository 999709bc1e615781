"""Is it alive, and is it ready: for whoever watches the server."""

from __future__ import annotations

from django.core.cache import cache
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from audit.sealing import seal_soon, unsealed_for
from panelmerge import __version__
from panelmerge.releases.fitting import fit

# Seconds after which a seal is late.
SEAL_LATE = 60


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok", "version": __version__})


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "failed"
    return "ok"


def _migrations() -> str:
    found = fit(anew=True)
    if found.fits is None:
        return "failed"
    if not found.fits:
        return found.why
    return f"degraded: {found.why}" if found.changing else "ok"


def _cache() -> str:
    """A Redis that is away costs speed only, so it is degraded and not failed."""
    cache.set("readyz", "ok", 5)
    return "ok" if cache.get("readyz") == "ok" else "degraded: redis"


def _sealing() -> tuple[str, float | None]:
    """Entries of the record without a seal, and for how many seconds the oldest has waited; what waits too long is
    degraded: people can work, nothing is lost."""
    try:
        waiting = round(unsealed_for(), 2)
    except Error:
        return "failed", None
    if waiting:
        # Left by a command, which ends before its entries are settled.
        seal_soon()
    if waiting < SEAL_LATE:
        return "ok", waiting
    return f"degraded: an entry has waited {waiting:.0f} s, run manage.py seal_audit", waiting


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when people can work, 503 otherwise; each part says how it is."""
    parts = {"database": _database(), "migrations": _migrations(), "cache": _cache()}
    parts["sealing"], waiting = _sealing()
    works = all(state == "ok" or state.startswith("degraded") for state in parts.values())
    told = {"status": "ok" if works else "failed", **parts, "seal_waits_seconds": waiting}
    return JsonResponse(told, status=200 if works else 503)
