"""``audit/events/``: the record for auditors and administrators."""

from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission

from audit.models import AuditLog
from audit.reading import EventFilter


class MayReadTheRecord(BasePermission):
    message = "Only auditors and administrators read the record."

    def has_permission(self, request, view) -> bool:
        return bool(request.user and request.user.is_authenticated and request.user.has_perm("audit.view_auditlog"))


class EventPages(CursorPagination):
    """{next, previous, results}: no total, the same two queries at any size."""

    ordering = "-id"
    page_size = 25
    page_size_query_param = "per_page"
    max_page_size = 100


class EventSerializer(serializers.ModelSerializer):
    old_values = serializers.JSONField(allow_null=True)
    new_values = serializers.JSONField(allow_null=True)
    details = serializers.JSONField(allow_null=True)

    class Meta:
        model = AuditLog
        fields = [
            *("id", "timestamp", "action_type", "action_description", "user_id", "username", "ip_address"),
            *("resource_type", "resource_id", "success", "old_values", "new_values", "details", "request_id"),
        ]


@extend_schema(summary="Events, newest first")
class EventsView(ListAPIView):
    """AU-05"""

    permission_classes = [MayReadTheRecord]
    pagination_class = EventPages
    serializer_class = EventSerializer
    queryset = AuditLog.objects.all()
    filter_backends = [DjangoFilterBackend]
    filterset_class = EventFilter
