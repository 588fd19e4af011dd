"""The options that choose calls, for every command that asks about them.

Owns their names, help and order, and the step from what was given to a `Selection`. A command takes them with
`shared=SELECTION` and asks `selection(run)`.
"""

from __future__ import annotations

from typing import Final

from helicli.cli.options import Invocation, flag, option
from helicli.columns import COLUMNS
from helicli.errors import UsageError
from helicli.filters import Selection
from helicli.units import instant

SELECTION: Final = (
    option("--user", "-u", metavar="ID", help="Of this user; again = any of.", panel="Selection", many=True),
    option("--session", "-s", metavar="ID", help="Of this session; again = any of.", panel="Selection", many=True),
    option("--run", metavar="ID", help="Of this run of helicli run; again = any of.", panel="Selection", many=True),
    option("--model", "-m", metavar="NAME", help="Of this model, * for any text.", panel="Selection", many=True),
    option("--provider", metavar="NAME", help="Of this provider; again = any of.", panel="Selection", many=True),
    option(
        "--prop", "-P", metavar="K=V", help="With this property; again = all of them.", panel="Selection", many=True
    ),
    option("--status", metavar="WORD", help="200, 4xx, ok or error; 200,429 = any of.", panel="Selection", many=True),
    option("--name", metavar="NAME", help="Of this name; again = any of.", panel="Selection", many=True),
    option("--prompt", metavar="NAME[@V]", help="Made from this prompt; again = any of.", panel="Selection", many=True),
    flag("--errors", help="Same as --status error.", panel="Selection"),
    option(
        "--since", "-S", metavar="WHEN", help="From then on: 1h, 2d, today, monday, 2026-11-20T14:00.", panel="Time"
    ),
    option("--until", "-U", metavar="WHEN", help="Before then, in the same words.", panel="Time"),
)

WHO: Final = (*SELECTION[:6], SELECTION[7])
"""Those of them that can be asked of a call before it is made: all but its outcome, its prompt and its time."""


def selection(run: Invocation) -> Selection:
    """What was chosen. Raises UsageError for a status, a time or a property that is none.

    Statuses may stand in one word, `200,429`, and in capitals; other values may not: a comma can be one of their signs.
    """
    words = [word.strip().lower() for given in run.many("status") for word in given.split(",")]
    since, until = run.one("since"), run.one("until")
    chosen = Selection(
        users=run.many("user"),
        sessions=run.many("session"),
        runs=run.many("run"),
        models=run.many("model"),
        providers=tuple(name.lower() for name in run.many("provider")),
        names=run.many("name"),
        prompts=run.many("prompt"),
        properties=tuple(_property(text) for text in run.many("prop")),
        statuses=tuple(dict.fromkeys([*words, *(("error",) if run.is_set("errors") else ())])),
        since_ms=instant(since, run.now()) if since else None,
        until_ms=instant(until, run.now()) if until else None,
    ).checked()
    if chosen.since_ms is not None and chosen.until_ms is not None and chosen.since_ms >= chosen.until_ms:
        raise UsageError("--since is not before --until", f"--until {since} --since {until}")
    return chosen


def _property(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        names = {column.name for column in COLUMNS}
        fix = f"--{name} is an option of its own" if name in names else "write --prop NAME=VALUE"
        raise UsageError(f'--prop cannot be "{text}"', fix)
    return name.strip(), value
