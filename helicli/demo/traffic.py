"""Traffic for a demo: what a small company's support, search and coding assistants would send in a day.

Owns the plan, which is the same for the same seed, and its sending. A call that fails is part of the plan; a proxy that
does not answer is an error. Every prompt and name is made up, and the key is no key.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import httpx2
import msgspec
from msgspec import Struct

from helicli import headers
from helicli.demo.answers import compose, read_ask
from helicli.errors import NetworkError

KEY: Final = "sk-demo-0123456789abcdef"
USERS: Final = ("ada", "linus", "grace", "edsger", "barbara")
CLAUDE: Final = "claude-sonnet-4-20250514"
MODELS: Final = ("gpt-4o-mini", CLAUDE, "gpt-4o", "o4-mini", "gpt-4o-mini", CLAUDE, "gpt-4o-mini", "gpt-4o", CLAUDE)
"""The models of the sessions, in turn."""

OPEN_SESSIONS: Final = 4
"""Sessions that go on at the same time."""


class Planned(Struct, frozen=True):
    """One call of the demo; `fake` are the fields that steer the fake upstream, by name."""

    dialect: Literal["openai", "anthropic"]
    model: str
    user: str
    session: str
    session_path: str
    session_name: str
    name: str
    properties: dict[str, str]
    stream: bool
    messages: list[dict[str, Any]]
    tool: bool = False
    fake: dict[str, str] = {}


class _Step(Struct, frozen=True):
    path: str
    name: str
    prompts: tuple[str, ...]
    tool: bool = False


class _Story(Struct, frozen=True):
    name: str
    feature: str
    steps: tuple[_Step, ...]


def plan(calls: int, seed: int = 7) -> list[Planned]:
    """The first `calls` calls of the demo; a longer plan of the same seed begins with the shorter one."""
    chance = random.Random(seed)
    sessions: list[Iterator[Planned]] = []
    planned: list[Planned] = []
    opened = claude_calls = 0
    while len(planned) < calls:
        while len(sessions) < OPEN_SESSIONS:
            opened += 1
            sessions.append(_session(random.Random(chance.random()), opened))
        session = chance.choice(sessions)
        call = next(session, None)
        if call is None:
            sessions.remove(session)
        else:
            claude_calls += call.dialect == "anthropic"
            planned.append(_mishap(call, len(planned), claude_calls))
    return planned


async def run(base_url: str, planned: Sequence[Planned], concurrency: int = 4, pause: float = 0.0) -> None:
    """Send every planned call through the proxy at `base_url`, `concurrency` at a time, `pause` seconds between starts.

    Raises NetworkError when no connection to the proxy can be made; what happens to single calls is swallowed.
    """
    waiting, gate = iter(planned), asyncio.Lock()
    limits = httpx2.Limits(max_connections=concurrency)
    async with httpx2.AsyncClient(base_url=base_url, timeout=60, limits=limits, trust_env=False) as client:

        async def work() -> None:
            while True:
                async with gate:
                    if (call := next(waiting, None)) is None:
                        return
                    await asyncio.sleep(pause)
                await _send(client, call)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(concurrency):
                    group.create_task(work())
        except* NetworkError as failed:
            raise failed.exceptions[0] from None


def fields(call: Planned) -> list[tuple[bytes, bytes]]:
    """The header fields of a call: key, dialect, tags, and what steers the fake upstream."""
    named = {
        headers.USER_ID: call.user,
        headers.SESSION_ID: call.session,
        headers.SESSION_PATH: call.session_path,
        headers.SESSION_NAME: call.session_name,
        headers.REQUEST_NAME: call.name,
        **{headers.PROPERTY_PREFIX + name.encode(): value for name, value in call.properties.items()},
        **{name.encode(): value for name, value in call.fake.items()},
        b"content-type": "application/json",
    }
    if call.dialect == "anthropic":
        named |= {b"x-api-key": KEY, b"anthropic-version": "2023-06-01"}
    else:
        named |= {b"authorization": f"Bearer {KEY}"}
    return [(name, value.encode()) for name, value in named.items()]


def body(call: Planned) -> bytes:
    """The JSON body of a call, in its dialect."""
    sent: dict[str, Any] = {"model": call.model, "messages": call.messages}
    schema = {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]}
    about = {"name": "get_weather", "description": "The weather at a place"}
    if call.dialect == "anthropic":
        system = "\n".join(turn["content"] for turn in call.messages if turn["role"] == "system")
        turns = [turn for turn in call.messages if turn["role"] != "system"]
        sent |= {"max_tokens": 1024, "system": system, "messages": turns}
        tool: dict[str, Any] = {**about, "input_schema": schema}
    else:
        tool = {"type": "function", "function": {**about, "parameters": schema}}
    if call.tool:
        sent["tools"] = [tool]
    if call.stream:
        sent["stream"] = True
    return msgspec.json.encode(sent)


async def _send(client: httpx2.AsyncClient, call: Planned) -> None:
    path = "/v1/messages" if call.dialect == "anthropic" else "/v1/chat/completions"
    try:
        async with client.stream("POST", path, content=body(call), headers=fields(call)) as response:
            async for _ in response.aiter_raw():
                pass
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        fix = "start one with `helicli serve`, or name its address"
        raise NetworkError(f"no proxy answers at {client.base_url}", fix, str(error)) from error
    except httpx2.HTTPError:
        return


def _session(chance: random.Random, number: int) -> Iterator[Planned]:
    """The calls of one session: a story's steps, each turn with the history before it."""
    story = chance.choice(_STORIES)
    user = chance.choice(USERS)
    environment = chance.choices(("production", "staging", "development"), (7, 2, 1))[0]
    version = chance.choice(("v2.0.3", "v2.1.0", "v2.1.0", "v2.2.0-rc1"))
    model = MODELS[number % len(MODELS)]
    history: list[dict[str, Any]] = [{"role": "system", "content": _system(story, model)}]
    for step in story.steps[: chance.randint(2, len(story.steps))]:
        history = [*history, {"role": "user", "content": chance.choice(step.prompts)}]
        call = Planned(
            dialect="anthropic" if model.startswith("claude") else "openai",
            model=model,
            user=user,
            session=f"{story.name}-{number:04d}",
            session_path=step.path,
            session_name=story.name,
            name=step.name,
            properties={"environment": environment, "feature": story.feature, "version": version},
            stream=chance.random() < 0.5,
            messages=history,
            tool=step.tool,
            fake=_pace(chance),
        )
        yield call
        said = compose(read_ask(body(call))).text or "It is 24 °C and sunny there."
        history = [*history, {"role": "assistant", "content": said}]


