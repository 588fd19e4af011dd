"""`helicli db`: the database as a file.

Owns what is told of it, and its care: a copy, compaction, a check. It is opened for reading only, save by `vacuum`,
which takes the lock that an engine would hold; the engine is asked, never disturbed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer._click.core import Context

from helicli import paths
from helicli.cli import backlog, shaping
from helicli.cli.listing import print_record
from helicli.cli.options import Invocation, invocation
from helicli.cli.progress import Progress
from helicli.cli.root import new
from helicli.errors import DatabaseError, HelicliError, UsageError
from helicli.query import file
from helicli.query.reading import opened, told
from helicli.units import rfc3339
from helicli.units import size as in_words
from helicli.view.safe import safe

app = new("""
    helicli db path
    helicli db info --json
    helicli db backup calls.db
    helicli db check
    helicli db sql 'SELECT model, sum(cost_usd) FROM requests GROUP BY 1'
    """)

_RECORD = (shaping.JSON, shaping.FORMAT)


@app.command(
    "path", help="where it is", shared=_RECORD, epilog='sqlite3 "$(helicli db path)" "SELECT count(*) FROM calls"'
)
def path(ctx: Context) -> None:
    """Print the path of the database, whether it is there or not."""
    run = invocation(ctx)
    shape = shaping.shape(run)
    if shape.format not in ("table", "plain"):
        print_record(run, shape, {"path": _written(run.database)})
        return
    run.out.data(safe(str(run.database)) if run.out.tty else str(run.database))


@app.command(
    "info",
    help="what it holds and who works on it",
    shared=(shaping.TIME, *_RECORD),
    epilog="helicli db info\nhelicli db info --json",
)
def info(ctx: Context) -> None:
    """Print size, calls, span, what waits in the journal, and the engine."""
    run = invocation(ctx)
    shape = shaping.shape(run)
    database = run.database
    with opened(database) as db:
        held = file.span(db)
    engine = backlog.engine(database)
    sizes = file.size(database), file.size(paths.beside(database, "-wal")), file.waiting(database)
    if sizes[2] and engine is None:
        backlog.say(run.out, sizes[2])
    when = shaping.when(run, "relative" if shape.format == "table" else "utc")
    instant = when.dated if shape.format == "table" else when.exact
    rows = {
        "path": safe(str(database)),
        "size": in_words(sizes[0]),
        "free": in_words(held.free_bytes),
        "wal": in_words(sizes[1]),
        "journal": f"{in_words(sizes[2])} to be written" if sizes[2] else "empty",
        "calls": f"{held.calls:,}",
        "first": "–" if held.first_at is None else instant(held.first_at),
        "last": "–" if held.last_at is None else instant(held.last_at),
        "schema": str(held.schema),
        "engine": safe(f"{engine['address']} · pid {engine['pid']}") if engine else "not running",
    }
    print_record(run, shape, _object(database, held, sizes, engine), rows)


@app.command(
    "backup",
    help="copy it to a file, while calls come",
    epilog="helicli db backup calls.db\nhelicli db backup --force ~/backups/calls.db",
)
def backup(
    ctx: Context,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Copy the database to a file of your own (0600), which is checked before it gets its name."""
    from helicli.store import maintain

    run = invocation(ctx)
    target = target.expanduser().absolute()
    _check_target(run, target, force)
    backlog.tell(run.out, run.database)
    try:
        with told(run.database), Progress(run.out, "copying") as progress:
            size = maintain.backup(run.database, target, progress)
    except OSError as error:
        raise HelicliError(f"cannot write {target}", "choose another place", error.strerror or str(error)) from error
    run.out.say(f"copied {in_words(size)} to {target}      look into it: helicli --db {target} db info")


