"""`helicli score`: what you think of a call's answer, kept with the call.

Owns the words for it: a thumb, or numbers by name. They are in the log when the command returns.
"""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import typer
from typer._click.core import Context

from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.errors import UsageError
from helicli.query.calls import find
from helicli.query.reading import opened
from helicli.scores import FEEDBACK, scored
from helicli.units import figure
from helicli.view.safe import safe

_THUMBS: Final = {"up": 1.0, "down": 0.0}
_TRUTHS: Final = {"true": True, "false": False, "yes": True, "no": False}

app = new()


@app.command(
    epilog="""
    helicli score last up
    helicli score 12481 helpful=0.8 correct=yes
    helicli filter score.helpful:<0.5
    """,
)
def score(
    ctx: Context,
    call: Annotated[
        str, typer.Argument(metavar="CALL", help="Its number, id (or its beginning), request id, or last.")
    ],
    given: Annotated[list[str], typer.Argument(metavar="up|down|NAME=VALUE…", help="A thumb, or numbers by name.")],
) -> None:
    """Score a call; a later score of a name replaces the earlier one."""
    from helicli.engine import scores as engine

    run = invocation(ctx)
    values = dict(_value(each) for each in given)
    with opened(run.database) as db:
        found = find(db, call)
    wanted = scored(str(UUID(bytes=found.id)), values, _now(run))
    engine.keep(run.database, wanted, run.out.say)
    told = " ".join(f"{name}={figure(value)}" for name, value in wanted.scores.items())
    run.out.say(f"{found.seq} scored: {safe(told)}   helicli filter has:score")


def _value(text: str) -> tuple[str, float]:
    """The name and the number of what was typed. Raises UsageError."""
    if text.lower() in _THUMBS:
        return FEEDBACK, _THUMBS[text.lower()]
    name, equals, value = text.partition("=")
    word = value.strip().lower()
    try:
        if equals and name.strip():
            return name, _TRUTHS[word] if word in _TRUTHS else _THUMBS[word] if word in _THUMBS else float(word)
    except ValueError:
        pass
    raise UsageError(f'"{text}" is no score', "write up, down, or a number by name: helpful=0.8")


def _now(run: Invocation) -> int:
    return int(run.now().timestamp() * 1000)
