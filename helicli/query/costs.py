"""What calls would have cost as calls of another model.

Owns the sum over tokens that are added up already: exact where a price does not depend on how much a call read, and
rounded once for all calls, not for each.
"""

from __future__ import annotations

from helicli import rates
from helicli.call import Usage
from helicli.query.reading import Log
from helicli.query.totals import Totals
from helicli.rates import Rate, Tier
from helicli.store import rates as stored


def known_rate(db: Log, model: str, at_ms: int) -> Rate | None:
    """The rate of a model that the log has met, valid at an instant; None where there is none."""
    for (_, name), several in stored.load(db).items():
        if name == model:
            for rate in several:
                if not rate.mode and rate.valid_from <= at_ms < rate.valid_until:
                    return rate
    return None


def as_model(total: Totals, tier: Tier) -> int:
    """Nano-dollars for the tokens of some calls, those a cache saved not among them."""
    usage = Usage(
        input=total.input_tokens,
        output=total.output_tokens,
        cache_read=total.cache_read_tokens,
        cache_write=total.cache_write_tokens,
        reasoning=total.reasoning_tokens,
    )
    paid = total.calls - total.hits - total.errors
    split = rates.split(tier, usage)
    return split.input_nano + split.output_nano + max(0, paid) * tier.request // 1000