@app.command("vacuum", help="give back the room of what was deleted", epilog="helicli db vacuum")
def vacuum(ctx: Context) -> None:
    """Rewrite the database without its empty pages; no engine may work on it meanwhile."""
    from helicli.engine.lock import Lock
    from helicli.store import maintain

    run = invocation(ctx)
    with opened(run.database):
        pass
    engine = backlog.engine(run.database)
    if engine is not None:
        raise DatabaseError(
            f"{run.database} is in use by the engine at {engine['address']} (pid {engine['pid']})",
            f"stop it (kill {engine['pid']}), then helicli db vacuum",
        )
    before = file.size(run.database)
    lock = Lock.take(paths.lock_file(run.database), run.database, run.out.say)
    try:
        with told(run.database), Progress(run.out, "compacting"):
            maintain.vacuum(run.database)
    finally:
        lock.release()
    backlog.tell(run.out, run.database)
    after = file.size(run.database)
    run.out.say(f"{in_words(before)} became {in_words(after)}; {in_words(max(0, before - after))} given back")


@app.command("check", help="whether it is whole", shared=_RECORD, epilog="helicli db check\nhelicli db check --json")
def check(ctx: Context) -> None:
    """Check the file, the references, and the counts of what bodies share; exit 1 where something is wrong."""
    from helicli.store import maintain

    run = invocation(ctx)
    shape = shaping.shape(run)
    with opened(run.database) as db, Progress(run.out, "checking") as progress:
        faults = maintain.check(db, progress)
    waiting = file.waiting(run.database)
    engine = backlog.engine(run.database)
    if waiting and engine is None:
        backlog.say(run.out, waiting)
    if shape.format in ("json", "jsonl", "csv"):
        print_record(run, shape, {"ok": not faults, "faults": faults, "journal_bytes": waiting})
    else:
        for line in faults or ["ok"]:
            run.out.data(run.out.style.bad(line) if faults else run.out.style.ok(line))
    if faults:
        run.out.say("next  keep a copy of the file as it is; what can still be read: helicli db backup FILE")
        raise typer.Exit(1)


def _check_target(run: Invocation, target: Path, force: bool) -> None:
    """Raise UsageError for a place where no copy may go."""
    if target.is_dir() or not target.parent.is_dir():
        raise UsageError(f"{target} is no place for a file", "name a file in a folder that is there")
    if target.resolve() == run.database.resolve():
        raise UsageError("the copy cannot take the place of the database", "name another file")
    if target.exists() and not force:
        raise UsageError(f"{target} is there already", "name another file, or add --force")


def _object(
    database: Path, held: file.Span, sizes: tuple[int, int, int], engine: dict[str, Any] | None
) -> dict[str, Any]:
    return {
        "path": _written(database),
        "size_bytes": sizes[0],
        "free_bytes": held.free_bytes,
        "wal_bytes": sizes[1],
        "journal_bytes": sizes[2],
        "calls": held.calls,
        "first_call": None if held.first_at is None else rfc3339(held.first_at),
        "last_call": None if held.last_at is None else rfc3339(held.last_at),
        "schema": held.schema,
        "engine": engine,
    }


def _written(path: Path) -> str:
    """A path as text that can be encoded."""
    return str(path).encode(errors="replace").decode()


@app.command(
    "sql",
    help="ask it in SQL; nothing is written",
    shared=(*_RECORD, shaping.HEADER),
    epilog="""
    helicli db sql 'SELECT model, sum(cost_usd) FROM requests GROUP BY 1'
    helicli db sql --tables
    """,
)
def sql(
    ctx: Context,
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="One statement.", show_default=False)] = None,
    tables: Annotated[
        bool, typer.Option("--tables", help="What there is to ask of.", rich_help_panel="Output")
    ] = False,
) -> None:
    """Print the answer to a statement of your own; ^C ends it."""
    from helicli.query.sql import TABLES, asked
    from helicli.view.grid import grid

    run = invocation(ctx)
    shape = shaping.shape(run)
    if (query is None) is not tables:
        raise UsageError("a statement is missing" if query is None else "--tables is a question of its own", SQL_FIX)
    backlog.tell(run.out, run.database)
    header = run.maybe("header")
    header = shape.format in ("table", "csv") if header is None else header
    with opened(run.database) as db, asked(db, TABLES if query is None else query) as answer:
        out = run.out
        for line in grid(answer.names, answer.rows, shape.format, header=header, width=out.width, style=out.style):
            out.data(line)


SQL_FIX = "helicli db sql 'SELECT model, sum(cost_usd) FROM requests GROUP BY 1'"
