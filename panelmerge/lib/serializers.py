"""A serializer that refuses what it does not know."""

from rest_framework import serializers


class StrictSerializer(serializers.Serializer):
    """Unknown fields are an error that names them, so that a misspelt one is never silently ignored."""

    def to_internal_value(self, data):
        if isinstance(data, dict):
            unknown = sorted(set(map(str, data)) - set(self.fields))
            if unknown:
                known = ", ".join(self.fields)
                raise serializers.ValidationError(
                    {name: [f"Unknown field. Known are: {known}."] for name in unknown}, code="unknown_field"
                )
        return super().to_internal_value(data)
