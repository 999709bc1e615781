"""The active announcements for programs."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from announcements.models import AdminMessage
from panelmerge.lib.api import Pages


class AnnouncementValue(serializers.ModelSerializer):
    class Meta:
        model = AdminMessage
        fields = ["id", "title", "message", "message_type", "audience", "created_at", "starts_at", "expires_at"]
        # Written in the back office only; here they are always there.
        read_only_fields = fields


class AnnouncementsView(APIView):
    pagination_class = Pages

    @extend_schema(responses=AnnouncementValue(many=True))
    def get(self, request: Request) -> Response:
        """Announcements that are shown now to whoever asks, newest first; dismissed ones too."""
        active = AdminMessage.objects.active_for(request.user, timezone.now())
        pages = Pages()
        page = pages.paginate_queryset(active, request, view=self)
        return pages.get_paginated_response(AnnouncementValue(page, many=True).data)
