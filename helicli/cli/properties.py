"""`helicli properties`: the labels that callers give their calls.

Owns the list of names and the list of one name's values; the last 30 days where no time is given.
"""

from __future__ import annotations

from typing import Annotated

import typer
from typer._click.core import Context

from helicli.cli import asking, backlog, grids, selecting
from helicli.cli.options import invocation
from helicli.cli.root import new
from helicli.errors import NotFoundError
from helicli.grouping import By
from helicli.guess import guess
from helicli.query.labels import properties as ask
from helicli.query.labels import property_names, property_sums
from helicli.view.labels import property_grid, value_grid

app = new()


@app.command(
    shared=(*selecting.SELECTION, *grids.OUTPUT),
    epilog="""
    helicli properties
    helicli properties environment --since 7d
    helicli properties feature --sort cost:desc --json
    """,
)
def properties(
    ctx: Context,
    label: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The values of this one.", show_default=False)
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=0, help="N of them, 0 for all.", rich_help_panel="Output")
    ] = 0,
) -> None:
    """Print the properties of calls, or the values of one."""
    run = invocation(ctx)
    chosen, told = selecting.within(run, None, "30d")
    with asking.log(run) as db:
        name = (label or "").strip().lower().removeprefix("prop.")
        if grids.explain(run, db, chosen, told, (By(label=name),) if name else ()):
            return
        if label is None:
            grid, noun = property_grid(ask(db, chosen)), "propert"
        else:
            known = property_names(db)
            if name not in known:
                near = guess(name, known)
                fix = f"did you mean {near}?" if near else "helicli properties"
                raise NotFoundError(f'no property "{label}" in the log', fix)
            grid, noun = value_grid(name, property_sums(db, chosen, name)), "value"
    backlog.tell(run.out, run.database)
    grids.show(run, grid, limit)
    ending = {"propert": ("y", "ies"), "value": ("", "s")}[noun][len(grid.rows) != 1]
    run.out.say(f"{told} · {len(grid.rows):,} {noun}{ending}" + (f" · {chosen.text}" if chosen.text else ""))
    grids.fail_empty(run, grid.rows)
