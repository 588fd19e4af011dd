"""Station 6, the provider: one request up, status, headers and bytes back.

Owns the connections and everything aiohttp. Nothing is decoded, re-quoted, redirected or stored in between; a pooled
connection that dies before its first answer byte is tried once more on a fresh one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import hdrs
from multidict import CIMultiDict
from yarl import URL

from helicli import headers as h
from helicli.call import Headers
from helicli.proxy.refusal import Refusal

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

CONNECT_SECONDS = 15
HEADER_BYTES = 64 * 1024

_OURS = (hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE)
_DROPPED_UP = h.HOP_BY_HOP | {b"host", b"content-length", b"expect"}

_reused: ContextVar[bool] = ContextVar("reused", default=False)


class Answer:
    """A provider's answer whose head has been read."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._unread: list[bytes] = []
        self.status = response.status
        self.headers = _kept_down(response.raw_headers)

    @property
    def whole(self) -> bool:
        """Whether the body has arrived to its end already."""
        return self._response.content.is_eof()

    @property
    def is_stream(self) -> bool:
        """Whether the body is a stream of events by its content type."""
        kind = self.header(b"content-type")
        return kind.startswith((b"text/event-stream", b"application/x-ndjson", b"application/vnd.amazon.eventstream"))

    def header(self, name: bytes) -> bytes:
        """The value of a header field in lower case, b"" where it is missing."""
        for field, value in self.headers:
            if field == name:
                return value.lower()
        return b""

    async def piece(self) -> bytes:
        """The next bytes as they arrived, b"" at the end. Raises Refusal where the provider breaks off."""
        if self._unread:
            return self._unread.pop(0)
        try:
            return await self._response.content.readany()
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise broken(error) from error

    async def read(self, limit: int) -> tuple[bytes, bool]:
        """Up to about `limit` bytes, and whether that is all. Raises Refusal as `piece` does."""
        pieces: list[bytes] = []
        size = 0
        while size <= limit:
            piece = await self.piece()
            if not piece:
                return b"".join(pieces), True
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces), False

    def unread(self, body: bytes) -> None:
        """Put bytes that were read back, to be read again."""
        if body:
            self._unread.insert(0, body)

    def release(self) -> None:
        """Give the connection back, or close it where the answer was not read to its end."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


class Upstream:
    """The way to all providers. To be made inside the running loop."""

    def __init__(self, idle_seconds: float, proxies: Mapping[str, str]) -> None:
        self._proxies = proxies
        self._pooled = self._session(_Pool(limit=0, keepalive_timeout=30), idle_seconds)
        self._fresh = self._session(aiohttp.TCPConnector(limit=0, force_close=True), idle_seconds)

    async def send(self, method: str, url: str, fields: Headers, body: bytes | AsyncIterator[bytes] | None) -> Answer:
        """Send one request up and wait for the head of its answer. Raises Refusal where none comes."""
        up = fields_up(fields)
        if isinstance(body, AsyncIterator):
            up.extend((name.decode(), value.decode()) for name, value in fields if name == b"content-length")
        try:
            try:
                return await self._send(self._pooled, method, url, up, body)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                connecting = isinstance(error, aiohttp.ClientConnectorError)
                if connecting or not _reused.get() or isinstance(body, AsyncIterator):
                    raise
                return await self._send(self._fresh, method, url, up, body)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise broken(error) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._pooled.close()
        await self._fresh.close()

    async def _send(
        self, session: aiohttp.ClientSession, method: str, url: str, up: CIMultiDict[str], body: Any
    ) -> Answer:
        target = _url(url)
        return Answer(
            await session.request(
                method,
                target,
                headers=up,
                data=body or None,
                allow_redirects=False,
                proxy=self._proxies.get(target.scheme) if self._proxies else None,
            )
        )

    def _session(self, connector: aiohttp.TCPConnector, idle_seconds: float) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=idle_seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_OURS,
            max_line_size=HEADER_BYTES,
            max_field_size=HEADER_BYTES,
        )


class _Pool(aiohttp.TCPConnector):
    """Remembers, for the running call, whether its connection had been used before."""

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:  # noqa: ASYNC109
        _reused.set(bool(self._conns.get(req.connection_key)))
        return await super().connect(req, traces, timeout)


def fields_up(fields: Headers) -> CIMultiDict[str]:
    """The fields that go on to the provider: all but helicli's own and those that end at this hop."""
    up: CIMultiDict[str] = CIMultiDict()
    named = _named_by_connection(fields)
    for name, value in fields:
        if name in _DROPPED_UP or name.startswith(h.PREFIX) or name in named:
            continue
        if name == b"authorization" and b"helicone" in value:
            value = _without_own_key(value)
            if not value:
                continue
        up.add(name.decode("latin-1"), _text(value))
    return up


def broken(error: BaseException) -> Refusal:
    """What an error of the connection means, in one word and a sentence."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Refusal(502, "dns", f"the provider's name {error.host} could not be found", type="api_connection_error")
    if isinstance(
        error, (aiohttp.ClientConnectorSSLError, aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError)
    ):
        return Refusal(
            502, "tls", f"no trusted TLS connection to the provider: {_why(error)}", type="api_connection_error"
        )
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Refusal(
            504, "timeout", f"no connection to the provider within {CONNECT_SECONDS} s", type="timeout_error"
        )
    if isinstance(error, TimeoutError):
        return Refusal(504, "idle_timeout", "the provider went silent", type="timeout_error")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Refusal(502, "connect", f"cannot connect to the provider: {_why(error)}", type="api_connection_error")
    return Refusal(
        502, "upstream_cut", f"the provider broke the connection: {_why(error)}", type="api_connection_error"
    )


def _why(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:300]


@lru_cache(maxsize=1024)
def _url(url: str) -> URL:
    return URL(url, encoded=True)


def _text(value: bytes) -> str:
    """A field value as aiohttp takes it, which writes it as UTF-8 again."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _named_by_connection(fields: Headers) -> frozenset[bytes]:
    for name, value in fields:
        if name == b"connection" and value.lower() not in (b"keep-alive", b"close"):
            return frozenset(token.strip().lower() for token in value.split(b","))
    return frozenset()


def _without_own_key(value: bytes) -> bytes:
    """An Authorization field that joins a provider's key and a Helicone key by a comma, without the latter."""
    return b", ".join(part.strip() for part in value.split(b",") if b"helicone" not in part)


def _kept_down(raw: tuple[tuple[bytes, bytes], ...]) -> Headers:
    lowered = [(name.lower(), value) for name, value in raw]
    drops = h.HOP_BY_HOP | _named_by_connection(lowered)
    return [(name, value) for name, value in lowered if name not in drops and not name.startswith(h.PREFIX)]
