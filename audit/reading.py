"""Reading the record: filters, pages by key instead of number, and figures by day. Constant queries at any size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import django_filters
from django import forms
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Concat, TruncDate
from django.utils import timezone

from audit import guards
from audit.events import Action
from audit.models import AuditLog, Seal
from audit.sealing import unsealed_for
from panelmerge.lib.moments import within_the_calendar

PAGE = 50


_MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"})


class MomentFilter(django_filters.IsoDateTimeFilter):
    """Within the calendar, and asked for in UTC: ISO 8601 has offsets up to a day, PostgreSQL below sixteen hours."""

    def __init__(self, **options) -> None:
        super().__init__(widget=_MOMENT, validators=[within_the_calendar], **options)

    def filter(self, entries: QuerySet, moment: datetime | None) -> QuerySet:
        return super().filter(entries, moment and moment.astimezone(UTC))


class EventFilter(django_filters.FilterSet):
    """What one can ask of the record; the same for the page and the API."""

    action_type = django_filters.MultipleChoiceFilter(choices=Action.choices, label="What happened")
    person = django_filters.CharFilter(method="by_person", max_length=80, label="Person (name or number)")
    resource_type = django_filters.CharFilter(max_length=50, label="Kind of thing")
    resource_id = django_filters.CharFilter(max_length=100, label="Which one")
    success = django_filters.BooleanFilter(label="Outcome")
    since = MomentFilter(field_name="timestamp", lookup_expr="gte", label="From (your time)")
    until = MomentFilter(field_name="timestamp", lookup_expr="lt", label="Until before (your time)")
    q = django_filters.CharFilter(method="by_words", max_length=200, label="Words, address or request")

    class Meta:
        model = AuditLog
        fields: Sequence[str] = ()

    def by_person(self, entries: QuerySet, name: str, value: str) -> QuerySet:
        wanted = Q(username__iexact=value)
        if value.isdecimal() and len(value) < 10:
            wanted |= Q(user_id=int(value))
        return entries.filter(wanted)

    def by_words(self, entries: QuerySet, name: str, value: str) -> QuerySet:
        return entries.filter(
            Q(action_description__icontains=value) | Q(request_id=value) | Q(ip_address=value) | Q(resource_id=value)
        )


@dataclass(frozen=True, slots=True)
class EventPage:
    """``older`` and ``newer`` are the ids to go on from, None at an end."""

    entries: list[AuditLog]
    older: int | None
    newer: int | None


def page_of(entries: QuerySet, *, before: int | None = None, after: int | None = None, size: int = PAGE) -> EventPage:
    """Newest first. ``before``: entries with smaller ids; ``after``: the ones just newer than that id."""
    if after is not None:
        found = list(entries.filter(pk__gt=after).order_by("pk")[: size + 1])
        more_newer, found = len(found) > size, found[:size][::-1]
        more_older = bool(found)
    else:
        rows = entries.filter(pk__lt=before) if before is not None else entries
        found = list(rows.order_by("-pk")[: size + 1])
        more_older, found = len(found) > size, found[:size]
        more_newer = before is not None and bool(found)
    return EventPage(
        found, found[-1].pk if found and more_older else None, found[0].pk if found and more_newer else None
    )


@dataclass(frozen=True, slots=True)
class ProofState:
    """What stands at the top of the page. ``waiting`` in seconds."""

    seal: Seal | None
    waiting: float
    unguarded: set[str]

    @property
    def is_well(self) -> bool:
        return self.waiting < 60 and not self.unguarded


def proof_state() -> ProofState:
    missing = guards.names(connection.vendor) - guards.present()
    return ProofState(Seal.objects.order_by("-number").first(), unsealed_for(), missing)


@dataclass(frozen=True, slots=True)
class Activity:
    """``counted``: (day in the reader's zone, action type, events, of them refused or failed)."""

    first: date
    days: int
    counted: list[tuple[date, str, int, int]]

    def by_day(self, kind: str = "") -> list[tuple[date, int, int]]:
        """[(day, events, of them refused or failed)] without gaps; of one action type where it is given."""
        of_day = {self.first + timedelta(days=number): [0, 0] for number in range(self.days)}
        for day, action_type, events, failed in self.counted:
            if day in of_day and kind in ("", action_type):
                of_day[day][0] += events
                of_day[day][1] += failed
        return [(day, *numbers) for day, numbers in of_day.items()]

    def by_kind(self) -> list[tuple[str, int]]:
        """[(action type, events)], most first."""
        found: Counter[str] = Counter()
        for _, action_type, events, _ in self.counted:
            found[action_type] += events
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def activity(days: int = 30, now: datetime | None = None) -> Activity:
    """What was recorded in the last days.

    Days that are over do not change any more, so they are counted once and kept
    in the cache; today is counted each time, and two queries are all it takes.
    """
    now = now or timezone.now()
    zone = timezone.get_current_timezone()
    today = timezone.localtime(now).date()
    first = today - timedelta(days=days - 1)
    start, midnight = (timezone.make_aware(datetime(day.year, day.month, day.day), zone) for day in (first, today))
    counted = _counted_today(midnight, today) + _counted_before(start, midnight, f"{zone}:{first}:{today}")
    return Activity(first, days, counted)


def _counted_today(midnight: datetime, today: date) -> list[tuple[date, str, int, int]]:
    """As ``_counted``. By an expression, because SQLite would walk through the index of all kinds for the bare column;
    and without asking each row for its day, which there is a call of Python."""
    found = (
        AuditLog.objects.filter(timestamp__gte=midnight)
        .annotate(kind=Concat("action_type", Value("")))
        .values("kind")
        .annotate(events=Count("id"), failed=Count("id", filter=Q(success=False)))
        .order_by("kind")
    )
    return [(today, *row) for row in found.values_list("kind", "events", "failed")]


def _counted(which: Q) -> list[tuple[date, str, int, int]]:
    """(day in the reader's zone, action type, events, of them refused or failed)."""
    return list(
        AuditLog.objects.filter(which)
        .annotate(day=TruncDate("timestamp"))
        .values("day", "action_type")
        .annotate(events=Count("id"), failed=Count("id", filter=Q(success=False)))
        .order_by("day", "action_type")
        .values_list("day", "action_type", "events", "failed")
    )


def _counted_before(start: datetime, midnight: datetime, period: str) -> list[tuple[date, str, int, int]]:
    """The same for the days before today. What was kept belongs to the last event before midnight: after a restore,
    say, it is another one, and everything is counted anew."""
    before = AuditLog.objects.filter(timestamp__lt=midnight)
    last = before.order_by("-timestamp").values_list("id", "event_id").first()
    if last is None:
        return []
    key = f"audit-activity:{period}:{last[0]}:{last[1]}".replace(" ", "")
    kept = cache.get(key)
    if kept is None:
        found = _counted(Q(timestamp__gte=start, timestamp__lt=midnight))
        # A cache in Redis keeps JSON.
        kept = [[day.isoformat(), *rest] for day, *rest in found]
        cache.set(key, kept, 86400)
    return [(date.fromisoformat(day), *rest) for day, *rest in kept]
