"""Teams: founded by editors, run by their managers. What is shared with a team is shared with whoever is in it now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from accounts.permissions import Permission
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import NotHere, Refusal
from panelmerge.lib.unique import refused_if_there
from panels.actions.rights import hold_team, locked_panels
from panels.actions.sharing import end_of_membership, person_named
from panels.models import SavedPanel, Team, TeamMember
from panels.models.visibility import is_somebody

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 2_000
MOST_MEMBERS = 1_000
NAME_TAKEN = "There is a team of this name already."


def teams_of(by: Any) -> QuerySet[Team]:
    """The person's teams; for administrators all."""
    return Team.objects.all() if by.has_perm(Permission.EVERY_PANEL) else Team.objects.of(by)


def team_for(*, team: int, by: Any, to_manage: bool = False) -> Team:
    """A team that the person is in. NotHere for any other; Refusal 403 for who only is a member of what they manage."""
    found = teams_of(by).filter(pk=team).first()
    if found is None:
        raise NotHere("There is no such team, or you are not in it.")
    if to_manage and not manages(found, by):
        raise Refusal("Only the managers of a team change it.", status=403, code="permission_denied")
    return found


def manages(team: Team, by: Any) -> bool:
    """A manager whose role lets them own panels, or an administrator."""
    if by.has_perm(Permission.EVERY_PANEL):
        return True
    return by.has_perm(Permission.OWN_PANELS) and team.memberships.filter(user=by.pk, is_manager=True).exists()


def check_may_found(by: Any) -> None:
    if not is_somebody(by) or not by.has_perm(Permission.FOUND_TEAMS):
        raise Refusal("Editors and administrators found teams.", status=403, code="permission_denied")


def managed_among(teams: Iterable[Team], by: Any) -> set[int]:
    """Numbers of those that the person manages; one query at most."""
    numbers = [team.pk for team in teams]
    if by.has_perm(Permission.EVERY_PANEL):
        return set(numbers)
    if not by.has_perm(Permission.OWN_PANELS):
        return set()
    mine = TeamMember.objects.filter(user=by.pk, is_manager=True, team__in=numbers)
    return set(mine.values_list("team", flat=True))


@transaction.atomic
def found_team(*, by: Any, name: str, description: str = "") -> Team:
    """Make a team with ``by`` as its first member and manager. Editors and administrators do."""
    check_may_found(by)
    values = _checked(name, description)
    with refused_if_there(_refused({"name": [NAME_TAKEN]})):
        team = Team.objects.create(**values, created_by=by)
    TeamMember.objects.create(team=team, user=by, is_manager=True, added_by=by)
    _record(team, by, f"Founded the team {team.name}", new={"name": team.name, "description": team.description})
    return team


@transaction.atomic
def change_team(*, team: int, by: Any, name: str | None = None, description: str | None = None) -> Team:
    """Give it another name or description; None leaves it."""
    one = _locked(team, by)
    old = {"name": one.name, "description": one.description}
    new = _checked(
        one.name if name is None else name, one.description if description is None else description, except_for=one.pk
    )
    if new == old:
        return one
    one.name, one.description = new["name"], new["description"]
    with refused_if_there(_refused({"name": [NAME_TAKEN]})):
        one.save(update_fields=["name", "description"])
    _record(one, by, f"Changed the team {one.name}", old=old, new=new)
    return one


@transaction.atomic
def dissolve_team(*, team: int, by: Any) -> None:
    """Remove a team, its memberships and every share with it."""
    one = _locked(team, by)
    people, panels = _people(one), _held_panels(one)
    shared = list(one.shares.filter(is_active=True).values_list("panel", flat=True))
    _record(one, by, f"Dissolved the team {one.name}", old={"name": one.name, "panels": shared})
    one.delete()
    end_of_membership(people=people, panels=panels, by=by)


