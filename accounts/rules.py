"""What no change of an account may break, in one place for every door."""

from __future__ import annotations

from accounts.models import User
from accounts.permissions import Permission, Role
from panelmerge.lib.errors import Refusal


def only_administrators(by: User) -> None:
    if not by.has_perm(Permission.CHANGE_USERS):
        raise Refusal("Only an administrator changes accounts.", status=403, code="forbidden")


def known_role(role: str) -> None:
    if role not in Role.values:
        raise Refusal(f"role: it is one of {', '.join(Role.values)}.", errors={"role": ["There is no such role."]})


def locked(person: User) -> User:
    """The person as the database has them now, held until the transaction ends."""
    return User.objects.select_for_update().get(pk=person.pk)


def not_the_last_administrator(person: User, verb: str) -> None:
    """Whoever comes second sees what the first did: all administrators' rows are locked before they are counted."""
    active = User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True).order_by("pk")
    if person.role == Role.ADMIN and person.is_active and [one.pk for one in active] == [person.pk]:
        raise Refusal(
            f"You cannot {verb} the last administrator. Make somebody else an administrator first.",
            status=409,
            code="last_administrator",
        )
