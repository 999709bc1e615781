"""Addresses that are keys themselves do not stand in the log."""

from __future__ import annotations

import logging
import re

# A mailed link's key; what a provider sends back in the address.
_KEYS = re.compile(r"(/account/(?:confirm-email|password/reset/key)/)[^/\s?]+|([?&](?:code|state)=)[^&\s]+")


def masked(text: str) -> str:
    """The text with "…" for each key in an address."""
    return _KEYS.sub(lambda found: f"{found[1] or found[2]}…", text)


class MaskFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if masked(text) != text:
            record.msg, record.args = masked(text), ()
        return True
