"""The record of every change. Written by ``audit.record`` only."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models.functions import Now

from audit.events import Action
from panelmerge.lib.fields import EncryptedJSONField


class AuditLog(models.Model):
    """One event. ``user_id`` and ``username`` are plain columns: deleting a person never touches history."""

    user_id = models.IntegerField(null=True)
    username = models.CharField(max_length=80, null=True)
    action_type = models.CharField(max_length=50, choices=Action)
    action_description = models.CharField(max_length=500)
    ip_address = models.CharField(max_length=45)
    user_agent = models.CharField(max_length=500, null=True)
    session_id = models.CharField(max_length=200, null=True, help_text="A keyed digest of the session's key.")
    resource_type = models.CharField(max_length=50, null=True)
    resource_id = models.CharField(max_length=100, null=True)
    old_values = EncryptedJSONField(null=True, db_column="old_values_encrypted")
    new_values = EncryptedJSONField(null=True, db_column="new_values_encrypted")
    details = EncryptedJSONField(null=True, db_column="details_encrypted")
    timestamp = models.DateTimeField(db_default=Now())
    success = models.BooleanField(default=True, db_default=True)
    error_message = models.CharField(max_length=1000, null=True)
    duration_ms = models.IntegerField(null=True)
    request_id = models.CharField(max_length=36, null=True)
    # The proof; see audit.proof. A row that bears none was not written by record().
    event_id = models.UUIDField(null=True, unique=True, editable=False)
    person_digest = models.CharField(max_length=64, null=True, editable=False)
    content_digest = models.CharField(max_length=64, null=True, editable=False)
    mac_key_id = models.CharField(max_length=8, null=True, editable=False)
    row_mac = models.CharField(max_length=64, null=True, editable=False)
    # PostgreSQL's transaction, so that the sealer knows which rows are settled. Not under the MAC: after a restore
    # it means nothing any more.
    tx_id = models.BigIntegerField(null=True, editable=False, db_index=True)

    class Meta:
        db_table = "audit_log"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["timestamp"], name="idx_audit_log_timestamp"),
            models.Index(fields=["action_type", "id"], name="idx_audit_log_action"),
            models.Index(fields=["user_id", "id"], name="idx_audit_log_person"),
            models.Index(fields=["resource_type", "resource_id", "id"], name="idx_audit_log_resource"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(action_type__in=Action.values), name="check_audit_log_action_type"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_type} {self.timestamp:%Y-%m-%d %H:%M}"


class ChainLink(models.Model):
    """One entry's place in the chain. Written once; never changed, and kept when the entry is pruned."""

    seq = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    row_mac = models.CharField(max_length=64)
    chain_hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_chain"
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.seq}: entry {self.entry_id}"


class Seal(models.Model):
    """A signed statement of where the chain stood."""

    number = models.BigIntegerField(primary_key=True)
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    chain_hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    key_id = models.CharField(max_length=8)
    signature = models.CharField(max_length=128)
    settled_below = models.BigIntegerField(null=True, help_text="PostgreSQL: transactions below are all in the chain.")

    class Meta:
        db_table = "audit_seal"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"Seal {self.number}: entries {self.first_seq} to {self.last_seq}"


class SecuritySignal(models.Model):
    """How often a signal came for somebody: counted in the database, so that all workers count together."""

    signal = models.CharField(max_length=40)
    # A user's number or a network, and for rules that count different things, which one.
    actor = models.CharField(max_length=60)
    subject = models.CharField(max_length=80, default="")
    count = models.IntegerField()
    since = models.DateTimeField()

    class Meta:
        db_table = "security_signal"
        constraints = [models.UniqueConstraint(fields=["signal", "actor", "subject"], name="uq_security_signal")]
        indexes = [models.Index(fields=["since"], name="idx_security_signal_since")]

    def __str__(self) -> str:
        return f"{self.signal} {self.actor}: {self.count}"


class BlockedQuerySet(models.QuerySet):
    def standing(self, at: datetime) -> BlockedQuerySet:
        return self.filter(ends_at__gt=at, lifted_at=None)


class BlockedAddress(models.Model):
    """A network that is kept out for a while."""

    class Extent(models.TextChoices):
        SIGN_IN = "sign_in", "Signing in"
        ALL = "all", "Everything, for people not signed in"
        HARD = "hard", "Everything, for everybody"

    network = models.CharField(max_length=50, help_text="An address, or a network such as 192.0.2.0/24.")
    extent = models.CharField(max_length=10, choices=Extent, default=Extent.ALL)
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, editable=False)

    objects = BlockedQuerySet.as_manager()

    class Meta:
        db_table = "blocked_address"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["ends_at"], name="idx_blocked_address_ends")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(extent__in=["sign_in", "all", "hard"]), name="check_blocked_address_extent"
            )
        ]

    def __str__(self) -> str:
        return self.network
