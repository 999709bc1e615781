"""Who else sees a panel, and what they say about it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from panels.models.library import PanelVersion, SavedPanel
from panels.models.people import person


class TeamQuerySet(models.QuerySet):
    def of(self, user) -> TeamQuerySet:
        """Teams that the person is a member of."""
        return self.filter(pk__in=TeamMember.objects.filter(user=user.pk).values("team"))


class Team(models.Model):
    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    created_by = person(null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = TeamQuerySet.as_manager()

    class Meta:
        db_table = "teams"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    user = person(on_delete=models.CASCADE)
    is_manager = models.BooleanField(default=False, db_default=False)
    added_by = person(null=True, on_delete=models.SET_NULL)
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "team_members"
        ordering = ["team", "id"]
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="uq_team_member")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class PanelShareQuerySet(models.QuerySet):
    def standing(self) -> PanelShareQuerySet:
        """Neither revoked nor past their end."""
        now = timezone.now()
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=now), is_active=True)

    def for_person(self, user) -> PanelShareQuerySet:
        """Those that let this person in: by account, by team, or by the address they were sent to."""
        teams = TeamMember.objects.filter(user=user.pk).values("team")
        theirs = models.Q(shared_with_user=user.pk) | models.Q(shared_with_team__in=teams)
        # No address is nobody's: "" would be that of every share without one.
        return self.filter(theirs | models.Q(shared_with_email=user.email) if user.email else theirs)


class PanelShare(models.Model):
    """A share with a person, a team, an e-mail address or, by ``share_token``, with whoever has the link.

    A token of ours is kept as ``sha256:`` and its SHA-256; what earlier
    releases wrote there opens nothing. An address lets in whoever signs in
    under it, whether they had an account when the share was made or not.
    """

    class Level(models.TextChoices):
        VIEW = "VIEW"
        COMMENT = "COMMENT"
        EDIT = "EDIT"
        ADMIN = "ADMIN"

    panel = models.ForeignKey(SavedPanel, on_delete=models.CASCADE, related_name="shares", db_index=False)
    shared_by = person(on_delete=models.PROTECT)
    shared_with_user = person(null=True, on_delete=models.CASCADE)
    shared_with_team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="shares")
    shared_with_email = models.CharField(max_length=120, null=True)
    permission_level = models.CharField(max_length=20, choices=Level, default=Level.VIEW, db_default="VIEW")
    can_reshare = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True, db_default=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_accessed_at = models.DateTimeField(null=True)
    share_token = models.CharField(max_length=255, null=True, unique=True)

    objects = PanelShareQuerySet.as_manager()

    class Meta:
        db_table = "panel_shares"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["panel", "is_active"], name="idx_panel_shares_panel_active"),
            models.Index(
                fields=["shared_with_email"],
                condition=models.Q(shared_with_email__isnull=False),
                name="idx_panel_shares_email",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(permission_level__in=["VIEW", "COMMENT", "EDIT", "ADMIN"]),
                name="check_panel_shares_permission_level",
            ),
            models.CheckConstraint(
                condition=models.Q(shared_with_user__isnull=False)
                | models.Q(shared_with_team__isnull=False)
                | models.Q(share_token__isnull=False)
                | models.Q(shared_with_email__isnull=False),
                name="check_share_target",
            ),
        ]

    def __str__(self) -> str:
        return f"share {self.pk} of panel {self.panel_id}, {self.permission_level}"

    @property
    def is_link(self) -> bool:
        return self.share_token is not None

    @property
    def has_ended(self) -> bool:
        return not self.is_active or (self.expires_at is not None and self.expires_at <= timezone.now())


class PanelComment(models.Model):
    """A remark on a panel, or on one of its genes: ``entity_key`` as in panel_genes, "" for the panel.

    ``entity_name`` is what the gene was called when the remark was made, so
    that it reads well after the gene has left the panel.
    """

    panel = models.ForeignKey(SavedPanel, on_delete=models.CASCADE, related_name="comments", db_index=False)
    version = models.ForeignKey(
        PanelVersion, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Current when it was written."
    )
    entity_key = models.CharField(max_length=320, blank=True)
    entity_name = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    author = person(on_delete=models.PROTECT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "panel_comments"
        ordering = ["-id"]
        indexes = [models.Index(fields=["panel", "entity_key"], name="idx_panel_comments_panel")]

    def __str__(self) -> str:
        return f"remark {self.pk} on panel {self.panel_id}"
