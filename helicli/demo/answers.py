"""What the fake upstream understands of a request, and what it says to it.

Owns the words and the token counts, in no dialect. An answer depends on the request's meaning only (model, texts,
tools), so the same question has the same answer directly and through a proxy. It must never look at a clock.
"""

from __future__ import annotations

import hashlib
import random
import re
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

Json = dict[str, Any]
"""A decoded JSON object of a request, or one that is about to be encoded."""

TOKEN: Final = 4
"""Characters of one token."""

DATED: Final = {"gpt-4o": "gpt-4o-2024-08-06", "gpt-4o-mini": "gpt-4o-mini-2024-07-18"}
"""Requested model → the name answered with; every other model is answered with its own name."""

SENTENCES: Final = (
    "Open the settings page, choose Security, and press “Reset password”; the link is valid for 30 minutes.",
    "The short answer is yes, with one exception that is worth knowing before you start.",
    "Paris is the capital of France; the city proper has a little more than two million inhabitants.",
    "Three causes are likely: a stale cache, a clock that runs ahead, or a key that was rotated last week.",
    "I would start with the smallest change, measure it, and only then look at the rest.",
    "The customer is angry about the second delay, not the first one, so the apology should name it.",
    "Category: billing. Urgency: high. Language: English. Sentiment: impatient but polite.",
    "In the café on the corner it costs 4 € — about 18 % more than last year.",
    "An index on the second column helps here, because the first one is hardly selective.",
    "Thank you for your patience; your refund of $42.50 left us this morning and needs two working days.",
    "The report has three findings, and the last of them contradicts the summary on page one.",
    "Keep the tone friendly, put the date first, and leave the legal paragraph as it is.",
    "That error means the connection was closed while the answer was still on its way.",
    "Two of the five tests fail, both for the same reason: the fixture opens a file it never closes.",
    "Ça dépend: for most teams the simpler plan is enough, and switching later costs nothing.",
    "The next step is to confirm the address; 東京 and 大阪 are both possible.",
)


class Ask(Struct, frozen=True):
    """A request, read: `rows` are its turns as (role, text), `tool` the one it offers, `limit` the output's tokens."""

    model: str
    stream: bool
    stream_options: bool
    include_usage: bool
    system: str
    rows: list[tuple[str, str]]
    tool: str | None
    limit: int | None
    cache_control: Literal["", "5m", "1h"]


