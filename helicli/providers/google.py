"""The google dialect: generateContent and its streams, countTokens, embeddings, interactions; AI Studio and Vertex.

Owns how model, usage, finish reason and error stand in its JSON, its events and its arrays. The input figure of this
dialect includes what the cache read, its output figure leaves out the thoughts; what leaves here is disjoint.
https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from helicli.call import Usage
from helicli.providers import lenient
from helicli.providers.facts import RequestFacts, ResponseFacts
from helicli.providers.lines import of_array
from helicli.providers.sse import data_of, events

_CALLED: Final = re.compile(r"/([^/:]+):([A-Za-z]+)$")
_COUNTS: Final = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount", "total_input_tokens", "total_tokens")
_ENDINGS: Final = frozenset({"interaction.completed", "interaction.complete", "error"})


_MODALITIES: Final = {"AUDIO": 0, "IMAGE": 1, "DOCUMENT": 1, "VIDEO": 2}


class _Request(Struct):
    model: Any = None
    stream: Any = None


_request = msgspec.json.Decoder(_Request)


def read_request(path: str, body: bytes) -> RequestFacts:
    """The model that the path names, or else the body, and whether a stream is asked for."""
    called = _CALLED.search(unquote(path.partition("?")[0]))
    if called:
        return RequestFacts(called[1], called[2].startswith("stream"))
    said = lenient.decode(_request, body) or _Request()
    return RequestFacts(lenient.word(said.model), said.stream is True)


def read_usage(path: str, raw: bytes) -> Usage | None:
    """What a usage object, kept as it came, says."""
    return _usage(lenient.mapping(lenient.loads(raw)))


def read_json(path: str, body: bytes) -> ResponseFacts:
    """The facts of one JSON value, or of a stream that is an array of them."""
    if body[:64].lstrip().startswith(b"["):
        chunks, whole = of_array(body)
        facts = _facts(chunks)
        return msgspec.structs.replace(facts, complete=whole and (facts.complete or facts.error_message is not None))
    said = lenient.loads(body)
    if not isinstance(said, dict):
        return ResponseFacts(complete=said is not None)
    facts = _facts([said])
    if "totalTokens" in said and facts.usage is None:
        return ResponseFacts(facts.model, usage=Usage())
    return msgspec.structs.replace(facts, complete=True)


def read_stream(path: str, body: bytes) -> ResponseFacts:
    """The facts of a stream of events; what comes later of the usage replaces what came before."""
    return _facts(lenient.mapping(lenient.loads(data)) for _, data in events(body))


def ends(event: bytes) -> bool:
    """Whether this event ends its stream: the one with a finish reason; none comes after it but its own kind."""
    if not any(mark in event for mark in (b"finishReason", b"blockReason", b'"error"', b"interaction.complete")):
        return False
    said = lenient.mapping(lenient.loads(data_of(event)))
    return _finish(said) is not None or bool(said.get("error")) or lenient.text(said.get("event_type")) in _ENDINGS


def _facts(chunks: Iterable[dict[str, Any]]) -> ResponseFacts:
    model = finish = error = None
    usage: dict[str, Any] = {}
    complete = False
    for chunk in chunks:
        said = lenient.mapping(chunk.get("interaction")) or lenient.mapping(chunk.get("response")) or chunk
        model = lenient.word(said.get("modelVersion")) or lenient.word(said.get("model")) or model
        finish = _finish(said) or finish
        error = _error(chunk) or error
        complete = complete or finish is not None or lenient.text(chunk.get("event_type")) in _ENDINGS
        for name in ("usageMetadata", "usage"):
            usage |= {key: value for key, value in lenient.mapping(said.get(name)).items() if value is not None}
        counted = _counted(said.get("predictions"))
        if counted:
            usage["promptTokenCount"] = counted
    return ResponseFacts(model, finish, _usage(usage), error, complete, _mode(usage))


def _finish(said: dict[str, Any]) -> str | None:
    """Of the first candidate; of a prompt that was refused, why; of an interaction, its status."""
    candidates = lenient.mappings(said.get("candidates"))
    if candidates:
        return lenient.word(candidates[0].get("finishReason"))
    blocked = lenient.word(lenient.mapping(said.get("promptFeedback")).get("blockReason"))
    status = lenient.word(said.get("status"))
    return blocked or (status if status != "in_progress" and "usage" in said else None)


def _error(said: dict[str, Any]) -> str | None:
    error = lenient.mapping(said.get("error"))
    return lenient.word(error.get("message")) or lenient.word(error.get("status")) or lenient.word(said.get("error"))


def _counted(predictions: Any) -> int:
    """Tokens of Vertex's text embeddings, which are counted for each text."""
    embeddings = (lenient.mapping(each.get("embeddings")) for each in lenient.mappings(predictions))
    return sum(lenient.count(lenient.mapping(each.get("statistics")).get("token_count")) for each in embeddings)


