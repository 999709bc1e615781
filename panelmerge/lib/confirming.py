"""Actions of a list that first show what they do and to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db import models, transaction
from django.http import HttpRequest
from django.template.response import TemplateResponse

from panelmerge.lib.errors import Refusal, Unavailable

# The page that asks names each, and a form takes no more fields than that.
MOST_ROWS = 500


def confirmed(
    name: str,
    *,
    label: str,
    says: str,
    act: Callable[..., Any],
    form: type[forms.Form] | None = None,
    permission: str = "change",
) -> Callable:
    """An action of the back office: a page that says what will happen to the chosen rows, with the ``form`` if there is
    one, and when that is sent ``act(request, row, **fields)`` for each of them: all, or none when one is refused.

    What ``act`` returns as text is shown, once, beside its row.
    """

    @admin.action(description=label, permissions=[permission])
    def ask_then_act(modeladmin: admin.ModelAdmin, request: HttpRequest, chosen: models.QuerySet):
        rows, is_sent = list(chosen[: MOST_ROWS + 1]), "confirmed" in request.POST
        if len(rows) > MOST_ROWS:
            messages.error(request, f"Nothing was changed. Choose at most {MOST_ROWS} at once.")
            return None
        filled = form(request.POST if is_sent else None) if form else None
        context = {
            **modeladmin.admin_site.each_context(request),
            "title": label,
            "opts": modeladmin.opts,
            "says": says,
            "rows": rows,
            "form": filled,
            "action": name,
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
        }
        if not is_sent or (filled and not filled.is_valid()):
            return TemplateResponse(request, "admin/confirm.html", context, status=400 if is_sent else 200)
        fields = filled.cleaned_data if filled else {}
        try:
            with transaction.atomic():
                told = [(row, act(request, row, **fields)) for row in rows]
        except Unavailable:
            raise
        except Refusal as refusal:
            messages.error(request, f"Nothing was changed. {refusal.detail}")
            return None
        shown = [(row, text) for row, text in told if isinstance(text, str)]
        if shown:
            return TemplateResponse(request, "admin/told.html", {**context, "shown": shown})
        messages.success(request, f"{label}: done for {', '.join(map(str, rows[:10]))}{_more(len(rows) - 10)}.")
        return None

    ask_then_act.__name__ = name
    return ask_then_act


def _more(number: int) -> str:
    return f" and {number} more" if number > 0 else ""
