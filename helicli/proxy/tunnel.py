"""The way through an HTTP proxy of the user's network, as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` describe it.

Owns the choice of a proxy and the CONNECT handshake. What goes through a tunnel is the provider's own TLS: the proxy
sees a name and a port. The environment is read by whoever starts the engine, never here.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Mapping
from typing import cast
from urllib.parse import unquote, urlsplit
from urllib.request import proxy_bypass_environment

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


async def dig(tunnel: Tunnel, host: str, port: int, context: ssl.SSLContext) -> asyncio.WriteTransport:
    """A connection through a proxy to a provider, ready for TLS or plain bytes. Raises OSError or TimeoutError."""
    reader, writer = await asyncio.open_connection(
        tunnel.host, tunnel.port, ssl=context if tunnel.tls else None, limit=_HEAD_BYTES
    )
    try:
        name = f"[{host}]" if ":" in host else host
        target = f"{name}:{port}".encode("ascii")
        writer.write(b"CONNECT %b HTTP/1.1\r\nhost: %b\r\n%b\r\n" % (target, target, tunnel.authorization))
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError) as error:
        writer.close()
        raise TunnelRefused(f"the proxy {tunnel.host}:{tunnel.port} closed the connection") from error
    status = head.partition(b"\r\n")[0].split(b" ", 2)
    if len(status) < 2 or not status[1].startswith(b"2"):
        writer.close()
        said = b" ".join(status[1:]).decode("latin-1")
        raise TunnelRefused(f"the proxy {tunnel.host}:{tunnel.port} refused the way to {host} ({said})")
    return cast(asyncio.WriteTransport, writer.transport)
