"""Genes in the back office: on a page of their own, whose reading is in the record."""

from __future__ import annotations

import re

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.permissions import Permission
from panels.converters import PanelIdConverter

GENES_A_PAGE = 200
_A_NUMBER = re.compile(PanelIdConverter.regex)


class GenesPage:
    """For the pages of a model that has genes, reached by a link that says what it does.

    The admin's own ``genes_of(by, number)`` gives a title and the records, read
    the same way as by the site: that an administrator read what nobody shared
    with them is recorded. Its ``leads_from(number)`` are (address, words) of
    what else there is.
    """

    def get_urls(self) -> list:
        name = f"{self.opts.app_label}_{self.opts.model_name}_genes"
        view = self.admin_site.admin_view(self.genes_view)
        return [path("<panel:object_id>/genes/", view, name=name), *super().get_urls()]

    def genes_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not request.user.has_perm(Permission.EVERY_PANEL):
            raise PermissionDenied
        title, records = self.genes_of(request.user, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "object_id": object_id,
            "page": Paginator(records, GENES_A_PAGE).get_page(request.GET.get("page")),
        }
        return TemplateResponse(request, "admin/genes.html", context)

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        leads = self.leads_from(object_id) if _A_NUMBER.fullmatch(object_id) else []
        if leads and request.user.has_perm(Permission.EVERY_PANEL):
            address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_genes", args=[object_id])
            leads = [*leads, (address, "Read its genes (goes into the record)")]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "leads": leads})
