"""Teams in the back office: an editor's own, and all for who reads the back office of panels."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.permissions import Permission
from panelmerge.lib.admin import BackOfficeAdmin
from panelmerge.lib.confirming import confirmed
from panels.actions import teams
from panels.admin.office import number_of
from panels.models import PanelShare, Team, TeamMember


class TeamForm(forms.ModelForm):
    def clean_name(self) -> str:
        """As the action asks, so that it is said beside the field."""
        name = " ".join(self.cleaned_data["name"].split())
        if Team.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is a team of this name already.")
        return name


class PersonForm(forms.Form):
    """By user name: a list of everybody would be long, and who is not on it could not be taken out."""

    user = forms.ModelChoiceField(
        get_user_model().objects.order_by("pk"), to_field_name="username", widget=forms.TextInput, label="User name"
    )


class MemberForm(PersonForm):
    is_manager = forms.BooleanField(required=False, label="As a manager")


ACTIONS = [
    confirmed(
        "add_member",
        label="Take somebody in",
        says="They see at once what is shared with the team.",
        act=lambda request, team, user, is_manager: teams.add_member(
            team=team.pk, by=request.user, user=user.pk, is_manager=is_manager
        ),
        form=MemberForm,
    ),
    confirmed(
        "change_member",
        label="Make a member a manager, or a manager a member",
        says="Managers take people in and out. The last one stays a manager.",
        act=lambda request, team, user, is_manager: teams.change_member(
            team=team.pk, by=request.user, user=user.pk, is_manager=is_manager
        ),
        form=MemberForm,
    ),
    confirmed(
        "remove_member",
        label="Take somebody out",
        says="What the team has is gone for them with the next request, and so is what they passed on by it.",
        act=lambda request, team, user: teams.remove_member(team=team.pk, by=request.user, user=user.pk),
        form=PersonForm,
    ),
    confirmed(
        "dissolve",
        label="Dissolve",
        says="The team, its memberships and every share with it are gone for good. The panels stay.",
        act=lambda request, team: teams.dissolve_team(team=team.pk, by=request.user),
    ),
]


@admin.register(Team)
class TeamAdmin(BackOfficeAdmin):
    list_display = ["name", "members", "managers", "panels", "created_by", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["name", "description"]
    show_full_result_count = False
    form = TeamForm
    fields = ["name", "description", "people", "created_by", "created_at"]
    readonly_fields = ["people", "created_by", "created_at"]
    change_form_template = "admin/person.html"
    actions = ACTIONS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        every = super().get_queryset(request)
        seen = every if request.user.has_perm(Permission.VIEW_SAVED_PANELS) else every.of(request.user)
        members = TeamMember.objects.all()
        return seen.annotate(
            members_now=number_of(members, "team"),
            managers_now=number_of(members.filter(is_manager=True), "team"),
            panels_now=number_of(PanelShare.objects.standing(), "shared_with_team"),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(Permission.FOUND_TEAMS)

    def has_change_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        return request.user.has_perm(Permission.FOUND_TEAMS) if obj is None else teams.manages(obj, request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        """It is dissolved, by an action that says what goes with it."""
        return False

    def get_fields(self, request: HttpRequest, obj: Team | None = None) -> Sequence:
        return super().get_fields(request, obj) if obj else ["name", "description"]

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        found = self.get_object(request, object_id)
        may = found is not None and self.has_change_permission(request, found)
        offered = [(name, label) for name, (_, __, label) in self.get_actions(request).items()] if may else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "offered": offered})

    def save_model(self, request: HttpRequest, obj: Team, form: forms.ModelForm, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in ("name", "description")}
        if change:
            teams.change_team(team=obj.pk, by=request.user, **values)
        else:
            obj.pk = teams.found_team(by=request.user, **values).pk

    @admin.display(description="members")
    def people(self, team: Team) -> str:
        rows = team.memberships.values_list("user__username", "is_manager")
        return ", ".join(f"{name} (manager)" if is_manager else name for name, is_manager in rows)

    @admin.display(ordering="members_now")
    def members(self, team: Team) -> int:
        return team.members_now

    @admin.display(ordering="managers_now")
    def managers(self, team: Team) -> int:
        return team.managers_now

    @admin.display(description="panels shared with it", ordering="panels_now")
    def panels(self, team: Team) -> int:
        return team.panels_now
