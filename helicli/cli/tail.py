"""`helicli tail`: watch calls as they end.

Owns the loop: what is shown at the start, how long is waited, when it is enough. It follows the file, not the engine,
so it outlives every engine and waits where there is no file yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Final

import typer
from typer._click.core import Context

from helicli.cli import backlog, selecting, shaping
from helicli.cli.listing import Lister
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.cli.unknown import tell_unknown
from helicli.errors import UsageError
from helicli.filters import Filter
from helicli.query.calls import Call, sorted_by
from helicli.query.follow import Follower
from helicli.query.reading import opened
from helicli.units import duration
from helicli.view.listing import Shape

app = new()

LOOK_SECONDS: Final = 0.2
PATIENCE_SECONDS: Final = 5.0
"""How long there may be no database before that is said."""


@app.command(
    cls=selecting.FilterCommand,
    shared=(*selecting.SELECTION, *shaping.OUTPUT),
    epilog="""
    helicli tail --user ada
    helicli tail 'latency:>2s or status:5xx' -cache:hit
    helicli tail --errors --since 1h --no-follow
    helicli tail --json --errors | jq -r .error_message
    helicli tail --errors --count 1 --timeout 10s && echo "it happened"
    helicli tail --no-follow --sort cost:desc -n 5 -c seq,cost,model,user
    """,
)
def tail(
    ctx: Context,
    words: selecting.Words = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", "-n", metavar="N", min=0, help="The newest N first, 0 for all.", rich_help_panel="Output"
        ),
    ] = 10,
    bodies: Annotated[
        bool, typer.Option("--bodies", help="With each call, what was said in it.", rich_help_panel="Output")
    ] = False,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow/--no-follow", "-f", help="Go on as calls come; so it does by itself.", rich_help_panel="Following"
        ),
    ] = True,
    count: Annotated[
        int | None,
        typer.Option("--count", metavar="N", min=1, help="End well after N calls.", rich_help_panel="Following"),
    ] = None,
    timeout: Annotated[
        str | None,
        typer.Option(
            "--timeout", metavar="DUR", help="End after so long; exit 1 if too few came.", rich_help_panel="Following"
        ),
    ] = None,
) -> None:
    """Print the newest calls and then each one that ends."""
    run = invocation(ctx)
    chosen, shape, order = selecting.selection(run, words), shaping.shape(run, stream=True), shaping.order(run)
    seconds = duration(timeout) if timeout else None
    if chosen.until_ms is not None and chosen.until_ms <= run.now().timestamp() * 1000:
        # What ends from now on is not before then.
        follow = False
    waits = bool(count or timeout)
    _check(shape, follow=follow, waits=waits, bodies=bodies, ordered=order is not None)
    run.out.detail(f"reading {run.database}")
    if not follow:
        # A database that is not there is an error here: nothing will come of waiting.
        with opened(run.database):
            pass
    backlog.tell(run.out, run.database)
    following = Tail(run, chosen, shape, bodies=bodies)
    if order is not None:
        with opened(run.database) as db:
            following.show_all(sorted_by(db, chosen, limit or None, order))
    else:
        try:
            enough = following.run(limit, follow=follow, count=count, timeout=seconds)
        except KeyboardInterrupt:
            run.out.say(following.lister.tally.told())
            return
        if not enough:
            raise typer.Exit(1)
    if not follow:
        run.out.hint(following.lister.footer())
    if run.is_set("fail-empty") and not following.lister.tally.calls:
        raise typer.Exit(1)


def _check(shape: Shape, *, follow: bool, waits: bool, bodies: bool, ordered: bool) -> None:
    """Raise UsageError for options that do not go together."""
    if not follow and waits:
        raise UsageError("--count and --timeout wait for calls, --no-follow does not", "leave one of them out")
    if follow and not waits and shape.format == "json":
        raise UsageError("--format json is an array, and what is followed has no end", "--format jsonl, or --no-follow")
    if follow and ordered:
        raise UsageError("what is followed cannot be sorted", "add --no-follow")
    if bodies and shape.format == "csv":
        raise UsageError("--bodies has no place in csv", "--format jsonl")


class Tail:
    """One run of `tail`. `pause` and `clock` are for whoever drives it without waiting."""

    def __init__(
        self,
        run: Invocation,
        selection: Filter,
        shape: Shape,
        *,
        bodies: bool = False,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out = run.out
        self._run = run
        self._path = run.database
        self._selection = selection
        self._pause = pause
        self._clock = clock
        self._follower = Follower(run.database, selection)
        self.lister = Lister(run, selection, shape, self._follower, bodies=bodies)

    def show_all(self, calls: list[Call]) -> None:
        """Show calls that were read elsewhere."""
        self._follower.begin(0)
        try:
            self.lister.begin()
            self.lister.show(calls)
            self.lister.end()
        finally:
            self._follower.close()

    def run(self, limit: int, *, follow: bool, count: int | None, timeout: float | None) -> bool:
        """Show and follow until it is enough; whether enough calls came.

        Where calls are waited for, only those count that end from now on, unless the selection says since when.
        """
        waits = count is not None or timeout is not None
        backlog: int | None = limit or None
        if waits:
            backlog = 0 if self._selection.since_ms is None else None
        if follow:
            chosen = self._selection.told(self._run.zone) or "all calls"
            self._out.say(f"following {chosen} — ^C to stop")
        begun = self._clock()
        try:
            self.lister.begin()
            self._show(self._follower.begin(backlog), count)
            if not self.lister.tally.calls and not waits:
                tell_unknown(self._run, self._selection)
            self._follow(begun, follow=follow, count=count, timeout=timeout)
            self.lister.end()
        finally:
            self._follower.close()
        return not waits or self.lister.tally.calls >= (count or 1)

    def _follow(self, begun: float, *, follow: bool, count: int | None, timeout: float | None) -> None:
        alone_since: float | None = begun
        while count is None or self.lister.tally.calls < count:
            calls = self._follower.poll()
            self._show(calls, count)
            if calls:
                continue
            now = self._clock()
            if not follow or (timeout is not None and now - begun >= timeout):
                return
            if self._follower.connected:
                alone_since = now
            elif alone_since is not None and now - alone_since >= PATIENCE_SECONDS:
                alone_since = None
                self._out.say(self._out.err_style.dim(f"no database at {self._path} yet; still waiting"))
            if self._out.unread():
                raise BrokenPipeError
            left = LOOK_SECONDS if timeout is None else max(0.0, min(LOOK_SECONDS, begun + timeout - now))
            self._pause(left)

    def _show(self, calls: list[Call], count: int | None) -> None:
        self.lister.show(calls if count is None else calls[: count - self.lister.tally.calls])
