"""The lists of analytics as rows: groups in the order of a figure, kinds of failure.

Owns their words. Names come from the log and are made safe here.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from helicli.grouping import By, Value
from helicli.query.totals import Totals
from helicli.tui.analysis import Failures, Groups
from helicli.tui.axes import SHARE
from helicli.tui.measures import Ranking, figure, share, tokens
from helicli.tui.widgets.bar_list import Row
from helicli.units import count, dollars
from helicli.view.safe import safe

HEADS: Final = ("CALLS", "COST", "ERRORS", "CACHE", "TOKENS")


class GroupKey(Struct, frozen=True):
    """A row that is a group."""

    value: Value


class KindKey(Struct, frozen=True):
    """A row that is a kind of failure; the filter finds its calls."""

    filter: str


def group_rows(groups: Groups, ranking: Ranking) -> list[Row]:
    """The groups that have something of the figure, the largest first; all that are not told as one at the end."""
    order = sorted(groups.rows, key=lambda item: (-ranking.of(item[1]), str(item[0] or "")))
    rows = [_row(_called(value), total, ranking, GroupKey(value)) for value, total in order if ranking.of(total)]
    if groups.others.calls:
        rows.append(_row(f"{groups.count - len(groups.rows):,} others", groups.others, ranking, None))
    return rows


def kind_rows(failures: Failures) -> list[Row]:
    """The kinds of failure."""
    return [Row(_kind(kind), f"{many:,}", many, "bad", KindKey(found)) for kind, many, found in failures.kinds]


def told_errors(total: Totals) -> str:
    """How many failed, and which part of all."""
    return f"{total.errors:,}  {figure(share(total.errors, total.calls), SHARE)}"


def group_title(group: By) -> str:
    """What calls are grouped by, for people."""
    return safe(group.label or group.name.replace("_", " "))


def _called(value: Value) -> str:
    return "(none)" if value is None else safe(str(value)[:200]) or "(empty)"


def _row(name: str, total: Totals, ranking: Ranking, key: GroupKey | None) -> Row:
    more = (
        f"{total.calls:,}",
        "–" if total.unpriced == total.calls else dollars(total.cost_nano),
        figure(share(total.errors, total.calls), SHARE),
        figure(share(total.hits, total.hits + total.misses), SHARE),
        count(tokens(total)),
    )
    role = "bad" if ranking.name == "errors" else "second" if ranking.name == "cost" else "first"
    return Row(name, figure(ranking.of(total), ranking.unit), ranking.of(total), role, key, more)


def _kind(kind: str) -> str:
    """A kind as people know it: what a status is called stands beside it."""
    if not kind.isdigit():
        return safe(kind.replace("_", " "))
    from http import HTTPStatus

    phrases = {529: "overloaded"} | {each.value: each.phrase.lower() for each in HTTPStatus}
    return f"{kind} {phrases.get(int(kind), '')}".rstrip()
