"""What belongs to a release and lies outside of the database: Redis, upload folders. SE-02, UP-02, PF-03."""

from __future__ import annotations

import stat
from pathlib import Path

from django.core.cache import cache

from panelmerge.releases.afterwards import clear_old_sessions, renew_cache, tighten_uploads


def test_old_sessions_go_by_prefix_and_nothing_else_in_redis(own_redis, settings):
    """Found in small steps; other programs may use the same Redis."""
    settings.REDIS_URL = own_redis.address
    with own_redis.client() as client:
        for number in range(1200):
            client.hset(f"session:{number}", "user_id", number)
        client.sadd("user_sessions:1", "a")
        client.sadd("daily_active_sessions:2025-03-30", "a")
        client.set("panelmerge:1:kept", "x")
        client.set("somebody:else", "x")

        said = clear_old_sessions()

        assert said == "Old sessions: 1202 keys of the older application dropped from Redis"
        assert sorted(client.keys("*")) == [b"panelmerge:1:kept", b"somebody:else"]


def test_a_redis_that_is_away_is_told_and_stops_nothing(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert "Redis cannot be reached" in clear_old_sessions()


def test_uploads_are_closed_to_other_users_and_told_in_numbers(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "uploads")
    folder = tmp_path / "uploads" / "session_1"
    folder.mkdir(parents=True)
    (folder / "a.xlsx").write_text("x")
    for path in (tmp_path / "uploads", folder, folder / "a.xlsx"):
        path.chmod(0o755)

    said, again = tighten_uploads(), tighten_uploads()

    assert said == "Uploads: 3 files and folders closed to other users"
    assert again == "Uploads: 0 files and folders closed to other users"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "a.xlsx")]
    assert modes == [0o700, 0o600]


def test_no_folder_of_uploads_is_nothing_to_do(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "nowhere")

    assert tighten_uploads() == "Uploads: 0 files and folders closed to other users"
    assert not Path(settings.MEDIA_ROOT).exists()


def test_cached_answers_are_dropped(settings):
    """PF-03."""
    cache.set("an_answer", "old", 60)

    renew_cache()

    assert cache.get("an_answer") is None
