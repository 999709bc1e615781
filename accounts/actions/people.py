"""What administrators do to accounts. Nobody ever chooses somebody else's password."""

from __future__ import annotations

import secrets

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.core.context import request_context
from axes.models import AccessAttempt, AccessFailureLog
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest

from accounts.actions.sessions import end_sessions_of
from accounts.adapters import AccountAdapter
from accounts.lockout import key_of
from accounts.models import User
from accounts.rules import (
    is_lesser,
    known_role,
    locked,
    locked_with_administrators,
    not_the_last_administrator,
    only_administrators,
)
from accounts.signals import rights_ended
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import Refusal


@transaction.atomic
def create_account(*, email: str, role: str, by: User, request: HttpRequest | None = None) -> User:
    """An account without a password; with ``request`` its owner is mailed a link to choose one."""
    only_administrators(by)
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refusal(f"email: {error.messages[0]}", errors={"email": error.messages}) from error
    if User.objects.filter(email=email).exists():
        raise Refusal("email: somebody has this address already.", errors={"email": ["Somebody has it already."]})
    known_role(role)
    username = AccountAdapter().generate_unique_username([])
    person = User.objects.create_user(username, email, role=role, is_verified=True)
    record(Action.USER_CREATE, by=by, target=person, description="Created an account", new={"role": role})
    if request is not None:
        _mail_reset(request, person)
    return person


@transaction.atomic
def change_role(*, person: User, role: str, by: User) -> None:
    """The new rights hold from the next request; the person signs in again for it.

    Apps that keep what the person did by rights they have no more hear of it, in
    the same transaction; a higher role later brings none of that back.
    """
    only_administrators(by)
    known_role(role)
    person = locked_with_administrators(person)
    if person.role == role:
        return
    not_the_last_administrator(person, "give another role to")
    old, person.role = person.role, role
    person.save(update_fields=["role"])
    record(
        Action.ROLE_CHANGE,
        by=by,
        target=person,
        description=f"Changed the role from {old} to {role}",
        old={"role": old},
        new={"role": role},
    )
    if is_lesser(role, than=old):
        rights_ended.send(User, person=person, by=by)
    end_sessions_of(person=person, by=by)


@transaction.atomic
def deactivate(*, person: User, by: User) -> None:
    """The account stays with everything it owns; nobody signs in to it, its sessions and tokens stop, and what they let
    others do with what is not theirs ends."""
    only_administrators(by)
    person = locked_with_administrators(person)
    if not person.is_active:
        return
    not_the_last_administrator(person, "deactivate")
    person.is_active = False
    person.save(update_fields=["is_active"])
    record(
        Action.USER_UPDATE,
        by=by,
        target=person,
        description="Deactivated the account",
        old={"is_active": True},
        new={"is_active": False},
    )
    rights_ended.send(User, person=person, by=by)
    end_sessions_of(person=person, by=by)


@transaction.atomic
def activate(*, person: User, by: User) -> None:
    """Sign-in works again, with the old password and role. What ended with the deactivation stays ended."""
    only_administrators(by)
    person = locked(person)
    if person.is_active:
        return
    person.is_active = True
    person.save(update_fields=["is_active"])
    record(
        Action.USER_UPDATE,
        by=by,
        target=person,
        description="Activated the account",
        old={"is_active": False},
        new={"is_active": True},
    )


@transaction.atomic
def unlock(*, person: User, by: User) -> int:
    """Lift every lock and slow-down of the account. Returns how many networks and browsers were waiting."""
    only_administrators(by)
    keys = [key_of(person), key_of(person, known=True)]
    lifted, _ = AccessAttempt.objects.filter(username__in=keys).delete()
    AccessFailureLog.objects.filter(username__in=keys).delete()
    record(Action.ACCOUNT_LOCKOUT, by=by, target=person, description="Lifted the locks of the account")
    return lifted


@transaction.atomic
def start_reset(*, person: User, by: User, request: HttpRequest) -> None:
    """Mail the person a link to choose a new password; the old one holds until then."""
    only_administrators(by)
    if not person.is_active:
        raise Refusal(f"{person} is deactivated; activate the account first.", status=409, code="inactive")
    _mail_reset(request, person)
    record(Action.PASSWORD_RESET, by=by, target=person, description="Mailed a link to set a new password")


@transaction.atomic
def set_one_time_password(*, person: User, by: User | None) -> str:
    """For installations without mail: a password that works until the next page asks for another. Shown once."""
    if by is not None:
        only_administrators(by)
    password = secrets.token_urlsafe(15)
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    record(Action.PASSWORD_RESET, by=by, target=person, description="Set a one-time password")
    if by is not None:
        end_sessions_of(person=person, by=by)
    return password


def _mail_reset(request: HttpRequest, person: User) -> None:
    with request_context(request):
        request_password_reset(request, person.email, [person], default_token_generator)
