"""Station 2, where a call goes: provider, dialect and upstream URL from its path and headers.

Pure. The path after the provider's prefix, its query and its percent-encoding go up exactly as they came; the auth
header is never used to guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from helicli.call import Headers
from helicli.providers.registry import Provider
from helicli.proxy.refusal import Refusal

_KEY_SEGMENT = re.compile(r"^/[sp]k-helicone-[^/?]*(?=/|\?|$)")


class Route(Struct, frozen=True):
    """Where a call goes. `path` is what the provider is asked for, with its query; `url` the whole of it."""

    provider: Provider
    path: str
    url: str


def find(target: str, fields: Headers, providers: Mapping[str, Provider], target_url: str | None) -> Route:
    """The route of a request target such as `/openai/v1/models?limit=2`. Raises Refusal."""
    if target_url is not None:
        raise Refusal(
            501,
            "bad_request",
            "helicli does not route by a target header yet; name the provider with serve --upstream NAME=URL and "
            "call it under /NAME/",
        )
    if not target.startswith("/"):
        raise Refusal(400, "bad_request", "the request target must be a path such as /v1/chat/completions")
    path = _KEY_SEGMENT.sub("", target) or "/"
    provider = providers.get(_first_segment(path))
    if provider is not None:
        path = path[1 + len(_first_segment(path)) :] or "/"
        path = _KEY_SEGMENT.sub("", path if path[0] == "/" else "/" + path) or "/"
    elif path.startswith("/~"):
        raise Refusal(404, "bad_request", "no run of helicli has this address (/~ is kept for runs)")
    else:
        provider = providers[_bare(path, fields)]
    if not provider.base_url:
        raise Refusal(
            400,
            "bad_request",
            f"{provider.name} has an address for each customer; name yours with serve --upstream {provider.name}=URL",
        )
    return Route(provider, path, provider.base_url + path)


def _first_segment(path: str) -> str:
    end = path.find("/", 1)
    first = path[1:] if end < 0 else path[1:end]
    return first.partition("?")[0]


def _bare(path: str, fields: Headers) -> str:
    """The provider of a path without a prefix, told by the dialect's own marks."""
    if path.startswith(("/v1/messages", "/v1/complete")) and not path.startswith("/v1/completions"):
        return "anthropic"
    return "anthropic" if any(name == b"anthropic-version" for name, _ in fields) else "openai"
