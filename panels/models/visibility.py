"""Which panels somebody sees: the one place where the database is asked."""

from __future__ import annotations

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, IntegerField, Max, OuterRef, Q, Subquery, Value, When

from panels.engine.levels import EVERYTHING, HIDDEN_FROM_THE_PUBLIC, LOOKING, Facts, Level, Standing, standing

SHARED_LEVELS = (Level.VIEW, Level.COMMENT, Level.EDIT, Level.ADMIN)
RANK = Case(
    *(When(permission_level=level.name, then=Value(level.value)) for level in SHARED_LEVELS),
    default=Value(0),
    output_field=IntegerField(),
)


def role_of(user) -> str:
    """ "" for nobody, and for an account that is switched off."""
    return user.role if user is not None and user.is_authenticated and user.is_active else ""


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
        if not role_of(user):
            return self.public()
        shares = apps.get_model("panels", "PanelShare").objects.standing().for_person(user)
        is_public = Q(visibility="PUBLIC") & ~Q(status__in=HIDDEN_FROM_THE_PUBLIC)
        return self.filter(Q(owner=user.pk) | Q(pk__in=shares.values("panel")) | is_public).living()

    def visible_to(self, user) -> SavedPanelQuerySet:
        """Living panels that this person may see; for nobody (None or anonymous) the public ones."""
        return self.living() if role_of(user) == EVERYTHING else self.visible_without_role(user)

    def editable_by(self, user) -> SavedPanelQuerySet:
        """Living panels whose genes this person may change; whether the state lets them is another question."""
        role = role_of(user)
        if role == EVERYTHING:
            return self.living()
        if not role or role in LOOKING:
            return self.none()
        shares = apps.get_model("panels", "PanelShare").objects.standing().for_person(user)
        shares = shares.filter(permission_level__in=["EDIT", "ADMIN"])
        return self.filter(Q(owner=user.pk) | Q(pk__in=shares.values("panel"))).living()

    def with_standing(self, user) -> SavedPanelQuerySet:
        """Each with ``shared_rank`` and ``shared_further``, from which ``standing_of`` answers without a query."""
        if not role_of(user):
            return self.annotate(shared_rank=Value(0), shared_further=Value(False))
        shares = apps.get_model("panels", "PanelShare").objects.standing().for_person(user)
        ranked = shares.filter(panel=OuterRef("pk")).order_by().values("panel").annotate(rank=Max(RANK)).values("rank")
        further = shares.filter(panel=OuterRef("pk"), can_reshare=True)
        return self.annotate(shared_rank=Subquery(ranked), shared_further=Exists(further))


def standing_of(panel, user) -> Standing:
    """Of a panel that came by ``with_standing`` for this person."""
    return standing(
        Facts(
            role=role_of(user),
            is_owner=user is not None and panel.owner_id == user.pk,
            shared=Level(panel.shared_rank or 0),
            can_reshare=bool(panel.shared_further),
            status=panel.status,
            visibility=panel.visibility,
        )
    )
