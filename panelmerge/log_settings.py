"""Where events go: to the terminal, and to a file that turns over; as one line of JSON each, except for development."""

from __future__ import annotations

import sys
from typing import Any

LINE = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"


def logging_to(*, file: str, size: int, kept: int, level: str, debug: bool) -> dict[str, Any]:
    """Django's LOGGING. ``file``: its path, "" for none; it turns over at ``size`` bytes, ``kept`` old ones stay."""
    filters = ["request_id", "mask"]
    handlers: dict[str, dict[str, Any]] = {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": "line" if debug else "one_line",
            "filters": filters,
        }
    }
    if file:
        handlers["file"] = {
            # Several processes write it and turn it over together.
            "class": "concurrent_log_handler.ConcurrentRotatingFileHandler",
            "filename": file,
            "maxBytes": size,
            "backupCount": kept,
            "encoding": "utf-8",
            "chmod": 0o600,
            "formatter": "one_line",
            "filters": filters,
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "panelmerge.lib.requestid.RequestIdFilter"},
            "mask": {"()": "panelmerge.lib.masking.MaskFilter"},
        },
        "formatters": {
            "line": {"format": LINE},
            "one_line": {"()": "panelmerge.lib.logline.LineFormatter"},
        },
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        "loggers": {
            # Commands say it on the terminal themselves.
            "panelmerge.releases": {"handlers": [name for name in handlers if name == "file"], "propagate": False},
            "django.server": {"handlers": list(handlers), "level": level, "propagate": False},
            # A worker's own errors, which gunicorn would write as they come.
            "gunicorn.error": {"handlers": list(handlers), "propagate": False},
            # Each failed sign-in is in the record; the log keeps what is odd.
            "axes": {"level": "ERROR"},
            # At DEBUG it writes whole contexts of pages, with the codes and tokens that are shown there.
            "django.template": {"level": "INFO"},
            # Refused requests are answered, not logged as if we were broken.
            "django.request": {"level": "ERROR"},
        },
    }
