"""The form of a block."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest

from audit.models import BlockedAddress
from audit.watching import checked_network
from panelmerge.lib.errors import Refusal
from panelmerge.lib.net import client_network


class BlockForm(forms.ModelForm):
    asked_by: HttpRequest

    class Meta:
        model = BlockedAddress
        fields = ("network", "extent", "reason", "ends_at")

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if found.keys() >= {"network", "ends_at"}:
            try:
                checked_network(found["network"], found["ends_at"], client_network(self.asked_by))
            except Refusal as refusal:
                for field, sentences in refusal.errors.items():
                    self.add_error(field, sentences)
        return found

    def wanted(self) -> dict[str, Any]:
        return {**self.cleaned_data, "own_network": client_network(self.asked_by)}
