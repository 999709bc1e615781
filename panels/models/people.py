"""A person as the other end of a key, from tables that are not theirs."""

from django.conf import settings
from django.db import models


def person(**options) -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, related_name="+", **options)
