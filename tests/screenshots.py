"""Makes the pictures of the README from a freshly served demonstration: ``make screenshots``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS
from tests.browser.serving import served
from tests.left_out import CHROMIUM
from tests.panelmerge.running import ROOT

FOLDER = ROOT / "docs" / "screenshots"
WIDTH, LARGEST = 1400, 200_000
BASKET = "&".join(
    [
        *(f"{key}={level}" for key in ("uk:90001", "aus:95001") for level in ("green", "amber", "red")),
        *(f"{key}={level}" for key in ("uk:90002", "aus:95002") for level in ("green", "amber")),
    ]
)
# File name -> address, ground, height
SHOTS = {
    "workbench": (f"/?{BASKET}&q=cardiomyopathy", "light", 800),
    "workbench-dark": (f"/?{BASKET}&q=MYBPC3&show=list", "dark", 760),
    "catalogue": (f"/catalogue/?disease_group=Cardiology&{BASKET}", "light", 820),
    "gene": (f"/genes/MYH7/?{BASKET}", "light", 760),
}


def make(folder: Path) -> list[Path]:
    """The files that were written. An error of the page, or a file too large for a README, stops it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with tempfile.TemporaryDirectory() as site, served(Path(site)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, "--disable-lcd-text"])
        for name, (address, ground, height) in SHOTS.items():
            page = browser.new_page(color_scheme=ground, viewport={"width": WIDTH, "height": height})
            answer = page.goto(url + address)
            if answer is None or answer.status != 200:
                raise SystemExit(f"{address} is not answered as it should be.")
            path = folder / f"{name}.png"
            path.write_bytes(page.screenshot())
            if path.stat().st_size > LARGEST:
                raise SystemExit(f"{path.name} has {path.stat().st_size:,} bytes; at most {LARGEST:,} are fit to ship.")
            made.append(path)
            page.close()
        browser.close()
    return made


if __name__ == "__main__":
    if CHROMIUM is None:
        raise SystemExit("There is no Chromium (Debian: apt-get install chromium).")
    for path in make(FOLDER):
        sys.stdout.write(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes\n")
