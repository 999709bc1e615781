"""How old the mirror is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from panels.models import Generation
from panels.panelapp.sources import SOURCES, Source


@dataclass(frozen=True, slots=True)
class Age:
    """``as_of`` is None where nothing was loaded yet. Demonstration panels have no age that matters."""

    source: Source
    as_of: datetime | None
    is_demonstration: bool = False
    published_at: datetime | None = None

    @property
    def is_too_old(self) -> bool:
        if self.as_of is None or self.is_demonstration:
            return False
        return (timezone.now() - self.as_of).days >= settings.CATALOGUE_MAX_AGE_DAYS


def mirror_ages() -> list[Age]:
    """One for each source. One query. BG-06."""
    newest = Generation.objects.filter(source=OuterRef("source")).order_by("-as_of", "-pk").values("pk")[:1]
    seen = {
        source: (as_of, origin == Path(settings.DEMO_CATALOGUE).name, published_at)
        for source, as_of, origin, published_at in Generation.objects.filter(pk=Subquery(newest)).values_list(
            "source", "as_of", "origin", "published_at"
        )
    }
    return [Age(source, *seen.get(key, (None,))) for key, source in SOURCES.items()]
