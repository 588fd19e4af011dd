"""`helicli tui`: the log on the full screen.

Owns what the app is started with: the composition root of everything below `tui`. The log is being read before anything
that draws is imported.
"""

from __future__ import annotations

import gc
import os
import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer._click.core import Context

from helicli import paths
from helicli.cli import selecting
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.config import Settings
from helicli.errors import UsageError
from helicli.guess import guess
from helicli.values import Value

if TYPE_CHECKING:
    from helicli.tui.setup import Setup

app = new()


@app.command(
    cls=selecting.FilterCommand,
    epilog="""
    helicli tui
    helicli tui status:error -cache:hit
    helicli tui --screen analytics
    helicli tui --symbols ascii --theme ansi-dark
    """,
)
def tui(
    ctx: Context,
    words: selecting.Words = None,
    screen: Annotated[str, typer.Option("--screen", metavar="NAME", help="What is shown first.")] = "requests",
    theme: Annotated[
        str | None, typer.Option("--theme", metavar="NAME", help="Colours, such as nord or ansi-dark.")
    ] = None,
    symbols: Annotated[
        str | None, typer.Option("--symbols", metavar="WORD", help="What is drawn with: auto, braille, block or ascii.")
    ] = None,
) -> None:
    """Look at calls, one call and analytics on the full screen."""
    run = invocation(ctx)
    flags: dict[str, Value] = {}
    flags |= {"tui.theme": theme} if theme is not None else {}
    flags |= {"tui.symbols": symbols} if symbols is not None else {}
    setup = _setup(run, " ".join(words or ()), screen, run.load(flags))
    from helicli.tui.asking import chosen
    from helicli.tui.call_list import CallList
    from helicli.tui.feed import Feed

    asked = chosen(setup, setup.filter, setup.since)
    # Textual draws on stderr and reads keys from stdin.
    if not (run.out.err_tty and os.isatty(0)):
        raise UsageError("tui needs a terminal", "helicli filter, helicli tail: they write to a pipe too")
    feed = Feed(setup.database, setup.engine)
    first = CallList(feed)
    first.choose(asked)
    # What is imported stays: to look through it for garbage takes a tenth of the start, and later each time a key's.
    gc.disable()
    try:
        # What draws takes longer to import than the log to answer.
        from helicli.tui.app import HelicliApp

        HelicliApp(setup, feed, first, started=_collect).run()
    finally:
        _collect()
        feed.close()


def _collect() -> None:
    """Look for garbage from now on, but not among what is there already."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _setup(run: Invocation, text: str, screen: str, settings: Settings) -> Setup:
    from helicli.tui import suiting
    from helicli.tui.setup import SCREENS, Setup
    from helicli.tui.table_columns import USUAL, shape

    if screen not in SCREENS:
        near = guess(screen, SCREENS)
        fix = f"write --screen {' or '.join(SCREENS)}"
        raise UsageError(f'--screen cannot be "{screen}"', f"did you mean {near}?   {fix}" if near else fix)
    columns = settings.words("tui.columns") or USUAL
    for name in columns:
        shape(name)
    return Setup(
        database=run.database,
        home=run.env,
        filter=text,
        screen=screen,
        theme=suiting.theme(settings.text("tui.theme"), run.env),
        color=run.out.err_style.on,
        symbols=suiting.symbols(settings.text("tui.symbols"), run.env),
        columns=columns,
        keys=settings.texts("keys"),
        saved=dict(settings.texts("filters")),
        zone=run.zone,
        now=run.now,
        save=partial(_save, run),
        history=paths.data_home(run.env) / "filters.history",
        engine=partial(_engine, run.database),
        pager=tuple(shlex.split(run.env.get("PAGER") or "less -R")),
        editor=tuple(shlex.split(run.env.get("VISUAL") or run.env.get("EDITOR") or "vi")),
        program=f"helicli --db {shlex.quote(run.db)}" if run.db else "helicli",
    )


def _engine(database: Path) -> str:
    """The address of the engine that works on a log, "" where none does."""
    from helicli.engine import client, lock

    holder = lock.read(paths.lock_file(database))
    return holder.url if holder.pid and client.answers(holder.control) else ""


def _save(run: Invocation, name: str, text: str) -> str:
    """Keep a filter as `helicli filters save` does. Raises UsageError."""
    from helicli.cli.filters import keep

    meant = keep(run, name, text)
    return f"@{name}: {meant.sentence()}"
