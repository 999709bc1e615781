"""People: found, looked at, and what may be done to an account. Nobody chooses somebody else's password."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.actions import people
from accounts.actions.sessions import end_sessions_of
from accounts.admin.filters import LastSignInFilter, LockFilter, SecondFactorFilter, StateFilter
from accounts.models import User
from accounts.models.locks import is_locked
from accounts.permissions import Role
from panelmerge.lib.admin import BackOfficeAdmin
from panelmerge.lib.confirming import confirmed


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


def _start_reset(request: HttpRequest, person: User) -> str | None:
    """By mail; where none can be sent, a password that works once and is shown once."""
    if settings.EMAIL_CONFIGURED:
        return people.start_reset(person=person, by=request.user, request=request)
    return people.set_one_time_password(person=person, by=request.user)


ACTIONS = [
    confirmed(
        "deactivate",
        label="Deactivate",
        says="Nobody can sign in to the account any more; its sessions end and its tokens stop with the next request. "
        "What it owns stays as it is shared; what they had passed on of other people's panels ends for good.",
        act=lambda request, person: people.deactivate(person=person, by=request.user),
    ),
    confirmed(
        "activate",
        label="Activate",
        says="The account can be signed in to again, with its old password and rights.",
        act=lambda request, person: people.activate(person=person, by=request.user),
    ),
    confirmed(
        "unlock",
        label="Unlock",
        says="Every lock of the account is lifted, for all networks. Failures so far are forgotten.",
        act=lambda request, person: people.unlock(person=person, by=request.user) and None,
    ),
    confirmed(
        "start_reset",
        label="Start a password reset",
        says="They are mailed a link to choose a new password; the old one works until then. Where this installation "
        "sends no mail, a password is made that must be changed at once; it is shown to you here, this one time.",
        act=_start_reset,
    ),
    confirmed(
        "end_sessions",
        label="End all sessions",
        says="They are signed out in every browser, with the next request.",
        act=lambda request, person: end_sessions_of(person=person, by=request.user) and None,
    ),
    confirmed(
        "change_role",
        label="Change the role",
        says="The new rights hold at once, and they sign in again for them. What they had passed on of other people's "
        "panels, and may not any more, ends for good.",
        act=lambda request, person, role: people.change_role(person=person, role=role, by=request.user),
        form=RoleForm,
    ),
]


@admin.register(User)
class UserAdmin(BackOfficeAdmin):
    list_display = ["username", "email", "role", "state", "locked", "second_factor", "last_login", "created_at"]
    list_filter = ["role", StateFilter, LockFilter, LastSignInFilter, SecondFactorFilter]
    search_fields = ["username", "email"]
    actions = ACTIONS
    change_form_template = "admin/person.html"
    exclude = ["password", "failed_login_attempts", "locked_until"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """What changes an account is an action, with its page to confirm it."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        codes = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        return super().get_queryset(request).annotate(is_locked=is_locked(), has_second_factor=Exists(codes))

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list:
        return [*self.every_field(), "locked", "second_factor"] if obj else ["email", "role"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list:
        return self.get_fields(request, obj) if obj else []

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        offered = [(name, label) for name, (_, __, label) in self.get_actions(request).items()]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "offered": offered})

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        mailed = request if settings.EMAIL_CONFIGURED else None
        made = people.create_account(**form.cleaned_data, by=request.user, request=mailed)
        obj.pk, obj.username = made.pk, made.username
        if mailed is None:
            obj.one_time_password = people.set_one_time_password(person=made, by=request.user)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue=None) -> HttpResponse:
        if not hasattr(obj, "one_time_password"):
            return super().response_add(request, obj, post_url_continue)
        shown = {"title": "Account created", "opts": self.opts, "shown": [(obj, obj.one_time_password)]}
        return TemplateResponse(request, "admin/told.html", {**self.admin_site.each_context(request), **shown})

    @admin.display
    def state(self, person: User) -> str:
        if not person.is_active:
            return "deactivated"
        return "active" if person.is_verified else "address not confirmed"

    @admin.display(ordering="is_locked")
    def locked(self, person: User) -> str:
        return "locked" if person.is_locked else "no"

    @admin.display(ordering="has_second_factor")
    def second_factor(self, person: User) -> str:
        return "on" if person.has_second_factor else "off"
