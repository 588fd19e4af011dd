"""The options that say how what is found is written, for every command that lists calls.

Owns their names, help and order, and the step from what was given to a `Shape`. What is not given follows from the
stream: a table for a terminal, tab-separated rows for a pipe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from helicli.cli.options import Invocation, flag, option
from helicli.columns import Kind, column
from helicli.errors import UsageError
from helicli.guess import guess
from helicli.view.formats import FORMATS
from helicli.view.when import TIMES, When

if TYPE_CHECKING:
    # Who prints sums needs nothing of lists of calls.
    from helicli.query.calls import Order
    from helicli.view.listing import Shape

JSON: Final = flag("--json", help="As JSON.", panel="Output")
FORMAT: Final = option("--format", metavar="F", help="table, plain, json, jsonl or csv.", panel="Output")
COLUMNS: Final = option(
    "--columns", "-c", metavar="LIST", help="These columns: seq,model,cost,prop.NAME,text.", panel="Output"
)
TIME: Final = option("--time", metavar="HOW", help="Instants as relative, local, utc or unix.", panel="Time")
HEADER: Final = flag("--header/--no-header", help="A line of titles; csv has one by itself.", panel="Output")
PAGER: Final = flag("--no-pager", help="Never through a pager.", panel="Output")

OUTPUT: Final = (
    TIME,
    JSON,
    FORMAT,
    COLUMNS,
    option("--sort", metavar="COL[:desc]", help="By this column.", panel="Output"),
    HEADER,
    flag("--fail-empty", help="Exit 1 where there is nothing.", panel="Output"),
)
"""All of them, for lists of calls."""

RECORD: Final = (JSON, FORMAT)
"""Those of a command that prints one thing."""

THINGS: Final = (JSON, FORMAT, HEADER)
"""Those of a list of what are no calls."""


def form(run: Invocation, *, stream: bool = False) -> str:
    """The format. `stream` says that --json means a line for each call. Raises UsageError."""
    given = run.one("format")
    if given is not None and given not in FORMATS:
        near = guess(given, FORMATS)
        fix = f"write --format {', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        raise UsageError(f'--format cannot be "{given}"', f"did you mean {near}?   {fix}" if near else fix)
    if run.is_set("json"):
        if given not in (None, "json", "jsonl"):
            raise UsageError(f"--json and --format {given} are two formats", "leave one of them out")
        given = given or ("jsonl" if stream else "json")
    return given or ("table" if run.out.tty else "plain")


def shape(run: Invocation, *, stream: bool = False) -> Shape:
    """How to write. `stream` says that --json means a line for each call. Raises UsageError."""
    from helicli.view.fields import fields
    from helicli.view.listing import Shape

    chosen = form(run, stream=stream)
    columns, header = run.one("columns"), run.maybe("header")
    own = fields(columns) if columns is not None else None
    return Shape(
        format=chosen,
        fields=own,
        header=header if header is not None else chosen == "csv" or (chosen == "table" and own is not None),
        when=when(run, "local" if chosen == "table" else "utc"),
    )


def when(run: Invocation, by_itself: str) -> When:
    """How to write instants. Raises UsageError."""
    how = run.one("time") or by_itself
    if how not in TIMES:
        near = guess(how, TIMES)
        fix = f"write --time {', '.join(TIMES[:-1])} or {TIMES[-1]}"
        raise UsageError(f'--time cannot be "{how}"', f"did you mean {near}?   {fix}" if near else fix)
    return When(how, run.zone, int(run.now().timestamp() * 1000))


def order(run: Invocation) -> Order | None:
    """What --sort asks for. Raises UsageError."""
    given = run.one("sort")
    if given is None:
        return None
    name, colon, way = given.partition(":")
    from helicli.query.calls import Order

    found = column(name)
    if way not in ("asc", "desc") and (colon or way):
        raise UsageError(f'--sort cannot end in ":{way}"', f"write --sort {name} or --sort {name}:desc")
    if found.kind is Kind.MAP:
        raise UsageError(f"calls cannot be sorted by {found.name}", "choose another column: helicli help columns")
    return Order(found, way == "desc")
