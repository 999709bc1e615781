"""``users/me/``: who is asking."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.profile import LONGEST, change_profile
from accounts.actions.zones import choose_zone
from accounts.models import User
from accounts.permissions import Role
from accounts.zones import DEFAULT_ZONE, TimeFormat
from panelmerge.lib.serializers import StrictSerializer

GIVEN = ("id", "email", "role")


class MeSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.EmailField(help_text="Changed on the account page, where the new address is confirmed.")
    first_name = serializers.CharField(allow_blank=True)
    last_name = serializers.CharField(allow_blank=True)
    organization = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=Role.choices, help_text="Given by an administrator.")
    timezone = serializers.CharField()
    time_format = serializers.ChoiceField(choices=[form.value for form in TimeFormat])


class ChangeMeSerializer(StrictSerializer):
    """What may be changed; what is not named stays."""

    username = serializers.CharField(max_length=80, required=False)
    first_name = serializers.CharField(max_length=LONGEST["first_name"], required=False, allow_blank=True)
    last_name = serializers.CharField(max_length=LONGEST["last_name"], required=False, allow_blank=True)
    organization = serializers.CharField(max_length=LONGEST["organization"], required=False, allow_blank=True)
    timezone = serializers.CharField(max_length=50, required=False)
    time_format = serializers.ChoiceField(choices=[form.value for form in TimeFormat], required=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        given = [name for name in GIVEN if isinstance(data, dict) and name in data]
        if given:
            raise serializers.ValidationError({name: ["This cannot be changed here."] for name in given})
        return super().to_internal_value(data)


def me_value(person: User) -> dict[str, Any]:
    return {
        "id": person.pk,
        "username": person.username,
        "email": person.email,
        "first_name": person.first_name or "",
        "last_name": person.last_name or "",
        "organization": person.organization or "",
        "role": person.role,
        "timezone": person.timezone_preference or DEFAULT_ZONE,
        "time_format": person.time_format,
    }


class MeView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The account that this session or token belongs to."""
        return Response(me_value(request.user))

    @extend_schema(request=ChangeMeSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change it: all that is named, or nothing."""
        asked = ChangeMeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        zone, time_format = fields.pop("timezone", None), fields.pop("time_format", None)
        with transaction.atomic():
            person = change_profile(by=request.user, **fields)
            if zone or time_format:
                kept = person.timezone_preference or DEFAULT_ZONE
                person = choose_zone(by=person, zone=zone or kept, time_format=time_format)
        return Response(me_value(person))
