"""What no change of an account may break, in one place for every door."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from accounts.permissions import Permission, Role, role_allows
from panelmerge.lib.errors import Refusal


def only_administrators(by: User) -> None:
    if not by.has_perm(Permission.CHANGE_USERS):
        raise Refusal("Only an administrator changes accounts.", status=403, code="forbidden")


def known_role(role: str) -> None:
    if role not in Role.values:
        raise Refusal(f"role: it is one of {', '.join(Role.values)}.", errors={"role": ["There is no such role."]})


def locked(person: User) -> User:
    """The person as the database has them now, held until the transaction ends.

    Rows that name the person may still be written, by who holds what this transaction will wait for.
    """
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def locked_with_administrators(person: User) -> User:
    """As ``locked``, and all administrators with them, in one order for everybody: two who remove each other at the
    same moment wait instead of locking each other out."""
    held = User.objects.select_for_update(no_key=True).filter(Q(role=Role.ADMIN) | Q(pk=person.pk)).order_by("pk")
    list(held.values_list("pk"))
    return locked(person)


def is_lesser(role: str, *, than: str) -> bool:
    """Whether it lacks something that the other role may do."""
    return any(role_allows(than, one) and not role_allows(role, one) for one in Permission)


def not_the_last_administrator(person: User, verb: str) -> None:
    """Whoever comes second sees what the first did: administrators are held before (``locked_with_administrators``)."""
    others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=person.pk)
    if person.role == Role.ADMIN and person.is_active and not others.exists():
        raise Refusal(
            f"You cannot {verb} the last administrator. Make somebody else an administrator first.",
            status=409,
            code="last_administrator",
        )
