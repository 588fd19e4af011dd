"""The table of providers: where each is reached and which dialect it speaks.

Owns the built-in names, their aliases, who is asked for usage, the names under which prices are known, and the check of
`--upstream NAME=URL` and `[providers.NAME]`. A base URL never ends in a slash and never carries a query, a fragment or
a user. Never looks anything up on the network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from helicli.errors import UsageError


class Provider(Struct, frozen=True):
    """One upstream. `base_url` is its origin, to which a call's path and query are added; "" where only the caller
    knows it. `ask_usage` says that it understands `stream_options.include_usage`.
    """

    name: str
    base_url: str
    dialect: str
    ask_usage: bool


class Given(Struct, frozen=True, forbid_unknown_fields=True):
    """What a configuration says of a provider; `like` names the one whose dialect and whose habits it shares."""

    base_url: str | None = None
    like: str | None = None
    ask_usage: bool | None = None


_TABLE: Final = (
    Provider("openai", "https://api.openai.com", "openai", True),
    Provider("anthropic", "https://api.anthropic.com", "anthropic", False),
    Provider("azure", "", "openai", True),
    Provider("google", "https://generativelanguage.googleapis.com", "google", False),
    Provider("vertex", "https://aiplatform.googleapis.com", "google", False),
    Provider("together", "https://api.together.xyz", "openai", True),
    Provider("groq", "https://api.groq.com", "openai", True),
    Provider("mistral", "https://api.mistral.ai", "openai", False),
    Provider("deepseek", "https://api.deepseek.com", "openai", True),
    Provider("openrouter", "https://openrouter.ai", "openai", True),
    Provider("fireworks", "https://api.fireworks.ai", "openai", True),
    Provider("perplexity", "https://api.perplexity.ai", "openai", False),
    Provider("xai", "https://api.x.ai", "openai", True),
    Provider("cerebras", "https://api.cerebras.ai", "openai", True),
    Provider("deepinfra", "https://api.deepinfra.com", "openai", False),
    Provider("nvidia", "https://integrate.api.nvidia.com", "openai", False),
    Provider("nebius", "https://api.tokenfactory.nebius.com", "openai", False),
    Provider("novita", "https://api.novita.ai", "openai", True),
    Provider("hyperbolic", "https://api.hyperbolic.xyz", "openai", False),
    Provider("cohere", "https://api.cohere.com", "cohere", False),
    Provider("ollama", "http://127.0.0.1:11434", "ollama", True),
    Provider("lmstudio", "http://127.0.0.1:1234", "openai", True),
    Provider("vllm", "http://127.0.0.1:8000", "openai", True),
)

BUILT_IN: Final[Mapping[str, Provider]] = MappingProxyType({each.name: each for each in _TABLE})

ALIASES: Final[Mapping[str, str]] = MappingProxyType({"oai": "openai", "x": "xai"})
"""Host labels of Helicone that are not the provider's own name."""

ALSO_AT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "api.together.ai": "together",
        "api.eu.mistral.ai": "mistral",
        "api.us.mistral.ai": "mistral",
        "api.cohere.ai": "cohere",
    }
)
"""Other hosts of a provider, for targets that a caller names: those that SDKs go to by themselves (together 3, cohere
up to 4) or by a word (mistralai's `server`). OpenAI's regional hosts have prices of their own and are not among them.
"""

UNBUILT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ai-gateway": "the model router, which translates between dialects, is not built; call a provider by its name",
        "bedrock": "Amazon Bedrock signs every request anew, which helicli does not; use another provider's address",
        "firecrawl": "Firecrawl is not built in; name it with --upstream firecrawl=https://api.firecrawl.dev",
        "generate": "stored prompts have no host of their own here; send a chat request that names its prompt",
        "llama": "the Llama API is not built in; name it with --upstream llama=https://api.llama.com",
        "llmmapper": "the translation between dialects is not built; call a provider by its name",
        "predibase": "Predibase is not built in; name it with --upstream predibase=https://api.app.predibase.com",
        "qstash": "QStash is not built in; name it with --upstream qstash=https://qstash.upstash.io",
        "vercel": "Vercel's gateway is not built in; name it with --upstream vercel=https://ai-gateway.vercel.sh",
    }
)
"""Host labels of Helicone that have no provider here, with the sentence of their 501.

`api` is not among them: as a path it is Ollama's, as a host it is that of Helicone's own interface. A configured
provider of such a name goes before it.
"""

RESERVED: Final = frozenset({"healthcheck", "gateway", "v1", "v1beta", "api", "models"})
"""First path segments that mean something else and so cannot name a provider."""

