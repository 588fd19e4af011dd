"""The environment variables that send a program's calls through helicli: who reads which, and who reads none.

Owns the table, the addresses it makes, and the merging of `NO_PROXY`. A variable stands here only where its reader was
found in a source: the version read is named beside it. Nothing here reads the environment of the process, and nothing
is named that belongs to one deployment (an address with a region, a server without a usual place): pointing it
elsewhere would send a key to a stranger.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct


class Variable(Struct, frozen=True):
    """One variable: `path` is what follows helicli's address, `readers` were seen to read it, `note` warns."""

    name: str
    provider: str
    path: str
    readers: str
    note: str = ""


class Deaf(Struct, frozen=True):
    """A client that no variable reaches: what to write instead, and where that was read."""

    client: str
    instead: str
    source: str


VARIABLES: Final = (
    Variable(
        "OPENAI_BASE_URL",
        "openai",
        "/openai/v1",
        "openai 3.52 and its frameworks, openai-agents 0.24, pydantic-ai 2.68, langchain-openai 1.7, litellm 1.109, "
        "crewai 1.15; npm openai 6.49, @ai-sdk/openai 3.0",
    ),
    Variable(
        "OPENAI_API_BASE",
        "openai",
        "/openai/v1",
        "langchain-openai 1.7, npm @langchain/openai 1.5, llama-index-llms-openai 0.8, litellm 1.109, aider 0.86, "
        "crewai 1.15, openai before 1.0",
    ),
    Variable(
        "ANTHROPIC_BASE_URL",
        "anthropic",
        "/anthropic",
        "anthropic 2.11 and its frameworks, langchain-anthropic 1.7, litellm 1.109; npm @anthropic-ai/sdk 1.11, "
        "@ai-sdk/anthropic 3.0; Claude Code (its documentation of gateways)",
    ),
    Variable(
        "AZURE_OPENAI_ENDPOINT",
        "azure",
        "/azure",
        "openai 3.52 (AzureOpenAI), langchain-openai 1.7, pydantic-ai 2.68; npm openai 6.49, @langchain/openai 1.5",
        "only with [providers.azure] base_url, since every Azure has its own address",
    ),
    Variable("AZURE_API_BASE", "azure", "/azure", "litellm 1.109, crewai 1.15", "as AZURE_OPENAI_ENDPOINT"),
    Variable(
        "GOOGLE_GEMINI_BASE_URL",
        "google",
        "/google",
        "google-genai 3.4 and its frameworks; npm @google/genai 2.32; Gemini CLI (gemini-cli issue 6746)",
    ),
    Variable(
        "OLLAMA_HOST",
        "ollama",
        "/ollama",
        "ollama 0.6 and its frameworks, the command ollama",
        "`ollama serve` takes it for the address to listen on: unset it there",
    ),
    Variable("OLLAMA_API_BASE", "ollama", "/ollama", "litellm 1.109, and so aider 0.86"),
    Variable("GROQ_BASE_URL", "groq", "/groq", "groq 1.7 and its frameworks, pydantic-ai 2.68; npm groq-sdk 1.6"),
    Variable("MISTRAL_BASE_URL", "mistral", "/mistral/v1", "langchain-mistralai 1.1"),
    Variable("MISTRAL_API_BASE", "mistral", "/mistral/v1", "litellm 1.109"),
    Variable("TOGETHER_BASE_URL", "together", "/together/v1", "together 3.1"),
    Variable("TOGETHER_AI_API_BASE", "together", "/together/v1", "litellm 1.109"),
    Variable("CEREBRAS_BASE_URL", "cerebras", "/cerebras", "cerebras-cloud-sdk 1.91"),
    Variable("CEREBRAS_API_BASE", "cerebras", "/cerebras/v1", "litellm 1.109"),
    Variable("CO_API_URL", "cohere", "/cohere", "cohere 7.3"),
    Variable("CO_BASE_URL", "cohere", "/cohere", "pydantic-ai 2.68"),
    Variable("DEEPSEEK_API_BASE", "deepseek", "/deepseek/beta", "litellm 1.109"),
    Variable("OPENROUTER_API_BASE", "openrouter", "/openrouter/api/v1", "litellm 1.109"),
    Variable("FIREWORKS_API_BASE", "fireworks", "/fireworks/inference/v1", "litellm 1.109"),
    Variable("XAI_API_BASE", "xai", "/xai/v1", "litellm 1.109"),
    Variable("DEEPINFRA_API_BASE", "deepinfra", "/deepinfra/v1/openai", "litellm 1.109"),
    Variable("NVIDIA_NIM_API_BASE", "nvidia", "/nvidia/v1", "litellm 1.109"),
)

