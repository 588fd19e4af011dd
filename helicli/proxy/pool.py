"""The connections to all providers: made, kept, given up.

Owns how a provider is reached: name, TCP, TLS. A connection is used again only after a whole answer, and one at rest
that a provider has closed is never handed out.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import defaultdict
from collections.abc import Callable, Mapping
from time import monotonic
from types import MappingProxyType
from typing import NamedTuple

from helicli.proxy.doors import is_loopback
from helicli.proxy.http1 import Connection
from helicli.proxy.tunnel import Tunnel, TunnelRefused, choose, dig

REST_SECONDS = 30


class Origin(NamedTuple):
    """Where a connection leads."""

    tls: bool
    host: str
    port: int


class Itself(Exception):
    """A connection would have led back to this proxy."""


class Pool:
    """Connections by origin. To be made inside the running loop."""

    def __init__(
        self,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        proxies: Mapping[str, str] = MappingProxyType({}),
        own_port: int = 0,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._proxies = proxies
        self._own_port = own_port
        self._make_tls = tls
        self._tls: ssl.SSLContext | None = None
        self._resting: defaultdict[Origin, list[Connection]] = defaultdict(list)
        self._all: set[Connection] = set()
        self.sweep_seconds = 1.0
        """How often it is looked for what has been silent for too long."""
        self._sweeping = self._loop.create_task(self._sweep())

    def take(self, origin: Origin) -> Connection | None:
        """A connection that rests, the last used first; None where there is none."""
        resting = self._resting.get(origin)
        while resting:
            connection = resting.pop()
            if not connection.closed:
                return connection
        return None

    async def connect(self, origin: Origin, seconds: float = 15.0) -> Connection:
        """A new connection, within so many seconds. Raises OSError, ssl.SSLError or TimeoutError."""
        tunnel = choose(self._proxies, "https" if origin.tls else "http", origin.host, origin.port)
        async with asyncio.timeout(seconds):
            connection = await (self._direct(origin) if tunnel is None else self._through(tunnel, origin))
        if self._is_own(connection):
            connection.close()
            raise Itself
        self._all.add(connection)
        return connection

    async def _direct(self, origin: Origin) -> Connection:
        _, connection = await self._loop.create_connection(
            lambda: Connection(self._loop),
            origin.host,
            origin.port,
            ssl=self._context() if origin.tls else None,
            server_hostname=origin.host if origin.tls else None,
        )
        return connection

    async def _through(self, tunnel: Tunnel, origin: Origin) -> Connection:
        connection = Connection(self._loop)
        transport: asyncio.Transport | None = await dig(tunnel, origin.host, origin.port, self._context())
        if origin.tls and transport is not None:
            context = self._context()
            transport = await self._loop.start_tls(transport, connection, context, server_hostname=origin.host)
        if transport is None:
            raise TunnelRefused("the connection through the proxy was lost")
        transport.set_protocol(connection)
        connection.connection_made(transport)
        return connection

    def _is_own(self, connection: Connection) -> bool:
        """Whether a connection leads back to this proxy, whatever its name was."""
        peer, local = connection.addresses
        return self._own_port == peer[1] and (peer[0] == local[0] or is_loopback(peer[0]))

    def give_back(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection for the next call where it can carry one, else close it."""
        if connection.reusable:
            connection.rest(REST_SECONDS)
            self._resting[origin].append(connection)
        else:
            connection.close()
            self._all.discard(connection)

    def sweep(self, now: float) -> None:
        """Give up what has been silent or at rest for too long; done each `sweep_seconds`."""
        for connection in list(self._all):
            connection.expire(now)
            if connection.closed:
                self._all.discard(connection)
        for origin in list(self._resting):
            self._resting[origin] = [each for each in self._resting[origin] if not each.closed]
            if not self._resting[origin]:
                del self._resting[origin]

    async def close(self) -> None:
        """Close everything."""
        self._sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._sweeping
        for connection in self._all:
            connection.close()

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = self._make_tls()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self.sweep_seconds)
            self.sweep(monotonic())
