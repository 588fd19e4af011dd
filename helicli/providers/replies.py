"""Error bodies of helicli's own, in the caller's dialect.

Owns the one place where helicli answers instead of a provider, so that an SDK raises what its user expects of the
provider. A top-level `message` stands in every one, for those who look where Helicone puts it. Never quotes a body.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

LIMITED: Final = "helicone_rate_limited"
"""The type of a refusal by a limit, where the dialect has no word of its own for it."""

_LIMITED_AS: Final = {"anthropic": "rate_limit_error", "google": "resource_exhausted"}


def error_reply(dialect: str, status: int, message: str, type: str, code: str) -> bytes:
    """The JSON body of an error answer. `status` goes in the status line; only Google's dialect repeats it in the body.

    Shapes: https://platform.openai.com/docs/guides/error-codes, https://docs.anthropic.com/en/api/errors,
    https://cloud.google.com/apis/design/errors; Cohere's is a message alone, Ollama's a string.
    """
    body: dict[str, Any]
    if type == LIMITED:
        type = _LIMITED_AS.get(dialect, type)
    if dialect == "anthropic":
        body = {"type": "error", "error": {"type": type, "message": message}, "message": message, "code": code}
    elif dialect == "google":
        body = {"error": {"code": status, "message": message, "status": type.upper()}, "message": message, "code": code}
    elif dialect == "cohere":
        body = {"message": message, "code": code}
    elif dialect == "ollama":
        body = {"error": message, "message": message, "code": code}
    else:
        body = {"message": message, "error": {"message": message, "type": type, "param": None, "code": code}}
    return msgspec.json.encode(body)