def _system(story: _Story, model: str) -> str:
    opening = f"You are the {story.feature.replace('_', ' ')} assistant of Example Outfitters. "
    # Long enough for the provider to cache it, as a handbook pasted into the system prompt is.
    handbook = _HANDBOOK * 12 if story.feature == "customer_support" else _HANDBOOK
    return opening + handbook


def _pace(chance: random.Random) -> dict[str, str]:
    return {
        "x-fake-delay": f"{chance.uniform(0.01, 0.06):.3f}",
        "x-fake-gap": f"{chance.uniform(0.001, 0.004):.4f}",
        "x-fake-events": str(chance.randint(4, 20)),
    }


def _mishap(call: Planned, number: int, claude_calls: int) -> Planned:
    """The call as it goes wrong, at fixed places of the plan; the others as they are."""
    if number == 13:
        return msgspec.structs.replace(call, stream=True, tool=False, fake={**call.fake, "x-fake-cut": "4"})
    status = {7: "429", 17: "500"}.get(number % 50)
    if call.dialect == "anthropic" and claude_calls % 16 == 4:
        status = "529"
    if status is None:
        return call
    return msgspec.structs.replace(call, fake={**call.fake, "x-fake-status": status})


_HANDBOOK: Final = (
    "Answer in the customer's language, in at most five sentences. Name the order before the problem. Refunds are "
    "possible for 30 days, exchanges for 60. Never promise a delivery date. "
)
_STORIES: Final = (
    _Story(
        "support-ticket",
        "customer_support",
        (
            _Step(
                "/ticket",
                "classify",
                (
                    "My parcel has been in the same depot for six days.",
                    "I was charged twice for order 1042.",
                    "How do I reset my password?",
                ),
            ),
            _Step(
                "/ticket/search",
                "summarise",
                ("Summarise what we know about this order.", "Which of our policies applies here?"),
            ),
            _Step(
                "/ticket/answer",
                "support_ticket_response",
                ("Write the answer to the customer.", "Write a short, apologetic answer."),
            ),
            _Step("/ticket/answer/review", "draft_reply", ("Make it friendlier and half as long.",)),
        ),
    ),
    _Story(
        "trip-planner",
        "search",
        (
            _Step("/plan", "classify", ("Plan two days of hiking near Lisbon.", "A weekend in Kyoto, with children.")),
            _Step(
                "/plan/search",
                "summarise",
                ("What is the weather in Lisbon on Saturday?", "What is the weather in Kyoto tomorrow?"),
                tool=True,
            ),
            _Step("/plan/search/hotels", "summarise", ("Which three hotels are the quietest?",)),
            _Step("/plan/write", "draft_reply", ("Write the plan as a list, one line per half day.",)),
        ),
    ),
    _Story(
        "release-notes",
        "writing",
        (
            _Step("/notes", "classify", ("Sort these 14 commits into fixes, features and chores.",)),
            _Step("/notes/draft", "draft_reply", ("Draft the notes for people who use the shop, not for us.",)),
            _Step("/notes/draft/short", "summarise", ("Now in three sentences for the newsletter.",)),
        ),
    ),
)
