"""Panels in and out as files."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from panelmerge.lib.errors import NotHere, Refusal
from panelmerge.lib.http import attachment
from panels.access import note_use
from panels.actions.panel_files import export_panel
from panels.actions.rights import panel_for
from panels.actions.templates import template_for
from panels.actions.uploads import add_uploads
from panels.formats.writing import FORMATS, options_of
from panels.views.frame import frame
from panels.views.library.opening import answered, for_everybody, signed_in
from panels.views.library.showing import number_in


@require_POST
@for_everybody
def download(request: HttpRequest, panel_id: int) -> HttpResponse:
    """The panel, or one of its versions, as a file; recorded, therefore a POST."""
    panel, _ = panel_for(request.user, panel_id)
    number = number_in(request.POST.get("template"))
    template = template_for(template=number, by=request.user) if number else None
    format_name = template.format if template else request.POST.get("format", "")
    if format_name not in FORMATS:
        raise NotHere(f"There is no format “{format_name[:20]}”; there are {', '.join(FORMATS)}.")
    options = options_of(**{name: request.POST.get(name, "") for name in ("build", "padding", "chr_prefix")})
    version = number_in(request.POST.get("version"))
    export = export_panel(
        panel=panel_id, by=request.user, format=format_name, version=version, options=options, template=template
    )
    note_use(panel, request.user)
    return attachment(name=export.name, content_type=export.content_type, content=export.content)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def bring(request: HttpRequest) -> HttpResponse:
    """A file to be looked at first: sheet, column and every row, then saved."""
    refusal = None
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            if file is None:
                raise Refusal("Choose a file first.", errors={"file": ["Choose one."]})
            # One byte too many is enough to be refused as too large.
            content = file.read(settings.MAX_UPLOAD_SIZE + 1)
            [upload] = add_uploads(files=[(file.name, content)], owner=request.user, by=request.user)
        except Refusal as cannot:
            refusal = cannot
        else:
            return redirect(f"{reverse('panels:upload', args=[upload.pk])}?upload:{upload.pk}=")
    context = frame(request, "library")
    return answered(request, "import", context, refusal)
