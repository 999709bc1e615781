"""For whoever watches a container: ``python -m panelmerge.lib.alive`` asks the server on this machine."""

from __future__ import annotations

import http.client
import os
import sys


def main() -> int:
    """0 when /healthz answers 200, else 1 with what it said."""
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".*") or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        answer = connection.getresponse()
    except OSError as error:
        sys.stderr.write(f"nobody answers: {error}\n")
        return 1
    finally:
        connection.close()
    if answer.status != 200:
        sys.stderr.write(f"/healthz answers {answer.status}\n")
    return int(answer.status != 200)


if __name__ == "__main__":
    sys.exit(main())
