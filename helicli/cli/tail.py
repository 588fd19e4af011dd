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

from helicli.cli import backlog, options
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.errors import UsageError
from helicli.filters import Selection
from helicli.query.calls import Call
from helicli.query.follow import Follower
from helicli.query.reading import opened
from helicli.units import duration
from helicli.view import lines, rows

app = new()

LOOK_SECONDS: Final = 0.2
PATIENCE_SECONDS: Final = 5.0
"""How long there may be no database before that is said."""


@app.command(
    epilog="""
    helicli tail --user ada
    helicli tail --errors --since 1h --no-follow
    helicli tail --json --errors | jq -r .error_message
    helicli tail --errors --count 1 --timeout 10s && echo "it happened"
    """
)
def tail(
    ctx: Context,
    user: options.User = None,
    session: options.Session = None,
    model: options.Model = None,
    status: options.Status = None,
    errors: options.Errors = False,
    run_id: options.Run = None,
    since: options.Since = None,
    limit: options.Limit = 10,
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
    as_json: options.Json = False,
) -> None:
    """Print the newest calls and then each one that ends."""
    run = invocation(ctx)
    chosen = options.selection(
        run, user=user, session=session, model=model, status=status, errors=errors, since=since, run_id=run_id
    )
    if not follow and (count or timeout):
        raise UsageError("--count and --timeout wait for calls, --no-follow does not", "leave one of them out")
    seconds = duration(timeout) if timeout else None
    if not follow:
        # A database that is not there is an error here: nothing will come of waiting.
        with opened(run.database):
            pass
    backlog.tell(run.out, run.database)
    following = Tail(run, chosen, as_json=as_json)
    try:
        enough = following.run(limit, follow=follow, count=count, timeout=seconds)
    except KeyboardInterrupt:
        run.out.say(following.summary())
        return
    if not enough:
        raise typer.Exit(1)


class Tail:
    """One run of `tail`. `pause` and `clock` are for whoever drives it without waiting."""

    def __init__(
        self,
        run: Invocation,
        selection: Selection,
        *,
        as_json: bool,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out = run.out
        self._zone = run.zone
        self._path = run.database
        self._selection = selection
        self._json = as_json
        self._pause = pause
        self._clock = clock
        self._calls = self._errors = self._cost = self._unpriced = 0
        self._follower = Follower(run.database, selection)

    def run(self, limit: int, *, follow: bool, count: int | None, timeout: float | None) -> bool:
        """Show and follow until it is enough; whether enough calls came.

        Where calls are waited for, only those count that end from now on, unless the selection says since when.
        """
        waits = count is not None or timeout is not None
        backlog: int | None = limit or None
        if waits:
            backlog = 0 if self._selection.since_ms is None else None
        if follow:
            chosen = self._selection.sentence(self._zone) or "all calls"
            self._out.say(f"following {chosen} — ^C to stop")
        begun = self._clock()
        try:
            self._show(self._follower.begin(backlog), count)
            self._follow(begun, follow=follow, count=count, timeout=timeout)
        finally:
            self._follower.close()
        return not waits or self._calls >= (count or 1)

    def summary(self) -> str:
        """What was shown, in one line."""
        return lines.summary(self._calls, self._cost, self._errors, self._unpriced)

    def _follow(self, begun: float, *, follow: bool, count: int | None, timeout: float | None) -> None:
        alone_since: float | None = begun
        while count is None or self._calls < count:
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
        if count is not None:
            calls = calls[: count - self._calls]
        said = {} if self._json or not calls else self._follower.said([call for call in calls if not call.failed])
        for call in calls:
            self._calls += 1
            self._errors += call.failed
            self._cost += call.cost_nano or 0
            self._unpriced += call.cost_nano is None
            self._out.data(self._line(call, said.get(call.seq, "")))

    def _line(self, call: Call, said: str) -> str:
        if self._json:
            return rows.json_line(rows.as_object(call))
        if not self._out.tty:
            return rows.tsv(call, lines.trouble(call) or said)
        # Whose they are need not be said again where one user was asked for.
        whose = len(self._selection.users) != 1
        return lines.call_line(call, self._out.width, self._out.style, self._zone, said=said, user=whose)
