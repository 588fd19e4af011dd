"""`helicli show`: one call, whole.

Owns the choice of what is shown of it: the page, one side's body, the exact bytes, or everything as one JSON object.
Bytes that are no text never reach a terminal.
"""

from __future__ import annotations

import base64
import re
from typing import Annotated, Any

import typer
from typer._click.core import Context

from helicli.cli import backlog, options
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import Command, new
from helicli.errors import NotFoundError, UsageError
from helicli.query import calls, wire
from helicli.query.calls import Call
from helicli.query.reading import Log, opened
from helicli.query.wire import Side, Wire
from helicli.rates import Split
from helicli.view.rows import as_object, json_line
from helicli.view.safe import safe


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
    as_json: options.Json = False,
) -> None:
    """Show one call."""
    run = invocation(ctx)
    if not call.strip():
        raise UsageError("the call has no name", "write its number, last or -1, such as helicli show last")
    if request and response:
        raise UsageError("--request and --response are two things", "ask for one of them, or for both with --json")
    if raw and not (request or response):
        raise UsageError("--raw needs a side", "add --request or --response")
    if as_json and (request or response):
        raise UsageError("--json shows both sides", "leave out --request and --response")
    backlog.tell(run.out, run.database)
    with opened(run.database) as db:
        found = calls.find(db, call)
        sides = wire.wire(db, found.seq)
        # The readers of dialects, which this imports, have no part in showing a body.
        parts = None if request or response else _parts(db, found)
    if request or response:
        _body(run, found, sides.request if request else sides.response, "request" if request else "response", raw)
    elif as_json:
        run.out.data(json_line(_object(found, sides, parts)))
    else:
        _page(run, found, sides, parts)


def _parts(db: Log, call: Call) -> Split | None:
    from helicli.query.split import split

    return split(db, call)


def _page(run: Invocation, call: Call, sides: Wire, parts: Split | None) -> None:
    from helicli.view.page import Page, page

    out = run.out
    look = Page(out.style)
    if out.tty:
        look = Page(out.style, out.width, int(run.now().timestamp() * 1000))
    for line in page(call, sides, wire.conversation(call, sides), look, parts):
        out.data(line)


def _object(call: Call, sides: Wire, parts: Split | None) -> dict[str, Any]:
    """All columns, what the cost is made of, and both sides."""
    made_of = {name: getattr(parts, f"{name}_nano") / 1e9 for name in ("input", "output", "fees")} if parts else None
    return {
        **as_object(call),
        "cost_parts": made_of and {f"{name}_usd": dollars for name, dollars in made_of.items()},
        "request": _side(sides.request),
        "response": {"status": call.status, **_side(sides.response)},
        "redacted": sides.redacted,
    }


def _side(side: Side) -> dict[str, Any]:
    """Headers, size and body; the body base64 where it is no UTF-8, null where it is not kept."""
    told: dict[str, Any] = {"headers": side.headers, "size": side.size, "body": None}
    if side.held is not None:
        try:
            told["body"] = side.body.decode()
        except UnicodeDecodeError:
            told |= {"body": base64.b64encode(side.body).decode(), "body_encoding": "base64"}
        told["complete"] = len(side.held) == side.size
    return told


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
    out.data(safe(text, newlines="\n").removesuffix("\n"))
