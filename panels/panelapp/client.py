"""The client of PanelApp's API: patient, honest about who asks, and trusting nothing that comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as ReadTimeout
from urllib3.util.retry import Retry

from panelmerge import __version__
from panelmerge.lib.errors import Refusal, Unavailable
from panels.panelapp.parse import PanelHeader, has_rows, parse_header, version_key
from panels.panelapp.sources import SOURCES

LARGEST_ANSWER = 20 * 1024 * 1024
MOST_PAGES = 100
TRIES = 5
LONGEST_WAIT = 120
# Seconds between two calls, so that mirroring a whole catalogue is no burden to the service.
SPACING = 0.5
CHUNK = 64 * 1024
WAIT_AND_ASK_AGAIN = frozenset({429, 503})


class PanelAppUnavailable(Unavailable):
    """The service did not answer as it should. The sentence says what happened and what can be done."""


class PanelNotListed(PanelAppUnavailable):
    """The service says that it has no such panel or version."""


def _server(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port. ValueError when the address has no readable port or host."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


class _Token(AuthBase):
    """The Authorization header. As an auth object it also keeps a .netrc from putting another in its place."""

    def __init__(self, token: str) -> None:
        self._value = token if " " in token else f"Token {token}"
        self._given = bool(token)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._given:
            request.headers["Authorization"] = self._value
        return request


class PanelAppClient:
    """Asks one service.

    ``base_url`` ends in ``/api/v1``. A ``token`` with a space in it is sent as
    it stands (``Bearer …``), any other as ``Token …``. ``contact`` is the
    address under which the service can find out who asks. ``spacing`` seconds (SPACING)
    lie between two calls; one call takes at most ``total_timeout`` seconds beside
    the waits that the service itself asks for. ``sleep`` is how it waits.
    """

    def __init__(
        self,
        source: str,
        base_url: str,
        token: str = "",
        *,
        contact: str = "",
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        spacing: float | None = None,
        read_timeout: float = 60,
        total_timeout: float = 120,
    ) -> None:
        self.source = source
        self.base_url = base_url.rstrip("/")
        self._name = SOURCES[source].name
        self._sleep = sleep
        self._spacing = SPACING if spacing is None else spacing
        self._timeouts = (3, read_timeout)
        self._total_timeout = total_timeout
        self._asked_before = False
        self._retry = Retry(total=TRIES, backoff_factor=1, backoff_jitter=0.5, backoff_max=LONGEST_WAIT)
        self._session = session or requests.Session()
        self._session.auth = _Token(token)
        self._session.headers.update(
            {
                "User-Agent": f"PanelMerge/{__version__} ({contact or 'gene panel mirror'})",
                "Accept": "application/json",
                # Offered zstd, the Australian service would use it.
                "Accept-Encoding": "gzip",
            }
        )
        # A connection is tried once more. Waiting is done in _ask, where it can be capped.
        once_more = Retry(total=1, connect=1, read=False, redirect=False, status=0, respect_retry_after_header=False)
        adapter = HTTPAdapter(max_retries=once_more)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    # --- What can be asked -----------------------------------------------------------------------------

    def list_panels(self) -> Iterator[dict]:
        """The heading of every panel, page after page. PanelAppUnavailable unless the listing is whole."""
        url, seen, panels, promised = f"{self.base_url}/panels/", set(), set(), None
        while url:
            if url in seen or len(seen) >= MOST_PAGES:
                raise self._wrong("its listing goes round in circles or has no end")
            seen.add(url)
            page = self._ask(url)
            if not isinstance(page.get("results"), list):
                raise self._wrong(f"{url} is no page of a listing")
            for heading in page["results"]:
                panels.add(self._checked(heading).panel_id)
                yield heading
            promised = page.get("count")
            url = self._following(url, page.get("next"))
        if promised != len(panels):
            raise self._wrong(
                f"its listing promises {promised!r:.20} panels, but {len(panels)} came. "
                "It may have changed meanwhile: run the command again"
            )

    def panel(self, panel_id: int, version: str | None = None) -> dict:
        """The body of a panel, checked to be the panel and version asked for. PanelNotListed if there is none."""
        # Anything but a number would be a search for names, and another panel might be the answer.
        if isinstance(panel_id, bool) or not isinstance(panel_id, int) or panel_id < 1:
            raise Refusal("A panel is asked for by its number.")
        address = f"{self.base_url}/panels/{panel_id}/"
        if version is not None:
            version_key(version)
            address += f"?version={version}"
        body = self._ask(address)
        header = self._checked(body)
        if header.panel_id != panel_id or (version is not None and header.version != version):
            raise self._wrong(
                f"asked for panel {panel_id} {version or ''}, it gave panel {header.panel_id} {header.version}"
            )
        if not has_rows(body):
            raise self._wrong(f"panel {panel_id} came without its genes")
        return body

    # --- How it is asked -------------------------------------------------------------------------------

    def _ask(self, url: str) -> dict:
        """One JSON object. Waits and asks again where the service says so."""
        retry = self._retry
        for attempt in range(1, TRIES + 1):
            if self._asked_before:
                self._sleep(self._spacing)
            self._asked_before = True
            deadline = time.monotonic() + self._total_timeout
            try:
                with self._session.get(url, stream=True, allow_redirects=False, timeout=self._timeouts) as response:
                    if response.status_code not in WAIT_AND_ASK_AGAIN:
                        return self._json(response, deadline)
                    wait = self._wait(response, retry)
            except requests.Timeout as error:
                raise self._wrong("it did not answer in time") from error
            except (requests.RequestException, HTTPError, OSError) as error:
                raise self._wrong(f"the connection failed ({type(error).__name__})") from error
            if attempt < TRIES:
                retry = retry.increment(method="GET", url=url, error=None, response=response.raw)
                self._sleep(wait)
        raise self._wrong(f"it was too busy {TRIES} times. Run the command again later")

    @staticmethod
    def _wait(response: requests.Response, retry: Retry) -> float:
        asked = response.headers.get("Retry-After")
        if asked:
            try:
                return min(retry.parse_retry_after(asked), LONGEST_WAIT)
            except HTTPError:
                return LONGEST_WAIT
        return max(retry.get_backoff_time(), 1)

    def _json(self, response: requests.Response, deadline: float) -> dict:
        status = response.status_code
        if status in (401, 403):
            raise self._wrong(
                f"it refused us ({status}). A token or a permission is needed: "
                f"set PANELAPP_{self.source.upper()}_TOKEN, or ask the service"
            )
        if status == 404:
            raise PanelNotListed(f"{self._name} has nothing at {response.url}.")
        if 300 <= status < 400:
            raise self._wrong(
                f"it sends us to another address, {response.headers.get('Location', '')[:200]}, where we do not go. "
                f"If the service has moved, set PANELAPP_{self.source.upper()}_URL"
            )
        if status != 200:
            raise self._wrong(f"it answered with status {status}. Run the command again later")
        kind = response.headers.get("Content-Type", "")
        if "json" not in kind:
            raise self._wrong(f"it sent {kind.partition(';')[0] or 'something unnamed'} instead of JSON")
        try:
            answer = orjson.loads(self._read(response, deadline))
        except orjson.JSONDecodeError as error:
            raise self._wrong("its answer is not JSON, or is cut short") from error
        if not isinstance(answer, dict):
            raise self._wrong("its answer is no JSON object")
        if set(answer) == {"detail"}:
            raise PanelNotListed(f"{self._name} has nothing at {response.url}.")
        return answer

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        """The decoded body. Piece by piece: neither a slow nor a huge answer is waited for to the end."""
        body = bytearray()
        try:
            while piece := response.raw.read1(CHUNK, decode_content=True):
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise self._wrong(f"its answer is larger than {LARGEST_ANSWER // 1024 // 1024} MB")
                if time.monotonic() > deadline:
                    raise self._wrong(f"its answer took longer than {self._total_timeout:g} seconds")
        except ReadTimeout as error:
            raise self._wrong("it stopped in the middle of an answer") from error
        return bytes(body)

    # --- What is believed ------------------------------------------------------------------------------

    def _following(self, url: str, following: object) -> str:
        """The address of the next page, "" after the last. Only ever on the same scheme, host and port."""
        if following is None:
            return ""
        if not isinstance(following, str):
            raise self._wrong("the address of its next page is no text")
        try:
            following = urljoin(url, following)
            elsewhere = _server(following) != _server(self.base_url)
        except ValueError as error:
            raise self._wrong("the address of its next page cannot be read") from error
        if elsewhere:
            raise self._wrong(f"its next page lies elsewhere, at {following[:200]}, where we do not go")
        return following

    def _checked(self, heading: object) -> PanelHeader:
        try:
            return parse_header(heading)
        except Refusal as refusal:
            raise self._wrong(f"an answer cannot be used. {refusal.detail.rstrip('.')}") from refusal

    def _wrong(self, what: str) -> PanelAppUnavailable:
        return PanelAppUnavailable(f"{self._name}: {what}. The mirror stays as it was.")
