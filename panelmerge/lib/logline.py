"""One event is one line of the log, whatever is in it: a JSON object with the request's id."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

from panelmerge.lib.masking import masked
from panelmerge.lib.requestid import request_id

# Ends of lines, what moves a terminal's cursor or turns the direction of reading, and halves of characters: text that
# somebody sent could otherwise pose as an event.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class LineFormatter(logging.Formatter):
    """{time, level, logger, request_id, process, message, traceback?}; keys in addresses are masked."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": request_id() or None,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            event["traceback"] = self.formatException(record.exc_info)
        line = masked(json.dumps(event, ensure_ascii=False))
        return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
