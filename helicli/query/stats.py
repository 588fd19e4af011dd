"""What some calls were like: how many, how long, how many failed and in which way.

Owns which questions make the answer. One state of the log answers them all.
"""

from __future__ import annotations

from datetime import tzinfo

from msgspec import Struct

from helicli.filters import Filter, status_of
from helicli.grouping import By, by
from helicli.query.groups import snapshot, sums, times
from helicli.query.reading import Log
from helicli.query.totals import Times, Totals


class Found(Struct, frozen=True):
    """The sums, the times, calls by when a stretch began, and calls that failed by status or error."""

    total: Totals
    times: Times
    volume: dict[int, int]
    kinds: tuple[tuple[str, int], ...]
    first_at: int | None


def stats(db: Log, chosen: Filter, stretch: By, zone: tzinfo | None) -> Found:
    """The statistics of the chosen calls, their volume by a stretch of time."""
    with snapshot(db):
        total = sums(db, chosen, (), zone, maxima=True).get((), Totals())
        took = times(db, chosen, (), zone).get((), Times({}))
        volume = {int(key[0] or 0): each.calls for key, each in sums(db, chosen, (stretch,), zone).items()}
        kinds = _kinds(db, chosen, zone) if total.errors else ()
    return Found(total, took, volume, kinds, min(volume, default=None))


def _kinds(db: Log, chosen: Filter, zone: tzinfo | None) -> tuple[tuple[str, int], ...]:
    """How many calls failed in which way: by the status that was sent, or the error's word where it was a good one."""
    found: dict[str, int] = {}
    # Told in the filter too: where rows must be read, those that failed are found by index.
    failed = chosen.both(status_of(["error"]))
    for (status, error), total in sums(db, failed, (by("status"), by("error")), zone, only=("errors",)).items():
        if total.errors:
            kind = str(status) if isinstance(status, int) and status >= 400 else str(error)
            found[kind] = found.get(kind, 0) + total.errors
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))
