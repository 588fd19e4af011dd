"""`helicli demo --serve`: an engine before the fake provider, with traffic, for as long as somebody plays with it.

Owns what is said at its start. The engine is a real one, so `tail`, `show` and programs of one's own work with it.
"""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import Any

from helicli.cli.options import Invocation
from helicli.cli.watch import Watch
from helicli.errors import NetworkError

_ROUND = 200
"""Calls in one plan of traffic; then the next one begins."""


async def serve(run: Invocation, database: Path, seed: int, pause: float) -> None:
    """Play until stopped."""
    from helicli.demo.upstream import FakeUpstream
    from helicli.engine.place import EngineSettings
    from helicli.engine.supervisor import Supervisor

    watch = _Watch(run, database)
    with FakeUpstream(latency=0.05, keep=False) as upstream:
        watch.upstream = upstream.url
        settings = EngineSettings(database, port=0, upstreams={"openai": upstream.url, "anthropic": upstream.url})
        following = asyncio.create_task(watch.follow())
        making = asyncio.create_task(_traffic(watch, seed, pause))
        try:
            await Supervisor(settings, watch).run()
        finally:
            following.cancel()
            making.cancel()
            # Calls that meet a stopped engine fail; they are nobody's trouble any more.
            await asyncio.gather(making, following, return_exceptions=True)
    watch.stopped()


class _Watch(Watch):
    """A watch that also says how to play."""

    def __init__(self, run: Invocation, database: Path) -> None:
        super().__init__(run, database, None)
        self.upstream = ""
        self.address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._say = run.out.say
        # There a watch has said both by itself.
        self._terminal = run.out.err_tty
        self._path = database

    def ready(self, health: dict[str, Any]) -> None:
        """The proxy answers."""
        super().ready(health)
        address = health["address"]
        self._say("a fake provider answers in place of OpenAI and Anthropic; any key will do")
        self._say(f"  it is at    {self.upstream}")
        self._say(f"  watch       helicli tail --db {shlex.quote(str(self._path))}")
        if not self._terminal:
            self._say(f"  play        OPENAI_BASE_URL={address}/openai/v1 ANTHROPIC_BASE_URL={address}/anthropic")
        self._say("^C to stop")
        if not self.address.done():
            self.address.set_result(address)


async def _traffic(watch: _Watch, seed: int, pause: float) -> None:
    """Made-up calls, one plan after another."""
    from helicli.demo import traffic

    address = await watch.address
    while True:
        try:
            await traffic.run(address, traffic.plan(_ROUND, seed), pause=pause)
        except NetworkError:
            return
        seed += 1
