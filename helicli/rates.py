"""What tokens cost: a closed integer table, who is charged by which line of it, and the sum over a call's usage.

Owns the arithmetic of money. Rates and sums are integer nano-dollars; a class without a price of its own is charged as
the class it falls under. Unknown is None, never 0. Where the numbers come from is not its business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from helicli.call import Usage

CONFIG: Final = "config"
"""The source of a price that the user gave."""

FOREVER: Final = 1 << 62
DAY_MS: Final = 86_400_000

FALLS_UNDER: Final[Mapping[str, tuple[str, ...]]] = {
    "input": (),
    "output": (),
    "cache_read": ("input",),
    "cache_write": ("input",),
    "cache_write_1h": ("cache_write", "input"),
    "reasoning": ("output",),
    "input_audio": ("input",),
    "input_image": ("input",),
    "input_video": ("input",),
    "cache_read_audio": ("cache_read", "input_audio", "input"),
    "cache_read_image": ("cache_read", "input_image", "input"),
    "output_audio": ("output",),
    "output_image": ("output",),
    "output_video": ("output",),
    "web_search": (),
    "request": (),
}
"""The classes, and as what each is charged where it has no price of its own: the first that has one."""

REMEMBERED: Final = 4096
"""Models whose prices are held at most, so that names made up by a caller cost no memory."""


class Tier(Struct, frozen=True):
    """Nano-dollars per 1,000 of each class, for calls that read more than `above` tokens in all."""

    above: int
    input: int
    output: int
    cache_read: int
    cache_write: int
    cache_write_1h: int
    reasoning: int
    input_audio: int
    input_image: int
    input_video: int
    cache_read_audio: int
    cache_read_image: int
    output_audio: int
    output_image: int
    output_video: int
    web_search: int
    request: int


class Rate(Struct, frozen=True):
    """The price of a model, while it is valid and for one way of being served.

    `mode` is "" for the standard price, else a word such as batch, flex, priority or fast. It is valid at instants of
    [`valid_from`, `valid_until`) whose time of day, UTC, is of [`day_from`, `day_until`). `tiers` ascend by `above` and
    the first starts at -1. `source` names the table and its version.
    """

    provider: str
    model: str
    source: str
    tiers: tuple[Tier, ...]
    mode: str = ""
    valid_from: int = 0
    valid_until: int = FOREVER
    day_from: int = 0
    day_until: int = DAY_MS
    context_window: int | None = None


class UserPrice(Struct, frozen=True):
    """A price that the user gave for the models that `pattern` matches: `model` or `provider/model`, with `*`.

    `tier` is None where only the context window was given.
    """

    pattern: str
    tier: Tier | None = None
    context_window: int | None = None


class _Match(Struct, frozen=True):
    """A user's price that fits a model; the heaviest counts."""

    price: UserPrice
    weight: tuple[int, int]


class Split(Struct, frozen=True):
    """What a cost is made of: tokens read, tokens written, fees for requests and searches, and attempts before."""

    input_nano: int
    output_nano: int
    fees_nano: int
    tries_nano: int = 0

    @property
    def cost_nano(self) -> int:
        """The whole."""
        return self.input_nano + self.output_nano + self.fees_nano + self.tries_nano


class Rates:
    """The prices known, by provider and model. A user's price goes before any other."""

    def __init__(self, known: Mapping[tuple[str, str], tuple[Rate, ...]], prices: Iterable[UserPrice] = ()) -> None:
        self._prices = tuple(prices)
        self._known = dict(known)
        self._lines: dict[tuple[str, str, str], list[Rate]] = {}
        self._matched: dict[tuple[str, str], _Match | None] = {}
        for (provider, model), rates in self._known.items():
            self._add(provider, model, rates)

    def __len__(self) -> int:
        """How many models are known."""
        return len(self._known)

    def rate(self, provider: str, model: str, at_ms: int, mode: str = "") -> Rate | None:
        """The rate of a model at an instant, None where it is not known."""
        found = self.listed(provider, model, at_ms, mode)
        return self._of_user(provider, model, found) if self._prices else found

    def listed(self, provider: str, model: str, at_ms: int, mode: str = "") -> Rate | None:
        """The same without what the user said.

        A mode for which a model has no price of its own costs what the standard does.
        """
        lines = self._lines.get((provider, model, mode)) or (self._lines.get((provider, model, "")) if mode else None)
        if lines:
            time = at_ms % DAY_MS
            for line in lines:
                if line.valid_from <= at_ms < line.valid_until and line.day_from <= time < line.day_until:
                    return line
        return None

    def learn(self, provider: str, model: str, rates: tuple[Rate, ...]) -> None:
        """Take in all rates of a model; none where it is known to have no price."""
        if len(self._known) >= REMEMBERED:
            self._known.clear()
            self._lines.clear()
        self._known[provider, model] = rates
        self._add(provider, model, rates)

    def all_of(self, provider: str, model: str) -> tuple[Rate, ...] | None:
        """All rates of a model, its user's apart; None where nothing was learnt of it."""
        return self._known.get((provider, model))

    def is_users(self, provider: str, model: str) -> bool:
        """Whether the user has given a price for this model."""
        found = self._match(provider, model) if self._prices else None
        return found is not None and found.price.tier is not None

    def given(self, provider: str, models: Iterable[str]) -> str | None:
        """Which of the names of one model the user has priced, by the price that says most; None for none."""
        best: tuple[str, _Match] | None = None
        for model in models if self._prices else ():
            found = self._match(provider, model)
            if found and found.price.tier is not None and (best is None or found.weight > best[1].weight):
                best = model, found
        return best[0] if best else None

    def _add(self, provider: str, model: str, rates: tuple[Rate, ...]) -> None:
        for rate in rates:
            self._lines.setdefault((provider, model, rate.mode), []).append(rate)

    def _of_user(self, provider: str, model: str, found: Rate | None) -> Rate | None:
        match = self._match(provider, model)
        if match is None:
            return found
        given = match.price
        if given.tier is not None:
            window = given.context_window or (found.context_window if found else None)
            return Rate(provider, model, CONFIG, (given.tier,), context_window=window)
        return replace(found, context_window=given.context_window) if found else None

    def _match(self, provider: str, model: str) -> _Match | None:
        key = provider, model
        if key not in self._matched:
            if len(self._matched) >= REMEMBERED:
                self._matched.clear()
            found = (_try(each, provider.lower(), model.lower()) for each in self._prices)
            self._matched[key] = max(filter(None, found), key=lambda match: match.weight, default=None)
        return self._matched[key]


