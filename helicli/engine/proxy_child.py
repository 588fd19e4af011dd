"""The proxy's process: told its settings over its link, it serves until it is told to leave.

Composition root of the write path. Puts doors, journal, upstream and server together, relays the recorder's state into
/healthcheck and the journal's bound, and finishes its calls when the supervisor says so or has died.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import ssl
import sys
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from helicli import __version__
from helicli.engine.link import AsyncLink
from helicli.engine.words import (
    AskHealth,
    Drain,
    Health,
    Known,
    Live,
    Notice,
    ProxySettings,
    Ready,
    RecorderState,
    Settle,
    Settled,
    Word,
)
from helicli.journal import Position
from helicli.providers import registry
from helicli.proxy.app import App
from helicli.proxy.doors import Doors
from helicli.proxy.handoff import Journal, Pressure
from helicli.proxy.pipeline import House
from helicli.proxy.pool import Pool
from helicli.proxy.server import Server, make_server
from helicli.proxy.upstream import Upstream

_LOOK_SECONDS = 1.0
_SETTLE_SECONDS = 2.0
"""How long the calls of a run whose program has ended may still be on the road."""


class Proxy:
    """The running proxy of one generation."""

    def __init__(self, settings: ProxySettings, link: AsyncLink) -> None:
        self._settings = settings
        self._link = link
        self._journal = Journal(Path(settings.journal), settings.generation, settings.journal_max)
        pool = Pool(partial(_trust, settings.ca_file), settings.proxies, int(settings.address.rpartition(":")[2]))
        self._upstream = Upstream(settings.idle_seconds, pool)
        doors = Doors(settings.host, frozenset(settings.allowed_hosts))
        house = House(registry.build(settings.upstreams, settings.configured), doors, self._journal, self._upstream)
        house.runs.know(settings.runs)
        self._runs = house.runs
        self._settling: set[asyncio.Task[None]] = set()
        self._server: Server = make_server(App(house, self.health))
        self._recorder = RecorderState("starting")

    async def serve(self, listener: socket.socket) -> None:
        """Serve until drained."""
        listening = asyncio.create_task(self._listen())
        looking = asyncio.create_task(self._look())
        serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        answering = asyncio.create_task(self._server.answering.wait())
        await asyncio.wait({serving, answering}, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            self._link.say(Ready(self.health()))
            gc.collect()
            gc.freeze()
        try:
            await serving
        finally:
            for task in (answering, looking, listening):
                task.cancel()
            await self._upstream.close()

    def health(self) -> dict[str, Any]:
        """What /healthcheck answers."""
        settings, journal, recorder = self._settings, self._journal, self._recorder
        return {
            "version": __version__,
            "pid": settings.engine_pid,
            "proxy_pid": os.getpid(),
            "recorder_pid": recorder.pid,
            "address": settings.address,
            "database": settings.database,
            "journal": {
                "waiting_bytes": journal.waiting_bytes,
                "running_calls": journal.running,
                "dropped_bodies": journal.dropped_bodies,
                "dropped_calls": journal.dropped_calls,
                "failure": journal.failure,
            },
            "recorder": {
                "state": recorder.state,
                "message": recorder.message,
                "rows": recorder.rows,
                "bad_records": recorder.bad_records,
            },
        }

    async def _listen(self) -> None:
        while True:
            word = await self._link.hear()
            if word is None or isinstance(word, Drain):
                self._server.should_exit = True
                return
            self._on_word(word)

    def _on_word(self, word: Word) -> None:
        if isinstance(word, AskHealth):
            self._link.say(Health(self.health()))
        elif isinstance(word, RecorderState):
            self._recorder = word
            high = Position(*word.high)
            older = word.waiting_bytes if high.generation < self._settings.generation else 0
            self._journal.recorded(high, older)
        elif isinstance(word, Live):
            self._runs.know(word.runs)
            self._link.say(Known(word.serial))
        elif isinstance(word, Settle):
            settling = asyncio.create_task(self._settle(word.token))
            self._settling.add(settling)
            settling.add_done_callback(self._settling.discard)

    async def _settle(self, token: str) -> None:
        """Tell when no call of a run is on the road any more, or has been for too long."""
        traffic = self._runs.get(token)
        if traffic is not None:
            await traffic.quiet(_SETTLE_SECONDS)
        self._link.say(Settled(token, traffic.calls if traffic else 0, self._journal.place))

    async def _look(self) -> None:
        """Look at the disk now and then, and say once when the journal begins to drop."""
        said = Pressure.NONE
        while True:
            self._journal.look_at_disk()
            pressure = self._journal.pressure
            if pressure > said:
                what = "bodies" if pressure == Pressure.NO_BODIES else "calls"
                self._link.say(Notice(f"the journal is full: {what} are no longer logged (see /healthcheck)"))
            said = pressure
            await asyncio.sleep(_LOOK_SECONDS)


def _trust(ca_file: str) -> ssl.SSLContext:
    """Whom providers must be vouched by: the system's or SSL_CERT_FILE's authorities, and those of one more file."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


async def run(listener_fd: int, link_fd: int) -> None:
    """Serve the listening socket by the settings that come over the link."""
    link = await AsyncLink.open(socket.socket(fileno=link_fd))
    try:
        settings = await link.hear()
        if isinstance(settings, ProxySettings):
            await Proxy(settings, link).serve(socket.socket(fileno=listener_fd))
    finally:
        link.close()


def main() -> None:
    """Entry point: `python -m helicli.engine.proxy_child LISTENER LINK`."""
    logging.getLogger("uvicorn").addHandler(logging.NullHandler())
    logging.getLogger("uvicorn").propagate = False
    gc.set_threshold(50_000, 20, 50)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(int(sys.argv[1]), int(sys.argv[2])))


if __name__ == "__main__":
    main()
