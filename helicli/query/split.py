"""What the cost of a call is made of.

Owns the explanation of a price: the tier of the rate that the row was priced by, as it was then, and the counts in the
provider's own usage. Parts that do not add up to the stored cost are not told; what a provider reported is not split.
"""

from __future__ import annotations

from msgspec.structs import replace

from helicli import rates
from helicli.call import Usage
from helicli.query.calls import Call
from helicli.query.reading import Log
from helicli.query.tries import tries
from helicli.query.wire import dialect, raw_usage
from helicli.rates import Split
from helicli.store.rates import tier_of


def split(db: Log, call: Call) -> Split | None:
    """The parts of a call's cost, None where they are not known."""
    if not call.cost_nano:
        return None
    row = db.execute("SELECT rate FROM calls WHERE seq = ?", (call.seq,)).fetchone()
    tier = tier_of(db, row[0]) if row and row[0] is not None else None
    if tier is None:
        return None
    # The columns tell of most calls; the readers of dialects are imported for the others only.
    for counts in (_columns, _raw):
        parts = rates.split(tier, _of_call(call, counts(db, call)))
        if parts.cost_nano == call.cost_nano:
            return parts
        costs = [each.cost_nano or 0 for each in tries(db, call.seq)]
        if parts.cost_nano in costs and sum(costs) == call.cost_nano:
            return replace(parts, tries_nano=call.cost_nano - parts.cost_nano)
    return None


def _columns(db: Log, call: Call) -> Usage:
    return Usage()


def _raw(db: Log, call: Call) -> Usage:
    """The of-whiches that stand in the provider's own usage only."""
    from helicli.providers import read

    raw = raw_usage(db, call.seq)
    return (read.read_usage(dialect(call), call.path or "", raw) if raw else None) or Usage()


def _of_call(call: Call, usage: Usage) -> Usage:
    return replace(
        usage,
        input=call.input_tokens or 0,
        output=call.output_tokens or 0,
        cache_read=call.cache_read_tokens or 0,
        cache_write=call.cache_write_tokens or 0,
        reasoning=call.reasoning_tokens or 0,
    )
