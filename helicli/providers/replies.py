"""Error bodies of helicli's own, in the caller's dialect.

Owns the one place where helicli answers instead of a provider, so that an SDK raises what its user expects of the
provider. A top-level `message` stands in every one, for those who look where Helicone puts it. Never quotes a body.
"""

from __future__ import annotations

from typing import Any

import msgspec


def error_reply(dialect: str, status: int, message: str, type: str, code: str) -> bytes:
    """The JSON body of an error answer. `status` goes in the status line; only Google's dialect repeats it in the body.

    Shapes: https://platform.openai.com/docs/guides/error-codes, https://docs.anthropic.com/en/api/errors,
    https://cloud.google.com/apis/design/errors; Cohere's is a message alone, Ollama's a string.
    """
    body: dict[str, Any]
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
