"""`helicli demo`: the whole product at work, without a key and without a network.

Owns a throw-away database, a fake provider and deterministic traffic; the proxy, the recorder and every line shown are
the real ones. It ends by itself and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer._click.core import Context

from helicli import __version__, paths
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.errors import HelicliError, UsageError

if TYPE_CHECKING:
    import asyncio

    from helicli.query.calls import Call

app = new()

_LOOK_SECONDS = 0.05
_PATIENCE_SECONDS = 30.0
_LIVE_MAX = 100_000


@app.command(
    epilog="""
    helicli demo
    helicli demo --calls 200
    helicli demo --serve
    helicli demo --calls 1000000 --db large.db
    """
)
def demo(
    ctx: Context,
    calls: Annotated[int, typer.Option(metavar="N", min=1, help="How many calls to make.")] = 40,
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed, other traffic.")] = 7,
    pause: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0, help="Between two calls; 0.1, with --serve 1.")
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Go on until ^C, with an address for calls of your own.")
    ] = False,
) -> None:
    """See it work without a key and without a network."""
    import asyncio

    run = invocation(ctx)
    with TemporaryDirectory(prefix="helicli-demo-") as folder:
        database = Path(folder) / "helicli.db"
        if serve:
            from helicli.cli.playground import serve as keep_on

            # A database of the user's own only where it was named here: made-up calls are nobody's log.
            chosen = paths.database(run.env, run.db) if run.db else database
            asyncio.run(keep_on(run, chosen, seed, 1.0 if pause is None else pause))
            return
        if run.db:
            _build(run, paths.database(run.env, run.db), calls, seed)
            return
        if calls > _LIVE_MAX:
            fix = f"helicli demo --calls {calls} --db demo.db   (writes them at once, to be looked at)"
            raise UsageError(f"{calls:,} calls are too many to be made one by one", fix)
        asyncio.run(_Demo(run, database).play(calls, seed, 0.1 if pause is None else pause))


def _build(run: Invocation, path: Path, calls: int, seed: int) -> None:
    """Write a log of made-up calls."""
    import time

    from helicli.cli.progress import Progress
    from helicli.demo import bulk

    begun = time.monotonic()
    with Progress(run.out, f"writing {calls:,} calls") as progress:
        bulk.build(path, calls, seed, int(run.now().timestamp() * 1000), progress)
    run.out.say(f"{calls:,} made-up calls of {bulk.DAYS} days in {path}, in {time.monotonic() - begun:.1f} s")
    run.out.say(f"look   helicli stats --since 7d --db {path}")


class _Demo:
    """One run of the demo; also the watcher of its engine."""

    def __init__(self, run: Invocation, database: Path) -> None:
        self._run = run
        self._out = run.out
        self._database = database
        self._answers: asyncio.Future[str] | None = None

    async def play(self, calls: int, seed: int, pause: float) -> None:
        """Start everything, make the calls, show each as it is recorded, then what they cost."""
        import asyncio

        from helicli.demo import traffic
        from helicli.demo.upstream import FakeUpstream
        from helicli.engine.place import EngineSettings
        from helicli.engine.supervisor import Supervisor
        from helicli.view.lines import call_line
        from helicli.view.summary import many

        self._answers = asyncio.get_running_loop().create_future()
        with FakeUpstream(latency=0.05) as upstream:
            settings = EngineSettings(
                self._database, port=0, upstreams={"openai": upstream.url, "anthropic": upstream.url}
            )
            supervisor = Supervisor(settings, self)
            engine = asyncio.create_task(supervisor.run())
            both: set[asyncio.Future[Any]] = {engine, self._answers}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if engine.done():
                engine.result()
                return
            address = self._answers.result()
            self._out.say(
                f"helicli {__version__} · {address} · {many(calls, 'call')}, a fake provider, a throw-away log"
            )
            making = asyncio.create_task(traffic.run(address, traffic.plan(calls, seed), pause=pause))
            try:
                async for call, said in self._recorded(calls, engine):
                    self._out.data(call_line(call, self._out.width, self._out.style, self._run.clock, said=said))
                if not engine.done():
                    await making
            finally:
                stopped = engine.done()
                making.cancel()
                supervisor.stop()
                # Calls that meet a stopped engine fail; they are nobody's trouble any more.
                await asyncio.gather(making, engine, return_exceptions=True)
        self._show_costs()
        if stopped:
            raise KeyboardInterrupt

    def ready(self, health: dict[str, Any]) -> None:
        """The proxy answers."""
        if self._answers is not None and not self._answers.done():
            self._answers.set_result(health["address"])

    def notice(self, text: str) -> None:
        """Something went wrong with the engine."""
        self._out.say(self._out.err_style.warn("note:") + f"  {text}")

    def draining(self, running_calls: int) -> None:
        """The engine stops; there is nothing to say."""

    async def _recorded(self, count: int, engine: asyncio.Task[int]) -> AsyncIterator[tuple[Call, str]]:
        """Each of `count` calls with its last message, as it is recorded; fewer where the engine is stopped."""
        import asyncio

        from helicli.filters import Filter
        from helicli.query.follow import Follower

        follower = Follower(self._database, Filter())
        clock = asyncio.get_running_loop().time
        seen, patience = 0, clock() + _PATIENCE_SECONDS
        while seen < count and not engine.done():
            fresh = await asyncio.to_thread(follower.poll)
            said = follower.said(fresh)
            for call in fresh:
                yield call, said.get(call.seq, "")
            seen += len(fresh)
            if fresh:
                patience = clock() + _PATIENCE_SECONDS
            elif clock() > patience:
                raise HelicliError(f"only {seen} of {count} calls were recorded", "report this with what stands above")
            await asyncio.sleep(_LOOK_SECONDS)
        follower.close()

    def _show_costs(self) -> None:
        from helicli.filters import Filter
        from helicli.grouping import by
        from helicli.query.groups import sums
        from helicli.query.reading import opened
        from helicli.view.costs import cost_grid
        from helicli.view.figures import lines
        from helicli.view.when import When

        if not self._database.exists():
            return
        with opened(self._database) as log:
            grid = cost_grid((by("model"),), sums(log, Filter(), (by("model"),)))
        self._out.data("")
        for line in lines(grid, "table", True, When(), self._out.style, self._out.width):
            self._out.data(line)
        self._out.say("")
        self._out.say("yours   helicli run -- python app.py      or   helicli serve")
