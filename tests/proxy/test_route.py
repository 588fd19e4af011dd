"""Where a call goes."""

from __future__ import annotations

import pytest

from helicli.providers import registry
from helicli.proxy import directives, route
from helicli.proxy.refusal import Refusal

PROVIDERS = registry.build({"local": "http://127.0.0.1:9/base"})
OPENAI, ANTHROPIC = "https://api.openai.com", "https://api.anthropic.com"


def _find(target, *fields):
    return route.find(target, list(fields), PROVIDERS, directives.read(list(fields)))


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("/v1/chat/completions", OPENAI + "/v1/chat/completions"),
        ("/openai/v1/models?limit=2", OPENAI + "/v1/models?limit=2"),
        ("/oai/v1/models", OPENAI + "/v1/models"),
        ("/v1/messages", ANTHROPIC + "/v1/messages"),
        ("/v1/messages/count_tokens?beta=true", ANTHROPIC + "/v1/messages/count_tokens?beta=true"),
        ("/v1/complete", ANTHROPIC + "/v1/complete"),
        ("/v1/completions", OPENAI + "/v1/completions"),
        ("/anthropic/v1/completions", ANTHROPIC + "/v1/completions"),
        ("/openai/v1/messages", OPENAI + "/v1/messages"),
        ("/local/v1/x", "http://127.0.0.1:9/base/v1/x"),
        ("/local", "http://127.0.0.1:9/base/"),
        ("/local?x=1", "http://127.0.0.1:9/base/?x=1"),
        ("/", OPENAI + "/"),
        ("/v1/files/a%2Fb%20c?q=%25", OPENAI + "/v1/files/a%2Fb%20c?q=%25"),
        ("/v1//x/../y", OPENAI + "/v1//x/../y"),
        ("/sk-helicone-abc/v1/models", OPENAI + "/v1/models"),
        ("/sk-helicone-abc", OPENAI + "/"),
        ("/sk-helicone-abc/openai/v1/models", OPENAI + "/v1/models"),
        ("/anthropic/pk-helicone-abc/v1/models?x", ANTHROPIC + "/v1/models?x"),
        ("/locals/v1", OPENAI + "/locals/v1"),
    ],
)
def test_by_path(target, url):
    found = _find(target)
    assert found.url == url
    assert found.url == found.provider.base_url + found.path


def test_anthropics_own_field_tells_a_bare_path():
    assert _find("/v1/models", (b"anthropic-version", b"2023-06-01")).provider.name == "anthropic"
    assert _find("/openai/v1/models", (b"anthropic-version", b"2023-06-01")).provider.name == "openai"


def test_the_key_tells_nothing():
    for field in ((b"x-api-key", b"sk-ant-x"), (b"authorization", b"Bearer sk-ant-x")):
        assert _find("/v1/models", field).provider.name == "openai"


@pytest.mark.parametrize("target", ["*", "http://x/v1", ""])
def test_what_leads_nowhere(target):
    with pytest.raises(Refusal) as caught:
        _find(target)
    assert (caught.value.status, caught.value.word) == (400, "bad_request")


TARGET = (b"helicone-target-url", b"https://api.example.com/deep/")
GOOGLES = (b"x-goog-api-client", b"google-genai-sdk/3.4.0 gl-python/3.11.7")
AZURE_BASE = (b"helicone-openai-api-base", b"https://mine.openai.azure.com")


def _host(name):
    return (b"host", name)


