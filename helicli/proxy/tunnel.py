"""The way through an HTTP proxy of the user's network, as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` describe it.

Owns the choice of a proxy and the CONNECT handshake. What goes through a tunnel is the provider's own TLS: the proxy
sees a name and a port. The environment is read by whoever starts the engine, never here.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from msgspec import Struct

from helicli.proxy.doors import is_loopback

_HEAD_BYTES = 64 * 1024


class TunnelRefused(OSError):
    """The proxy would not lead where it was asked to."""


class Tunnel(Struct, frozen=True):
    """A proxy: where it is, whether it is spoken to over TLS, and what it is shown to be let through."""

    host: str
    port: int
    tls: bool
    authorization: bytes


def choose(proxies: Mapping[str, str], scheme: str, host: str, port: int) -> Tunnel | None:
    """The proxy for a provider, None where the way is direct, as it always is to this machine.

    `proxies` is what `urllib.request.getproxies` gives: URLs by scheme, and `no`.
    """
    url = proxies.get(scheme) or proxies.get("all")
    if not url or is_loopback(host) or proxy_bypass_environment(f"{host}:{port}", dict(proxies)):
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if not parts.hostname or parts.scheme not in ("http", "https"):
        return None
    shown = b""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        shown = b"proxy-authorization: Basic " + b64encode(pair.encode()) + b"\r\n"
    tls = parts.scheme == "https"
    return Tunnel(parts.hostname, parts.port or (443 if tls else 80), tls, shown)


async def dig(tunnel: Tunnel, host: str, port: int, context: ssl.SSLContext) -> asyncio.Transport:
    """A connection through a proxy to a provider, ready for TLS or plain bytes. Raises OSError."""
    transport, handshake = await asyncio.get_running_loop().create_connection(
        _Handshake,
        tunnel.host,
        tunnel.port,
        ssl=context if tunnel.tls else None,
        server_hostname=tunnel.host if tunnel.tls else None,
    )
    name = f"[{host}]" if ":" in host else host
    target = f"{name}:{port}".encode("ascii")
    transport.write(b"CONNECT %b HTTP/1.1\r\nhost: %b\r\n%b\r\n" % (target, target, tunnel.authorization))
    try:
        head = await handshake.head
    except BaseException:
        transport.abort()
        raise
    status = head.partition(b"\r\n")[0].split(b" ", 1)
    if len(status) < 2 or not status[1].startswith(b"2"):
        transport.abort()
        said = status[-1].decode("latin-1")
        raise TunnelRefused(f"the proxy {tunnel.host}:{tunnel.port} refused the way to {host} ({said})")
    return transport


class _Handshake(asyncio.Protocol):
    """Waits for the head of a proxy's answer; what follows it is the provider's."""

    def __init__(self) -> None:
        self.head: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._data = b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self.head.done() and (b"\r\n\r\n" in self._data or len(self._data) > _HEAD_BYTES):
            self.head.set_result(self._data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.head.done():
            self.head.set_exception(TunnelRefused("the proxy closed the connection before it had answered"))
