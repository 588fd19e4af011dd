"""`helicli limits`: rate-limit policies, stored and tried.

Owns what is told of them. A stored limit holds in a running engine when its command returns; how full it is only the
engine knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

import typer
from typer._click.core import Context

from helicli import limits, policy
from helicli.cli import selecting, shaping
from helicli.cli.listing import print_record
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.cli.starting import limits as configured
from helicli.cli.things import Things
from helicli.errors import NotFoundError, UsageError
from helicli.limits import Limit
from helicli.query import limits as query
from helicli.query.reading import opened
from helicli.store.limits import StoredLimit
from helicli.view import limits as view
from helicli.view.rows import json_line
from helicli.view.safe import safe

_JSON = (shaping.JSON,)
_WARN_SHARE = 0.8
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

app = new("""
    helicli limits add per-user '100;w=3600;u=user'
    helicli limits add money '500;w=month;u=cents' --model 'gpt-4*'
    helicli limits usage
    helicli limits test '100;w=3600;u=user' --since 7d
    """)

Name = Annotated[str, typer.Argument(metavar="LIMIT", help="What it is called.")]
Text = Annotated[str, typer.Argument(metavar="POLICY", help="Such as 100;w=3600;u=user.")]


@app.command(
    "list", help="the stored ones", shared=shaping.THINGS, epilog="helicli limits list\nhelicli limits list --json"
)
def listing(ctx: Context) -> None:
    """Print each stored limit."""
    run = invocation(ctx)
    found, shape = _stored(run), shaping.shape(run)
    if not found:
        run.out.hint("no limits are stored: helicli limits add per-user '100;w=3600;u=user'")
    people = shape.format == "table"
    if people and not found:
        return
    things = Things(run, shape, view.LIST, view.LIST_TITLES if people else (), gives=2)
    for each in found:
        things.add(view.as_object(each), view.list_row(each, _now(run) if people else None))
    things.end()


@app.command("show", help="one of them", shared=shaping.RECORD, epilog="helicli limits show per-user")
def show(ctx: Context, name: Name) -> None:
    """Print one stored limit and what it means."""
    run = invocation(ctx)
    found = next((each for each in _stored(run) if each.name == name), None)
    if found is None:
        raise NotFoundError(f'no limit "{name}"', "helicli limits list")
    told = view.as_object(found)
    shape = shaping.shape(run)
    nothing = "–" if shape.format == "table" else ""
    print_record(run, shape, told, {field: safe(str(value or "")) or nothing for field, value in told.items()})


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
    "usage",
    help="how full they are",
    shared=shaping.THINGS,
    epilog="helicli limits usage\nhelicli limits usage per-user --json",
)
def usage(
    ctx: Context,
    name: Annotated[str | None, typer.Argument(metavar="LIMIT", help="A stored limit, a run, or a policy.")] = None,
) -> None:
    """Ask the engine how full the segments of every limit are: the 1,000 fullest, the fullest first."""
    from helicli.engine import limits as engine

    run = invocation(ctx)
    spelled = policy.parse(name).spelled if name is not None and ";" in name else None
    standings, stored = engine.usage(run.database, spelled or name or ""), _stored(run)
    if not standings and name and spelled is None and all(each.name != name for each in stored):
        raise NotFoundError(f'no limit "{name}"', "helicli limits list")
    shape = shaping.shape(run)
    if not standings:
        run.out.hint("nothing is counted yet")
    people = shape.format == "table"
    if people and not standings:
        return
    given = {each.name: each.policy for each in stored}
    numbers = frozenset({3} if people else {3, 4, 5})
    things = Things(run, shape, view.USAGE, view.USAGE_TITLES if people else (), numbers, gives=2)
    for each in standings:
        row = view.usage_line(each, given.get(each["name"], each["policy"])) if people else view.usage_row(each)
        things.add(view.usage_object(each), row, _tint(run, view.share(each)))
    things.end()


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


def _tint(run: Invocation, share: float) -> Callable[[str], str]:
    style = run.out.style
    return style.bad if share >= 1 else style.warn if share >= _WARN_SHARE else style.ok
