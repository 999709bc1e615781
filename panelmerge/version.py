"""Which PanelMerge this is, and at which release its database stands."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from panelmerge import __version__
from panelmerge.releases.current import current_release


class VersionView(APIView):
    """GET: {name, version, database_release}; the release is null between two."""

    @extend_schema(
        responses=inline_serializer(
            "Version",
            {
                "name": serializers.CharField(),
                "version": serializers.CharField(),
                "database_release": serializers.CharField(allow_null=True),
            },
        )
    )
    def get(self, request):
        return Response({"name": "PanelMerge", "version": __version__, "database_release": current_release()})
