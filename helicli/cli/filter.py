"""`helicli filter`: the calls of the log that fulfil a filter, the newest first.

Owns the order of things: the filter is checked before the log is opened, what is found is printed at once, and the last
line says how much more there is and which time was looked at.
"""

from __future__ import annotations

import time
from typing import Annotated, Final

import typer
from typer._click.core import Context

from helicli.cli import backlog, selecting, shaping
from helicli.cli.finds import Finds
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.cli.unknown import tell_unknown
from helicli.filters import Filter
from helicli.query.calls import Order, sorted_by
from helicli.query.reading import Log, interruptible, opened
from helicli.query.search import Search, explained
from helicli.units import count, dollars
from helicli.view.listing import Shape
from helicli.view.safe import safe

app = new()

DEFAULT: Final = "30d"
"""The time looked at where none is said."""

_PATIENCE_SECONDS: Final = 0.5
"""How long nothing is said of how far it has been looked."""

_INTERRUPTED: Final = 130


@app.command(
    cls=selecting.FilterCommand,
    shared=(*selecting.SELECTION, *shaping.OUTPUT, selecting.EXPLAIN),
    epilog="""
    helicli filter 'cost:>0.01 prop.Environment:production' --since 2d -n 3
    helicli filter status:error --since today -c seq,model,error | cut -f1
    helicli filter 'model=gpt-4o and latency>2s' --sort latency:desc
    helicli filter user:ada '"refund policy"' --json
    helicli filter @slow -cache:hit --explain
    """,
)
def filter_(
    ctx: Context,
    words: selecting.Words = None,
    limit: Annotated[
        int,
        typer.Option("--limit", "-n", metavar="N", min=0, help="So many calls, 0 for all.", rich_help_panel="Output"),
    ] = 20,
) -> None:
    """Print the calls that fulfil a filter, of the last 30 days unless told otherwise."""
    run = invocation(ctx)
    chosen, called = selecting.within(run, words, DEFAULT)
    shape, order = shaping.shape(run), shaping.order(run)
    with opened(run.database) as db:
        if run.is_set("explain"):
            explain(run, db, chosen, called)
            return
        backlog.tell(run.out, run.database)
        looking = Looking(run, db, chosen, shape, limit or None)
        try:
            looking.run(order)
        except KeyboardInterrupt:
            looking.stopped()
            raise typer.Exit(_INTERRUPTED) from None
        looking.footer(called)
    if not looking.finds.tally.calls:
        tell_unknown(run, chosen)
        if run.is_set("fail-empty"):
            raise typer.Exit(1)


def explain(run: Invocation, db: Log, chosen: Filter, called: str) -> None:
    """Print what a filter means, and how the log is asked."""
    statement, values, steps = explained(db, chosen)
    run.out.data(safe(chosen.sentence(called)))
    run.out.data("")
    run.out.data(statement)
    run.out.data(f"parameters: {', '.join(map(repr, values))}")
    run.out.data("")
    for step in steps:
        run.out.data(step)


class Looking:
    """One run of `filter`."""

    def __init__(self, run: Invocation, db: Log, chosen: Filter, shape: Shape, limit: int | None) -> None:
        self._run = run
        self._out = run.out
        self._db = db
        self._chosen = chosen
        self._limit = limit
        self._begun = time.monotonic()
        self._search: Search | None = None
        self._told = False
        self.finds = Finds(run, db, shape)

    def run(self, order: Order | None) -> None:
        """Print what is found."""
        with interruptible(self._db):
            if order is not None:
                self.finds.show(sorted_by(self._db, self._chosen, self._limit, order))
            else:
                self._search = Search(self._db, self._chosen, self._tell)
                for calls in self._search.newest(self._limit):
                    self._clear()
                    self.finds.show(calls)
        self._clear()
        self.finds.end()

    def stopped(self) -> None:
        """End the list with what there is, and say how far it has been looked."""
        self._clear()
        self.finds.end()
        looked = f" after {_of(self._search)}" if self._search is not None else ""
        self._out.say(f"stopped{looked}; {self.finds.tally.told()}")

    def footer(self, called: str) -> None:
        """Say what there is, also beyond what was printed, and which time was looked at."""
        if not self._out.err_tty or self._out.quiet:
            return
        shown, totals = self.finds.tally.calls, None
        if self._limit is not None and shown == self._limit:
            with interruptible(self._db):
                totals = Search(self._db, self._chosen).totals()
        if totals is None or (totals.complete and totals.calls == shown):
            parts = [self.finds.tally.told()]
        else:
            more = "" if totals.complete else "+"
            parts = [f"{shown:,} of {totals.calls:,}{more} calls", dollars(totals.cost_nano) + more]
        beyond = self._limit is not None and shown == self._limit and parts[0] != self.finds.tally.told()
        hint = ["more: -n 0"] if beyond else []
        if not shown and self._run.one("since") is None:
            hint = ["older: --since all"]
        self._out.hint(" · ".join([*parts, called, *hint]))

    def _tell(self, search: Search) -> None:
        if time.monotonic() - self._begun >= _PATIENCE_SECONDS:
            self._told = self._out.passing(f"looked through {_of(search)} · {search.found:,} found · ^C to stop")

    def _clear(self) -> None:
        """Take away what was said of how far it has been looked."""
        if self._told:
            self._out.passing("")
            self._told = False


def _of(search: Search) -> str:
    return f"{count(search.looked)} of {count(search.of)} calls"
