"""One cheap request to a provider, and what came of it.

Owns the words for the outcome: answered, or what failed on the way. A key from the environment goes only to a
provider's own address, never to one that was configured in its place.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from helicli.baseurls import key_variables, usual
from helicli.providers.registry import BUILT_IN, Provider

if TYPE_CHECKING:
    import httpx2

SECONDS: Final = 10
_MODELS: Final = {
    "anthropic": "/v1/models",
    "google": "/v1beta/models",
    "vertex": "/",
    "azure": "/openai/models?api-version=2024-10-21",
    "cohere": "/v1/models",
    "ollama": "/api/tags",
    "perplexity": "/",
}
_OURS: Final = frozenset({"connect", "dns", "tls", "timeout", "idle_timeout", "upstream_cut", "bad_request"})


class Outcome(Struct, frozen=True):
    """`reached`: the provider itself answered; `word` is ok, key refused, http, dns, tls, connect or timeout."""

    provider: str
    url: str
    reached: bool
    word: str
    status: int | None
    latency_us: int
    message: str = ""
    key: str = ""


def path(provider: Provider) -> str:
    """Where a provider lists its models, without its name before it."""
    known = _MODELS.get(provider.name)
    return known if known is not None else usual(provider.name, provider.base_url)[len(provider.name) + 1 :] + "/models"


def test(provider: Provider, engine: str | None, env: Mapping[str, str], ca_file: Path | None) -> Outcome:
    """Ask a provider for its models, through `engine` (its address) or directly."""
    import httpx2

    fields, key = _key(provider, env)
    url = f"{engine}/{provider.name}{path(provider)}" if engine else provider.base_url + path(provider)
    start = time.perf_counter_ns()

    def outcome(reached: bool, word: str, status: int | None = None, message: str = "") -> Outcome:
        took = (time.perf_counter_ns() - start) // 1000
        return Outcome(provider.name, url, reached, word, status, took, message, key)

    try:
        with httpx2.Client(
            timeout=SECONDS, trust_env=engine is None, follow_redirects=False, verify=_context(ca_file)
        ) as client:
            answer = client.get(url, headers=fields)
    except httpx2.TimeoutException:
        return outcome(False, "timeout", message=f"no answer within {SECONDS} s")
    except httpx2.HTTPError as error:
        return outcome(False, _word(error), message=str(error))
    failed = _failure(answer) if engine else None
    if failed is not None:
        return outcome(False, failed[0], answer.status_code, failed[1])
    refused = answer.status_code in (401, 403) or (answer.status_code == 400 and provider.dialect == "google")
    word = "key refused" if refused and key else "ok" if refused or answer.status_code < 400 else "http"
    return outcome(True, word, answer.status_code)


def _key(provider: Provider, env: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The fields that carry a key, and the variable it stood in."""
    built_in = BUILT_IN.get(provider.name)
    fields = {"anthropic-version": "2023-06-01"} if provider.dialect == "anthropic" else {}
    if built_in is None or built_in.base_url != provider.base_url:
        return fields, ""
    for name in key_variables(provider.name):
        if key := env.get(name, "").strip():
            field = {"anthropic": "x-api-key", "google": "x-goog-api-key"}.get(provider.dialect)
            return {**fields, **({field: key} if field else {"authorization": f"Bearer {key}"})}, name
    return fields, ""


def _context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _word(error: BaseException) -> str:
    """What failed, from the causes of an error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls"
        if isinstance(cause, socket.gaierror):
            return "dns"
        cause = cause.__cause__ or cause.__context__
    return "connect"


def _failure(answer: httpx2.Response) -> tuple[str, str] | None:
    """The word and sentence of helicli's own error answer, None for a provider's."""
    try:
        body = answer.json()
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    code = body.get("code") or (error.get("code") if isinstance(error, dict) else None)
    if answer.status_code in (400, 501, 502, 504) and code in _OURS and isinstance(body.get("message"), str):
        return str(code), body["message"]
    return None
