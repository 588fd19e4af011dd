"""The price bench: finding a rate and working out a cost, beside `calc_price` of genai-prices.

Owns the clock around one call's pricing, with everything loaded and known: what the recorder and the proxy pay for each
call. Exit code 1 where it takes more than FIGURE.
"""

from __future__ import annotations

import sys
import timeit
from datetime import UTC, datetime
from pathlib import Path

import machine
from genai_prices import calc_price
from genai_prices import types as genai

from helicli import rates
from helicli.call import Usage
from helicli.rates import Rates
from helicli.recorder import pricelist

FIGURE = 2.0
"""Microseconds."""

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
AT_MS = int(AT.timestamp() * 1000)
CASES = (
    ("chat", "openai", "gpt-4o", "", Usage(input=412, output=96)),
    ("chat, flex", "openai", "gpt-5", "flex", Usage(input=86, output=300, cache_read=1920, reasoning=128)),
    ("tiers, caches", "anthropic", "claude-sonnet-4-5", "", Usage(300_000, 900, 5_000, 2_000, 1_000, 100)),
    ("audio", "openai", "gpt-audio", "", Usage(input=130, output=240, input_audio=100, output_audio=200)),
    ("by the hour", "deepseek", "deepseek-v4-pro", "", Usage(input=1000, output=500, cache_read=3000)),
)


def _theirs(usage: Usage) -> genai.Usage:
    return genai.Usage(
        input_tokens=usage.input + usage.cache_read + usage.cache_write,
        output_tokens=usage.output,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        cache_write_1h_tokens=usage.cache_write_1h,
        output_reasoning_tokens=usage.reasoning,
        input_audio_tokens=usage.input_audio,
        output_audio_tokens=usage.output_audio,
    )


def _microseconds(work: str, names: dict[str, object], times: int) -> float:
    return min(timeit.repeat(work, globals=names, number=times, repeat=5)) / times * 1e6


def main() -> int:
    for name, value in machine.describe(Path(__file__).parents[2]).items():
        sys.stdout.write(f"{name:9} {value}\n")
    known = Rates({(who, model): pricelist.look_up(who, model) for _, who, model, _, _ in CASES})
    worst = 0.0
    for what, provider, model, mode, usage in CASES:
        names: dict[str, object] = {"known": known, "cost": rates.cost, "usage": usage, "calc_price": calc_price}
        names |= {"provider": provider, "model": model, "mode": mode, "at_ms": AT_MS, "at": AT}
        names["theirs"] = _theirs(usage)
        ours = _microseconds("cost(known.rate(provider, model, at_ms, mode), usage)", names, 50_000)
        reference = _microseconds(
            "calc_price(theirs, model, provider_id=provider, genai_request_timestamp=at)", names, 1_000
        )
        sys.stdout.write(f"{what:14} {ours:6.2f} µs   genai-prices {reference:7.1f} µs\n")
        worst = max(worst, ours)
    sys.stdout.write(f"figure: at most {FIGURE} µs; the worst here is {worst:.2f} µs\n")
    return 0 if worst <= FIGURE else 1


if __name__ == "__main__":
    sys.exit(main())
