"""One event is one line of the log file, whatever is in it."""

from __future__ import annotations

import logging
import re

# Ends of lines and what moves a terminal's cursor; text that somebody sent could otherwise pose as an event.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class LineFormatter(logging.Formatter):
    """The line as written, tracebacks too, with control characters as escapes."""

    def format(self, record: logging.LogRecord) -> str:
        return _CONTROL.sub(lambda found: repr(found[0])[1:-1], super().format(record))
