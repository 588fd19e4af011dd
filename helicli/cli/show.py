"""`helicli show`: one call, whole.

Owns the choice of what is shown of it: the page, one side's body, the exact bytes, or everything as one JSON object.
Bytes that are no text never reach a terminal.
"""

from __future__ import annotations

import re
from typing import Annotated

import typer
from typer._click.core import Context

from helicli.cli import backlog, shaping
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import Command, new
from helicli.errors import NotFoundError, UsageError
from helicli.query import calls, wire
from helicli.query.calls import Call
from helicli.query.reading import Log, opened
from helicli.query.tries import Attempt, tries
from helicli.query.wire import Side, Wire
from helicli.rates import Split
from helicli.view.lines import trouble
from helicli.view.listing import Shape, record
from helicli.view.rows import both_sides, json_line, made_of
from helicli.view.safe import safe
from helicli.view.style import Style
from helicli.view.tries import objects


class ShowCommand(Command):
    """Takes `-1` for a call, not for an option."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse, with what counts from the end set where only arguments stand."""
        if "--" not in args:
            numbers = [arg for arg in args if re.fullmatch(r"-\d+", arg)]
            args = [*(arg for arg in args if arg not in numbers), *(["--", *numbers] if numbers else [])]
        return super().parse_args(ctx, args)


app = new()


@app.command(
    cls=ShowCommand,
    shared=(shaping.TIME, shaping.JSON, shaping.FORMAT, shaping.COLUMNS, shaping.PAGER),
    epilog="""
    helicli show last
    helicli show -2
    helicli show 12481 --json
    helicli show 12481 --response --raw > answer.bin
    """,
)
def show(
    ctx: Context,
    call: Annotated[
        str, typer.Argument(metavar="CALL", help="Its number, id (or its beginning), request id, last, or -N.")
    ],
    request: Annotated[
        bool, typer.Option("--request", help="The body that was sent.", rich_help_panel="Output")
    ] = False,
    response: Annotated[
        bool, typer.Option("--response", help="The body that was answered.", rich_help_panel="Output")
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="With either: its exact bytes.", rich_help_panel="Output")] = False,
) -> None:
    """Show one call."""
    run = invocation(ctx)
    if not call.strip():
        raise UsageError("the call has no name", "write its number, last or -1, such as helicli show last")
    if request and response:
        raise UsageError("--request and --response are two things", "ask for one of them, or for both with --json")
    if raw and not (request or response):
        raise UsageError("--raw needs a side", "add --request or --response")
    shape = shaping.shape(run)
    formatted = run.one("format") or run.one("columns") or run.is_set("json")
    if formatted and (request or response):
        raise UsageError("a body has a format of its own", "leave out --request and --response, or the format")
    run.out.detail(f"reading {run.database}")
    backlog.tell(run.out, run.database)
    with opened(run.database) as db:
        found = calls.find(db, call)
        sides = wire.wire(db, found.seq)
        # The readers of dialects, which this imports, have no part in showing a body.
        parts = None if request or response else _parts(db, found)
        asked = [] if request or response else tries(db, found.seq)
    if request or response:
        _body(run, found, sides.request if request else sides.response, "request" if request else "response", raw)
    elif shape.format in ("json", "jsonl", "csv") or shape.fields is not None:
        _data(run, found, sides, parts, asked, shape)
    else:
        _page(run, found, sides, parts, asked, shape)


def _parts(db: Log, call: Call) -> Split | None:
    from helicli.query.split import split

    return split(db, call)


def _data(run: Invocation, call: Call, sides: Wire, parts: Split | None, asked: list[Attempt], shape: Shape) -> None:
    """The call for programs, or the columns of it that were asked for."""
    out = run.out
    said = ""
    if shape.needs_text:
        said = next((turn.text for turn in reversed(wire.conversation(call, sides)) if turn.role == "user"), "")
    if shape.format in ("json", "jsonl"):
        told = shape.as_object(call, said)
        whole = told | made_of(parts) | objects(asked) | both_sides(call, sides)
        out.data(json_line(told if shape.fields is not None else whole))
    elif shape.format == "csv":
        for line in (shape.head(out.width, out.style), shape.line(call, said, out.width, shape.when.short)):
            if line is not None:
                out.data(line)
    else:
        text = trouble(call) or said
        table = shape.format == "table"
        rows = [
            (
                each.name,
                each.cell(call, text, shape.when.dated) if table else each.plain(call, text, shape.when),
            )
            for each in shape.fields or ()
        ]
        for line in record(rows, out.style, table=table):
            out.data(line)


def _page(run: Invocation, call: Call, sides: Wire, parts: Split | None, asked: list[Attempt], shape: Shape) -> None:
    from helicli.view.page import Page, page

    out = run.out
    table = shape.format == "table"
    when = shaping.when(run, "relative" if table else "utc")
    style = Style(False) if run.one("format") == "plain" else out.style
    look = Page(style, out.width, when.dated) if table else Page(style, 0, when.exact)
    out.page(page(call, sides, wire.conversation(call, sides), look, parts, asked), pager=not run.is_set("no-pager"))


def _body(run: Invocation, call: Call, side: Side, name: str, raw: bool) -> None:
    """One body: decoded, and as safe text on a terminal; with --raw the bytes as they stood on the wire."""
    out = run.out
    if side.held is None and side.size:
        raise NotFoundError(f"the {name} body of call {call.seq} was not kept", f"helicli show {call.seq}")
    if side.missing:
        out.say(out.err_style.warn("note:") + f"  {side.missing}")
    body = (side.held or b"") if raw else side.body
    if not out.tty:
        out.raw(body)
        return
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if (not text and body) or "\0" in text:
        raise UsageError(
            f"the {name} body of call {call.seq} is not text",
            f"helicli show {call.seq} --{name}{' --raw' if raw else ''} > body.bin",
        )
    lines = safe(text, newlines="\n").removesuffix("\n").split("\n")
    out.page(lines, pager=not run.is_set("no-pager"))
