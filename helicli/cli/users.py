"""`helicli users`: who called, how often, and what it cost.

Owns the list and the page of one user; the last 30 days where no time is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from typer._click.core import Context

from helicli import grouping
from helicli.cli import asking, backlog, grids, selecting
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.cli.unknown import tell_unknown
from helicli.errors import NotFoundError, UsageError
from helicli.filters import one_of
from helicli.guess import guess
from helicli.query.groups import sums
from helicli.query.labels import user_sums
from helicli.query.labels import users as ask
from helicli.query.totals import Totals
from helicli.query.values import values
from helicli.view.costs import cost_grid
from helicli.view.labels import SORTS, user_grid
from helicli.view.summary import summary

app = new()

_SHARED = (*selecting.SELECTION, *grids.OUTPUT)


@app.command(
    cls=selecting.FilterCommand,
    shared=_SHARED,
    epilog="""
    helicli users
    helicli users --since 7d --sort calls:desc -n 5
    helicli users show ada
    helicli users status:error --json
    """,
)
def users(
    ctx: Context,
    words: selecting.Words = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=0, help="N of them, 0 for all.", rich_help_panel="Output")
    ] = 20,
) -> None:
    """Print the users, the dearest first, or with `show ID` what one of them called."""
    run = invocation(ctx)
    if words and words[0] == "show":
        _show(run, words[1:])
        return
    chosen, told = selecting.within(run, words, "30d")
    column, down = _order(run)
    with asking.log(run) as db:
        if grids.explain(run, db, chosen, told, (grouping.by("user"),)):
            return
        found = user_sums(db, chosen)
        names = sorted(found, key=lambda name: (_worth(found[name], column, down), name))
        listed = ask(db, chosen, found, names[: limit or None])
    backlog.tell(run.out, run.database)
    run.keep("sort", None)
    grids.show(run, user_grid(listed))
    some = f"{len(listed):,} of {len(found):,} users" if len(listed) < len(found) else f"{len(found):,} users"
    more = " · more: -n 0" if len(listed) < len(found) else ""
    run.out.say(f"{told} · {some}{more}" + (f" · {chosen.text}" if chosen.text else ""))
    if not found:
        tell_unknown(run, chosen)
    grids.fail_empty(run, found)


def _order(run: Invocation) -> tuple[str, bool]:
    """The sum that puts them in order, and whether the greatest is first. Raises UsageError."""
    given = run.one("sort") or "cost:desc"
    name, colon, way = given.partition(":")
    if way not in ("asc", "desc") and (colon or way):
        raise UsageError(f'--sort cannot end in ":{way}"', f"write --sort {name} or --sort {name}:desc")
    if name not in SORTS:
        near = guess(name, SORTS)
        fix = f"did you mean {near}?" if near else f"write --sort {', '.join(SORTS)}"
        raise UsageError(f'users cannot be sorted by "{name}"', fix)
    return SORTS[name], way == "desc"


def _worth(total: Totals, column: str, down: bool) -> int:
    value: int = getattr(total, column)
    return -value if down else value


def _show(run: Invocation, words: Sequence[str]) -> None:
    if len(words) != 1:
        raise UsageError("show takes one user", "helicli users show ada")
    name = words[0]
    chosen, told = selecting.within(run, None, "30d")
    chosen = chosen.both(one_of("user", [name]))
    by = (grouping.by("model"),)
    with asking.log(run) as db:
        if grids.explain(run, db, chosen, told, by):
            return
        found = sums(db, chosen, by, run.zone)
        if not found and name not in values(db, "users", name):
            near = guess(name, values(db, "users", limit=1000))
            raise NotFoundError(f'no user "{name}" in the log', f"did you mean {near}?" if near else "helicli users")
    backlog.tell(run.out, run.database)
    grids.show(run, cost_grid(by, found, run.zone))
    whole = sum(total.calls for total in found.values()), sum(total.cost_nano for total in found.values())
    run.out.say(f"{name} · {told} · {summary(*whole, sum(total.errors for total in found.values()), 0)}")
