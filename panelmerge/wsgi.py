"""The application for gunicorn. A configuration error stops the start here too."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panelmerge.settings")


def _start():
    application = get_wsgi_application()
    # Importable only now: the checks ask the settings.
    from django.conf import settings

    from panelmerge.checks import stop_on_errors
    from panelmerge.without_db import fill

    stop_on_errors()
    if settings.WITHOUT_DB:
        fill()
    return application


application = _start()
