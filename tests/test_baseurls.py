"""The variables that send a program's calls through helicli."""

from __future__ import annotations

from pathlib import Path

import pytest

from helicli import baseurls
from helicli.providers import registry
from helicli.proxy import directives, route

ADDRESS = "http://127.0.0.1:8787"
SUFFIXES = {
    "OPENAI_BASE_URL": "/chat/completions",
    "OPENAI_API_BASE": "/chat/completions",
    "ANTHROPIC_BASE_URL": "/v1/messages",
    "AZURE_OPENAI_ENDPOINT": "/openai/deployments/d/chat/completions?api-version=2024-10-21",
    "AZURE_API_BASE": "/openai/deployments/d/chat/completions?api-version=2024-10-21",
    "GOOGLE_GEMINI_BASE_URL": "/v1beta/models/gemini-2.5-flash:generateContent",
    "OLLAMA_HOST": "/api/chat",
    "OLLAMA_API_BASE": "/api/chat",
    "GROQ_BASE_URL": "/openai/v1/chat/completions",
    "MISTRAL_BASE_URL": "/chat/completions",
    "MISTRAL_API_BASE": "/chat/completions",
    "TOGETHER_BASE_URL": "/v1/chat/completions",
    "TOGETHER_AI_API_BASE": "/chat/completions",
    "CEREBRAS_BASE_URL": "/v1/chat/completions",
    "CEREBRAS_API_BASE": "/chat/completions",
    "CO_API_URL": "/v2/chat",
    "CO_BASE_URL": "/v2/chat",
    "DEEPSEEK_API_BASE": "/chat/completions",
    "OPENROUTER_API_BASE": "/chat/completions",
    "FIREWORKS_API_BASE": "/chat/completions",
    "XAI_API_BASE": "/chat/completions",
    "DEEPINFRA_API_BASE": "/chat/completions",
    "NVIDIA_NIM_API_BASE": "/chat/completions",
}
"""What the clients put behind a base URL, by the variable that names it."""

URLS = {
    "openai": "https://api.openai.com/v1/chat/completions",
    "anthropic": "https://api.anthropic.com/v1/messages",
    "azure": "https://mine.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
    "google": "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
    "ollama": "http://127.0.0.1:11434/api/chat",
    "groq": "https://api.groq.com/openai/v1/chat/completions",
    "mistral": "https://api.mistral.ai/v1/chat/completions",
    "together": "https://api.together.xyz/v1/chat/completions",
    "cerebras": "https://api.cerebras.ai/v1/chat/completions",
    "cohere": "https://api.cohere.com/v2/chat",
    "deepseek": "https://api.deepseek.com/beta/chat/completions",
    "openrouter": "https://openrouter.ai/api/v1/chat/completions",
    "fireworks": "https://api.fireworks.ai/inference/v1/chat/completions",
    "xai": "https://api.x.ai/v1/chat/completions",
    "deepinfra": "https://api.deepinfra.com/v1/openai/chat/completions",
    "nvidia": "https://integrate.api.nvidia.com/v1/chat/completions",
}


@pytest.mark.parametrize("variable", baseurls.VARIABLES, ids=lambda each: each.name)
def test_every_variable_leads_to_its_provider(variable):
    providers = registry.build({"azure": "https://mine.openai.azure.com"})
    value = baseurls.variables(ADDRESS)[variable.name]
    found = route.find(value.removeprefix(ADDRESS) + SUFFIXES[variable.name], [], providers, directives.read([]))
    assert (found.provider.name, found.url) == (variable.provider, URLS[variable.provider])


def test_no_variable_twice():
    names = [each.name for each in baseurls.VARIABLES]
    assert len(names) == len(set(names)) == len(baseurls.variables(ADDRESS))


def test_through_a_run():
    values = baseurls.variables(ADDRESS + "/", "abc")
    assert values["OPENAI_BASE_URL"] == f"{ADDRESS}/~abc/openai/v1"
    assert all(value.startswith(f"{ADDRESS}/~abc/") for value in values.values())


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("http://0.0.0.0:8787", "http://127.0.0.1:8787"),
        ("http://[::]:8787", "http://[::1]:8787"),
        ("http://10.0.0.0:8787", "http://10.0.0.0:8787"),
    ],
)
def test_an_engine_that_listens_everywhere_is_called_here(address, base):
    assert baseurls.base_url(address) == base


def test_without_a_provider():
    left_out = set(baseurls.variables(ADDRESS)) - set(baseurls.variables(ADDRESS, without={"azure"}))
    assert left_out == {"AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE"}


@pytest.mark.parametrize(
    ("env", "value"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"NO_PROXY": "a.test, .b.test"}, "a.test,.b.test,127.0.0.1,localhost,::1"),
        ({"NO_PROXY": "upper", "no_proxy": "lower"}, "lower,127.0.0.1,localhost,::1"),
    ],
)
def test_no_proxy_keeps_what_was_there(env, value):
    assert baseurls.no_proxy(env, ADDRESS) == {"NO_PROXY": value, "no_proxy": value}


def test_no_proxy_names_an_address_of_its_own():
    assert baseurls.no_proxy({}, "http://10.0.0.7:8787")["NO_PROXY"].endswith(",10.0.0.7")


def test_no_proxy_that_needs_nothing():
    done = {"NO_PROXY": "127.0.0.1,localhost,::1", "no_proxy": "127.0.0.1,localhost,::1"}
    assert baseurls.no_proxy(done, ADDRESS) == baseurls.no_proxy({"no_proxy": "*"}, ADDRESS) == {}


def test_variables_that_point_elsewhere():
    upstreams = {"openai": "https://api.openai.com", "ollama": "http://127.0.0.1:11434", "azure": ""}
    env = {
        "OPENAI_BASE_URL": "https://gateway.corp.test/v1",
        "OPENAI_API_BASE": "https://api.openai.com/v1",
        "OLLAMA_HOST": "gpu.local:11434",
        "OLLAMA_API_BASE": "http://localhost:11434",
        "AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com",
        "XAI_API_BASE": "",
        "GROQ_BASE_URL": "http://[broken",
    }
    assert baseurls.elsewhere(env, upstreams) == {
        "OPENAI_BASE_URL": "gateway.corp.test",
        "OLLAMA_HOST": "gpu.local",
        "AZURE_OPENAI_ENDPOINT": "mine.openai.azure.com",
        "GROQ_BASE_URL": "http://[broken",
    }


@pytest.mark.parametrize(
    ("provider", "base", "path"),
    [
        ("openai", "https://api.openai.com", "/openai/v1"),
        ("anthropic", "https://api.anthropic.com", "/anthropic"),
        ("groq", "https://api.groq.com", "/groq/openai/v1"),
        ("local", "http://127.0.0.1:9", "/local/v1"),
        ("local", "http://127.0.0.1:9/v1", "/local"),
    ],
)
def test_the_base_url_that_clients_want(provider, base, path):
    assert baseurls.usual(provider, base) == path


def test_the_variables_of_keys():
    assert baseurls.key_variables("openai") == ("OPENAI_API_KEY",)
    assert baseurls.key_variables("google") == ("GEMINI_API_KEY", "GOOGLE_API_KEY")
    assert baseurls.key_variables("my-own") == ("MY_OWN_API_KEY",)


def test_the_table_of_the_docs():
    assert baseurls.table() in (Path(__file__).parents[1] / "docs" / "environment.md").read_text()
