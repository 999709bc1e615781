"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest

from panelmerge import __version__


def site(request: HttpRequest) -> dict:
    return {"version": __version__, "without_db": settings.WITHOUT_DB}
