"""Which panels somebody sees: the one place where the database is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Case, IntegerField, Max, OuterRef, Q, Subquery, Value, When

from accounts.permissions import Permission
from panels.engine.levels import HIDDEN_FROM_THE_PUBLIC, Facts, Level, Standing, standing

SHARED_LEVELS = (Level.VIEW, Level.COMMENT, Level.EDIT, Level.ADMIN)
RANK = Case(
    *(When(permission_level=level.name, then=Value(level.value)) for level in SHARED_LEVELS),
    default=Value(0),
    output_field=IntegerField(),
)


def is_somebody(user) -> bool:
    """Signed in, with an account that is not switched off."""
    return user is not None and user.is_authenticated and user.is_active


class SavedPanelQuerySet(models.QuerySet):
    """``visible_to`` and ``editable_by`` are the only ways to panels from a door."""

    def living(self) -> SavedPanelQuerySet:
        return self.exclude(status="DELETED")

    def mine(self, user) -> SavedPanelQuerySet:
        return self.filter(owner=user.pk)

    def shared_with(self, user) -> SavedPanelQuerySet:
        """Panels of others that a share which stands lets this person see."""
        shares = apps.get_model("panels", "PanelShare").objects.standing().for_person(user)
        return self.filter(pk__in=shares.values("panel")).exclude(owner=user.pk)

    def public(self) -> SavedPanelQuerySet:
        return self.filter(visibility="PUBLIC").exclude(status__in=HIDDEN_FROM_THE_PUBLIC)

    def visible_without_role(self, user) -> SavedPanelQuerySet:
        """As ``visible_to``, but an administrator sees what anybody in their place would."""
        if not is_somebody(user):
            return self.public()
        shares = apps.get_model("panels", "PanelShare").objects.standing().for_person(user)
        is_public = Q(visibility="PUBLIC") & ~Q(status__in=HIDDEN_FROM_THE_PUBLIC)
        return self.filter(Q(owner=user.pk) | Q(pk__in=shares.values("panel")) | is_public).living()

    def visible_to(self, user) -> SavedPanelQuerySet:
        """Living panels that this person may see; for nobody (None or anonymous) the public ones."""
        sees_everything = is_somebody(user) and user.has_perm(Permission.EVERY_PANEL)
        return self.living() if sees_everything else self.visible_without_role(user)

    def editable_by(self, user) -> SavedPanelQuerySet:
        """Living panels whose genes this person may change; whether the state lets them is another question."""
        if not is_somebody(user) or not user.has_perm(Permission.OWN_PANELS):
            return self.none()
        if user.has_perm(Permission.EVERY_PANEL):
            return self.living()
        shares = apps.get_model("panels", "PanelShare").objects.standing().for_person(user)
        shares = shares.filter(permission_level__in=["EDIT", "ADMIN"])
        return self.filter(Q(owner=user.pk) | Q(pk__in=shares.values("panel"))).living()

    def with_standing(self, user) -> SavedPanelQuerySet:
        """Each with ``shared_rank`` and ``reshare_rank``, from which ``standing_of`` answers without a query."""
        if not is_somebody(user):
            return self.annotate(shared_rank=Value(0), reshare_rank=Value(0))
        shares = apps.get_model("panels", "PanelShare").objects.standing().for_person(user)
        ours = shares.filter(panel=OuterRef("pk")).order_by().values("panel").annotate(rank=Max(RANK)).values("rank")
        return self.annotate(shared_rank=Subquery(ours), reshare_rank=Subquery(ours.filter(can_reshare=True)))


def add_standing(panel, user) -> None:
    """To one panel what ``with_standing`` gives to many; no query for its owner and for nobody."""
    panel.shared_rank = panel.reshare_rank = 0
    if is_somebody(user) and panel.owner_id != user.pk:
        shares = apps.get_model("panels", "PanelShare").objects.standing().for_person(user).filter(panel=panel.pk)
        ranks = shares.aggregate(shared=Max(RANK), further=Max(RANK, filter=Q(can_reshare=True)))
        panel.shared_rank, panel.reshare_rank = ranks["shared"] or 0, ranks["further"] or 0


def standings_of(rows: Iterable[Mapping[str, Any]], user) -> dict[int, Standing]:
    """Of rows with id, owner_id, status and visibility, by their id; one query where some are not the person's own."""
    rows, ranks = list(rows), {}
    others = [row["id"] for row in rows if user is None or row["owner_id"] != user.pk]
    if others and is_somebody(user):
        shares = apps.get_model("panels", "PanelShare").objects.standing().for_person(user).filter(panel__in=others)
        best = {"shared": Max(RANK), "further": Max(RANK, filter=Q(can_reshare=True))}
        found = shares.order_by().values("panel").annotate(**best).values_list("panel", "shared", "further")
        ranks = {panel: (shared, further or 0) for panel, shared, further in found}
    # Most rows of a list are alike.
    known: dict[tuple, Standing] = {}
    standings = {}
    for row in rows:
        told = (row["owner_id"], row["status"], row["visibility"], *ranks.get(row["id"], (0, 0)))
        standings[row["id"]] = known.get(told) or known.setdefault(told, _standing(user, *told))
    return standings


def standing_of(panel, user) -> Standing:
    """Of a panel that came by ``with_standing`` for this person, or that was given to ``add_standing``."""
    return _standing(
        user, panel.owner_id, panel.status, panel.visibility, panel.shared_rank or 0, panel.reshare_rank or 0
    )


def _standing(user, owner: int, status: str, visibility: str, shared: int, further: int) -> Standing:
    is_signed_in = is_somebody(user)
    return standing(
        Facts(
            is_signed_in=is_signed_in,
            sees_everything=is_signed_in and user.has_perm(Permission.EVERY_PANEL),
            only_looks=is_signed_in and not user.has_perm(Permission.OWN_PANELS),
            is_owner=is_signed_in and owner == user.pk,
            shared=Level(shared),
            reshares=Level(further),
            status=status,
            visibility=visibility,
        )
    )
