"""Bringing lists along: files and pasted text, the preview, the choice of column."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from panelmerge.lib.errors import NotHere, Refusal
from panelmerge.lib.http import attachment
from panels.actions.symbols import current_resolver
from panels.actions.uploads import add_text, add_uploads, choose_column, problems_csv, remove_upload, report
from panels.models import Upload
from panels.views.basket import Basket
from panels.views.contents import GONE
from panels.views.frame import frame
from panels.views.workbench import show

PER_PAGE = 200


def _mine(request: HttpRequest, upload_id) -> Upload:
    upload = Upload.objects.visible_to(request.user, request.session.session_key).filter(pk=upload_id).first()
    if upload is None:
        raise NotHere(GONE)
    return upload


def _session_key(request: HttpRequest) -> str:
    """The browser session's key; begins a session, and its cookie, for a first upload."""
    if not request.session.session_key:
        request.session["brought_a_list"] = True
        request.session.save()
    return request.session.session_key


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Files or pasted text into the basket; a problem shows the page again with what was typed."""
    basket = Basket.read(request.GET)
    files, text = request.FILES.getlist("file"), request.POST.get("text", "")
    owner = request.user if request.user.is_authenticated else None
    whose = {"owner": owner, "session_key": "" if owner else _session_key(request), "by": request.user}
    try:
        if files:
            # One byte too many is enough to be refused as too large.
            limit = settings.MAX_UPLOAD_SIZE + 1
            added = add_uploads(files=[(file.name, file.read(limit)) for file in files], **whose)
        elif text.strip():
            added = [add_text(text=text, name=request.POST.get("name", ""), **whose)]
        else:
            raise Refusal("Choose a file, or paste gene symbols into the box.")
    except Refusal as refusal:
        return show(request, refusal=refusal, typed={"text": text, "name": request.POST.get("name", "")})
    for upload in added:
        basket = basket.with_item(f"upload:{upload.pk}")
    unclear = next((upload for upload in added if upload.column is None), None)
    if unclear:
        return redirect(f"{reverse('panels:upload', args=[unclear.pk])}?{basket.address()}")
    return redirect(f"{reverse('panels:workbench')}?{basket.address()}")


@require_safe
def preview(request: HttpRequest, upload_id) -> HttpResponse:
    return _preview(request, _mine(request, upload_id))


def _preview(request: HttpRequest, upload: Upload, refusal: Refusal | None = None) -> HttpResponse:
    """Each row with what it resolved to, problems first, and another column or sheet to choose."""
    read = report(upload, current_resolver())
    context = frame(request, "workbench") | {
        "upload": upload,
        "report": read,
        "refusal": refusal,
        "here": reverse("panels:upload", args=[upload.pk]),
        "address": Basket.read(request.GET).address(),
        "page": Paginator(read.genes, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "panels/upload.html", context, status=refusal.status if refusal else 200)


@require_POST
def choose(request: HttpRequest, upload_id) -> HttpResponse:
    """Another sheet or column; a sheet without a column is read as if it were new."""
    upload = _mine(request, upload_id)
    column, sheet = request.POST.get("column", ""), request.POST.get("sheet") or None
    if sheet and sheet != upload.sheet:
        # The column was chosen from the sheet that was shown.
        column = ""
    position = int(column) if column.isascii() and column.isdigit() and len(column) < 6 else None
    try:
        if column and position is None:
            raise Refusal("There is no such column. Choose one of the list.", errors={"column": ["Choose one."]})
        choose_column(upload=upload, column=position, sheet=sheet, by=request.user)
    except Refusal as refusal:
        return _preview(request, _mine(request, upload_id), refusal)
    return redirect(f"{reverse('panels:upload', args=[upload.pk])}?{Basket.read(request.GET).address()}")


@require_POST
def remove(request: HttpRequest, upload_id) -> HttpResponse:
    upload = _mine(request, upload_id)
    basket = Basket.read(request.GET).without(f"upload:{upload.pk}")
    remove_upload(upload=upload, by=request.user)
    return redirect(f"{reverse('panels:workbench')}?{basket.address()}")


@require_safe
def problems(request: HttpRequest, upload_id) -> HttpResponse:
    upload = _mine(request, upload_id)
    content = problems_csv(report(upload, current_resolver()))
    return attachment(name="problems.csv", content_type="text/csv; charset=utf-8", content=content)
