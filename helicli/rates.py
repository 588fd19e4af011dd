"""What a thousand tokens cost: a closed integer table and the sum over a call's usage.

Owns the arithmetic of money. Rates and sums are integer nano-dollars; a class without a rate of its own is charged as
the class it falls under. Unknown is None, never 0. Where the numbers come from is not its business.
"""

from __future__ import annotations

from msgspec import Struct

from helicli.call import Usage


class Tier(Struct, frozen=True):
    """Nano-dollars per 1,000 tokens of each class, for calls that read more than `above` tokens in all."""

    above: int
    input: int
    output: int
    cache_read: int
    cache_write: int
    cache_write_1h: int
    reasoning: int


class Rate(Struct, frozen=True):
    """The price of one model; `tiers` ascend by `above` and the first starts at -1. `source` names the table."""

    tiers: tuple[Tier, ...]
    source: str


def cost(rate: Rate, usage: Usage) -> int:
    """Nano-dollars for a call's usage, rounded half up once, at the end."""
    read = usage.input + usage.cache_read + usage.cache_write
    tier = rate.tiers[0]
    for candidate in rate.tiers[1:]:
        if read > candidate.above:
            tier = candidate
    total = (
        usage.input * tier.input
        + (usage.output - usage.reasoning) * tier.output
        + usage.reasoning * tier.reasoning
        + usage.cache_read * tier.cache_read
        + (usage.cache_write - usage.cache_write_1h) * tier.cache_write
        + usage.cache_write_1h * tier.cache_write_1h
    )
    return (total + 500) // 1000
