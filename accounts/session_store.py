"""Sessions in the database, and beside it in Redis for who is signed in.

What Redis holds may be old: a decision that was saved while Redis was away is in
the database alone, and the copy before it is still there when Redis comes back.
So a copy carries the end of the row it was made of, which moves with every
saving, and is used only when the query that loads the person finds the same end
in the row (``accounts.sessions``). Visitors, for whom there is no such query,
are read from the database.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils.dateparse import parse_datetime

PREFIX = "accounts.session_store"


def kept_under(session_key: str) -> str:
    """The name of a session in the cache: whoever lists the names there has nobody's cookie."""
    return f"{PREFIX}:{hashlib.sha256(session_key.encode()).hexdigest()}"


class SessionStore(DatabaseStore):
    # The end of the row that the content was copied from; None when it was read from the row itself.
    copied_end: datetime | None = None
    written_end: datetime | None = None

    def load(self) -> dict[str, Any]:
        copy = cache.get(kept_under(self.session_key))
        if isinstance(copy, dict) and SESSION_KEY in copy.get("content", {}):
            self.copied_end = parse_datetime(copy["end"])
            return copy["content"]
        return self._from_the_row()

    def is_behind(self, end: datetime | None) -> bool:
        """Whether the row, which ends then, was written again since the copy was made."""
        return self.copied_end is not None and self.copied_end != end

    def read_again(self) -> None:
        """Believe the row."""
        self._session_cache = self._from_the_row()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        self.written_end = row.expire_date
        return row

    def save(self, must_create: bool = False) -> None:
        super().save(must_create)
        self._copy(self._session, self.written_end)

    def delete(self, session_key: str | None = None) -> None:
        super().delete(session_key)
        key = session_key or self.session_key
        if key:
            cache.delete(kept_under(key))

    def _from_the_row(self) -> dict[str, Any]:
        self.copied_end = None
        row = self._get_session_from_db()
        if row is None:
            return {}
        content = self.decode(row.session_data)
        self._copy(content, row.expire_date)
        return content

    def _copy(self, content: dict[str, Any], end: datetime) -> None:
        if SESSION_KEY in content:
            kept_for = self.get_expiry_age(expiry=end)
            cache.set(kept_under(self.session_key), {"content": content, "end": end.isoformat()}, kept_for)
