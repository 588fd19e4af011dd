"""`helicli limits`: rate-limit policies, stored and tried.

Owns what is told of them. A stored limit holds in a running engine when its command returns; how full it is only the
engine knows.
"""

from __future__ import annotations

import re
from typing import Annotated

import typer
from typer._click.core import Context

from helicli import limits, policy
from helicli.cli import selecting, shaping
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.cli.starting import limits as configured
from helicli.errors import NotFoundError, UsageError
from helicli.limits import Limit
from helicli.query import limits as query
from helicli.query.reading import opened
from helicli.store.limits import StoredLimit
from helicli.view import limits as view
from helicli.view.rows import json_line
from helicli.view.safe import safe

_JSON = (shaping.JSON,)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

app = new("""
    helicli limits add per-user '100;w=3600;u=user'
    helicli limits add money '500;w=month;u=cents' --model 'gpt-4*'
    helicli limits usage
    helicli limits test '100;w=3600;u=user' --since 7d
    """)

Name = Annotated[str, typer.Argument(metavar="LIMIT", help="What it is called.")]
Text = Annotated[str, typer.Argument(metavar="POLICY", help="Such as 100;w=3600;u=user.")]


@app.command("list", help="the stored ones", shared=_JSON, epilog="helicli limits list\nhelicli limits list --json")
def listing(ctx: Context) -> None:
    """Print each stored limit."""
    run = invocation(ctx)
    found = _stored(run)
    if run.is_set("json"):
        run.out.data(json_line([view.as_object(each) for each in found]))
    elif not run.out.tty:
        _rows(run, view.list_rows(found))
    elif found:
        _table(run, view.list_lines(found, _now(run)))
    else:
        run.out.say("no limits are stored: helicli limits add per-user '100;w=3600;u=user'")


@app.command("show", help="one of them", shared=_JSON, epilog="helicli limits show per-user")
def show(ctx: Context, name: Name) -> None:
    """Print one stored limit and what it means."""
    run = invocation(ctx)
    found = next((each for each in _stored(run) if each.name == name), None)
    if found is None:
        raise NotFoundError(f'no limit "{name}"', "helicli limits list")
    told = view.as_object(found)
    if run.is_set("json"):
        run.out.data(json_line(told))
        return
    for field, value in told.items():
        text = safe(str(value or ""))
        run.out.data(f"{run.out.style.dim(f'{field:<10}')}  {text or '–'}" if run.out.tty else f"{field}\t{text}")


@app.command(
    "add",
    help="store one; it holds at once",
    cls=selecting.FilterCommand,
    shared=selecting.WHO,
    epilog="""
    helicli limits add burst '10;w=60' --user ada
    helicli limits add few '100;w=day' model:gpt-4o* -user:root prop.team:red
    """,
)
def add(
    ctx: Context,
    called: Name,
    text: Text,
    words: selecting.Words = None,
) -> None:
    """Store a limit for all calls, or for those that are chosen."""
    from helicli.engine import limits as engine

    run = invocation(ctx)
    if not _NAME.fullmatch(called):
        raise UsageError(
            f'"{called}" cannot be the name of a limit', "use letters, digits, -, _ and ., such as per-user"
        )
    policy.parse(text)
    chosen = limits.check_selection(selecting.selection(run, words))
    limit = StoredLimit(called, text.strip(), chosen.text, _now(run))
    live = engine.add(run.database, limit, run.out.say)
    held = "holds from now on" if live else "holds when an engine runs: helicli serve"
    run.out.say(f"{called}: {view.sentence(limit)}; {held}   undo: helicli limits remove {called}")


@app.command("remove", help="drop one; it holds no longer", epilog="helicli limits remove burst")
def remove(ctx: Context, name: Name) -> None:
    """Drop a stored limit."""
    from helicli.engine import limits as engine

    run = invocation(ctx)
    found = next((each for each in _stored(run) if each.name == name), None)
    engine.remove(run.database, name, run.out.say)
    back = f"   undo: {view.adding(found)}" if found is not None else ""
    run.out.say(safe(f"{name} is removed{back}"))


@app.command(
    "usage", help="how full they are", shared=_JSON, epilog="helicli limits usage\nhelicli limits usage per-user --json"
)
def usage(
    ctx: Context,
    name: Annotated[str | None, typer.Argument(metavar="LIMIT", help="A stored limit, or a policy.")] = None,
) -> None:
    """Ask the engine how every segment of every limit stands, the fullest first."""
    from helicli.engine import limits as engine

    run = invocation(ctx)
    standings = engine.usage(run.database)
    if name is not None:
        spelled = policy.parse(name).spelled if ";" in name else None
        standings = [each for each in standings if name == each["name"] or spelled == each["policy"]]
        if not standings and spelled is None and all(each.name != name for each in _stored(run)):
            raise NotFoundError(f'no limit "{name}"', "helicli limits list")
    if run.is_set("json"):
        run.out.data(json_line([view.usage_object(each) for each in standings]))
    elif not run.out.tty:
        _rows(run, view.usage_rows(standings))
    elif standings:
        _table(run, view.usage_lines(standings, run.out.style))
    else:
        run.out.say("nothing is counted")


@app.command("explain", help="a policy in English", shared=_JSON, epilog="helicli limits explain '100;w=3600;u=user'")
def explain(ctx: Context, text: Text) -> None:
    """Say what a policy, or each of several, means."""
    run = invocation(ctx)
    found = [Limit(each) for each in policy.parse_all(text)]
    if run.is_set("json"):
        run.out.data(json_line([view.explained(each) for each in found]))
        return
    for each in found:
        run.out.data(each.policy.sentence())


@app.command(
    "test",
    help="what one would have refused",
    cls=selecting.FilterCommand,
    shared=(*selecting.SELECTION, shaping.JSON),
    epilog="""
    helicli limits test '100;w=3600;u=user' --since 7d
    helicli limits test '50000;w=day;u=tokens' model:gpt-4o*
    """,
)
def test(
    ctx: Context,
    text: Text,
    words: selecting.Words = None,
) -> None:
    """Replay a policy over the log: tokens and money are taken as they were used in the end."""
    run = invocation(ctx)
    tried = policy.parse(text)
    chosen = selecting.selection(run, words)
    zone = limits.zone(configured(run.settings).zone)
    with opened(run.database) as db:
        found = query.replay(db, tried, chosen, zone)
    if run.is_set("json"):
        refused = sum(found.refused.values())
        run.out.data(
            json_line(
                {"calls": found.calls, "refused": refused, "segments": found.refused, "first_at": view.instant(found)}
            )
        )
        return
    run.out.data(safe(view.replayed(tried, found, view.moment(found, run.zone))))


def _stored(run: Invocation) -> list[StoredLimit]:
    """The stored limits; none where there is no database."""
    try:
        with opened(run.database) as db:
            return query.stored(db)
    except NotFoundError:
        return []


def _now(run: Invocation) -> int:
    return int(run.now().timestamp() * 1000)


def _rows(run: Invocation, rows: list[list[str]]) -> None:
    for row in rows:
        run.out.data("\t".join(map(safe, row)))


def _table(run: Invocation, lines: list[str]) -> None:
    run.out.data(run.out.style.dim(lines[0]))
    for line in lines[1:]:
        run.out.data(line)