class Counts(Struct, frozen=True):
    """Tokens in disjoint classes; `reasoning` is an of-which of `output`."""

    input: int
    output: int
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    reasoning: int = 0

    @property
    def read(self) -> int:
        """All that was read, as OpenAI counts its input."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h


class Answer(Struct, frozen=True):
    """What is said: a text, or a tool with its arguments as JSON; `pieces` are what a stream sends, in order."""

    mark: str
    created: int
    model: str
    text: str
    tool: str | None
    pieces: list[str]
    finish: Literal["stop", "length", "tool"]
    counts: Counts


def read_ask(body: bytes) -> Ask:
    """The request in `body`, chat, completions, responses or messages; ValueError when it is not a JSON object."""
    try:
        raw = msgspec.json.decode(body, type=Json)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    options = raw.get("stream_options")
    rows = list(_rows(raw))
    system = [_text(raw.get("system")), _text(raw.get("instructions"))]
    system += [text for role, text in rows if role in ("system", "developer")]
    limits = [raw.get(key) for key in ("max_tokens", "max_completion_tokens", "max_output_tokens")]
    return Ask(
        model=str(raw.get("model") or ""),
        stream=raw.get("stream") is True,
        stream_options=options is not None,
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
        system="\n".join(filter(None, system)),
        rows=[row for row in rows if row[0] not in ("system", "developer")],
        tool=_tool(raw.get("tools")),
        limit=next((limit for limit in limits if isinstance(limit, int)), None),
        cache_control=_cache_control(raw.get("system")),
    )


def compose(ask: Ask, events: int = 8, size: int | None = None) -> Answer:
    """The answer to `ask`, in `events` pieces; its text has `size` characters where that is given."""
    mark = hashlib.sha256(msgspec.json.encode((ask.model, ask.system, ask.rows, ask.tool))).hexdigest()
    chance = random.Random(mark)
    last_role, last = ask.rows[-1] if ask.rows else ("user", "")
    tool = ask.tool if last_role == "user" and "weather" in last.lower() else None
    said = _arguments(last) if tool else _said(chance, last_role, last)
    finish: Literal["stop", "length", "tool"] = "tool" if tool else "stop"
    if not tool:
        said = _sized(said, events if size is None else size, exact=size is not None)
        if size is None and ask.limit is not None and len(said) > ask.limit * TOKEN:
            said, finish = said[: ask.limit * TOKEN], "length"
    return Answer(
        mark=mark,
        created=1_750_000_000 + int(mark[:6], 16),
        model=DATED.get(ask.model, ask.model),
        text="" if tool else said,
        tool=tool,
        pieces=[said[i * len(said) // events : (i + 1) * len(said) // events] for i in range(events)],
        finish=finish,
        counts=_count(ask, said),
    )


def count_input(ask: Ask) -> int:
    """Tokens of everything the request says."""
    return 3 + tokens(ask.system) + sum(4 + tokens(text) for _, text in ask.rows)


def tokens(text: str) -> int:
    """Tokens of a text, rounded up."""
    return -(-len(text) // TOKEN)


def _count(ask: Ask, said: str) -> Counts:
    read, cached, written_5m, written_1h = count_input(ask), 0, 0, 0
    if len(ask.system) > 2000:
        block = tokens(ask.system) // 128 * 128
        first_turn = all(role != "assistant" for role, _ in ask.rows)
        if ask.cache_control == "1h" and first_turn:
            written_1h = block
        elif ask.cache_control and first_turn:
            written_5m = block
        else:
            cached = block
    reasoning = 64 * (1 + len(said) // 500) if ask.model.startswith("o") else 0
    return Counts(
        input=read - cached - written_5m - written_1h,
        output=max(1, tokens(said)) + reasoning,
        cache_read=cached,
        cache_write_5m=written_5m,
        cache_write_1h=written_1h,
        reasoning=reasoning,
    )


def _said(chance: random.Random, role: str, last: str) -> str:
    opening = f"The lookup says: {last[:120].strip()}. " if role == "tool" else ""
    return opening + " ".join(chance.sample(SENTENCES, chance.randint(1, 4)))


def _sized(text: str, size: int, *, exact: bool) -> str:
    if len(text) < size:
        text = " ".join([text] * (size // (len(text) + 1) + 1))
    return text[:size] if exact else text


def _arguments(question: str) -> str:
    place = re.search(r"\b(?:in|for|at) ([A-Z]\w+)", question)
    return msgspec.json.encode({"location": place[1] if place else "Paris", "unit": "celsius"}).decode()


def _rows(raw: Json) -> list[tuple[str, str]]:
    turns = raw.get("messages", raw.get("input", raw.get("prompt")))
    if not isinstance(turns, list):
        return [("user", _text(turns))]
    return [_row(turn) for turn in turns]


def _row(turn: object) -> tuple[str, str]:
    if not isinstance(turn, dict):
        return "user", _text(turn)
    content = turn.get("content")
    parts = content if isinstance(content, list) else []
    result = any(isinstance(part, dict) and part.get("type") == "tool_result" for part in parts)
    if result or turn.get("type") == "function_call_output":
        return "tool", _text(turn)
    return str(turn.get("role") or "assistant"), _text(turn)


def _text(value: object) -> str:
    """The words of a message's content, in any of the forms the dialects have for it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(filter(None, map(_text, value)))
    if isinstance(value, dict):
        return next((_text(value[key]) for key in ("text", "content", "output") if value.get(key)), "")
    return "" if value is None else str(value)


def _tool(tools: object) -> str | None:
    names = []
    for tool in tools if isinstance(tools, list) else ():
        spec = tool.get("function", tool) if isinstance(tool, dict) else None
        if isinstance(spec, dict) and isinstance(spec.get("name"), str):
            names.append(spec["name"])
    return next((name for name in names if "weather" in name), names[0] if names else None)


def _cache_control(system: object) -> Literal["", "5m", "1h"]:
    for block in system if isinstance(system, list) else ():
        mark = block.get("cache_control") if isinstance(block, dict) else None
        if isinstance(mark, dict):
            return "1h" if mark.get("ttl") == "1h" else "5m"
    return ""
