"""A POST that is sent twice under one Idempotency-Key is done once, and answered alike. A-6"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

import orjson
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from panelmerge.lib.errors import Refusal
from panels.actions.rights import panel_for
from panels.models import IdempotencyKey

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
LONGEST = 255
# What of an answer's headers is part of it.
KEPT_HEADERS = ("ETag", "Location")


def idempotent(post: Callable) -> Callable:
    """For a view's method that answers with data. The act, and that it was done under this key, are one transaction.

    Keys are a person's own and kept for a day. The same key with another
    request is refused. A refused act leaves the key free. NotHere for who lost
    the panel that the address names.
    """

    @wraps(post)
    def answer(view, request: Request, *args, **kwargs):
        key = request.headers.get(HEADER)
        if key is None or not request.user.is_authenticated:
            return post(view, request, *args, **kwargs)
        if not 0 < len(key) <= LONGEST or not key.isprintable():
            raise Refusal(f"{HEADER}: between 1 and {LONGEST} printable characters.", code="idempotency_key")
        asked = _digest(request)
        with transaction.atomic():
            held = _hold(request.user, key, asked)
            if held.status:
                if "panel_id" in kwargs:
                    # What was answered then is not for who may not see the panel now.
                    panel_for(request.user, kwargs["panel_id"])
                return _again(held, asked)
            response = post(view, request, *args, **kwargs)
            _keep(held, response)
            return response

    return answer


def _digest(request: Request) -> str:
    """Address and content. A file counts with its name and its bytes."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\0".encode())
    if request.content_type and request.content_type.startswith("multipart/"):
        for name, value in sorted(request.data.lists(), key=lambda pair: pair[0]):
            for one in value:
                digest.update(f"{name}\0{getattr(one, 'name', '')}\0".encode())
                digest.update(b"".join(one.chunks()) if hasattr(one, "chunks") else str(one).encode())
                if hasattr(one, "seek"):
                    one.seek(0)
    else:
        digest.update(json.dumps(request.data, sort_keys=True).encode())
    return digest.hexdigest()


def _hold(user, key: str, asked: str) -> IdempotencyKey:
    """The person's row for this key; who comes second with it waits here for the first."""
    IdempotencyKey.objects.filter(user=user, created_at__lt=timezone.now() - KEPT).delete()
    IdempotencyKey.objects.bulk_create([IdempotencyKey(user=user, key=key, asked=asked)], ignore_conflicts=True)
    return IdempotencyKey.objects.select_for_update().get(user=user, key=key)


def _again(held: IdempotencyKey, asked: str) -> HttpResponse:
    if held.asked != asked:
        raise Refusal(
            f"This {HEADER} was used for another request. Use a new one for each.", code="idempotency_key_reused"
        )
    response = HttpResponse(held.answer, status=held.status, content_type="application/json")
    for name, value in {**held.headers, "Idempotent-Replayed": "true"}.items():
        response[name] = value
    return response


def _keep(held: IdempotencyKey, response: Response) -> None:
    held.status = response.status_code
    held.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    held.answer = "" if response.data is None else orjson.dumps(response.data).decode()
    held.save(update_fields=["status", "headers", "answer"])
