"""Versions of a prompt tried with models over sets of values.

Owns the calls of a trial, which go through the proxy, so that each is recorded and priced. A key from the environment
goes only to a provider's own address, unless its variable is named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from helicli import headers as h
from helicli.baseurls import key_variables, usual
from helicli.errors import UsageError
from helicli.guess import guess
from helicli.prompts import Compiled
from helicli.providers.conversation import answered
from helicli.providers.registry import ALIASES, BUILT_IN, Provider
from helicli.query.prompts import Recorded, trial
from helicli.query.reading import Log

if TYPE_CHECKING:
    import httpx2

SECONDS: Final = 120
AT_ONCE: Final = 4
_TOLD_SECONDS: Final = 0.2
_RECORDED_SECONDS: Final = 10.0
_ANSWER_TOKENS: Final = 1024
_DIALECTS: Final = ("openai", "anthropic")


class Target(Struct, frozen=True):
    """A model, who serves it, and the fields that carry the key; `note` says why there is none."""

    model: str
    provider: Provider
    fields: Mapping[str, str]
    note: str = ""


class Trial(Struct, frozen=True):
    """One call of a trial. `error` says what went wrong; `recorded` is its row, where there is one."""

    values: Mapping[str, Any]
    number: int
    model: str
    status: int | None
    answer: str
    error: str
    id: str
    recorded: Recorded | None = None


def target(model: str, providers: Mapping[str, Provider], env: Mapping[str, str], key: str | None) -> Target:
    """Where a model is asked: `groq/llama-3.3-70b` says it, claude-… is Anthropic's, all else OpenAI's.

    Raises UsageError.
    """
    name, slash, rest = model.partition("/")
    name = ALIASES.get(name, name)
    if slash and name in providers:
        model = rest
    else:
        name = "anthropic" if model.startswith("claude") else "openai"
    provider = providers.get(name)
    if provider is None or provider.dialect not in _DIALECTS or not model:
        near = guess(name, providers)
        raise UsageError(
            f"{name} cannot be asked for {model}", f"did you mean {near}/{model}?" if near else "name another"
        )
    own = BUILT_IN.get(name)
    trusted = own is not None and own.base_url == provider.base_url
    if key is not None and not env.get(key):
        raise UsageError(f"no variable {key} in the environment", f"export {key}=…")
    variables = [key] if key is not None else key_variables(name) if trusted else ()
    value = next((env[each].strip() for each in variables if env.get(each, "").strip()), "")
    note = "" if value else _note(provider, env, trusted=trusted)
    if provider.dialect == "anthropic":
        fields = {"anthropic-version": "2023-06-01", **({"x-api-key": value} if value else {})}
        return Target(model, provider, fields, note)
    return Target(model, provider, {"authorization": f"Bearer {value}"} if value else {}, note)


def _note(provider: Provider, env: Mapping[str, str], *, trusted: bool) -> str:
    """Why a model is asked without a key, and how it gets one."""
    names = key_variables(provider.name)
    held = next((each for each in names if env.get(each, "").strip()), "")
    if held and not trusted:
        return f"{held} was not sent: {provider.base_url} is not {provider.name}'s own address   --key {held} sends it"
    if not trusted:
        return f"no key was sent to {provider.base_url}: --key VARIABLE names the one that holds it"
    return f"no key was sent to {provider.name}: export {names[0]}=…"


def notes(targets: Sequence[Target], done: Sequence[Trial]) -> list[str]:
    """Why models that refused to answer had no key."""
    refused = {each.model for each in done if each.status in (401, 403)}
    return list(dict.fromkeys(each.note for each in targets if each.note and each.model in refused))


def ask(
    engine: str,
    session: str,
    versions: Sequence[Compiled],
    targets: Sequence[Target],
    sets: Sequence[Mapping[str, Any]],
    progress: Callable[[float], None],
) -> list[Trial]:
    """Every set of values with every version and model, in that order, a few at once; ^C ends them all."""
    import asyncio

    import httpx2

    wanted = [(values, prompt, each) for values in sets for prompt in versions for each in targets]
    done = 0

    async def one(
        client: httpx2.AsyncClient, turn: asyncio.Semaphore, values: Mapping[str, Any], prompt: Compiled, each: Target
    ) -> Trial:
        nonlocal done
        async with turn:
            trial = await _call(client, engine, session, values, prompt, each)
        done += 1
        return trial

    async def every() -> list[Trial]:
        turn = asyncio.Semaphore(AT_ONCE)
        async with httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            asking = asyncio.gather(*(one(client, turn, *each) for each in wanted))
            # Also while the first answer is not there.
            while not (await asyncio.wait([asking], timeout=_TOLD_SECONDS))[0]:
                progress(done / len(wanted))
            return asking.result()

    return asyncio.run(every())


async def _call(
    client: httpx2.AsyncClient, engine: str, session: str, values: Mapping[str, Any], prompt: Compiled, target: Target
) -> Trial:
    import httpx2

    name, _, number = prompt.shown.rpartition("@")
    body: dict[str, Any] = {"model": target.model, "messages": [], "prompt_id": name, "version_id": int(number)}
    path = "/chat/completions"
    if target.provider.dialect == "anthropic":
        path = "/messages" if usual(target.provider.name, target.provider.base_url).endswith("/v1") else "/v1/messages"
        if not {"max_tokens", "max_completion_tokens", "max_output_tokens"} & set(prompt.prompt.parameters):
            body["max_tokens"] = _ANSWER_TOKENS
    url = f"{engine}{usual(target.provider.name, target.provider.base_url)}{path}"
    fields = {**target.fields, h.spelled(h.SESSION_ID): session}
    model = target.model
    try:
        answer = await client.post(url, json={**body, "inputs": dict(values)}, headers=fields)
    except httpx2.HTTPError as error:
        return Trial(values, int(number), model, None, "", str(error) or type(error).__name__, "")
    id = answer.headers.get(h.ANSWER_ID.decode(), "")
    if answer.status_code >= 400:
        return Trial(values, int(number), model, answer.status_code, "", _message(answer.content), id)
    turns = answered(target.provider.dialect, path, answer.headers.get("content-type", ""), answer.content)
    text = "\n".join(each.text or ", ".join(each.tool_calls) for each in turns)
    return Trial(values, int(number), model, answer.status_code, text, "", id)


def _message(body: bytes) -> str:
    """The sentence of an error answer."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError):
        return body[:200].decode("utf-8", "replace")
    error = told.get("error") if isinstance(told, dict) else None
    message = (
        error.get("message") if isinstance(error, dict) else told.get("message") if isinstance(told, dict) else None
    )
    return str(message or error or "refused")


def recorded(db: Log, session: str, trials: Sequence[Trial]) -> list[Trial]:
    """The trials with their rows, once they are there or have not come for some seconds."""
    wanted = {UUID(each.id).bytes for each in trials if each.id}
    deadline = time.monotonic() + _RECORDED_SECONDS
    while True:
        rows = trial(db, session)
        if wanted <= set(rows) or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return [
        msgspec.structs.replace(each, recorded=rows.get(UUID(each.id).bytes) if each.id else None) for each in trials
    ]
