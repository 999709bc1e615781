"""What ``gunicorn panelmerge.wsgi`` reads by itself when it is started here."""

import os
from pathlib import Path

from panelmerge.lib.env import boolean, env_file, number

wsgi_app = "panelmerge.wsgi"
worker_class = "gthread"
threads = 4
timeout = 60
# Above every address of ours, below what makes a worker slow.
limit_request_line = 8190

with env_file(os.environ.get("ENV_FILE", Path(__file__).with_name(".env"))):
    bind = f"{os.environ.get('HOST', '127.0.0.1')}:{number('PORT', 8000)}"
    workers = number("WEB_CONCURRENCY", 2)
    _without_db = boolean("WITHOUT_DB", False)


def on_starting(server):
    # Before the workers exist, so that all of them share one temporary database.
    if _without_db:
        from panelmerge.without_db import temporary_database

        temporary_database()
