"""The text of an announcement as a page shows it."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
# Django's urlize would also link mail addresses and bare names of hosts; only these two schemes may be followed.
_ADDRESS = re.compile(r"""(https?://[^\s<>"'\\.,;:!?)\]}][^\s<>"'\\]*)""", re.IGNORECASE)
_AFTER = ".,;:!?)]}"


@register.filter
def linked(text: str) -> SafeString:
    """Escaped, and http(s) addresses as links that show where they lead."""
    return format_html_join("", "{}", ((_part(part),) for part in _ADDRESS.split(text)))


def _part(part: str) -> str:
    if not _ADDRESS.fullmatch(part):
        return part
    address = part.rstrip(_AFTER)
    return format_html('<a href="{}" rel="noopener">{}</a>{}', address, address, part[len(address) :])
