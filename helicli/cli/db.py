"""`helicli db`: the database as a file.

Owns what is told of it. It is opened for reading only, and the engine is asked, never disturbed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typer._click.core import Context

from helicli import paths
from helicli.cli import backlog, options
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.query import file
from helicli.query.reading import opened
from helicli.units import ago, rfc3339
from helicli.units import size as in_words
from helicli.view.rows import json_line
from helicli.view.safe import safe

app = new("""
    helicli db path
    helicli db info --json
    """)


@app.command("path", help="where it is", epilog='sqlite3 "$(helicli db path)" "SELECT count(*) FROM calls"')
def path(ctx: Context) -> None:
    """Print the path of the database, whether it is there or not."""
    run = invocation(ctx)
    run.out.data(safe(str(run.database)) if run.out.tty else str(run.database))


@app.command("info", help="what it holds and who works on it", epilog="helicli db info\nhelicli db info --json")
def info(ctx: Context, as_json: options.Json = False) -> None:
    """Print size, calls, span, what waits in the journal, and the engine."""
    run = invocation(ctx)
    database = run.database
    with opened(database) as db:
        held = file.span(db)
    engine = backlog.engine(database)
    sizes = file.size(database), file.size(paths.beside(database, "-wal")), file.waiting(database)
    if sizes[2] and engine is None:
        backlog.say(run.out, sizes[2])
    if as_json:
        run.out.data(json_line(_object(database, held, sizes, engine)))
        return
    rows = {
        "path": safe(str(database)),
        "size": in_words(sizes[0]),
        "wal": in_words(sizes[1]),
        "journal": f"{in_words(sizes[2])} to be written" if sizes[2] else "empty",
        "calls": f"{held.calls:,}",
        "first": _when(run, held.first_at),
        "last": _when(run, held.last_at),
        "schema": str(held.schema),
        "engine": f"{engine['address']} · pid {engine['pid']}" if engine else "not running",
    }
    for name, value in rows.items():
        run.out.data(f"{run.out.style.dim(f'{name:<8}')}  {value}" if run.out.tty else f"{name}\t{value}")


def _object(
    database: Path, held: file.Span, sizes: tuple[int, int, int], engine: dict[str, Any] | None
) -> dict[str, Any]:
    return {
        "path": str(database).encode(errors="replace").decode(),
        "size_bytes": sizes[0],
        "wal_bytes": sizes[1],
        "journal_bytes": sizes[2],
        "calls": held.calls,
        "first_call": None if held.first_at is None else rfc3339(held.first_at),
        "last_call": None if held.last_at is None else rfc3339(held.last_at),
        "schema": held.schema,
        "engine": engine,
    }


def _when(run: Invocation, millis: int | None) -> str:
    if millis is None:
        return "–"
    return ago(millis, int(run.now().timestamp() * 1000)) if run.out.tty else rfc3339(millis)
