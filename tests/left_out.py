"""Says which tests this machine cannot run, and why: ``python -m tests.left_out``."""

from __future__ import annotations

import os
import shutil
import sys

CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)


def left_out() -> list[str]:
    """One sentence for each kind of test that will not run here."""
    found = []
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        found.append(
            "PostgreSQL: DATABASE_URL does not name one, so every test runs on SQLite (.ci/with-servers has one)"
        )
    if not os.environ.get("REDIS_URL"):
        found.append("Redis: REDIS_URL is not set, so every test runs on the in-process cache")
    if not shutil.which("redis-server"):
        found.append("Redis killed and hanging: there is no redis-server (Debian: apt-get install redis-server)")
    if not CHROMIUM:
        found.append("Browser: there is no Chromium (Debian: apt-get install chromium)")
    if not shutil.which("soffice"):
        found.append("LibreOffice: there is no soffice (Debian: apt-get install libreoffice-calc)")
    if not os.environ.get("PANELMERGE_REAL_DATA"):
        found.append("Real data: PANELMERGE_REAL_DATA names no folder of real PanelApp bodies")
    if not os.environ.get("PANELMERGE_PROOF"):
        found.append("Long proofs: fuzzing and the like run on seeded samples (make proof runs them in full)")
    return found


if __name__ == "__main__":
    for sentence in left_out():
        sys.stdout.write(f"left out  {sentence}\n")
