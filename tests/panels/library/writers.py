"""Looks at a panel in another process, with the site's own settings: ``python -m tests.panels.library.writers``.

``make`` prints a person's token, a panel's number and symbols to add; ``look
PANEL`` prints what the panel's versions hold.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from itertools import pairwise

import django


def make() -> dict:
    from django.utils import timezone

    from accounts.actions.tokens import create_token
    from accounts.models import User
    from panels.actions.library import create_panel
    from panels.models import Gene

    person = User.objects.create_user("writer", "writer@example.org")
    token = create_token(by=person, name="w", scope="write", expires_at=timezone.now() + timedelta(days=1))[1]
    panel = create_panel(by=person, name="Contended").panel
    symbols = Gene.objects.filter(status="approved").exclude(ensembl_id="").order_by("hgnc_id")
    return {"token": token, "panel": panel.pk, "genes": list(symbols.values_list("hgnc_id", flat=True)[:5000])}


def look(panel: int) -> dict:
    from panels.actions.lists import records_in
    from panels.models import PanelChange, PanelGene, PanelVersion, SavedPanel

    versions = PanelVersion.objects.filter(panel=panel).select_related("snapshot").order_by("version_number")
    held = [(one.version_number, {record["hgnc_id"] for record in records_in(one.snapshot.body)}) for one in versions]
    one = SavedPanel.objects.select_related("current_version").get(pk=panel)
    added = PanelChange.objects.filter(panel=panel, change_type="GENE_ADDED").order_by("version__version_number")
    return {
        "numbers": [number for number, _ in held],
        "sizes": [len(genes) for _, genes in held],
        # Each version is the one before and what it says it added: nothing was lost on the way.
        "is_fold": all(now >= before for (_, before), (_, now) in pairwise(held)),
        "genes": sorted(held[-1][1]),
        "rows": sorted(PanelGene.objects.filter(panel=panel).values_list("hgnc_id", flat=True)),
        "added": sorted(added.values_list("target_id", flat=True)),
        "head": [one.gene_count, one.version_count, one.current_version.version_number],
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    found = make() if sys.argv[1] == "make" else look(int(sys.argv[2]))
    sys.stdout.write(json.dumps(found) + "\n")
