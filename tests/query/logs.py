"""Logs made by the real writer, for the tests of everything that reads."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from helicli.filters import Filter, one_of, property_is, status_of
from helicli.journal import Position, segment_header, segment_name
from helicli.paths import journal_dir
from helicli.prompts import File, Source
from helicli.scores import scored
from helicli.store import position, prompts, scores
from helicli.store.calls import CallWriter, NewCall, NewTry, Plain, Words
from helicli.store.connect import open_writer

T0 = 1_795_269_791_204
"""2026-11-21T14:03:11.204Z"""

JSON_HEADERS = [(b"content-type", b"application/json")]


def call(number: int, *, at: int = T0, **given: object) -> NewCall:
    """A call that ended well; `given` overrides any column, `said`, `answer`, `properties` and the sides."""
    said = given.pop("said", "How do I reset my password?")
    turns = [
        {"role": "system", "content": "You are a support agent for Acme. Be brief."},
        {"role": "user", "content": said},
    ]
    answer = given.pop("answer", "Open Settings → Security and choose Reset.")
    request = given.pop("request", json.dumps({"model": "gpt-4o", "messages": turns}).encode())
    response = given.pop(
        "response", json.dumps({"choices": [{"message": {"role": "assistant", "content": answer}}]}).encode()
    )
    sides = {
        "properties": given.pop("properties", {}),
        "request_headers": given.pop("request_headers", JSON_HEADERS),
        "request": request,
        "request_size": given.pop("request_size", len(request or b"")),
        "response_headers": given.pop("response_headers", JSON_HEADERS),
        "response": response,
        "response_size": given.pop("response_size", len(response or b"")),
        "redacted": given.pop("redacted", False),
    }
    sides |= {name: given.pop(name) for name in list(given) if name.endswith(("_missing", "_sha256"))}
    plain = {
        "id": number.to_bytes(2, "big") * 8,
        "created_at": at,
        "ended_at": at + 1240,
        "status": 200,
        "error_message": None,
        "stream": False,
        "latency_us": 1_240_000,
        "ttft_us": None,
        "overhead_us": 1_000,
        "input_tokens": 412,
        "output_tokens": 96,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "reasoning_tokens": 0,
        "cost_nano": 1_990_000,
    }
    words = {"provider": "openai", "model": "gpt-4o", "requested_model": "gpt-4o", "path": "/v1/chat/completions"}
    for name, value in given.items():
        (plain if name in Plain.__struct_fields__ else words)[name] = value
    return NewCall(plain=Plain(**plain), words=Words(**words), **sides)


def tried(made: NewCall, message: str = "Rate limit reached", costs=(0, 1_990_000), priced=None) -> NewCall:
    """A call with a refused attempt, and a fallback's after it."""
    plain = {"provider": "openai", "upstream_id": None, "error": None, "error_message": None}
    first = {"fallback_index": 0, "started_us": 500, "latency_us": 310_000, "model": "gpt-4o", "status": 429}
    second = {
        "fallback_index": 1,
        "started_us": 1_310_000,
        "latency_us": 420_000,
        "model": "gpt-4o-mini",
        "status": 200,
    }
    return replace(
        made,
        priced=priced,
        tries=(
            NewTry(**{**plain, **first, "error_message": message}, cost_nano=costs[0]),
            NewTry(**{**plain, **second, "upstream_id": "req_7"}, cost_nano=costs[1]),
        ),
    )


def failed(number: int, status: int | None = 429, error: str | None = "refused_limit", **given: object) -> NewCall:
    """A call that was refused, unless told otherwise."""
    nothing = dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"))
    bad = {
        "status": status,
        "error": error,
        "error_message": "limit 100/h",
        "cost_nano": 0,
        "latency_us": 420,
        "overhead_us": 320,
        **nothing,
    }
    return call(number, **{**bad, "response": b'{"error":{"message":"limit 100/h"}}', **given})


