"""`helicli cache`: the stored answers.

Owns what is told of them and how they are cleared: by the running engine, live when the command returns, or by this
command where none runs.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, Final

import typer
from typer._click.core import Context

from helicli.cli import backlog, selecting, shaping
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.errors import NotFoundError, UsageError
from helicli.filters import Filter
from helicli.query import cache, calls, wire
from helicli.query.cache import CacheEntry
from helicli.query.file import waiting
from helicli.query.reading import Log, opened
from helicli.query.values import KEY_SIGNS
from helicli.units import ago, count, dollars, duration, rfc3339, seconds
from helicli.units import size as in_words
from helicli.view.rows import json_line
from helicli.view.safe import safe
from helicli.view.text import left

app = new("""
    helicli cache stats
    helicli cache list --user ada
    helicli cache clear --older-than 7d --dry-run
    """)

_TOP: Final = 3
_SHORT_KEY: Final = 8

Seed = Annotated[
    str | None, typer.Option("--seed", metavar="TEXT", help="Of this cache seed.", rich_help_panel="Selection")
]
OlderThan = Annotated[
    str | None,
    typer.Option("--older-than", metavar="DUR", help="Stored longer ago, such as 7d.", rich_help_panel="Time"),
]


@app.command(
    "stats",
    help="how many answers, how often they are used, what that saved",
    shared=(shaping.JSON,),
    epilog="helicli cache stats",
)
def stats(ctx: Context) -> None:
    """Print the cache as a whole."""
    run = invocation(ctx)
    now = _now(run)
    backlog.tell(run.out, run.database)
    with opened(run.database) as db:
        held = cache.stats(db, now)
        top = [entry for entry in cache.entries(db, Filter(), now, limit=_TOP, by_hits=True) if entry.hits]
        asked = _questions(db, top)
    if run.is_set("json"):
        told = {
            "entries": held.entries,
            "bytes": held.bytes,
            "oldest": _when(held.oldest_at),
            "asked_24h": held.asked,
            "hits_24h": held.hits,
            "saved_usd_24h": held.saved_nano / 1e9,
            "saved_ms_24h": held.saved_us / 1000,
            "top": [_object(entry, asked) for entry in top],
        }
        run.out.data(json_line(told))
        return
    if not held.entries and not held.asked:
        run.out.data("no stored answers, and none was asked for in 24 h")
        return
    rate = f"hit rate {100 * held.hits / held.asked:.0f} % (24 h)" if held.asked else "not asked (24 h)"
    saved = f"saved {dollars(held.saved_nano)} and {seconds(held.saved_us)}"
    oldest = f"oldest {ago(held.oldest_at, now).removesuffix(' ago')}" if held.oldest_at is not None else "empty"
    run.out.data(f"{held.entries:,} entries · {in_words(held.bytes)} · {rate} · {saved} · {oldest}")
    for entry in top:
        run.out.data(
            f"top    {_quoted(asked.get(entry.seq, ''))}  {safe(entry.model or '–')}  {count(entry.hits)} hits"
        )


@app.command(
    "list",
    help="the stored answers, those used last first",
    shared=(*selecting.SELECTION, shaping.JSON),
    epilog="helicli cache list --user ada --json",
)
def list_entries(
    ctx: Context,
    seed: Seed = None,
    older_than: OlderThan = None,
    limit: Annotated[
        int,
        typer.Option("--limit", "-n", metavar="N", min=0, help="Not more than N, 0 for all.", rich_help_panel="Output"),
    ] = 20,
) -> None:
    """Print the entries."""
    run = invocation(ctx)
    now = _now(run)
    backlog.tell(run.out, run.database)
    chosen = selecting.selection(run)
    with opened(run.database) as db:
        before = _before(older_than, now)
        found = cache.entries(db, chosen, now, seed=seed, before_ms=before, limit=limit + 1 if limit else 0)
        more = 0 < limit < len(found)
        found = found[:limit] if more else found
        asked = _questions(db, found)
    if run.is_set("json"):
        run.out.data(json_line([_object(entry, asked) for entry in found]))
        return
    for entry in found:
        run.out.data(_line(run, entry, asked.get(entry.seq, ""), now))
    if not found:
        run.out.say("no stored answers")
    elif more:
        run.out.say("more are stored: --limit 0 lists all")


@app.command("show", help="one stored answer", shared=(shaping.JSON,), epilog="helicli cache show 3f9a2c41")
def show(
    ctx: Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The beginning of its key, or its call's number.")],
) -> None:
    """Print one entry."""
    run = invocation(ctx)
    now = _now(run)
    backlog.tell(run.out, run.database)
    with opened(run.database) as db:
        entry = cache.find(db, key, now)
        body = cache.answer(db, entry)
        asked = _questions(db, [entry])
    if run.is_set("json"):
        run.out.data(json_line({**_object(entry, asked), "body": body.decode("utf-8", "replace")}))
        return
    rows = {
        "key": entry.key.hex(),
        "call": f"{entry.seq}   helicli show {entry.seq}",
        "asked": _quoted(asked.get(entry.seq, "")),
        "model": safe(entry.model or "–"),
        "seed": _quoted(entry.seed),
        "stored": ago(entry.stored_at, now),
        "expires": rfc3339(entry.expires_at),
        "hits": f"{entry.hits:,} · each saves {dollars(entry.cost_nano)} and {seconds(entry.latency_us)}",
        "answer": f"{in_words(entry.size)}, {entry.form}",
    }
    for name, value in rows.items():
        run.out.data(f"{run.out.style.dim(f'{name:<8}')}  {value}" if run.out.tty else f"{name}\t{value}")
    run.out.data("")
    run.out.data(safe(body.decode("utf-8", "replace"), newlines="\n").rstrip("\n"))


@app.command(
    "clear",
    help="forget stored answers, at once",
    shared=selecting.SELECTION,
    epilog="helicli cache clear --seed user-123 --yes\nhelicli cache clear --older-than 7d --dry-run",
)
def clear(
    ctx: Context,
    seed: Seed = None,
    older_than: OlderThan = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Clear the cache, or a part of it."""
    from helicli.caching import Clearing
    from helicli.engine.clearing import clear as cleared

    run = invocation(ctx)
    now = _now(run)
    chosen = selecting.selection(run)
    before = _before(older_than, now)
    backlog.tell(run.out, run.database)
    found = _found(run, chosen, now, seed, before)
    what = f"{_answers(len(found))} ({in_words(sum(entry.size for entry in found))})"
    if dry_run:
        run.out.data(f"would clear {what}")
        return
    if not yes:
        if not run.may_ask:
            raise UsageError(f"this would clear {what}", "add --yes, or look first with --dry-run")
        run.out.say(f"Clear {what}? [y/N]")
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            run.out.say("nothing was cleared")
            raise typer.Exit(1)
    ids = None if chosen == Filter() else tuple(entry.id for entry in found)
    done = cleared(run.database, Clearing(seed, before, ids), run.out.say)
    run.out.data(f"cleared {_answers(done.entries)}")
    if not done.recorded:
        run.out.say("they go from the database once it can be written")
    if not done.kept:
        run.out.say("the journal could not be written either: if helicli ends before it can be, clear again")


