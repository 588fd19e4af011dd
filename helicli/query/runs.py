"""What became of a run: its sums, its percentiles, and the calls worth a look.

Reads the rows of the run by index; percentiles are exact, since a run has few calls beside a log.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from helicli.query.reading import Log
from helicli.query.where import FAILED

_OF_RUN: Final = "c.run = (SELECT id FROM words WHERE word = ?)"
_FAILURES: Final = 3


class Failure(Struct, frozen=True):
    """A call that failed; `status` is None where nothing was sent."""

    seq: int
    status: int | None


class Receipt(Struct, frozen=True):
    """The sums of a run. `cost_nano` leaves out the `unpriced` calls; `slowest` is None where there is no call."""

    calls: int
    cached: int
    errors: int
    input_tokens: int
    output_tokens: int
    cost_nano: int
    unpriced: int
    p50_us: int
    p95_us: int
    slowest: int | None
    slowest_us: int
    failures: tuple[Failure, ...]


def receipt(db: Log, run: str) -> Receipt:
    """The receipt of a run."""
    row = db.execute(
        f"SELECT count(*), total(c.cache IS NOT NULL AND EXISTS (SELECT 1 FROM words WHERE id = c.cache AND word IN"
        f" ('hit', 'semantic'))), total({FAILED}),"
        " total(c.input_tokens) + total(c.cache_read_tokens) + total(c.cache_write_tokens), total(c.output_tokens),"
        f" total(c.cost_nano), total(c.cost_nano IS NULL) FROM calls c WHERE {_OF_RUN}",
        (run,),
    ).fetchone()
    times = db.execute(f"SELECT c.latency_us, c.seq FROM calls c WHERE {_OF_RUN} ORDER BY 1", (run,)).fetchall()
    failed = db.execute(
        f"SELECT c.seq, c.status FROM calls c WHERE {_OF_RUN} AND {FAILED} ORDER BY c.seq LIMIT ?", (run, _FAILURES)
    ).fetchall()
    calls, cached, errors, read, written, cost, unpriced = map(int, row)
    return Receipt(
        calls=calls,
        cached=cached,
        errors=errors,
        input_tokens=read,
        output_tokens=written,
        cost_nano=cost,
        unpriced=unpriced,
        p50_us=_rank(times, 50),
        p95_us=_rank(times, 95),
        slowest=times[-1][1] if times else None,
        slowest_us=times[-1][0] if times else 0,
        failures=tuple(Failure(*each) for each in failed),
    )


def _rank(times: list[tuple[int, int]], percent: int) -> int:
    """The smallest latency that so many percent of the calls did not exceed."""
    return times[-(-len(times) * percent // 100) - 1][0] if times else 0
