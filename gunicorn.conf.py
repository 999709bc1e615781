"""What ``gunicorn panelmerge.wsgi`` reads by itself when it is started here."""

import os

wsgi_app = "panelmerge.wsgi"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 60
# Above every address of ours, below what makes a worker slow.
limit_request_line = 8190


def on_starting(server):
    # Before the workers exist, so that all of them share one temporary database.
    if os.environ.get("WITHOUT_DB", "").lower() in ("true", "1", "yes", "on"):
        from panelmerge.without_db import temporary_database

        temporary_database()
