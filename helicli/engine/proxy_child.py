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
from helicli.engine.cache_keeper import CacheKeeper
from helicli.engine.link import AsyncLink
from helicli.engine.words import AskHealth, ClearCache, Drain, Health, Notice, ProxySettings, Ready, RecorderState
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


class Proxy:
    """The running proxy of one generation."""

    def __init__(self, settings: ProxySettings, link: AsyncLink) -> None:
        self._settings = settings
        self._link = link
        self._journal = Journal(Path(settings.journal), settings.generation, settings.journal_max)
        pool = Pool(partial(_trust, settings.ca_file), settings.proxies, int(settings.address.rpartition(":")[2]))
        self._upstream = Upstream(settings.idle_seconds, pool)
        doors = Doors(settings.host, frozenset(settings.allowed_hosts))
        self._keeper = CacheKeeper(Path(settings.database), settings.cache, self._journal)
        house = House(registry.build(settings.upstreams), doors, self._journal, self._upstream, self._keeper.cache)
        self._server: Server = make_server(App(house, self.health))
        self._recorder = RecorderState("starting")

    async def serve(self, listener: socket.socket) -> None:
        """Serve until drained."""
        await self._keeper.start()
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
            self._keeper.close()

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
            if isinstance(word, AskHealth):
                self._link.say(Health(self.health()))
            elif isinstance(word, RecorderState):
                self._recorder = word
                high = Position(*word.high)
                older = word.waiting_bytes if high.generation < self._settings.generation else 0
                self._journal.recorded(high, older)
                ours = high.generation >= self._settings.generation
                await self._keeper.recorded(nothing_older=word.state == "ok" and not older, ours=ours)
            elif isinstance(word, ClearCache):
                self._link.say(self._keeper.clear(word))

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