DEAF: Final = (
    Deaf("Codex CLI", 'codex -c openai_base_url="ADDRESS/openai/v1"', "openai/codex pull request 16720"),
    Deaf("mistralai 3.7, npm @mistralai/mistralai 2.7", 'server_url="ADDRESS/mistral"', "its source"),
    Deaf("npm ollama 0.6", 'new Ollama({ host: "ADDRESS/ollama" })', "its source"),
    Deaf("npm @ai-sdk/google, groq, mistral 3.0", 'baseURL: "ADDRESS/google/v1beta", …', "their sources"),
    Deaf("npm @ai-sdk/azure 3.0", 'baseURL: "ADDRESS/azure/openai" (it reads a resource name only)', "its source"),
    Deaf("litellm 1.109 for Groq", 'api_base="ADDRESS/groq/openai/v1"', "GROQ_API_BASE is langchain-groq's, too"),
    Deaf("fireworks-ai 1.2", 'base_url="ADDRESS/fireworks/inference" for inference alone', "its source"),
    Deaf("openrouter 1.3", 'server_url="ADDRESS/openrouter/api/v1"', "its source"),
    Deaf(
        "Vertex AI (GOOGLE_VERTEX_BASE_URL)", 'http_options={"base_url": "ADDRESS/vertex"}', "its host names a region"
    ),
    Deaf("xai-sdk 1.21", "nothing: it speaks gRPC", "its source"),
    Deaf("Amazon Bedrock", "nothing: its requests are signed for its host", "helicli's table of providers"),
)

_USUAL: Final = {
    "openai": "/v1",
    "anthropic": "",
    "azure": "",
    "google": "",
    "vertex": "",
    "groq": "/openai/v1",
    "deepseek": "",
    "openrouter": "/api/v1",
    "fireworks": "/inference/v1",
    "perplexity": "",
    "deepinfra": "/v1/openai",
    "novita": "/v3/openai",
    "cohere": "",
}
"""What clients want behind a provider's name; `/v1` for all others."""

_KEYS: Final = {
    "google": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "cohere": ("CO_API_KEY",),
    "azure": ("AZURE_OPENAI_API_KEY",),
}

_LOCAL: Final = ("127.0.0.1", "localhost", "::1")


def variables(address: str, token: str | None = None, *, without: Collection[str] = ()) -> dict[str, str]:
    """Each variable with its value for an engine at `address`, through the path of a run's `token` where one is given.

    Those of the providers in `without` are left out: azure where it has no address.
    """
    base = base_url(address, token)
    return {each.name: base + each.path for each in VARIABLES if each.provider not in without}


def base_url(address: str, token: str | None = None) -> str:
    """What stands before a provider's name: the engine's address, and the path of a run.

    An engine that listens everywhere is called here, by a name it answers to.
    """
    base = address.rstrip("/").replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    return f"{base}/~{token}" if token else base


def usual(provider: str, base: str = "") -> str:
    """The path of a base URL as the clients of a provider want it; `base` is its own address."""
    return f"/{provider}{path_of(provider, base)}"


def path_of(provider: str, base: str = "") -> str:
    """What clients want behind a provider's name; `base` is its own address."""
    path = urlsplit(base).path if provider not in _USUAL else ""
    return _USUAL.get(provider, "" if path.endswith("/v1") else "/v1")


def key_variables(provider: str) -> tuple[str, ...]:
    """The variables in which a provider's clients look for its key."""
    return _KEYS.get(provider, (f"{provider.upper().replace('-', '_')}_API_KEY",))


def no_proxy(env: Mapping[str, str], address: str) -> dict[str, str]:
    """`NO_PROXY` and `no_proxy`, so that a proxy of the house is not asked for this machine; what they held is kept.

    Empty where they need no change.
    """
    held = env.get("no_proxy") or env.get("NO_PROXY") or ""
    names = [name for part in held.split(",") if (name := part.strip())]
    if "*" in names:
        return {}
    host = urlsplit(address).hostname or ""
    value = ",".join(dict.fromkeys([*names, *_LOCAL, *([host] if host else [])]))
    return {name: value for name in ("NO_PROXY", "no_proxy") if env.get(name) != value}


def elsewhere(env: Mapping[str, str], upstreams: Mapping[str, str]) -> dict[str, str]:
    """Variables that already point neither to the upstream of their provider nor to this machine, with their hosts.

    To set them changes who gets the calls, and the keys in them: from there to `upstreams` (provider to base URL).
    """
    found: dict[str, str] = {}
    for each in VARIABLES:
        given = env.get(each.name, "")
        try:
            host = urlsplit(given if "://" in given else f"//{given}").hostname
        except ValueError:
            host = given
        if host and host not in _LOCAL and host != urlsplit(upstreams.get(each.provider, "")).hostname:
            found[each.name] = host
    return found


def table() -> str:
    """The table of docs/environment.md, in Markdown."""
    rows = ["| variable | value | who reads it |", "|---|---|---|"]
    for each in VARIABLES:
        note = f". {each.note[:1].upper()}{each.note[1:]}" if each.note else ""
        rows.append(f"| `{each.name}` | `ADDRESS{each.path}` | {each.readers}{note} |")
    rows += ["", "| reads none of them | what to write | where that was read |", "|---|---|---|"]
    rows += [f"| {each.client} | `{each.instead}` | {each.source} |" for each in DEAF]
    return "\n".join(rows)
