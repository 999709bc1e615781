"""Django's SQLite with the door; during maintenance a connection reads and does not write."""

from __future__ import annotations

import sqlite3
import weakref
from contextlib import suppress
from typing import Any

from django.db.backends.sqlite3 import base

from panelmerge.lib.sqlite3 import doorway, maintenance


class DatabaseWrapper(base.DatabaseWrapper):
    _inside: str | None = None
    reads_only = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._cursors: weakref.WeakSet = weakref.WeakSet()

    def create_cursor(self, name: str | None = None):
        made = super().create_cursor(name)
        self._cursors.add(made)
        return made

    def get_new_connection(self, conn_params: dict[str, Any]):
        path = str(self.settings_dict["NAME"])
        # An address instead of a path is somebody's who only reads.
        if self.is_in_memory_db() or path.startswith("file:"):
            return super().get_new_connection(conn_params)
        doorway.enter(path)
        self._inside = path
        try:
            self.reads_only = maintenance.is_on_elsewhere(path)
            made = super().get_new_connection(conn_params)
            if self.reads_only:
                # Refused at once, instead of waiting for the lock that an upgrade holds.
                made.execute("PRAGMA query_only = ON")
            return made
        except BaseException:
            self._leave()
            raise

    def _start_transaction_under_autocommit(self) -> None:
        if self.reads_only:
            self.cursor().execute("BEGIN")
        else:
            super()._start_transaction_under_autocommit()

    def _close(self) -> None:
        try:
            # SQLite keeps the file open as long as a single statement is left, in a cursor that nobody has forgotten
            # yet: the door would be free, and somebody still inside.
            for cursor in list(self._cursors):
                with suppress(sqlite3.ProgrammingError):
                    cursor.close()
            # One that somebody keeps is not asked again: by then its database is closed.
            self._cursors.clear()
            super()._close()
        finally:
            self._leave()

    def _leave(self) -> None:
        path, self._inside = self._inside, None
        if path:
            doorway.leave(path)
