"""What the list's requests per second are held against: a view that asks the same and gives the same bytes.

A session, a user and the statements of the list, by Django alone; ``tests.bench_library`` starts it.
"""

from __future__ import annotations

import json
import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()
# Not before: packages ask for their own middleware.
settings.MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
settings.ROOT_URLCONF = __name__

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

TOLD = json.loads(os.environ.get("BENCH_TOLD", '{"statements": [], "content": ""}'))
CONTENT = TOLD["content"].encode()


def listed(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    with connection.cursor() as cursor:
        for statement in TOLD["statements"]:
            cursor.execute(statement)
            cursor.fetchall()
    return HttpResponse(CONTENT, content_type="application/json")


urlpatterns = [path("api/v1/saved-panels/", listed), path("healthz", lambda request: HttpResponse("ok"))]
application = WSGIHandler()