def _found(run: Invocation, chosen: Filter, now: int, seed: str | None, before: int | None) -> list[CacheEntry]:
    """What would go. Before the first call is recorded there is no database, yet an engine may hold answers."""
    try:
        with opened(run.database) as db:
            return cache.entries(db, chosen, now, seed=seed, before_ms=before)
    except NotFoundError:
        if backlog.engine(run.database) is None and not waiting(run.database):
            raise
        return []


def _before(older_than: str | None, now: int) -> int | None:
    return None if older_than is None else now - round(duration(older_than) * 1000)


def _questions(db: Log, entries: list[CacheEntry]) -> dict[int, str]:
    """What was asked, by the seq of its call."""
    return wire.last_said(db, [calls.find(db, str(entry.seq)) for entry in entries])


def _line(run: Invocation, entry: CacheEntry, asked: str, now: int) -> str:
    if not run.out.tty:
        fields = [
            entry.key.hex()[:KEY_SIGNS],
            str(entry.seq),
            rfc3339(entry.stored_at),
            entry.model or "",
            str(entry.hits),
            str(entry.size),
        ]
        return "\t".join([*map(safe, fields), safe(entry.seed), safe(entry.user or ""), safe(asked)])
    key, age, model = (
        entry.key.hex()[:_SHORT_KEY],
        left(ago(entry.stored_at, now), 8),
        left(safe(entry.model or "–"), 14),
    )
    hits = f"{count(entry.hits):>4} {'hit ' if entry.hits == 1 else 'hits'}"
    told = f"{key}  {age}  {model}  {hits}  {in_words(entry.size):>7}"
    return left(f"{told}  {safe(asked)}", run.out.width).rstrip()


def _object(entry: CacheEntry, asked: dict[int, str]) -> dict[str, Any]:
    return {
        "key": entry.key.hex(),
        "slot": entry.slot,
        "seq": entry.seq,
        "model": entry.model,
        "user": entry.user,
        "seed": entry.seed,
        "asked": asked.get(entry.seq),
        "stored_at": _when(entry.stored_at),
        "expires_at": _when(entry.expires_at),
        "used_at": _when(entry.used_at),
        "hits": entry.hits,
        "size": entry.size,
        "form": entry.form,
        "saves_usd": None if entry.cost_nano is None else entry.cost_nano / 1e9,
        "saves_ms": entry.latency_us / 1000,
    }


def _when(millis: int | None) -> str | None:
    return None if millis is None else rfc3339(millis)


def _answers(number: int) -> str:
    return f"{number:,} stored answer{'' if number == 1 else 's'}"


def _quoted(text: str) -> str:
    return '"' + left(safe(text), 60).rstrip() + '"'


def _now(run: Invocation) -> int:
    return int(run.now().timestamp() * 1000)
