"""What is told above the table or a call, beside the filter, and where there is no table.

Owns the words: what is looked at, whether it is live, and what helps where there is nothing to see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from helicli import paths
from helicli.errors import HelicliError, NotFoundError
from helicli.filters import Filter
from helicli.query.calls import Call
from helicli.tui.call_list import CallList
from helicli.tui.setup import Setup
from helicli.tui.widgets.canvas import Line
from helicli.units import ago
from helicli.view.safe import safe
from helicli.view.window import window

if TYPE_CHECKING:
    from helicli.tui.screens.requests import RequestsScreen

TABS: Final = (("requests", "1 Requests"), ("analytics", "2 Analytics"))


class Told(Struct, frozen=True):
    """The top of the screen, the count beside the filter, and the lines in place of the table."""

    left: Line
    right: Line
    count: Line
    empty: list[Line]


def tabs(shown: str) -> Line:
    """The screens, the one that is shown among them."""
    line = [(" helicli ", "title")]
    for name, title in TABS:
        line.append(("  ", ""))
        line.append((f" {title} ", "cursor" if name == shown else "dim"))
    return line


def state(engine: str | None, *, paused: bool = False, waiting: int = 0, trouble: bool = False) -> Line:
    """Whether what is shown is live. `engine` is its address, "" where none runs, None where that is not known."""
    if paused:
        more = f" · {waiting:,} new" if waiting else ""
        return [(f"‖ paused{more}", "warn")]
    if trouble:
        return [("! no log", "bad")]
    if engine == "":
        return [("○ no engine", "dim")]
    return [("● live", "ok")]


def of_call(call: Call, now: int) -> Line:
    """What is told above one call."""
    status = str(call.status) if call.status is not None else "–"
    return [
        (f" {call.seq}", "title"),
        (f"  {status}", "bad" if call.failed else "ok"),
        (f"  {safe(call.model or call.requested_model or 'no model')}", ""),
        (f" via {safe(call.provider or '–')}", "dim"),
        (f"  {ago(call.created_at, now)}", "dim"),
    ]


def told_of(screen: RequestsScreen) -> Told:
    """What is told of the calls of a screen."""
    setup, calls = screen.setup, screen.calls
    waiting = calls.waiting if calls.paused else screen.table.above
    right = [*_above(waiting if not calls.paused else 0)]
    right += [(f"{window(screen.since)}  ", "dim")]
    right += state(screen.house.engine, paused=calls.paused, waiting=waiting, trouble=calls.trouble is not None)
    return Told(tabs("requests"), right, _count(calls), _empty(setup, calls, screen.since, screen.emptied))


def _above(many: int) -> list[tuple[str, str]]:
    return [(f"▲ {many:,} new   ", "accent")] if many else []


def _count(calls: CallList) -> Line:
    if calls.trouble is not None:
        return [("", "")]
    if not calls.ready:
        return [("sorting … " if calls.order is not None else "reading … ", "dim")]
    many = f"{len(calls):,}"
    if calls.chosen.term is None and calls.order is None:
        return [(f"{many} call{'' if len(calls) == 1 else 's'} ", "dim")]
    if not calls.complete and calls.of:
        share = f"{calls.looked * 100 // calls.of} %"
        return [(f"{many} so far · {share} of the log looked through ", "warn")]
    found = "" if calls.chosen.term is None else f" of {max(calls.of, len(calls)):,}"
    sort = "" if calls.order is None else f" · by {calls.order.column.title.lower()}"
    return [(f"{many}{found}{sort} ", "dim")]


def _empty(setup: Setup, calls: CallList, since: str, emptied: str) -> list[Line]:
    """What is said where there are no rows; nothing where there are."""
    if calls.trouble is None and (not calls.ready or len(calls) or not calls.complete):
        return []
    is_empty = calls.chosen.term is None and since == "all"
    return empty(setup, calls.trouble, calls.chosen, window(since), emptied, is_empty=is_empty)


def empty(
    setup: Setup, trouble: HelicliError | None, asked: Filter, time: str, emptied: str = "", *, is_empty: bool = False
) -> list[Line]:
    """What is said where there is no call to show, or no log; `is_empty` says that there is no call at all."""
    where = safe(paths.homely(str(setup.database), setup.home))
    if trouble is not None:
        if isinstance(trouble, NotFoundError):
            return _said(
                ("There is no log yet.", "title"),
                (f"{where} is made with the first call.", "dim"),
                ("", ""),
                ("Start the proxy, then send a call through it:", ""),
                (f"  {setup.program} serve", "accent"),
                ("Or run a program through it:", ""),
                (f"  {setup.program} run -- python app.py", "accent"),
                ("Or see it work, without a key:", ""),
                ("  helicli demo --serve", "accent"),
                ("", ""),
                ("This screen fills as soon as calls come.", "dim"),
            )
        return _said(
            (safe(trouble.message), "bad"),
            (safe(trouble.cause), "dim"),
            ("", ""),
            (safe(trouble.fix), ""),
        )
    if is_empty:
        return _said(
            ("No call yet.", "title"),
            (f"{where} is there and empty.", "dim"),
            ("", ""),
            (f"{setup.program} serve", "accent"),
            (f"{setup.program} run -- python app.py", "accent"),
        )
    lines = [("No call fulfils this.", "title"), (safe(asked.sentence(time)), "")]
    if emptied:
        lines += [("", ""), (safe(emptied), "warn")]
    lines += [("", ""), ("esc takes the filter away, t looks at another time", "dim")]
    return _said(*lines)


def _said(*spans: tuple[str, str]) -> list[Line]:
    return [[("", "")], [("", "")], *[[("    ", ""), span] for span in spans]]