KEYLESS: Final = frozenset({"ollama", "lmstudio", "vllm"})
"""Programs of one's own that ask for no key."""

_PRICED_AS: Final[Mapping[str, str]] = MappingProxyType({"xai": "x-ai", "vertex": "google"})

_AZURE_ASKED_FROM = "2024-09-01-preview"
_COMPLETIONS = re.compile(r"/(?:chat/)?completions(?:\?|$)")
_API_VERSION = re.compile(r"[?&]api-version=([^&]*)")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9a-f:.]+(?:%25[A-Za-z0-9._-]+)?")
_PATH = re.compile(r"[!$&-;=A-Z_a-z~%]*")
_EXAMPLE = "write it as --upstream local=http://127.0.0.1:11434"


def build(upstreams: Mapping[str, str], configured: Mapping[str, Given] | None = None) -> dict[str, Provider]:
    """The providers by name and alias: the built-in ones, `configured` over them, `upstreams` (name to URL) over all.

    A URL for a known name replaces only the address. A new name speaks the openai dialect and is not asked for usage,
    since an unknown host may not understand it, unless it is like another. Raises UsageError for a bad name or URL.
    """
    providers = dict(BUILT_IN)
    for given, said in (configured or {}).items():
        name = _name(given)
        providers[name] = _configured(name, said)
    for given, url in upstreams.items():
        name = _name(given)
        base = _base_url(name, url)
        known = providers.get(name)
        providers[name] = replace(known, base_url=base) if known else Provider(name, base, "openai", False)
    for alias, name in ALIASES.items():
        providers[alias] = providers[name]
    return providers


def asks_usage(provider: Provider, path: str) -> bool:
    """Whether the streams of this upstream path, with its query, can be asked for their usage.

    Only completions know the question, whatever else a provider speaks. Azure's dated versions know it from
    2024-09-01-preview on, its undated one always. https://learn.microsoft.com/en-us/answers/questions/2007680
    """
    if not provider.ask_usage or not _COMPLETIONS.search(path):
        return False
    dated = _API_VERSION.search(path) if provider.name == "azure" else None
    # Versions begin with their date, so they sort as text.
    return dated is None or not dated[1][:1].isdigit() or dated[1] >= _AZURE_ASKED_FROM


def price_provider(name: str) -> str:
    """The name under which genai-prices knows a provider."""
    return _PRICED_AS.get(name, name)


def _name(given: str) -> str:
    name = ALIASES.get(given, given)
    _check_name(name)
    return name


def _configured(name: str, said: Given) -> Provider:
    like = BUILT_IN.get(ALIASES.get(said.like, said.like) if said.like is not None else name)
    if like is None and said.like is not None:
        raise UsageError(
            f"the provider {name!r} is like {said.like!r}, which helicli does not know",
            f"name one of {', '.join(BUILT_IN)}",
        )
    if said.base_url is None and like is None:
        raise UsageError(f"the provider {name!r} has no base_url", 'add base_url = "https://…" to it')
    base = _base_url(name, said.base_url) if said.base_url is not None else like.base_url if like else ""
    asks = said.ask_usage if said.ask_usage is not None else like is not None and like.ask_usage
    return Provider(name, base, like.dialect if like else "openai", asks)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of an upstream",
            "use lower-case letters, digits, - and _, beginning with a letter or digit, as in --upstream local=URL",
        )
    if name in RESERVED:
        raise UsageError(f"{name!r} is a path of helicli's own", "choose another name for this upstream")


def _base_url(name: str, url: str) -> str:
    trouble = _trouble(url)
    if trouble:
        raise UsageError(f"the URL of upstream {name!r} {trouble}: {_shown(url)!r}", _EXAMPLE)
    return url.rstrip("/")


def _shown(url: str) -> str:
    """The URL without what could be a secret: user info, query, fragment."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = re.split(r"[?#]", rest if mark else url)[0].partition("/")
    return (scheme + mark if mark else "") + host.rpartition("@")[2] + slash + path


def _trouble(url: str) -> str:
    """What is wrong with a base URL, as the end of a sentence; empty when nothing is."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    # urlsplit takes line ends out without a word.
    if not url.isascii() or not url.isprintable():
        return "holds signs that no URL has"
    if parts.scheme not in ("http", "https") or not url.lower().startswith(parts.scheme + "://"):
        return "does not begin with http:// or https://"
    for wrong, trouble in (("?", "has a query"), ("#", "has a fragment")):
        if wrong in url:
            return trouble
    if "@" in parts.netloc:
        return "carries a user or password"
    if not host:
        return "has no host"
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path) or port == 0 or parts.netloc.endswith(":"):
        return "is not a URL"
    return ""
