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
import sqlite3
import ssl
import sys
from collections.abc import Coroutine
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from helicli import __version__
from helicli.engine.cache_keeper import CacheKeeper
from helicli.engine.change_words import ReadLimits, ReadPrompts
from helicli.engine.limit_keeper import LimitKeeper
from helicli.engine.link import AsyncLink
from helicli.engine.prompt_keeper import PromptKeeper
from helicli.engine.words import (
    AskHealth,
    AskUsage,
    ClearCache,
    Drain,
    Health,
    Known,
    Live,
    Notice,
    Price,
    ProxySettings,
    Ready,
    RecorderState,
    Settle,
    Settled,
    Word,
)
from helicli.errors import HelicliError
from helicli.journal import Position
from helicli.providers import registry
from helicli.proxy.app import App
from helicli.proxy.doors import Doors
from helicli.proxy.durability import Disk
from helicli.proxy.house import House
from helicli.proxy.journal import Journal, Pressure
from helicli.proxy.pool import Pool
from helicli.proxy.server import Server, make_server
from helicli.proxy.upstream import Upstream
from helicli.rates import Rates, UserPrice
from helicli.store.connect import open_reader
from helicli.store.rates import load

_LOOK_SECONDS = 1.0
_SETTLE_SECONDS = 2.0
"""How long the calls of a run whose program has ended may still be on the road."""


class Proxy:
    """The running proxy of one generation."""

    def __init__(self, settings: ProxySettings, link: AsyncLink) -> None:
        self._settings = settings
        self._link = link
        folder = Path(settings.journal)
        self._disk = Disk(folder) if settings.durability == "sync" else None
        self._journal = Journal(folder, settings.generation, settings.journal_max, self._disk)
        pool = Pool(partial(_trust, settings.ca_file), settings.proxies, int(settings.address.rpartition(":")[2]))
        self._upstream = Upstream(settings.timeouts, pool)
        doors = Doors(settings.host, frozenset(settings.allowed_hosts))
        providers = registry.build(settings.upstreams, settings.configured)
        self._keeper = CacheKeeper(Path(settings.database), settings.cache, self._journal)
        self._house = house = House(providers, doors, self._journal, self._upstream, self._keeper.cache, settings.retry)
        house.rates = Rates({}, settings.prices)
        self._limits = LimitKeeper(settings, house, link)
        self._prompts = PromptKeeper(Path(settings.database), house, link)
        house.runs.know(settings.runs)
        self._runs = house.runs
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: Server = make_server(App(house, self.health))
        self._recorder = RecorderState("starting")
        self._last_rate = 0
        self._reading: asyncio.Task[None] | None = None

    async def serve(self, listener: socket.socket) -> None:
        """Serve until drained."""
        await asyncio.gather(self._keeper.start(), self._limits.begin(), self._prompts.begin())
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
        settings, journal, recorder, cache = self._settings, self._journal, self._recorder, self._keeper.cache
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
                "durability": settings.durability,
                "sync_failures": self._disk.failures if self._disk else 0,
                "sync_failure": self._disk.failure if self._disk else "",
            },
            "recorder": {
                "state": recorder.state,
                "message": recorder.message,
                "rows": recorder.rows,
                "bad_records": recorder.bad_records,
            },
            "priced_models": len(self._house.rates),
            "cache": {"entries": len(cache.index), "bytes": cache.index.bytes},
            "left_alone": self._house.breaker.open(),
            "limits": len(self._house.admission.standing),
            "prompts": len(self._house.shelf.prompts),
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
            self._on_recorder(word)
            self._limits.again()
            self._prompts.again()
        elif isinstance(word, ReadLimits | AskUsage | Price):
            self._limits.on_word(word)
        elif isinstance(word, ReadPrompts):
            self._prompts.on_word(word)
        elif isinstance(word, Live):
            self._runs.know(word.runs)
            self._link.say(Known(word.serial))
        elif isinstance(word, Settle):
            self._begin(self._settle(word.token))
        elif isinstance(word, ClearCache):
            self._begin(self._clear(word))

    def _on_recorder(self, word: RecorderState) -> None:
        self._recorder = word
        high = Position(*word.high)
        ours = high.generation >= self._settings.generation
        self._journal.recorded(high, 0 if ours else word.waiting_bytes)
        self._begin(self._keeper.recorded())
        if word.last_rate != self._last_rate and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read_rates(word.last_rate))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work go on that the next word need not wait for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _clear(self, word: ClearCache) -> None:
        self._link.say(await self._keeper.clear(word))

    async def _settle(self, token: str) -> None:
        """Tell when no call of a run is on the road any more, or has been for too long."""
        traffic = self._runs.get(token)
        if traffic is not None:
            await traffic.quiet(_SETTLE_SECONDS)
        self._link.say(Settled(token, traffic.calls if traffic else 0, self._journal.place))

    async def _read_rates(self, last_rate: int) -> None:
        """Put the rates that are stored now in place of those known; where that fails the next word tries again."""
        try:
            rates = await asyncio.to_thread(_stored_rates, Path(self._settings.database), self._settings.prices)
        except (HelicliError, sqlite3.Error):
            return
        self._limits.learnt(rates)
        self._house.rates = rates
        self._last_rate = last_rate

    async def _look(self) -> None:
        """Look at the disk now and then; say when the journal begins to drop, and once that it is not on the disk."""
        said, failed = Pressure.NONE, False
        while True:
            self._journal.look_at_disk()
            pressure = self._journal.pressure
            if pressure > said:
                what = "bodies" if pressure == Pressure.NO_BODIES else "calls"
                self._link.say(Notice(f"the journal is full: {what} are no longer logged (see /healthcheck)"))
            said = pressure
            if self._disk is not None and self._disk.failures and not failed:
                failed = True
                self._link.say(Notice(f"the disk did not take the journal: {self._disk.failure} (see /healthcheck)"))
            await asyncio.sleep(_LOOK_SECONDS)


def _stored_rates(database: Path, prices: tuple[UserPrice, ...]) -> Rates:
    with closing(open_reader(database)) as db:
        return Rates(load(db), prices)


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
