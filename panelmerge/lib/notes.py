"""Sentences for the next page, in a cookie that is for this host alone where the site is on https."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class OwnCookieStorage(CookieStorage):
    cookie_name = "__Host-messages" if settings.HTTPS else "messages"


class NoteStorage(FallbackStorage):
    """What is too long for a cookie stands in the session."""

    storage_classes = (OwnCookieStorage, SessionStorage)