@transaction.atomic
def add_member(*, team: int, by: Any, user: int | str, is_manager: bool = False) -> TeamMember:
    """Take a person (number or user name) into the team. Refusal 409 for who is in it already."""
    one = _locked(team, by)
    person = person_named(user)
    if one.memberships.filter(user=person).exists():
        raise Refusal(f"{person.username} is in the team already.", status=409, code="already_member")
    if one.memberships.count() >= MOST_MEMBERS:
        raise Refusal(f"A team has at most {MOST_MEMBERS:,} members.", status=409, code="quota")
    member = TeamMember.objects.create(team=one, user=person, is_manager=is_manager, added_by=by)
    member.refresh_from_db()
    _record(one, by, f"Took {person.username} into the team {one.name}", new=_facts(member))
    return member


@transaction.atomic
def change_member(*, team: int, user: int, by: Any, is_manager: bool) -> TeamMember:
    """Make a member a manager, or a manager a member. The last manager stays one."""
    one = _locked(team, by)
    member = _member(one, user)
    old = _facts(member)
    if member.is_manager and not is_manager:
        _not_the_last_manager(one)
    member.is_manager = is_manager
    member.save(update_fields=["is_manager"])
    if old != _facts(member):
        _record(one, by, f"Changed {member.user.username} in the team {one.name}", old=old, new=_facts(member))
    return member


@transaction.atomic
def remove_member(*, team: int, user: int, by: Any) -> None:
    """Take somebody out, or leave oneself; what the team has is gone for them with the next request."""
    one = _locked(team, by, to_manage=user != by.pk)
    member = _member(one, user)
    if member.is_manager:
        _not_the_last_manager(one)
    person, panels = member.user, _held_panels(one)
    _record(one, by, f"Took {person.username} out of the team {one.name}", old=_facts(member))
    member.delete()
    end_of_membership(people=[person], panels=panels, by=by)


def _locked(team: int, by: Any, *, to_manage: bool = True) -> Team:
    hold_team(team)
    return team_for(team=team, by=by, to_manage=to_manage)


def _member(team: Team, user: int) -> TeamMember:
    member = team.memberships.select_related("user").filter(user=user).first() if 0 < user < 2**31 else None
    if member is None:
        raise NotHere("The team has no such member.")
    return member


def _not_the_last_manager(team: Team) -> None:
    if team.memberships.filter(is_manager=True).count() < 2:
        raise Refusal(
            "They are the team's last manager. Make somebody else a manager first.", status=409, code="last_manager"
        )


def _people(team: Team) -> list[Any]:
    return list(get_user_model().objects.filter(pk__in=team.memberships.values("user")))


def _held_panels(team: Team) -> list[SavedPanel]:
    """What is shared with the team: who shares it on just now is waited for, who comes later is not in any more."""
    return locked_panels(set(team.shares.filter(is_active=True).order_by().values_list("panel", flat=True)))


def _checked(name: str, description: str, except_for: int | None = None) -> dict[str, str]:
    found = {"name": " ".join(name.split()), "description": description.strip()}
    errors = {}
    if not 0 < len(found["name"]) <= LONGEST_NAME:
        errors["name"] = [f"A team has a name of at most {LONGEST_NAME} characters."]
    elif Team.objects.filter(name__iexact=found["name"]).exclude(pk=except_for).exists():
        errors["name"] = [NAME_TAKEN]
    if len(found["description"]) > LONGEST_DESCRIPTION:
        errors["description"] = [f"A description has at most {LONGEST_DESCRIPTION:,} characters."]
    if errors:
        raise _refused(errors)
    return found


def _refused(errors: dict[str, list[str]]) -> Refusal:
    field, sentences = next(iter(errors.items()))
    return Refusal(f"{field}: {sentences[0]}", errors=errors)


def _facts(member: TeamMember) -> dict[str, Any]:
    return {"user": member.user_id, "is_manager": member.is_manager}


def _record(team: Team, by: Any, description: str, **values: Any) -> None:
    record(Action.ADMIN_ACTION, by=by, target=team, description=description, **values)
