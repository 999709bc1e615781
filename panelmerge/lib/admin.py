"""What every page of the back office is built on: times as the reader reads them, history from the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin import helpers
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse


class BackOfficeAdmin(admin.ModelAdmin):
    """Actions write the record, so Django's own journal of the admin stays empty."""

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Days that are none in some zone, and numbers too large for any column, are no question, as other words
        that mean nothing. An error that the address did not bring about is ours, and comes through."""
        try:
            return super().get_changelist_instance(request)
        except (OverflowError, ValueError) as error:
            at_fault = (models.DateField, models.IntegerField) if isinstance(error, OverflowError) else models.DateField
            if not any(isinstance(field, at_fault) for field in self._asked_about(request)):
                raise
            raise IncorrectLookupParameters from error

    def _asked_about(self, request: HttpRequest) -> Iterator[models.Field]:
        """The fields that the address names, a relation as what it points at."""
        for name in request.GET:
            first = name.partition("__")[0]
            with suppress(FieldDoesNotExist):
                field = self.opts.pk if first == "pk" else self.opts.get_field(first)
                yield getattr(field, "target_field", field)

    def response_action(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponse | None:
        """What is ticked are rows: another word, or a number too large for any column, is no form of ours."""
        try:
            for one in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME):
                self.opts.pk.clean(one, None)
        except ValidationError as error:
            raise BadRequest("What was chosen is no row of this list.") from error
        return super().response_action(request, queryset)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Any but by a pattern: one that is malformed is an error of the database, and one that is not may last. And
        none by what the pages leave out: whether a row is found would tell it, letter by letter."""
        if lookup.endswith("regex") or lookup.partition("__")[0] in (self.exclude or ()):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_list_display(self, request: HttpRequest) -> Sequence:
        return [self._shown(name) for name in super().get_list_display(request)]

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Sequence:
        """What can only be looked at is shown as in lists."""
        fields, to_see = super().get_fields(request, obj), self.readonly_fields
        only_looking = obj is not None and not self.has_change_permission(request, obj)
        return [self._shown(name) if only_looking or name in to_see else name for name in fields]

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Sequence:
        return [self._shown(name) for name in super().get_readonly_fields(request, obj)]

    def _shown(self, name: str | Callable) -> str | Callable:
        """The name, or for a time what writes it in the reader's zone, with UTC on hover."""
        try:
            field = self.model._meta.get_field(name) if isinstance(name, str) else None
        except FieldDoesNotExist:
            field = None
        return moment_column(field) if isinstance(field, models.DateTimeField) else name

    def every_field(self) -> list:
        """``fields``, or all but ``exclude``, to be shown."""
        every = self.fields or [field.name for field in (*self.opts.fields, *self.opts.many_to_many)]
        return [self._shown(name) for name in every if name not in (self.exclude or ())]

    def history_view(self, request: HttpRequest, object_id: str, extra_context=None) -> HttpResponse:
        if not request.user.has_perm("audit.view_auditlog"):
            raise PermissionDenied
        asked = {"resource_type": self.opts.model_name, "resource_id": object_id}
        return redirect(f"{reverse('admin:audit_auditlog_changelist')}?{urlencode(asked)}")

    def log_addition(self, request, obj, message) -> None:
        return None

    def log_change(self, request, obj, message) -> None:
        return None


class ReadOnlyAdmin(BackOfficeAdmin):
    """Lists, searches and shows; adds, changes and deletes nothing."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Sequence:
        return self.every_field()

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Sequence:
        return self.get_fields(request, obj)


@cache
def moment_column(field: models.DateTimeField) -> Callable[[models.Model], str]:
    """A column of a list, or a line of a page, that shows the time in this field."""

    @admin.display(description=field.verbose_name, ordering=field.name)
    def shown(row: models.Model) -> str | None:
        value = getattr(row, field.name)
        return moment(value) if value else None

    return shown


def moment(value: datetime) -> str:
    return render_to_string("admin/_moment.html", {"moment": value})
