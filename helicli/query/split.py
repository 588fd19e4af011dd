"""What the cost of a call is made of.

Owns the explanation of a price: the tier of the rate that the row was priced by, as it was then, and the counts in the
provider's own usage. Parts that do not add up to the stored cost are not told; what a provider reported is not split.
"""

from __future__ import annotations

from msgspec.structs import replace

from helicli import rates
from helicli.call import Usage
from helicli.providers import read
from helicli.query.calls import Call
from helicli.query.reading import Log
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
    parts = rates.split(tier, _usage(db, call))
    return parts if parts.cost_nano == call.cost_nano else None


def _usage(db: Log, call: Call) -> Usage:
    """The columns of the row, and the of-whiches that stand in its raw usage only."""
    raw = raw_usage(db, call.seq)
    told = read.read_usage(dialect(call), call.path or "", raw) if raw else None
    return replace(
        told or Usage(),
        input=call.input_tokens or 0,
        output=call.output_tokens or 0,
        cache_read=call.cache_read_tokens or 0,
        cache_write=call.cache_write_tokens or 0,
        reasoning=call.reasoning_tokens or 0,
    )