@pytest.mark.parametrize(
    ("target", "fields", "provider", "url"),
    [
        ("/groq/openai/v1/models", [], "groq", "https://api.groq.com/openai/v1/models"),
        ("/x/v1/models", [], "xai", "https://api.x.ai/v1/models"),
        ("/openrouter/api/v1/models", [], "openrouter", "https://openrouter.ai/api/v1/models"),
        ("/v1/gateway/oai/v1/models", [], "openai", OPENAI + "/v1/models"),
        ("/v1/gateway/anthropic/v1/messages", [], "anthropic", ANTHROPIC + "/v1/messages"),
        ("/v1/models", [_host(b"oai.localhost:8787")], "openai", OPENAI + "/v1/models"),
        ("/v1/models", [_host(b"eu.anthropic.localhost")], "anthropic", ANTHROPIC + "/v1/models"),
        ("/openai/v1/models", [_host(b"GROQ.localhost")], "groq", "https://api.groq.com/openai/v1/models"),
        ("/v1/messages", [_host(b"anthropic.localhost.")], "anthropic", ANTHROPIC + "/v1/messages"),
        ("/v1/models", [_host(b"someone.localhost")], "openai", OPENAI + "/v1/models"),
        ("/v1/v1/models", [], "openai", OPENAI + "/v1/models"),
        ("/anthropic/messages?beta=true", [], "anthropic", ANTHROPIC + "/v1/messages?beta=true"),
        ("/anthropic/messages_", [], "anthropic", ANTHROPIC + "/messages_"),
        ("/openai/messages", [], "openai", OPENAI + "/messages"),
        ("/together/v1/v1/v1/models", [], "together", "https://api.together.xyz/v1/models"),
        ("/v1beta/models", [], "google", "https://generativelanguage.googleapis.com/v1beta/models"),
        (
            "/v1/models/gemini-2.5-flash:generateContent?alt=sse",
            [],
            "google",
            "https://generativelanguage.googleapis.com/v1/models/gemini-2.5-flash:generateContent?alt=sse",
        ),
        (
            "/models/gemini-2.5-flash:countTokens",
            [],
            "google",
            "https://generativelanguage.googleapis.com/models/gemini-2.5-flash:countTokens",
        ),
        ("/v1/models/gpt-4o", [], "openai", OPENAI + "/v1/models/gpt-4o"),
        ("/v1/models/ft:gpt-4o:acme::x1", [], "openai", OPENAI + "/v1/models/ft:gpt-4o:acme::x1"),
        ("/v1/models/llama3:latest", [], "openai", OPENAI + "/v1/models/llama3:latest"),
        (
            "/v1/models/imagen-4:predict",
            [],
            "google",
            "https://generativelanguage.googleapis.com/v1/models/imagen-4:predict",
        ),
        ("/api/chat", [], "ollama", "http://127.0.0.1:11434/api/chat"),
        (
            "/openai/deployments/d%20x/chat/completions?api-version=2024-10-21",
            [AZURE_BASE],
            "azure",
            "https://mine.openai.azure.com/openai/deployments/d%20x/chat/completions?api-version=2024-10-21",
        ),
        ("/oai/v1/responses", [AZURE_BASE], "azure", "https://mine.openai.azure.com/v1/responses"),
        (
            "/openai/responses?api-version=2025-03-01-preview",
            [AZURE_BASE],
            "azure",
            "https://mine.openai.azure.com/openai/responses?api-version=2025-03-01-preview",
        ),
        ("/openai/v1/models?limit=2", [], "openai", OPENAI + "/v1/models?limit=2"),
        ("/upload/v1beta/files", [], "google", "https://generativelanguage.googleapis.com/upload/v1beta/files"),
        ("/v1/models", [GOOGLES], "google", "https://generativelanguage.googleapis.com/v1/models"),
        ("/groq/openai/v1/models", [GOOGLES], "groq", "https://api.groq.com/openai/v1/models"),
        ("/uploads/v1beta/files", [], "openai", OPENAI + "/uploads/v1beta/files"),
        (
            "/v1/chat/completions",
            [(b"helicone-target-url", b"https://API.together.ai")],
            "together",
            "https://API.together.ai/v1/chat/completions",
        ),
        (
            "/v1/chat/completions",
            [(b"helicone-openai-api-base", b"https://us.api.openai.com/")],
            "openai",
            "https://us.api.openai.com/v1/chat/completions",
        ),
        ("/gateway/v1/x?y=1", [TARGET], "api.example.com", "https://api.example.com/deep/v1/x?y=1"),
        ("/v1/x", [TARGET, _host(b"gateway.localhost")], "api.example.com", "https://api.example.com/deep/v1/x"),
        (
            "/v1/chat/completions",
            [(b"helicone-target-url", b"https://api.groq.com/openai")],
            "groq",
            "https://api.groq.com/openai/v1/chat/completions",
        ),
        (
            "/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-pro:generateContent",
            [(b"helicone-target-url", b"https://europe-west1-aiplatform.googleapis.com")],
            "vertex",
            "https://europe-west1-aiplatform.googleapis.com"
            "/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-pro:generateContent",
        ),
    ],
)
def test_doors(target, fields, provider, url):
    found = _find(target, *fields)
    assert (found.provider.name, found.url) == (provider, url)


def test_a_target_that_nobody_knows_is_read_by_the_shape_of_its_path_and_not_asked_for_usage():
    assert _find("/v1/messages", TARGET).provider.dialect == "anthropic"
    assert _find("/v1/chat/completions", TARGET).provider.dialect == "openai"
    assert not _find("/v1/chat/completions", TARGET).provider.ask_usage


@pytest.mark.parametrize("label", sorted(registry.UNBUILT))
def test_labels_without_a_provider_get_a_sentence(label):
    for target, fields in ((f"/{label}/v1/x", []), ("/v1/x", [_host(label.encode() + b".localhost")])):
        with pytest.raises(Refusal) as raised:
            _find(target, *fields)
        assert (raised.value.status, raised.value.message) == (501, registry.UNBUILT[label])


@pytest.mark.parametrize("field", [b"helicone-target-url", b"helicone-openai-api-base"])
@pytest.mark.parametrize(
    "value",
    [b"", b"nonsense", b"ftp://x", b"https://", b"https://a:b@x", b"https://x/?q", b"https://x#f", b"http://x:0"]
    + [b"http://[::1", b"http://x:99999"],
)
def test_a_target_that_is_none(field, value):
    with pytest.raises(Refusal) as raised:
        _find("/v1/chat/completions", (field, value))
    assert (raised.value.status, raised.value.word) == (400, "bad_request")
    assert "https://api.example.com" in raised.value.message


def test_the_gateway_needs_a_target():
    with pytest.raises(Refusal, match="Helicone-Target-Url") as raised:
        _find("/gateway/v1/x")
    assert raised.value.status == 400


def test_an_address_that_only_the_customer_knows():
    with pytest.raises(Refusal) as raised:
        _find("/azure/openai/deployments/d/chat/completions?api-version=2024-10-21")
    assert raised.value.status == 400
    assert "--upstream azure=" in raised.value.message
    mine = registry.build({"azure": "https://mine.openai.azure.com"})
    found = route.find("/azure/openai/v1/responses", [], mine, directives.read([]))
    assert found.url == "https://mine.openai.azure.com/openai/v1/responses"


@pytest.mark.parametrize("url", ["https://x y/", "https://x\tz/", "https://x/a b", "https://x/é", "https://x/中"])
def test_a_target_that_no_request_line_can_carry(url):
    with pytest.raises(Refusal) as caught:
        _find("/v1/models", (b"helicone-target-url", url.encode()))
    assert (caught.value.status, "percent-encoded" in caught.value.message) == (400, True)
