"""The options that choose calls, for every command that asks about them.

Owns their names, help and order, and the step from what was given to a `Filter`. A command takes them with
`shared=SELECTION`, the words of a filter with `cls=FilterCommand` and `Words`, and asks `selection(run, words)`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Final

import typer
from typer._click.core import Context

from helicli.cli.options import Invocation, flag, option
from helicli.cli.root import Command
from helicli.columns import COLUMNS
from helicli.errors import UsageError
from helicli.filters import Filter, one_of, parse, property_is, status_of
from helicli.filters.terms import field
from helicli.units import instant
from helicli.view.window import window

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
        "--since",
        "-S",
        metavar="WHEN",
        help="From then on: 1h, 2d, today, monday, month, 2026-11-20T14:00, all.",
        panel="Time",
    ),
    option("--until", "-U", metavar="WHEN", help="Before then, in the same words.", panel="Time"),
)

WHO: Final = (*SELECTION[:6], SELECTION[7])
"""Those of them that can be asked of a call before it is made: all but its outcome, its prompt and its time."""


EXPLAIN: Final = flag("--explain", help="Print the filter in words and how the log is asked.", panel="Output")
"""For the commands that only ask."""


class FilterCommand(Command):
    """Takes words of a filter; `-cache:hit` is one of them, not the option -c."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse, with words that begin with a minus told from options."""
        end = args.index("--") if "--" in args else len(args)
        return super().parse_args(ctx, [_as_word(arg) for arg in args[:end]] + args[end:])


def _as_word(arg: str) -> str:
    found = re.match(r"-([A-Za-z_][A-Za-z_.]*)(?=[:=<>]|!=)", arg)
    of_field = found and (field(found[1]) or found[1].lower() in ("has", "is") or found[1].startswith("prop."))
    return f"not {arg[1:]}" if of_field or arg.startswith(("-(", '-"', "-@")) else arg


Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILTER…", help="Terms that must all hold: helicli help filters.", show_default=False),
]
"""The words of a filter, as a command takes them."""


def selection(run: Invocation, words: Sequence[str] | None = None) -> Filter:
    """What was chosen by options and by the words of a filter. Raises UsageError for what cannot be meant.

    Statuses may stand in one word, `200,429`, and in capitals; other values may not: a comma can be one of their signs.
    """
    statuses = [word.strip().lower() for given in run.many("status") for word in given.split(",")]
    since, until = run.one("since"), run.one("until")
    typed = parse(" ".join(words), run.now(), run.settings.texts("filters")) if words else Filter()
    chosen = Filter(
        since_ms=instant(since, run.now()) if since else None, until_ms=instant(until, run.now()) if until else None
    ).both(
        one_of("user", run.many("user")),
        one_of("session", run.many("session")),
        one_of("model", run.many("model"), globs=True),
        one_of("provider", run.many("provider")),
        one_of("name", run.many("name")),
        one_of("prompt", run.many("prompt")),
        status_of([*statuses, *(("error",) if run.is_set("errors") else ())]),
        one_of("run", run.many("run")),
        *(property_is(*_property(text)) for text in run.many("prop")),
        typed.term,
    )
    if chosen.since_ms is not None and chosen.until_ms is not None and chosen.since_ms >= chosen.until_ms:
        raise UsageError("--since is not before --until", f"--until {since} --since {until}")
    return chosen


def within(run: Invocation, words: Sequence[str] | None, since: str) -> tuple[Filter, str]:
    """What was chosen, and how its time is called; `since` is looked at where no time is said. Raises UsageError."""
    chosen = selection(run, words)
    first, last = run.one("since"), run.one("until")
    if first is None and last is None:
        return Filter(term=chosen.term, since_ms=instant(since, run.now())), window(since)
    return chosen, window(first, last)


def _property(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        names = {column.name for column in COLUMNS}
        fix = f"--{name} is an option of its own" if name in names else "write --prop NAME=VALUE"
        raise UsageError(f'--prop cannot be "{text}"', fix)
    return name.strip(), value
