"""What a new password must not be, beside Django's own rules; and remembering those that were."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import PasswordHistory, User

NOT_AGAIN = 5
MOST_CHARACTERS = 1024


class MaximumLengthValidator:
    """A megabyte of password would only keep the server busy."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > MOST_CHARACTERS:
            raise ValidationError(f"A password has at most {MOST_CHARACTERS} characters.", code="password_too_long")

    def get_help_text(self) -> str:
        return f"It may have up to {MOST_CHARACTERS} characters; a sentence is good."


class NotUsedBeforeValidator:
    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        earlier = PasswordHistory.objects.filter(user=user).values_list("password_hash", flat=True)[:NOT_AGAIN]
        current = User.objects.filter(pk=user.pk).values_list("password", flat=True).first()
        # A set: the current password usually stands in the history too, and each comparison takes its time.
        if any(check_password(password, encoded) for encoded in {current, *earlier} if encoded):
            raise ValidationError(
                f"This was one of your last {NOT_AGAIN} passwords. Choose another.", code="password_used_before"
            )

    def get_help_text(self) -> str:
        return f"It must not be one of your last {NOT_AGAIN} passwords."


def remember_password(person: User) -> None:
    """Keep the hash of the password just set, and the last few only."""
    PasswordHistory.objects.create(user=person, password_hash=person.password, created_at=timezone.now())
    kept = PasswordHistory.objects.filter(user=person).values_list("pk", flat=True)[:NOT_AGAIN]
    PasswordHistory.objects.filter(user=person).exclude(pk__in=list(kept)).delete()