def _usage(said: dict[str, Any]) -> Usage | None:
    """Disjoint classes of usageMetadata, or of an interaction's usage; None where it counts no tokens.

    What tools put into the prompt is counted beside it. Should a total say that the candidates hold the thoughts
    already, they are not counted twice.
    """

    def count(*names: str) -> int:
        return next((n for name in names if (n := lenient.count(said.get(name)))), 0)

    prompt = count("promptTokenCount", "total_input_tokens")
    tools = count("toolUsePromptTokenCount", "total_tool_use_tokens")
    cached = count("cachedContentTokenCount", "total_cached_tokens")
    answer = count("candidatesTokenCount", "responseTokenCount", "total_output_tokens")
    thoughts = count("thoughtsTokenCount", "total_thought_tokens")
    total = count("totalTokenCount", "total_tokens")
    if not any(isinstance(said.get(name), int) for name in _COUNTS):
        return None
    output = answer if thoughts <= answer and total == prompt + tools + answer else answer + thoughts
    fresh = max(0, prompt + tools - cached)
    read, held = _media(said, "promptTokensDetails", "toolUsePromptTokensDetails"), _media(said, "cacheTokensDetails")
    made = _media(said, "candidatesTokensDetails", "responseTokensDetails")
    # The details of a prompt count what the cache held of it.
    anew = [max(0, all_of_it - from_cache) for all_of_it, from_cache in zip(read, held, strict=True)]
    audio, image, video = lenient.within(fresh, *anew)
    cached_audio, cached_image = lenient.within(cached, held[0], held[1])
    reasoning, spoken, drawn, filmed = lenient.within(output, thoughts, *made)
    return Usage(
        input=fresh,
        output=output,
        cache_read=cached,
        reasoning=reasoning,
        input_audio=audio,
        input_image=image,
        input_video=video,
        cache_read_audio=cached_audio,
        cache_read_image=cached_image,
        output_audio=spoken,
        output_image=drawn,
        output_video=filmed,
        raw=lenient.compact(said).encode(),
    )


def _media(said: dict[str, Any], *names: str) -> list[int]:
    """Tokens of audio, images and video in lists that count each modality. Documents are read as images.

    https://ai.google.dev/api/generate-content#Modality
    """
    counted = [0, 0, 0]
    for each in (entry for name in names for entry in lenient.mappings(said.get(name))):
        at = _MODALITIES.get(lenient.text(each.get("modality")))
        if at is not None:
            counted[at] += lenient.count(each.get("tokenCount"))
    return counted


def _mode(usage: dict[str, Any]) -> str:
    """The service tier, such as flex or priority.

    https://googleapis.github.io/kotlin-genai/google-genai-kotlin/com.google.genai.kotlin.types/-usage-metadata
    """
    tier = lenient.text(usage.get("serviceTier")).lower().removeprefix("service_tier_")
    return "" if tier in ("standard", "unspecified") else tier
