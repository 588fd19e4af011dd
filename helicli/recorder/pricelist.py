"""Rates taken out of genai-prices, a model at a time.

Owns the one place that imports genai-prices, because that costs a seventh of a second. A model it does not know, or
does not price by tokens, has no rate; none is ever guessed. Its prices are whole nano-dollars for a thousand tokens but
for a few that were computed with floats; those are rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from helicli.providers.registry import price_provider
from helicli.rates import DAY_MS, FOREVER, Rate, Tier, make_tier

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

_TOKENS: Final = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "reasoning": "output_reasoning_mtok",
    "input_audio": "input_audio_mtok",
    "input_image": "input_image_mtok",
    "input_video": "input_video_mtok",
    "cache_read_audio": "cache_audio_read_mtok",
    "cache_read_image": "cache_image_read_mtok",
    "output_audio": "output_audio_mtok",
    "output_image": "output_image_mtok",
    "output_video": "output_video_mtok",
}
"""Our classes and the names of genai-prices for them, in dollars per million."""

_BEFORE: Final = date(1970, 1, 1)
"""A day on which no price had changed yet."""

_FEES: Final = {"web_search": "web_searches_kcount", "request": "requests_kcount"}
"""The same in dollars per thousand."""


@cache
def source() -> str:
    """The name and version of the price list, as it stands in `price_source`."""
    return f"genai-prices {version('genai-prices')}"


def look_up(provider: str, model: str) -> tuple[Rate, ...]:
    """All rates of a model: of every mode, date and time of day that changes them. Empty where none is known."""
    from genai_prices.data_snapshot import get_snapshot

    snapshot = get_snapshot()
    known_as = price_provider(provider)
    if not any(known.id == known_as for known in snapshot.providers):
        return ()
    try:
        owner, info = snapshot.find_provider_model(model, None, known_as, None)
    except LookupError:
        return ()
    found = list(_rates(provider, model, info, {}))
    if not any(each is info for each in owner.models):
        # Variants of a model that is another provider's are that provider's offer.
        return tuple(found)
    standard = [_validity(rate) for rate in found]
    contexts = {value: {key: value} for each in info.price_variants or () for key, value in each.when.items()}
    for mode, context in contexts.items():
        rates = list(_rates(provider, model, info, context))
        if [_validity(rate) for rate in rates] != standard:
            found += [replace(rate, mode=mode) for rate in rates]
    return tuple(found)


def _rates(provider: str, model: str, info: ModelInfo, context: dict[str, str]) -> Iterator[Rate]:
    """The rates in one context, as few as tell all prices."""
    kept: dict[tuple[int, int], Rate] = {}
    days, times = _moments(info)
    for day, until in pairwise([*days, None]):
        windows: list[Rate] = []
        for start, end in pairwise([*times, DAY_MS]):
            at = datetime.combine(day or _BEFORE, time(), UTC) + timedelta(milliseconds=start)
            tiers = _tiers(info.get_prices(at, context))
            last = windows[-1] if windows else None
            if tiers and last and last.tiers == tiers and last.day_until == start:
                windows[-1] = replace(last, day_until=end)
            elif tiers:
                rate = Rate(provider, model, source(), tiers, "", _ms(day, 0), _ms(until, FOREVER), start, end)
                windows.append(replace(rate, context_window=info.context_window))
        for rate in windows:
            before = kept.get((rate.day_from, rate.day_until))
            if before and before.tiers == rate.tiers and before.valid_until == rate.valid_from:
                rate = replace(rate, valid_from=before.valid_from)
            elif before:
                yield before
            kept[rate.day_from, rate.day_until] = rate
    yield from kept.values()


def _moments(info: ModelInfo) -> tuple[list[date | None], list[int]]:
    """The days, None for the first, and the milliseconds of a day from which on a price may be another."""
    days: set[date] = set()
    times = {0}
    conditional = info.prices if isinstance(info.prices, list) else []
    for constraint in [each.constraint for each in (*conditional, *(info.price_variants or ()))]:
        if (day := getattr(constraint, "start_date", None)) is not None:
            days.add(day)
        for name in ("start_time", "end_time"):
            if (at := getattr(constraint, name, None)) is not None:
                times.add(_of_day(at))
    return [None, *sorted(days)], sorted(times)


def _of_day(at: time) -> int:
    zoned = datetime.combine(date(1970, 1, 1), at if at.tzinfo else at.replace(tzinfo=UTC))
    return int(zoned.timestamp() * 1000) % DAY_MS


def _ms(day: date | None, otherwise: int) -> int:
    return otherwise if day is None else int(datetime.combine(day, time(), UTC).timestamp() * 1000)


def _validity(rate: Rate) -> Rate:
    return replace(rate, mode="")


def _tiers(price: ModelPrice) -> tuple[Tier, ...] | None:
    """The tiers of a price, None where it is no price of tokens, such as of hours of audio, or is not sound."""
    from genai_prices.types import Usage

    priced = {name for name, value in price.__dict__.items() if value is not None}
    if priced and not priced & set(_TOKENS.values()):
        return None
    try:
        price.calc_price(Usage())
    except ValueError:
        return None
    starts = {-1}
    for value in price.__dict__.values():
        starts.update(tier.start for tier in getattr(value, "tiers", ()))
    return tuple(_tier(price, start) for start in sorted(starts))


def _tier(price: ModelPrice, above: int) -> Tier:
    given = {}
    for names, nano in ((_TOKENS, 1_000_000), (_FEES, 1_000_000_000)):
        for ours, theirs in names.items():
            value = getattr(price, theirs)
            if value is not None:
                given[ours] = int((_at(value, above) * nano).quantize(Decimal(1), ROUND_HALF_UP))
    return make_tier(above, given)


def _at(value: Decimal | TieredPrices, above: int) -> Decimal:
    if isinstance(value, Decimal):
        return value
    price = value.base
    for tier in value.tiers:
        if tier.start <= above:
            price = tier.price
    return price
