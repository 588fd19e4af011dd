"""The rates the recorder prices by: those stored, those its user gave, and those of models it has just met.

Owns the question whether a model must be looked up in genai-prices: once, when it is not stored under this version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helicli.rates import Rate, Rates, UserPrice
from helicli.recorder import pricelist


class Prices:
    """Answers what a model costs, and remembers what it has looked up."""

    def __init__(
        self, stored: Mapping[tuple[str, str], tuple[Rate, ...]] | None = None, prices: Iterable[UserPrice] = ()
    ) -> None:
        source = pricelist.source()
        current = {key: rates for key, rates in (stored or {}).items() if rates[0].source == source}
        self._rates = Rates(current, prices)

    def rate(self, provider: str, model: str, at_ms: int, mode: str = "") -> Rate | None:
        """The rate of a model at an instant and in a mode, None where it is not known."""
        rates = self._rates
        if rates.is_users(provider, model):
            return rates.rate(provider, model, at_ms, mode)
        if rates.all_of(provider, model) is None:
            rates.learn(provider, model, pricelist.look_up(provider, model))
        # A window that the user gave changes no cost: what is stored is as it stands in the list, and all of it.
        return rates.listed(provider, model, at_ms, mode)

    def given(self, provider: str, models: Iterable[str]) -> str | None:
        """Which of the names of one model the user has priced, None for none."""
        return self._rates.given(provider, models)

    def look_up(self, provider: str, model: str) -> tuple[Rate, ...]:
        """All rates of a model, none where it has no price; looked up where it was not met yet."""
        self.rate(provider, model, 0)
        return self._rates.all_of(provider, model) or ()

    def all_of(self, rate: Rate) -> tuple[Rate, ...]:
        """All rates of the model that this one is of."""
        known = self._rates.all_of(rate.provider, rate.model) or ()
        return known if rate in known else (rate,)
