"""How old the mirror is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from panels.models import Generation
from panels.panelapp.sources import SOURCES, Source


@dataclass(frozen=True, slots=True)
class Age:
    source: Source
    as_of: datetime | None

    @property
    def is_too_old(self) -> bool:
        return self.as_of is not None and (timezone.now() - self.as_of).days >= settings.CATALOGUE_MAX_AGE_DAYS


def mirror_ages() -> list[Age]:
    """One for each source; ``as_of`` is None where nothing was loaded yet. One query. BG-06."""
    newest = dict(Generation.objects.values_list("source").annotate(Max("as_of")).order_by())
    return [Age(source, newest.get(key)) for key, source in SOURCES.items()]
