"""Tests of the table of providers."""

from __future__ import annotations

import pytest

from helicli.errors import UsageError
from helicli.providers.registry import (
    ALIASES,
    BUILT_IN,
    RESERVED,
    UNBUILT,
    Given,
    Provider,
    asks_usage,
    build,
    price_provider,
)

BASES = {
    "openai": ("https://api.openai.com", "openai"),
    "anthropic": ("https://api.anthropic.com", "anthropic"),
    "azure": ("", "openai"),
    "google": ("https://generativelanguage.googleapis.com", "google"),
    "vertex": ("https://aiplatform.googleapis.com", "google"),
    "together": ("https://api.together.xyz", "openai"),
    "groq": ("https://api.groq.com", "openai"),
    "mistral": ("https://api.mistral.ai", "openai"),
    "deepseek": ("https://api.deepseek.com", "openai"),
    "openrouter": ("https://openrouter.ai", "openai"),
    "fireworks": ("https://api.fireworks.ai", "openai"),
    "perplexity": ("https://api.perplexity.ai", "openai"),
    "xai": ("https://api.x.ai", "openai"),
    "cerebras": ("https://api.cerebras.ai", "openai"),
    "deepinfra": ("https://api.deepinfra.com", "openai"),
    "nvidia": ("https://integrate.api.nvidia.com", "openai"),
    "nebius": ("https://api.tokenfactory.nebius.com", "openai"),
    "novita": ("https://api.novita.ai", "openai"),
    "hyperbolic": ("https://api.hyperbolic.xyz", "openai"),
    "cohere": ("https://api.cohere.com", "cohere"),
    "ollama": ("http://127.0.0.1:11434", "ollama"),
    "lmstudio": ("http://127.0.0.1:1234", "openai"),
    "vllm": ("http://127.0.0.1:8000", "openai"),
}

ASKED = {"openai", "azure", "together", "groq", "deepseek", "openrouter", "fireworks", "xai", "cerebras"} | {
    "vllm",
    "ollama",
    "lmstudio",
    "novita",
}

HOST_LABELS = [
    "oai",
    "anthropic",
    "gateway",
    "ai-gateway",
    "generate",
    "api",
    "together",
    "groq",
    "openrouter",
    "deepinfra",
    "perplexity",
    "hyperbolic",
    "cerebras",
    "mistral",
    "fireworks",
    "deepseek",
    "x",
    "nebius",
    "novita",
    "google",
    "llama",
    "nvidia",
    "vercel",
    "predibase",
    "bedrock",
    "qstash",
    "firecrawl",
    "llmmapper",
]


def test_built_in_and_aliases():
    providers = build({})
    assert {name: (each.base_url, each.dialect) for name, each in providers.items() if name not in ALIASES} == BASES
    assert {name for name, each in BUILT_IN.items() if each.ask_usage} == ASKED
    assert providers["oai"] is providers["openai"]
    assert providers["x"] is providers["xai"]
    assert all(name == each.name for name, each in BUILT_IN.items())


def test_every_host_label_of_helicone_is_answered():
    known = build({}).keys() | UNBUILT.keys() | {"gateway", "api"}
    assert set(HOST_LABELS) <= known
    assert not UNBUILT.keys() & (BUILT_IN.keys() | RESERVED | {"api"})
    for name, sentence in UNBUILT.items():
        assert build({name: "http://h"})[name].base_url == "http://h", sentence


def test_configured():
    providers = build(
        {"fast": "http://127.0.0.1:2"},
        {
            "fast": Given("http://127.0.0.1:1/", like="groq"),
            "claude-eu": Given("https://eu.example", like="anthropic"),
            "plain": Given("https://h"),
            "x": Given(ask_usage=False),
            "vertex-eu": Given("https://europe-west4-aiplatform.googleapis.com", like="vertex", ask_usage=False),
            "grok": Given(like="x"),
        },
    )
    assert providers["fast"] == Provider("fast", "http://127.0.0.1:2", "openai", True)
    assert providers["claude-eu"] == Provider("claude-eu", "https://eu.example", "anthropic", False)
    assert providers["plain"] == Provider("plain", "https://h", "openai", False)
    assert providers["x"] == providers["xai"] == Provider("xai", "https://api.x.ai", "openai", False)
    assert providers["vertex-eu"].dialect == "google"
    assert providers["grok"] == Provider("grok", "https://api.x.ai", "openai", True)