def make_tier(above: int, given: Mapping[str, int]) -> Tier:
    """The tier of some prices; the other classes are charged as the class they fall under, or nothing."""

    def price(name: str) -> int:
        return next((given[each] for each in (name, *FALLS_UNDER[name]) if each in given), 0)

    return Tier(above, **{name: price(name) for name in FALLS_UNDER})


def tier_for(rate: Rate, usage: Usage) -> Tier:
    """The tier that a usage is charged by: all that was read decides."""
    tiers = rate.tiers
    tier = tiers[0]
    if len(tiers) > 1:
        read = usage.input + usage.cache_read + usage.cache_write
        for candidate in tiers[1:]:
            if read > candidate.above:
                tier = candidate
    return tier


def cost(rate: Rate, usage: Usage) -> int:
    """Nano-dollars for a call's usage, rounded half up once, at the end."""
    tier = tier_for(rate, usage)
    return (_read(tier, usage) + _written(tier, usage) + _fees(tier, usage) + 500) // 1000


def is_fee(rate: Rate) -> bool:
    """Whether a rate is a fee for each request and nothing for tokens."""
    tier = rate.tiers[0]
    return len(rate.tiers) == 1 and tier.request > 0 and not (tier.input or tier.output or tier.web_search)


def split(tier: Tier, usage: Usage) -> Split:
    """The same in its parts, which add up to it."""
    read, written, fees = _read(tier, usage), _written(tier, usage), _fees(tier, usage)
    total = (read + written + fees + 500) // 1000
    written, fees = written // 1000, fees // 1000
    if read:
        return Split(total - written - fees, written, fees)
    return Split(0, total - fees, fees) if written else Split(0, 0, total)


def _read(tier: Tier, usage: Usage) -> int:
    total = usage.input * tier.input + usage.cache_read * tier.cache_read
    if usage.cache_write:
        total += usage.cache_write * tier.cache_write
        total += usage.cache_write_1h * (tier.cache_write_1h - tier.cache_write)
    if usage.input_audio or usage.cache_read_audio:
        total += usage.input_audio * (tier.input_audio - tier.input)
        total += usage.cache_read_audio * (tier.cache_read_audio - tier.cache_read)
    if usage.input_image or usage.cache_read_image:
        total += usage.input_image * (tier.input_image - tier.input)
        total += usage.cache_read_image * (tier.cache_read_image - tier.cache_read)
    return total + usage.input_video * (tier.input_video - tier.input)


def _written(tier: Tier, usage: Usage) -> int:
    total = usage.output * tier.output + usage.reasoning * (tier.reasoning - tier.output)
    if usage.output_audio or usage.output_image or usage.output_video:
        total += usage.output_audio * (tier.output_audio - tier.output)
        total += usage.output_image * (tier.output_image - tier.output)
        total += usage.output_video * (tier.output_video - tier.output)
    return total


def _fees(tier: Tier, usage: Usage) -> int:
    return tier.request + usage.web_searches * tier.web_search


def _try(price: UserPrice, provider: str, model: str) -> _Match | None:
    """What a price has to say of a model.

    `openai/gpt-4o` is the model `gpt-4o` of OpenAI, and what OpenRouter's of that name costs only where nothing is said
    of OpenRouter. What is said of one name goes before what is said of many, the longer pattern first.
    """
    pattern = price.pattern.lower()
    one, size = not any(sign in pattern for sign in "*?["), len(pattern)
    if "/" not in pattern:
        return _Match(price, (4 if one else 0, size)) if fnmatchcase(model, pattern) else None
    if fnmatchcase(f"{provider}/{model}", pattern):
        return _Match(price, (5 if one else 3, size))
    return _Match(price, (2 if one else 1, size)) if fnmatchcase(model, pattern) else None
