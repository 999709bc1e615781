"""What belongs to a release and lies outside of the database: old sessions in Redis, upload folders, cached answers."""

from __future__ import annotations

import stat
from contextlib import closing
from pathlib import Path

import redis
from django.conf import settings
from django.core.cache import cache

from panelmerge.releases import files

# Keys of the older application; sessions of ours have a prefix of their own.
OLD_SESSIONS = ("session:*", "user_sessions:*", "daily_active_sessions:*")
AT_ONCE = 500


def clear_old_sessions() -> str:
    """Drop what the older application kept of sessions in Redis, found by prefix in small steps."""
    if not settings.REDIS_URL:
        return "Old sessions: none, because Redis is not configured"
    number = 0
    try:
        with closing(redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2)) as client:
            for pattern in OLD_SESSIONS:
                batch = []
                for key in client.scan_iter(pattern, count=AT_ONCE):
                    batch.append(key)
                    if len(batch) == AT_ONCE:
                        number += client.unlink(*batch)
                        batch = []
                number += client.unlink(*batch) if batch else 0
    except redis.RedisError as error:
        return f"Old sessions: Redis cannot be reached ({type(error).__name__}); they end by themselves"
    return f"Old sessions: {number} keys of the older application dropped from Redis"


def tighten_uploads() -> str:
    """Uploads are for the server alone: folders 0700, files 0600. The older guide's 755 opened them to everybody."""
    root, number = Path(settings.MEDIA_ROOT), 0
    if root.is_dir():
        for path in [root, *root.rglob("*")]:
            wanted = files.PRIVATE_FOLDER if path.is_dir() else files.PRIVATE_FILE
            if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077:
                path.chmod(wanted)
                number += 1
    return f"Uploads: {number} files and folders closed to other users"


def renew_cache() -> str:
    """Drop every cached answer of ours; they are made again when somebody asks."""
    if hasattr(cache, "delete_pattern"):
        number = cache.delete_pattern("*")
        return f"Cache: {number or 0} answers dropped; nobody is signed out"
    cache.clear()
    return "Cache: each process makes its own again"
