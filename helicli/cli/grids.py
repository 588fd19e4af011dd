"""Groups of calls, printed: which columns, which order, how many, in which format.

Owns the one way in which groups reach stdout, and the options that shape them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import typer
from msgspec.structs import replace

from helicli.cli import selecting, shaping
from helicli.cli.options import Invocation, flag, option
from helicli.errors import UsageError
from helicli.filters import Filter
from helicli.grouping import By
from helicli.guess import guess
from helicli.query.groups import explained
from helicli.query.reading import Log
from helicli.view.figures import Cell, Grid, lines, objects
from helicli.view.rows import json_line
from helicli.view.safe import safe

OUTPUT: Final = (
    shaping.TIME,
    shaping.JSON,
    shaping.FORMAT,
    option("--columns", "-c", metavar="LIST", help="These columns, by the names JSON has.", panel="Output"),
    option("--sort", metavar="COL[:desc]", help="By this column.", panel="Output"),
    flag("--header/--no-header", help="A line of titles; table and csv have one by themselves.", panel="Output"),
    flag("--fail-empty", help="Exit 1 where there is nothing.", panel="Output"),
    selecting.EXPLAIN,
)


def show(run: Invocation, grid: Grid, limit: int = 0) -> None:
    """Print a grid as the options say; at most `limit` rows, 0 for all. Raises UsageError."""
    format_ = shaping.form(run)
    when = shaping.when(run, "local" if format_ == "table" else "utc")
    grid = _chosen(run, _sorted(run, grid))
    if limit:
        grid = replace(grid, rows=grid.rows[:limit])
    out = run.out
    if format_ == "json":
        out.data(json_line(objects(grid)))
    else:
        given = run.maybe("header")
        header = given if given is not None else format_ in ("csv", "table")
        if grid.rows or format_ == "csv":
            for line in lines(grid, format_, header, when, out.style, out.width):
                out.data(line)


def explain(
    run: Invocation, db: Log, chosen: Filter, called: str, by: Sequence[By] = (), *, maxima: bool = False
) -> bool:
    """Where --explain is given, print what a filter means and of what its sums are made; whether it was."""
    if not run.is_set("explain"):
        return False
    run.out.data(safe(chosen.sentence(called)))
    run.out.data("")
    for line in explained(db, chosen, by, run.zone, maxima=maxima):
        run.out.data(safe(line))
    return True


def fail_empty(run: Invocation, found: object) -> None:
    """End with 1 where there is nothing and that was asked for; the last thing a command does."""
    if run.is_set("fail-empty") and not found:
        raise typer.Exit(1)


def _sorted(run: Invocation, grid: Grid) -> Grid:
    given = run.one("sort")
    if given is None:
        return grid
    name, colon, way = given.partition(":")
    if way not in ("asc", "desc") and (colon or way):
        raise UsageError(f'--sort cannot end in ":{way}"', f"write --sort {name} or --sort {name}:desc")
    at = _place(grid, name)
    known = [row for row in grid.rows if row[at] is not None]
    rest = [row for row in grid.rows if row[at] is None]

    def worth(row: tuple[Cell, ...]) -> tuple[float, str]:
        value = row[at]
        return (0.0, value) if isinstance(value, str) else (float(value or 0), "")

    return replace(grid, rows=[*sorted(known, key=worth, reverse=way == "desc"), *rest])


def _chosen(run: Invocation, grid: Grid) -> Grid:
    given = run.one("columns")
    if given is None:
        return grid
    places = [_place(grid, name) for name in given.split(",") if name.strip()]
    if not places:
        raise UsageError("--columns names none", f"write --columns {grid.headings[0].name}")
    headings = tuple(replace(grid.headings[at], only="") for at in places)
    rows = [tuple(row[at] for at in places) for row in grid.rows]
    return Grid(headings, rows)


def _place(grid: Grid, name: str) -> int:
    """Where the column of a name stands."""
    names = [each.name for each in grid.headings]
    word = name.strip().lower()
    for meant in (word, f"{word}_usd", f"{word}_ms"):
        if meant in names:
            return names.index(meant)
    near = guess(word, names)
    raise UsageError(
        f'no column "{name.strip()}" here', f"did you mean {near}?" if near else f"write one of {', '.join(names)}"
    )
