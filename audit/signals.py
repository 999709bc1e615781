"""What the record asks the apps above it."""

from __future__ import annotations

from django.dispatch import Signal

# Which panels live. Each receiver answers with their ids as text.
asking_for_living_panels = Signal()


def living_panels() -> list[str] | None:
    """Ids of the panels whose history stays; None, which means all of it, where nobody can say."""
    if not asking_for_living_panels.has_listeners():
        return None
    answers = asking_for_living_panels.send(None)
    return sorted({panel for _, panels in answers for panel in panels})