@pytest.mark.parametrize(
    ("name", "given", "word"),
    [
        ("mine", Given("http://h", like="zonk"), "zonk"),
        ("mine", Given(), "base_url"),
        ("mine", Given("h"), "http://"),
        ("v1", Given("http://h"), "v1"),
    ],
)
def test_bad_configuration(name, given, word):
    with pytest.raises(UsageError) as raised:
        build({}, {name: given})
    assert word in raised.value.message
    assert raised.value.fix


@pytest.mark.parametrize(
    ("name", "path", "asked"),
    [
        ("openai", "/v1/chat/completions", True),
        ("openai", "/v1/completions?x=1", True),
        ("openai", "/v1/responses", False),
        ("mistral", "/v1/chat/completions", False),
        ("ollama", "/v1/chat/completions", True),
        ("ollama", "/api/chat", False),
        ("vllm", "/v1/messages", False),
        ("azure", "/openai/deployments/d/chat/completions?api-version=2024-09-01-preview", True),
        ("azure", "/openai/deployments/d/chat/completions?api-version=2024-08-01-preview", False),
        ("azure", "/openai/deployments/d/chat/completions?x=1&api-version=2024-10-21", True),
        ("azure", "/openai/deployments/d/chat/completions?api-version=2024-06-01", False),
        ("azure", "/openai/v1/chat/completions?api-version=preview", True),
        ("azure", "/openai/v1/chat/completions", True),
    ],
)
def test_who_is_asked_for_usage(name, path, asked):
    assert asks_usage(BUILT_IN[name], path) is asked


def test_names_of_prices():
    assert (price_provider("xai"), price_provider("vertex"), price_provider("groq")) == ("x-ai", "google", "groq")


def test_url_of_a_built_in_is_replaced_and_nothing_else():
    providers = build({"oai": "http://127.0.0.1:9/x/", "anthropic": "http://[::1]:9"})
    assert providers["openai"] == providers["oai"] == Provider("openai", "http://127.0.0.1:9/x", "openai", True)
    assert providers["anthropic"] == Provider("anthropic", "http://[::1]:9", "anthropic", False)


def test_unknown_name_speaks_openai_and_is_not_asked():
    assert build({"my-box_2": "http://box.lan:8080/v1"})["my-box_2"] == Provider(
        "my-box_2", "http://box.lan:8080/v1", "openai", False
    )


@pytest.mark.parametrize(
    "name", ["", "~x", "-x", "_x", "Big", "a/b", "a.b", "a b", "healthcheck", "v1", "api", "gateway", "ä", "a\n"]
)
def test_bad_name(name):
    with pytest.raises(UsageError) as raised:
        build({name: "http://h"})
    assert raised.value.fix


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:11434",
        "ftp://h",
        "http://",
        "http:///x",
        "http:h",
        "http://h?",
        "http://h/?a=1",
        "http://h/#",
        "http://u:p@h",
        "http://@h",
        "http://h:99999",
        "http://h:0",
        "http://h:",
        "http://h:x",
        "http://a b",
        "http://h/a b",
        "http://h\r\n",
        "http://[::1",
        "//h",
    ],
)
def test_bad_url(url):
    with pytest.raises(UsageError) as raised:
        build({"local": url})
    assert "local" in raised.value.message
    assert "http://" in raised.value.fix


@pytest.mark.parametrize("url", ["http://me:s3cret@h/p", "http://h/p?key=s3cret", "http://h/p#s3cret", "me:s3cret@h"])
def test_no_secret_of_a_bad_url_is_shown(url):
    with pytest.raises(UsageError) as raised:
        build({"local": url})
    assert "s3cret" not in raised.value.message
