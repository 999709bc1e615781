"""Every release as the last migration of each of our apps.

A release is a state the database can be at. Apps that a release does not know
yet have no migration in it (None). Once 2.0.0 is tagged, a line never changes.
"""

from __future__ import annotations

APPS = ("accounts", "audit", "announcements", "panels")

RELEASES: dict[str, dict[str, str | None]] = {
    "1.3.0": {
        "accounts": "0001_release_1_3_0",
        "audit": None,
        "announcements": None,
        "panels": "0001_release_1_3_0",
    },
    "1.4.0": {
        "accounts": "0004_release_1_4_0_require_address",
        "audit": "0001_release_1_4_0",
        "announcements": "0001_release_1_4_0",
        "panels": "0002_release_1_4_0",
    },
    "1.4.1": {
        "accounts": "0006_release_1_4_1_set_utc",
        "audit": "0001_release_1_4_0",
        "announcements": "0001_release_1_4_0",
        "panels": "0002_release_1_4_0",
    },
    "1.5.0": {
        "accounts": "0006_release_1_4_1_set_utc",
        "audit": "0003_release_1_5_0_words",
        "announcements": "0001_release_1_4_0",
        "panels": "0004_release_1_5_0_current_version",
    },
    "1.5.1": {
        "accounts": "0006_release_1_4_1_set_utc",
        "audit": "0003_release_1_5_0_words",
        "announcements": "0001_release_1_4_0",
        "panels": "0007_release_1_5_1_widths",
    },
    "2.0.0": {
        "accounts": "0010_release_2_0_0_addresses",
        "audit": "0007_release_2_0_0_watching",
        "announcements": "0004_release_2_0_0_checks",
        "panels": "0017_release_2_0_0_library_guards",
    },
}
NEWEST = next(reversed(RELEASES))


def targets(release: str) -> list[tuple[str, str | None]]:
    """What ``MigrationExecutor.migrate`` is given to bring our apps to a release.

    A list of (app, last migration); None takes the app to before its first.
    """
    return [(app, RELEASES[release][app]) for app in APPS]
