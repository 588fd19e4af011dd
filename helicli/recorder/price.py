"""Rates filled from genai-prices, a model at a time, when the recorder first meets it.

Owns the one function that imports genai-prices, because it costs a seventh of a second. A model it does not know has no
rate; none is ever guessed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from helicli.providers.registry import price_provider
from helicli.rates import Rate, Tier

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

_NANO_PER_THOUSAND: Final = 1_000_000
"""A dollar per million tokens, in nano-dollars per thousand."""

_REMEMBERED: Final = 4096


class Prices:
    """Remembers what it has looked up. Prices that depend on the date are worked out for the date of each call."""

    def __init__(self) -> None:
        self._rates: dict[tuple[str, str], Rate | None] = {}
        self._dated: dict[tuple[str, str], ModelInfo] = {}

    def rate(self, provider: str, model: str, at_ms: int) -> Rate | None:
        """The rate of a model at an instant, None where it is not known."""
        key = (provider, model)
        if key in self._rates:
            return self._rates[key]
        info = self._dated.get(key)
        if info is None:
            if len(self._rates) > _REMEMBERED:
                self._rates.clear()
            info = _find(price_provider(provider), model)
            if info is None or not isinstance(info.prices, list):
                rate = _rate(info.prices) if info is not None and not isinstance(info.prices, list) else None
                self._rates[key] = rate
                return rate
            self._dated[key] = info
        return _rate(info.get_prices(datetime.fromtimestamp(at_ms / 1000, UTC)))


def _find(provider: str, model: str) -> ModelInfo | None:
    from genai_prices.data_snapshot import get_snapshot

    snapshot = get_snapshot()
    if not any(known.id == provider for known in snapshot.providers):
        return None
    try:
        return snapshot.find_provider_model(model, None, provider, None)[1]
    except LookupError:
        return None


def _rate(price: ModelPrice) -> Rate | None:
    """The closed table of one model, None where it is priced by something else than tokens, such as hours of audio.

    A class without a price of its own is charged as the one it falls under.
    """
    from genai_prices import __version__

    priced = any(value is not None for value in price.__dict__.values())
    if priced and price.input_mtok is None and price.output_mtok is None:
        return None
    starts = {-1}
    for value in price.__dict__.values():
        starts.update(tier.start for tier in getattr(value, "tiers", ()))
    return Rate(tuple(_tier(price, start) for start in sorted(starts)), f"genai-prices {__version__}")


def _tier(price: ModelPrice, above: int) -> Tier:
    def nano(*names: str) -> int:
        for name in names:
            value = getattr(price, name)
            if value is not None:
                return int(_at(value, above) * _NANO_PER_THOUSAND)
        return 0

    return Tier(
        above=above,
        input=nano("input_mtok"),
        output=nano("output_mtok"),
        cache_read=nano("cache_read_mtok", "input_mtok"),
        cache_write=nano("cache_write_5m_mtok", "cache_write_mtok", "input_mtok"),
        cache_write_1h=nano("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
        reasoning=nano("output_reasoning_mtok", "output_mtok"),
    )


def _at(value: Decimal | TieredPrices, above: int) -> Decimal:
    if isinstance(value, Decimal):
        return value
    price = value.base
    for tier in value.tiers:
        if tier.start <= above:
            price = tier.price
    return price
