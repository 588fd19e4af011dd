"""Station 2, where a call goes: provider, dialect and upstream URL from its path, its Host and its target fields.

Pure. The path after the provider's prefix, its query and its percent-encoding go up exactly as they came; the auth
header is never used to guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from helicli import headers as h
from helicli.call import Headers
from helicli.providers.registry import ALSO_AT, UNBUILT, Provider
from helicli.proxy import names
from helicli.proxy.directives import Directives
from helicli.proxy.names import Names
from helicli.proxy.refusal import Refusal

_KEY_SEGMENT = re.compile(r"^/[sp]k-helicone-[^/?]*(?=/|\?|$)")
_AZURE_VERSION = re.compile(r"[?&]api-version=")
_GOOGLE = re.compile(
    r"^/(?:(?:up|down)load/v1beta/|v1beta\d*/"
    # A verb, and no tail of a name: OpenAI has `/v1/models/ft:gpt-4o:acme::x`, and `llama3:latest` is served by many.
    r"|(?:v1/)?(?:tuned)?[mM]odels/[^/?:]+:(?:predict|[a-z]+[A-Z][A-Za-z]*)(?:[/?]|$))"
)
_TARGET_HINT = "write it as https://api.example.com"
_BARE_MESSAGES = re.compile(r"^/messages(?:[/?]|$)")


class Route(Struct, frozen=True):
    """Where a call goes. `path` is what the provider is asked for, with its query; `url` the whole of it."""

    provider: Provider
    path: str
    url: str


def find(
    target: str,
    fields: Headers,
    providers: Mapping[str, Provider],
    directives: Directives,
    seen: Names | None = None,
) -> Route:
    """The route of a request target such as `/openai/v1/models?limit=2`. Raises Refusal."""
    if not target.startswith("/"):
        raise Refusal(400, "bad_request", "the request target must be a path such as /v1/chat/completions")
    seen = seen or names.of(fields)
    path = _without_key(target)
    host = seen.first.get(b"host")
    label = _host_label(fields[host][1]) if host is not None else None
    name, path = _named(path, label, providers)
    path = _folded(path, name)
    if directives.target_url is not None:
        return targeted(directives.target_url, path, providers, name, fields)
    if name == "gateway":
        raise Refusal(
            400, "bad_request", f"the gateway is told where to go by {h.spelled(h.TARGET_URL)}; {_TARGET_HINT}"
        )
    if directives.api_base is not None and name in (None, "openai", "azure"):
        return _based(directives.api_base, path, providers)
    provider = providers[name or _bare(path, seen)]
    if not provider.base_url:
        raise Refusal(
            400,
            "bad_request",
            f"{provider.name} has no address of its own; give it with {h.spelled(h.OPENAI_API_BASE)}: "
            f"https://NAME.openai.azure.com, or with serve --upstream {provider.name}=URL",
        )
    return Route(provider, path, provider.base_url + path)


def _without_key(path: str) -> str:
    """A path without the segment in which some put a Helicone key."""
    if "-helicone-" not in path:
        return path
    rest = _KEY_SEGMENT.sub("", path)
    return rest if rest.startswith("/") else "/" + rest


def _named(path: str, label: str | None, providers: Mapping[str, Provider]) -> tuple[str | None, str]:
    """The provider that prefix or Host names, None where neither does; and the path without the prefix."""
    if label is not None and (label == "gateway" or label in providers or label in UNBUILT):
        return _built(label, providers), path
    for lead in ("/v1/gateway", ""):
        if not path.startswith(lead + "/"):
            continue
        first = _first_segment(path[len(lead) :])
        if lead and first not in providers:
            continue
        if first == "openai" and _is_azures(path[len(lead) :]):
            return "azure", path[len(lead) :]
        if first == "gateway" or first in providers or first in UNBUILT:
            rest = path[len(lead) + 1 + len(first) :]
            return _built(first, providers), _without_key(rest if rest.startswith("/") else "/" + rest)
    return None, path


def _is_azures(path: str) -> bool:
    """Whether `/openai/…` is Azure's own and not OpenAI's behind its prefix: AzureOpenAI dates all that it asks."""
    return path.startswith("/openai/deployments/") or _AZURE_VERSION.search(path) is not None


def _built(name: str, providers: Mapping[str, Provider]) -> str:
    """A name that has a provider, or the gateway. Raises Refusal for one that is known and not built."""
    if name in providers:
        return providers[name].name
    if name in UNBUILT:
        raise Refusal(501, "bad_request", UNBUILT[name])
    return name


@lru_cache(maxsize=256)
def _host_label(value: bytes) -> str | None:
    """`oai` of the Host `oai.localhost:8787`, and of `eu.oai.localhost`, which is Helicone's other region."""
    host = value.decode("latin-1").lower().partition(":")[0].rstrip(".")
    return host.removesuffix(".localhost").removeprefix("eu.") if host.endswith(".localhost") else None


