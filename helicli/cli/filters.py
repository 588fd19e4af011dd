"""`helicli filters`: filters by a name of the user's own.

Owns how they are kept: in the section `filters` of the user's settings, as they were typed, once they have been read.
`@NAME` stands for one in any filter.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer
from typer._click.core import Context

from helicli import paths
from helicli.cli import configfile, selecting, shaping
from helicli.cli.listing import print_record
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.errors import NotFoundError, UsageError
from helicli.filters import Filter, parse
from helicli.guess import guess
from helicli.view.rows import json_line
from helicli.view.safe import safe
from helicli.view.table import aligned

app = new("""
    helicli filters save slow 'latency:>5s -cache:hit'
    helicli filter @slow user:ada
    helicli filters list
    helicli filters remove slow
    """)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, - and _.", show_default=False)]
_RECORD = (shaping.JSON, shaping.FORMAT)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@app.command(
    "save",
    help="keep a filter under a name",
    cls=selecting.FilterCommand,
    epilog="helicli filters save slow 'latency:>5s -cache:hit'",
)
def save(ctx: Context, name: Name, words: selecting.Words = None) -> None:
    """Check a filter and keep it."""
    run = invocation(ctx)
    known = run.settings.texts("filters")
    meant = keep(run, name, " ".join(words or ()))
    was = known.get(name)
    undo = f"helicli filters save {name} {shlex.quote(was)}" if was is not None else f"helicli filters remove {name}"
    run.out.say(f"@{name}: {meant.sentence()}   undo: {undo}")


def keep(run: Invocation, name: str, text: str) -> Filter:
    """Check a filter and keep it under a name; what it means. Raises UsageError."""
    text = text.strip()
    if not _NAME.fullmatch(name):
        raise UsageError(f'"{name}" cannot be the name of a filter', "use letters, digits, - and _")
    if not text:
        raise UsageError("there is no filter to save", f"helicli filters save {name} 'status:error'")
    known = run.settings.texts("filters")
    # With itself among the known ones, so that one that contains itself is not kept.
    meant = parse(text, run.now(), {**known, name: text})
    parse(f"@{name}", run.now(), {**known, name: text})
    file, held = _file(run)
    configfile.write(run, file, configfile.with_value(file, held, ("filters", name), text))
    return meant


@app.command("list", help="all of them", shared=_RECORD, epilog="helicli filters list --json")
def list_(ctx: Context) -> None:
    """Print names and filters."""
    run = invocation(ctx)
    shape = shaping.shape(run)
    known = run.settings.texts("filters")
    if shape.format == "json":
        run.out.data(json_line([{"name": name, "filter": text} for name, text in known.items()]))
    elif shape.format == "table":
        for line in aligned([(f"@{name}", safe(text)) for name, text in known.items()]):
            run.out.data(line)
        if not known:
            run.out.say("no saved filters yet; helicli filters save NAME FILTER")
    else:
        for name, text in known.items():
            print_record(run, shape, {"name": name, "filter": text}, {name: safe(text)})


@app.command("show", help="what one means", shared=_RECORD, epilog="helicli filters show slow")
def show(ctx: Context, name: Name) -> None:
    """Print a filter, its meaning, and the filter that it comes to."""
    run = invocation(ctx)
    known = run.settings.texts("filters")
    text = known[_known(name, known)]
    meant = parse(text, run.now(), known)
    told = {"name": name.removeprefix("@"), "filter": text, "means": meant.sentence(), "whole": meant.text}
    print_record(run, shaping.shape(run), told, {key: safe(value) for key, value in told.items()})


@app.command("remove", help="forget one", epilog="helicli filters remove slow")
def remove(ctx: Context, name: Name) -> None:
    """Take a filter out of your settings."""
    run = invocation(ctx)
    known = run.settings.texts("filters")
    name = _known(name, known)
    file, held = _file(run)
    if name not in configfile.table(file, held).get("filters", {}):
        raise UsageError(f"@{name} does not stand in {file}", "helicli config list --origin")
    configfile.write(run, file, configfile.without(file, held, ("filters", name)))
    run.out.say(f"@{name} is gone   undo: helicli filters save {name} {shlex.quote(known[name])}")


def _file(run: Invocation) -> tuple[Path, bytes]:
    file = paths.config_file(run.env, run.config)
    return file, configfile.content(file)


def _known(name: str, known: dict[str, str]) -> str:
    """The name without its `@`. Raises NotFoundError."""
    name = name.removeprefix("@")
    if name not in known:
        near = guess(name, known)
        raise NotFoundError(f"no saved filter @{name}", f"did you mean @{near}?" if near else "helicli filters list")
    return name
