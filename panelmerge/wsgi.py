"""The application for gunicorn. A configuration error stops the start here too."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panelmerge.settings")


class Request(WSGIRequest):
    """With an unreadable Content-Type as if there were none; Django's own raises before anything could answer."""

    def _set_content_type_params(self, meta):
        try:
            super()._set_content_type_params(meta)
        except ValueError:
            # DRF reads the header again.
            meta["CONTENT_TYPE"] = ""
            self.content_type, self.content_params = "", {}


def _start():
    application = get_wsgi_application()
    application.request_class = Request
    # Importable only now: the checks ask the settings.
    from django.conf import settings
    from django.db import connections

    from panelmerge.checks import stop_on_errors
    from panelmerge.without_db import fill

    try:
        stop_on_errors()
    except ImproperlyConfigured as error:
        # For who reads the terminal; the log has it as a line of JSON.
        sys.stderr.write(f"{error}\n")
        raise
    if settings.WITHOUT_DB:
        fill()
    # The checks read the database; a connection kept from the start would hold up whoever upgrades it.
    connections.close_all()
    return application


application = _start()