def _first_segment(path: str) -> str:
    end = path.find("/", 1)
    first = path[1:] if end < 0 else path[1:end]
    return first.partition("?")[0]


def _folded(path: str, name: str | None) -> str:
    """A path without the `/v1` that a base URL and an SDK have both put there, and with the one that neither has.

    Vercel's SDK wants the `/v1` in ANTHROPIC_BASE_URL, all others add it; Anthropic itself knows no `/messages`.
    """
    while path.startswith("/v1/v1/"):
        path = path[3:]
    if name == "anthropic" and _BARE_MESSAGES.match(path):
        return "/v1" + path
    return path


def _bare(path: str, seen: Names) -> str:
    """The provider of a path without a prefix, told by the dialect's own marks.

    Anthropic's clients say a version and Google's say what they are, on paths such as /v1/models that OpenAI has too.
    """
    if path.startswith("/v1/messages") or path == "/v1/complete" or path.startswith("/v1/complete?"):
        return "anthropic"
    if b"anthropic-version" in seen.first:
        return "anthropic"
    if b"x-goog-api-client" in seen.first or _GOOGLE.match(path):
        return "google"
    return "ollama" if path.startswith("/api/") else "openai"


def targeted(
    url: str,
    path: str,
    providers: Mapping[str, Provider],
    name: str | None,
    fields: Headers,
    called: str = h.spelled(h.TARGET_URL),
) -> Route:
    """The route to a target the caller names; a path in it is kept before the call's own. `called` is what names it."""
    base = _base(url, called)
    parts = urlsplit(base)
    host = parts.hostname
    for known in providers.values():
        if known.base_url and urlsplit(known.base_url).netloc == parts.netloc.lower():
            return Route(known, path, base + path)
    if host is not None and host in ALSO_AT:
        return Route(replace(providers[ALSO_AT[host]], base_url=base), path, base + path)
    if host is not None and host.endswith("-aiplatform.googleapis.com"):
        return Route(providers["vertex"], path, base + path)
    shape = name if name is not None and name in providers else _bare(path, names.of(fields))
    dialect = providers[shape].dialect
    return Route(Provider(host or "target", base, dialect, False), path, base + path)


def _based(url: str, path: str, providers: Mapping[str, Provider]) -> Route:
    """The route to an OpenAI-shaped address the caller names: Azure's by its host."""
    base = _base(url, h.spelled(h.OPENAI_API_BASE))
    host = urlsplit(base).hostname or ""
    azure = host.endswith(
        (".openai.azure.com", ".azure-api.net", ".cognitiveservices.azure.com", ".services.ai.azure.com")
    )
    provider = providers["azure"] if azure or path.startswith("/openai/deployments/") else providers["openai"]
    return Route(provider, path, base + path)


def _base(url: str, field: str) -> str:
    """A base URL that a field carries, without its last slash. Raises Refusal."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or parts.username is not None:
        raise Refusal(400, "bad_request", f"{field} is not a URL of a provider; {_TARGET_HINT}")
    if " " in url or not url.isprintable() or not parts.path.isascii():
        raise Refusal(400, "bad_request", f"{field} holds what must be percent-encoded; {_TARGET_HINT}")
    if parts.query or parts.fragment:
        raise Refusal(400, "bad_request", f"{field} carries a query or fragment; {_TARGET_HINT}")
    return url.rstrip("/")