def write(path: Path, *calls: NewCall, reached: Position | None = None) -> Path:
    """Append calls to a database, and the place in the journal they end at; it is made where it is missing."""
    with closing(open_writer(path)) as db:
        writer = CallWriter(db)
        db.execute("BEGIN")
        for one in calls:
            assert writer.write(one)
        if reached:
            position.save(db, position.Reached(reached, reached))
        db.execute("COMMIT")
    return path


def score(path: Path, *given: tuple[int, dict[str, float]]) -> Path:
    """Score calls that `call` has made, by their numbers."""
    with closing(open_writer(path)) as db:
        for number, values in given:
            assert scores.keep(db, scored(str(UUID(bytes=call(number).plain.id)), values, T0))
    return path


def segment(path: Path, generation: int, number: int, records: bytes) -> None:
    """Write a segment of the journal of a database."""
    folder = journal_dir(path)
    folder.mkdir(exist_ok=True)
    (folder / segment_name(generation, number)).write_bytes(segment_header(generation, number) + records)


def chosen(**terms: Any) -> Filter:
    """A filter by field: the texts each is one of; `*` is anything in those of `model`."""
    times = {name: terms.pop(name) for name in ("since_ms", "until_ms") if name in terms}
    props = [property_is(*pair) for pair in terms.pop("prop", ())]
    statuses = status_of(terms.pop("status", ()))
    fields = [one_of(name, texts, globs=name == "model") for name, texts in terms.items()]
    return Filter(**times).both(*fields, *props, statuses)


def prompted(path: Path) -> Path:
    """`sample`, and two prompts: support with three versions of which two were called, classify with one."""
    minute, day = 60_000, 86_400_000

    def source(name: str, text: str) -> Source:
        tone = (File("_tone.md", "Be kind.\n"),) if "tone" in text else ()
        head = f'+++\nname = "{name}"\nmodel = "gpt-4o"\n+++\n\n'
        return Source(File(f"{name}.md", f"{head}## system\n{text}\n\n## user\n{{{{user_input}}}}\n"), tone)

    sample(path)
    with closing(open_writer(path)) as db:
        for at, text, message in (
            (T0 - 6 * day, "Answer. {{> tone}}", "begin"),
            (T0 - 2 * day, "Answer and ask for the order number. {{> tone}}", "ask for order number"),
            (T0 - minute, "Answer briefly and ask for the order number. {{> tone}}", "shorter answers"),
        ):
            prompts.change(db, prompts.Push((source("support", text),), message, at=at))
        prompts.change(db, prompts.Label("support", "production", 2, T0 - day))
        prompts.change(db, prompts.Push((source("classify", "Is it spam?"),), at=T0 - day))
    inputs = (b'{"user_input":"Where is it?"}', b'{"user_input":"Hello"}', b'{"user_input":"Hello"}')
    write(
        path,
        *(
            replace(
                call(10 + at, at=T0 - 5 * minute + at * minute, prompt="support", prompt_version=1 + (at > 0)),
                inputs=each,
            )
            for at, each in enumerate(inputs)
        ),
    )
    return score(path, (11, {"helpful": 1}), (12, {"helpful": 0.62}))


def sample(path: Path) -> Path:
    """Five calls a minute apart, by two users; the fourth was refused, the last came from another provider."""
    minute = 60_000
    return write(
        path,
        call(1, user="ada", session="chat-17", name="support", properties={"environment": "production"}),
        call(2, at=T0 + minute, user="linus", model="gpt-4o-2024-08-06", cost_nano=None, usage_estimated=True),
        call(3, at=T0 + 2 * minute, user="ada", stream=True, ttft_us=310_000, said="Is this spam?", name="classify"),
        failed(4, at=T0 + 3 * minute, user="ada", name="support", request_id="order-4411"),
        call(
            5,
            at=T0 + 4 * minute,
            provider="anthropic",
            model="claude-sonnet-4",
            requested_model="claude-sonnet-4",
            path="/v1/messages",
            cost_nano=13_270_000_000,
            input_tokens=3100,
            output_tokens=812,
        ),
    )
