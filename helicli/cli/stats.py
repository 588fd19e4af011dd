"""`helicli stats`: how long calls take, how many there are, how many fail.

Owns the question and its sentence on stderr; the last 24 hours where no time is given. Percentiles are those of buckets
at most 1.6 % wide.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Annotated, Final

import typer
from typer._click.core import Context

from helicli import grouping
from helicli.cli import asking, backlog, grids, selecting, shaping
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.cli.unknown import tell_unknown
from helicli.errors import UsageError
from helicli.filters import Filter
from helicli.grouping import By
from helicli.query.groups import snapshot, sums, times
from helicli.query.stats import stats as ask
from helicli.units import duration
from helicli.view.rows import json_line
from helicli.view.safe import safe
from helicli.view.stats import Stats, as_lines, as_object, stats_grid
from helicli.view.summary import many

app = new()

WATCH_SECONDS: Final = 2.0
_POINTS: Final = 48
_STRETCHES: Final = (60_000, 300_000, 900_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000, 86_400_000)
_MOST: Final = 2_000


@app.command(
    cls=selecting.FilterCommand,
    shared=(*selecting.SELECTION, *grids.OUTPUT),
    epilog="""
    helicli stats
    helicli stats --since 7d model:gpt-4o*
    helicli stats --by model
    helicli stats --every 1h --since today --json
    helicli stats --watch
    """,
)
def stats(
    ctx: Context,
    words: selecting.Words = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by", metavar="WHAT", help="For each model, user, prop.NAME and so on.", rich_help_panel="Groups"
        ),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="DUR", help="For each 5m, 1h, 1d of the time.", rich_help_panel="Groups"),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Again every 2 seconds, until ^C.", rich_help_panel="Output")
    ] = False,
) -> None:
    """Print latency, volume, errors and cache of the calls."""
    run = invocation(ctx)
    groups = [grouping.by(word) for given in by or () for word in given.split(",") if word.strip()]
    if every:
        groups.insert(0, _every(every))
    if watch and shaping.form(run) == "json" and not run.out.tty:
        raise UsageError("--watch has no end, and json is one value", "write --format jsonl")
    if not watch:
        _tell(run, words, groups)
        return
    try:
        while not run.out.unread():
            _tell(run, words, groups, clear=run.out.tty and shaping.form(run) == "table")
            time.sleep(WATCH_SECONDS)
    except KeyboardInterrupt:
        return
    raise BrokenPipeError


def _tell(run: Invocation, words: list[str] | None, groups: list[By], *, clear: bool = False) -> None:
    """Answer once."""
    chosen, told = selecting.within(run, words, "24h")
    _check(run, chosen, groups)
    if clear:
        run.out.clear()
    if groups:
        _grouped(run, chosen, told, tuple(groups))
    else:
        _whole(run, chosen, told)


def _whole(run: Invocation, chosen: Filter, told: str) -> None:
    stretch = _stretch(run, chosen)
    with asking.log(run) as db:
        if grids.explain(run, db, chosen, told, maxima=True):
            return
        found = ask(db, chosen, stretch, run.zone)
    backlog.tell(run.out, run.database)
    window = _length(run, chosen, found.first_at)
    figures = Stats(
        found.total,
        found.times,
        window.total_seconds() / 3600,
        _volume(run, chosen, stretch, found.volume),
        found.kinds,
    )
    form = shaping.form(run)
    if form == "table":
        window_said = " · ".join([told, *([chosen.text] if chosen.text else [])])
        for line in as_lines(figures, safe(window_said), run.out.style, run.out.width):
            run.out.data(line)
    else:
        told_of = as_object(figures, chosen.since_ms, chosen.until_ms)
        if form in ("json", "jsonl"):
            run.out.data(json_line(told_of))
        else:
            told_of["error_kinds"] = _kinds(figures)
            texts = {name: "" if value is None else safe(str(value)) for name, value in told_of.items()}
            from helicli.cli.listing import print_record

            print_record(run, shaping.shape(run), told_of, texts)
    # The first line of the table has said it.
    _end(run, chosen, "" if form == "table" else told, found.total.calls)


def _grouped(run: Invocation, chosen: Filter, told: str, groups: tuple[By, ...]) -> None:
    with asking.log(run) as db, snapshot(db):
        if grids.explain(run, db, chosen, told, groups):
            return
        found = sums(db, chosen, groups, run.zone)
        took = times(db, chosen, groups, run.zone)
    backlog.tell(run.out, run.database)
    grids.show(run, stats_grid(groups, found, took, run.zone))
    _end(run, chosen, told, sum(total.calls for total in found.values()))


def _end(run: Invocation, chosen: Filter, told: str, calls: int) -> None:
    if told:
        run.out.say(" · ".join([told, many(calls, "call"), *([chosen.text] if chosen.text else [])]))
    if not calls:
        tell_unknown(run, chosen)
        if run.is_set("fail-empty"):
            raise typer.Exit(1)


def _length(run: Invocation, chosen: Filter, first_ms: int | None) -> timedelta:
    """How long the window is; from the first call on where it has no begin."""
    until = chosen.until_ms if chosen.until_ms is not None else int(run.now().timestamp() * 1000)
    since = chosen.since_ms or first_ms or until
    return timedelta(milliseconds=max(1, until - since))


def _every(text: str) -> By:
    millis = round(duration(text) * 1000)
    if millis < 1000:
        raise UsageError(f"--every {text} is too short", "write --every 1m, 5m, 1h or 1d")
    return grouping.every(millis)


def _check(run: Invocation, chosen: Filter, groups: list[By]) -> None:
    """Raise UsageError where there would be more stretches than anybody reads."""
    for each in groups:
        if each.every_ms and chosen.since_ms:
            count = _length(run, chosen, None).total_seconds() * 1000 / each.every_ms
            if count > _MOST:
                raise UsageError(f"--every would make {count:,.0f} rows", "write a longer --every or a later --since")


def _stretch(run: Invocation, chosen: Filter) -> By:
    """What the sparkline has a sign for."""
    whole = _length(run, chosen, 1).total_seconds() * 1000
    return grouping.every(next((each for each in _STRETCHES if whole / each <= _POINTS), _STRETCHES[-1]))


def _volume(run: Invocation, chosen: Filter, stretch: By, found: dict[int, int]) -> tuple[int, ...]:
    """Calls in each stretch from the begin to the end, those without any among them."""
    if not found:
        return ()
    until = chosen.until_ms if chosen.until_ms is not None else int(run.now().timestamp() * 1000)
    step = stretch.every_ms or grouping.DAY_MS
    first = chosen.since_ms or min(found)
    begins = {grouping.begin(stretch, at, run.zone) for at in range(max(first, min(found) - 200 * step), until, step)}
    return tuple(found.get(at, 0) for at in sorted(begins | set(found)))


def _kinds(figures: Stats) -> str | None:
    return " ".join(f"{kind}={count}" for kind, count in figures.kinds) or None
