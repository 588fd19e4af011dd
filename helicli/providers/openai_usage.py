"""Usage objects of the openai dialect, whose many servers agree on little but its name.

Owns the disjoint classes and the provider's own figure of the cost. The input figure of this dialect includes what the
cache read and wrote; what leaves here is disjoint. https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import msgspec
from msgspec import Raw

from helicli.call import Usage
from helicli.providers import lenient

_COUNTS: Final = ("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "total_tokens")
_WRITTEN: Final = ("completion_tokens_details", "output_tokens_details", "output_token_details")
_NANO: Final = 10**9
_TICKS: Final = 10
"""Of xAI's ticks, ten billion to a dollar, this many are a nano-dollar."""

_any = msgspec.json.Decoder()


def usage_of(raw: Raw) -> Usage | None:
    """Disjoint classes of a usage object, None where it counts no tokens, as with audio counted in seconds."""
    if bytes(raw) == b"null":
        return None
    said = lenient.mapping(lenient.decode(_any, raw))
    if not any(isinstance(said.get(name), (int, float)) for name in _COUNTS):
        return None
    prompt, total = _count(said, "prompt_tokens", "input_tokens"), _count(said, "total_tokens")
    read = _details(said, "prompt_tokens_details", "input_tokens_details", "input_token_details")
    cached = lenient.count(
        read.get("cached_tokens") or said.get("prompt_cache_hit_tokens") or said.get("cached_tokens")
    )
    cache_write = lenient.count(read.get("cache_write_tokens"))
    written = _details(said, *_WRITTEN)
    output, reasoning = _output(said, written, prompt, total)
    if not prompt and not output:
        prompt = total
    fresh = max(0, prompt - cached - cache_write)
    audio, image, cached_audio, cached_image = _media_read(read, fresh, cached)
    reasoning, spoken, drawn = lenient.within(
        output, reasoning, lenient.count(written.get("audio_tokens")), lenient.count(written.get("image_tokens"))
    )
    return Usage(
        input=fresh,
        output=output,
        cache_read=cached,
        cache_write=cache_write,
        reasoning=reasoning,
        input_audio=audio,
        input_image=image,
        cache_read_audio=cached_audio,
        cache_read_image=cached_image,
        output_audio=spoken,
        output_image=drawn,
        web_searches=lenient.count(said.get("num_search_queries")),
        raw=bytes(raw),
        reported_cost_nano=_cost(said),
    )


def _media_read(read: dict[str, Any], fresh: int, cached: int) -> tuple[int, int, int, int]:
    """Audio and images among the tokens that were read anew, and among those from the cache.

    The figures of what was read count both. Where nothing is said of the cache alone, it holds text as far as that can
    be: so much of the rest as does not fit into what was read anew is from the cache.
    https://github.com/openai/openai-python/blob/main/src/openai/types/realtime/realtime_response_usage_input_token_details.py
    """
    audio, image = lenient.count(read.get("audio_tokens")), lenient.count(read.get("image_tokens"))
    if not audio and not image:
        return 0, 0, 0, 0
    said = lenient.mapping(read.get("cached_tokens_details"))
    held_audio, held_image = (min(lenient.count(said.get(f"{name}_tokens")), cached) for name in ("audio", "image"))
    if not said:
        held_audio = max(0, min(audio, audio + image - fresh))
        held_image = max(0, min(image, audio + image - fresh - held_audio))
    held_audio, held_image = lenient.within(cached, held_audio, held_image)
    new_audio, new_image = lenient.within(fresh, max(0, audio - held_audio), max(0, image - held_image))
    return new_audio, new_image, held_audio, held_image


def _output(said: dict[str, Any], written: dict[str, Any], prompt: int, total: int) -> tuple[int, int]:
    """All that was written, and the reasoning in it.

    xAI leaves the reasoning out of `completion_tokens`, which its total gives away. Perplexity's deep research leaves
    it out of both: its `reasoning_tokens` stand beside its `citation_tokens`.
    https://docs.x.ai/developers/cost-tracking and https://gist.github.com/simonw/ad00a97d2e70918cfbbc94d429af46ca
    """
    completion = _count(said, "completion_tokens", "output_tokens")
    reasoning = lenient.count(written.get("reasoning_tokens") or said.get("reasoning_tokens"))
    apart = "citation_tokens" in said and "reasoning_tokens" in said
    if apart or reasoning > completion or (reasoning and total == prompt + completion + reasoning):
        completion += reasoning
    return completion, min(reasoning, completion)


def _cost(said: dict[str, Any]) -> int | None:
    """What the provider says the call cost, in nano-dollars, None where it does not.

    OpenRouter: dollars, beside which a caller's own upstream key is charged by the upstream. Perplexity: an object with
    a total. xAI: ticks. DeepInfra: an estimate in dollars that was seen to be the tokens at the price of the tier that
    served them. https://openrouter.ai/docs/use-cases/usage-accounting, https://docs.x.ai/developers/cost-tracking,
    https://deepinfra.com/openchat/openchat-3.6-8b/api, https://github.com/BerriAI/litellm/issues/38802
    """
    ticks = lenient.count(said.get("cost_in_usd_ticks"))
    if ticks:
        return (ticks + _TICKS // 2) // _TICKS
    cost = said.get("cost")
    if isinstance(cost, dict):
        return _nano(cost.get("total_cost"))
    if said.get("is_byok") is True:
        upstream = lenient.mapping(said.get("cost_details")).get("upstream_inference_cost")
        return (_nano(cost) or 0) + (_nano(upstream) or 0)
    return _nano(cost if cost is not None else said.get("estimated_cost"))


def _nano(dollars: Any) -> int | None:
    if isinstance(dollars, bool) or not isinstance(dollars, (int, float)) or not 0 <= dollars < _NANO:
        return None
    return int((Decimal(repr(dollars)) * _NANO).quantize(Decimal(1), ROUND_HALF_UP))


def _count(said: dict[str, Any], *names: str) -> int:
    for name in names:
        if found := lenient.count(said.get(name)):
            return found
    return 0


def _details(said: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        if found := lenient.mapping(said.get(name)):
            return found
    return {}
