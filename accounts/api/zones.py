"""The reader's time zone for programs, with an account and without."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.zones import choose_zone, choose_zone_for_now, detect_zone
from accounts.zones import COOKIE, Source, TimeFormat, available_zones, reader_of, zone_abbreviation, zone_info
from panelmerge.lib.api import Pages
from panelmerge.lib.serializers import StrictSerializer

LONGEST = 50


class CurrentZone(serializers.Serializer):
    timezone = serializers.CharField(help_text="A name of the IANA database, such as Europe/London.")
    source = serializers.ChoiceField(choices=[source.value for source in Source])
    chosen = serializers.BooleanField(help_text="Whether somebody chose it, for good or for this session.")
    time_format = serializers.ChoiceField(choices=[form.value for form in TimeFormat])
    now = serializers.DateTimeField(help_text="The time in that zone, with its offset.")


class Zone(serializers.Serializer):
    timezone = serializers.CharField()
    offset = serializers.CharField(help_text="Now, such as +01:00.")
    abbreviation = serializers.CharField(help_text="Now, such as BST.")


class DetectBody(StrictSerializer):
    timezone = serializers.CharField(max_length=LONGEST)


class SetBody(DetectBody):
    time_format = serializers.ChoiceField(choices=[form.value for form in TimeFormat], required=False)


class AllZones(Pages):
    """One page holds all of them, unless ``per_page`` asks for fewer."""

    page_size = 1000


def current_value(request: Request, detected: str | None = None) -> dict[str, Any]:
    """What holds now; ``detected`` where the browser's cookie is only being written."""
    cookies = request.COOKIES | ({COOKIE: detected} if detected else {})
    reader = reader_of(request.user, request.session, cookies)
    now = timezone.now().astimezone(zone_info(reader.zone))
    return {
        "timezone": reader.zone,
        "source": reader.source.value,
        "chosen": reader.has_chosen,
        "time_format": str(reader.time_format),
        "now": now.isoformat(timespec="seconds"),
    }


def zone_value(name: str, now: datetime) -> dict[str, str]:
    there = now.astimezone(zone_info(name))
    return {"timezone": name, "offset": there.isoformat()[-6:], "abbreviation": zone_abbreviation(there)}


class CurrentZoneView(APIView):
    @extend_schema(responses=CurrentZone)
    def get(self, request: Request) -> Response:
        """The zone that times are shown in, and who said so."""
        return Response(current_value(request))


class DetectZoneView(APIView):
    @extend_schema(request=DetectBody, responses=CurrentZone)
    def post(self, request: Request) -> Response:
        """The browser tells its zone. What somebody chose still comes first."""
        body = DetectBody(data=request.data)
        body.is_valid(raise_exception=True)
        zone = body.validated_data["timezone"]
        response = Response()
        detect_zone(response=response, zone=zone)
        response.data = current_value(request, detected=zone)
        return response


class SetZoneView(APIView):
    @extend_schema(request=SetBody, responses=CurrentZone)
    def post(self, request: Request) -> Response:
        """Choose a zone: kept in the profile with an account, for the browser's session without one."""
        body = SetBody(data=request.data)
        body.is_valid(raise_exception=True)
        zone, time_format = body.validated_data["timezone"], body.validated_data.get("time_format")
        if request.user.is_authenticated:
            choose_zone(by=request.user, zone=zone, time_format=time_format)
        else:
            choose_zone_for_now(session=request.session, zone=zone, time_format=time_format)
        return Response(current_value(request))


class AvailableZonesView(APIView):
    pagination_class = AllZones

    @extend_schema(responses=Zone(many=True))
    def get(self, request: Request) -> Response:
        """Every zone by name, with the offset that holds there now."""
        pages, now = AllZones(), timezone.now().replace(microsecond=0)
        names = pages.paginate_queryset(available_zones(), request, view=self)
        return pages.get_paginated_response([zone_value(name, now) for name in names])
