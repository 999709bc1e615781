"""Teams: who is in them, and who runs them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from panelmerge.lib.errors import Refusal
from panels.actions.teams import (
    add_member,
    change_member,
    change_team,
    dissolve_team,
    found_team,
    manages,
    remove_member,
    team_for,
    teams_of,
)
from panels.views.frame import frame
from panels.views.library.opening import answered, for_the_form, signed_in
from panels.views.library.showing import number_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def teams(request: HttpRequest) -> HttpResponse:
    refusal = None
    if request.method == "POST":
        try:
            made = found_team(
                by=request.user, name=request.POST.get("name", ""), description=request.POST.get("description", "")
            )
        except Refusal as cannot:
            refusal = for_the_form(cannot)
        else:
            return redirect("panels:team", made.pk)
    context = frame(request, "library") | {
        "teams": teams_of(request.user).prefetch_related("memberships__user"),
        "may_found": request.user.has_perm(Permission.FOUND_TEAMS),
        "typed": request.POST if refusal else {},
    }
    return answered(request, "teams", context, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    refusal = None
    if request.method == "POST":
        try:
            answer = _act(request, team_id)
        except Refusal as cannot:
            refusal = for_the_form(cannot)
        else:
            return answer
    one = team_for(team=team_id, by=request.user)
    context = frame(request, "library") | {
        "team": one,
        "members": one.memberships.select_related("user").order_by("user__username"),
        "manages": manages(one, request.user),
        "typed": request.POST if refusal else {},
    }
    return answered(request, "team", context, refusal)


def _act(request: HttpRequest, team_id: int) -> HttpResponse:
    said, by = request.POST, request.user
    act = said.get("act", "")
    if act == "add":
        add_member(team=team_id, by=by, user=said.get("user", "").strip(), is_manager=bool(said.get("is_manager")))
    elif act == "change":
        change_team(team=team_id, by=by, name=said.get("name"), description=said.get("description"))
    elif act == "dissolve":
        dissolve_team(team=team_id, by=by)
        messages.success(request, "The team is dissolved, and every share with it has ended.")
        return redirect("panels:teams")
    elif act.startswith(("manager:", "member:", "remove:")):
        verb, _, number = act.partition(":")
        person = number_in(number) or 0
        if verb == "remove":
            remove_member(team=team_id, user=person, by=by)
            if person == by.pk:
                messages.success(request, "You have left the team.")
                return redirect("panels:teams")
        else:
            change_member(team=team_id, user=person, by=by, is_manager=verb == "manager")
    else:
        raise Refusal("The form did not say what to do. Reload the page and try again.")
    return redirect("panels:team", team_id)
