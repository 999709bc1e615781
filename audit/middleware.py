"""Gives every request its place in the record."""

from __future__ import annotations

from audit.context import AuditContext, acting_from
from audit.denials import record_what_was_denied
from panelmerge.lib.crypto import keyed_digest
from panelmerge.lib.net import client_address


class AuditContextMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        key = request.session.session_key
        context = AuditContext(
            ip_address=client_address(request),
            user_agent=request.META.get("HTTP_USER_AGENT", "").replace("\0", "")[:500] or None,
            session_ref=keyed_digest(key, "session reference") if key else None,
        )
        with acting_from(context):
            response = self.get_response(request)
            record_what_was_denied()
            return response
