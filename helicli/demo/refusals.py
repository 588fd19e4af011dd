"""The error bodies of the two dialects, and the fields that go with them.

Owns the words a provider uses when it does not answer (platform.openai.com/docs/guides/error-codes,
docs.anthropic.com/en/api/errors). The unmasked key in the 401 is on purpose: some providers do that.
"""

from __future__ import annotations

from typing import Final

from helicli.call import Headers
from helicli.demo.shapes import compact, event, pretty

_OPENAI: Final = {
    400: ("invalid_request_error", None, "We could not parse the JSON body of your request."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: (
        "invalid_request_error",
        "unsupported_country_region_territory",
        "Country, region, or territory not supported",
    ),
    404: (
        "invalid_request_error",
        "model_not_found",
        "The model `{model}` does not exist or you do not have access to it.",
    ),
    408: ("server_error", "request_timeout", "Request timed out."),
    409: ("invalid_request_error", "conflict", "The resource was changed by another request."),
    429: (
        "tokens",
        "rate_limit_exceeded",
        "Rate limit reached for {model} in organization org-demo on tokens per min (TPM): Limit 30000, Used 29814, "
        "Requested 912. Please try again in 1.452s. Visit https://platform.openai.com/account/rate-limits for more.",
    ),
    500: ("server_error", None, "The server had an error while processing your request. Sorry about that!"),
    503: ("server_error", None, "The engine is currently overloaded, please try again later."),
}
"""Status → type, code and message."""

_ANTHROPIC: Final = {
    400: ("invalid_request_error", "invalid JSON in the request body"),
    401: ("authentication_error", "invalid x-api-key"),
    403: ("permission_error", "Your API key does not have permission to use the specified resource."),
    404: ("not_found_error", "model: {model}"),
    413: ("request_too_large", "Request exceeds the maximum size"),
    429: (
        "rate_limit_error",
        "This request would exceed your organization's rate limit of 30,000 input tokens per minute.",
    ),
    500: ("api_error", "Internal server error"),
    504: ("timeout_error", "The request timed out."),
    529: ("overloaded_error", "Overloaded"),
}
"""Status → type and message."""


def openai_error(status: int, *, model: str = "", text: str = "", code: str | None = None, param: str = "") -> bytes:
    """An OpenAI error body; `text` and `code` replace what is usual for the status."""
    kind, usual, words = _OPENAI.get(status) or _OPENAI[400 if status < 500 else 500]
    shown = text or words.format(model=model)
    chosen = code if text else usual
    return pretty({"error": {"message": shown, "type": kind, "param": param or None, "code": chosen}})


def anthropic_error(status: int, *, request_id: str, model: str = "", text: str = "") -> bytes:
    """An Anthropic error body; `text` replaces what is usual for the status."""
    kind, words = _ANTHROPIC.get(status) or _ANTHROPIC[400 if status < 500 else 500]
    error = {"type": kind, "message": text or words.format(model=model)}
    return compact({"type": "error", "error": error, "request_id": request_id})


def error_event(*, anthropic: bool, named: bool) -> bytes:
    """The event a provider breaks a stream off with; `named` for the Responses API, whose error is the event itself."""
    if anthropic:
        return event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, named=True)
    kind, code, words = _OPENAI[500]
    if named:
        return event({"type": "error", "code": kind, "message": words, "param": None}, named=True)
    return event({"error": {"message": words, "type": kind, "param": None, "code": code}}, named=False)


def status_fields(status: int) -> Headers:
    """The header fields a status brings: when to come back, where to go."""
    if status in (429, 503, 529):
        return [(b"retry-after", b"2"), (b"retry-after-ms", b"2000")]
    if 300 <= status < 400:
        return [(b"location", b"https://example.invalid/elsewhere")]
    return []
