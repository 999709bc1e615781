"""What people do to their own account."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import transaction
from django.utils import timezone

from accounts.lockout import key_of
from accounts.models import ApiToken, PasswordHistory, User
from accounts.rules import locked, locked_with_administrators, not_the_last_administrator
from accounts.signals import account_closing, account_data_wanted, rights_ended
from audit.events import Action
from audit.pruning import erase_or_leave
from audit.record import record
from panelmerge.lib.errors import Refusal

LONGEST = {"first_name": 50, "last_name": 50, "organization": 100}
# No @: a name must never look like somebody else's address.
NAME = RegexValidator(
    r"^[\w.+-]{3,80}\Z", "A user name has 3 to 80 letters, digits or any of . + - _, and no @ or blank."
)


@transaction.atomic
def change_profile(*, by: User, **fields: str) -> User:
    """Change username, first_name, last_name or organization; what is not named stays. Refusal names the field."""
    person = locked(by)
    errors = _errors(person, fields)
    if errors:
        field, sentences = next(iter(errors.items()))
        raise Refusal(f"{field}: {sentences[0]}", errors=errors)
    changed = {
        field: value.strip() for field, value in fields.items() if value.strip() != (getattr(person, field) or "")
    }
    if not changed:
        return person
    old = {field: getattr(person, field) for field in changed}
    for field, value in changed.items():
        setattr(person, field, value if field == "username" else value or None)
    person.save(update_fields=list(changed))
    record(Action.PROFILE_UPDATE, by=by, target=person, description="Changed the profile", old=old, new=changed)
    return person


def _errors(person: User, fields: dict[str, str]) -> dict[str, list[str]]:
    errors = {}
    for field, value in fields.items():
        try:
            if field == "username":
                NAME(value.strip())
                if User.objects.filter(username__iexact=value.strip()).exclude(pk=person.pk).exists():
                    errors[field] = ["Somebody has this name already. Choose another."]
            else:
                MaxLengthValidator(LONGEST[field])(value.strip())
        except ValidationError as error:
            errors[field] = error.messages
    return errors


def my_data(person: User) -> dict:
    """Everything the accounts hold about the person, as JSON values. No secret is among it."""
    return {
        "profile": {
            "id": person.pk,
            "username": person.username,
            "email": person.email,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "organization": person.organization,
            "role": person.role,
            "timezone": person.timezone_preference if person.timezone_is_chosen else None,
            "created_at": person.created_at.isoformat(),
            "last_login": person.last_login.isoformat() if person.last_login else None,
            "login_count": person.login_count,
            "last_ip_address": person.last_ip_address,
        },
        "email_addresses": [
            {"email": address.email, "verified": address.verified}
            for address in EmailAddress.objects.filter(user=person).order_by("pk")
        ],
        "sessions": [
            {
                "opened": session.created_at.isoformat(),
                "last_used": session.last_seen_at.isoformat(),
                "network": session.ip,
                "browser": session.user_agent,
            }
            for session in UserSession.objects.filter(user=person).order_by("pk")
        ],
        "tokens": [
            {"name": token.name, "scope": token.scope, "created": token.created_at.isoformat()}
            for token in ApiToken.objects.filter(user=person).order_by("pk")
        ],
        "second_factor": [
            {"type": one.type, "since": one.created_at.isoformat()}
            for one in Authenticator.objects.filter(user=person).order_by("pk")
        ],
    }


@transaction.atomic
def hand_out_data(*, by: User) -> dict:
    """Everything held about the person, by the accounts and by the apps that answer; that it was taken is recorded."""
    found = my_data(by)
    for _receiver, answer in account_data_wanted.send(User, person=by):
        found |= answer
    record(Action.DATA_EXPORT, by=by, target=by, description="Downloaded what is held about them")
    return found


@transaction.atomic
def close_account(*, person: User, by: User) -> None:
    """Take everything personal out of the account and the record, and shut it for ever; its row stays, because panels,
    versions and the record name its number. Apps that hold more of the person hear of it first, in the same
    transaction."""
    person = locked_with_administrators(person)
    not_the_last_administrator(person, "delete")
    account_closing.send(User, person=person, by=by)
    User.objects.filter(pk=person.pk).update(is_active=False)
    # Before the name goes: a new name waits for whoever is sharing with them just now, and they hold a panel.
    rights_ended.send(User, person=person, by=by)
    keys = [key_of(person), key_of(person, known=True)]
    for failures in (AccessAttempt, AccessFailureLog):
        failures.objects.filter(username__in=keys).delete()
    for held in (ApiToken, PasswordHistory, EmailAddress, Authenticator, SocialAccount, UserSession):
        held.objects.filter(user=person).delete()
    User.objects.filter(pk=person.pk).update(
        username=f"deleted-{person.pk}",
        email=f"deleted-{person.pk}@panelmerge.local",
        email_as_written=None,
        first_name=None,
        last_name=None,
        organization=None,
        password=make_password(None),
        last_ip_address=None,
        timezone_preference="UTC",
        timezone_is_chosen=False,
    )
    record(
        Action.USER_DELETE,
        by=by,
        target=person,
        description="Deleted the account; what was personal is gone",
        details={"at": timezone.now().isoformat()},
    )
    # Last, so that what was just recorded names nobody either.
    erase_or_leave(user_id=person.pk, by=None if by.pk == person.pk else by)
