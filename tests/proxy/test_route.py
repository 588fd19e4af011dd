"""Where a call goes."""

from __future__ import annotations

import pytest

from helicli.providers import registry
from helicli.proxy import route
from helicli.proxy.refusal import Refusal

PROVIDERS = registry.build({"local": "http://127.0.0.1:9/base"})
OPENAI, ANTHROPIC = "https://api.openai.com", "https://api.anthropic.com"


def _find(target, *fields):
    return route.find(target, list(fields), PROVIDERS, None)


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


@pytest.mark.parametrize(
    ("target", "status"), [("/~token/v1/models", 404), ("*", 400), ("http://x/v1", 400), ("", 400)]
)
def test_what_leads_nowhere(target, status):
    with pytest.raises(Refusal) as caught:
        _find(target)
    assert (caught.value.status, caught.value.word) == (status, "bad_request")


def test_a_target_field_is_refused_with_the_way_that_works():
    with pytest.raises(Refusal, match="--upstream") as caught:
        route.find("/v1", [], PROVIDERS, "https://x.example")
    assert caught.value.status == 501


def test_an_address_that_only_the_customer_knows():
    with pytest.raises(Refusal) as raised:
        _find("/azure/openai/deployments/d/chat/completions?api-version=2024-10-21")
    assert raised.value.status == 400
    assert "--upstream azure=" in raised.value.message
    mine = registry.build({"azure": "https://mine.openai.azure.com"})
    found = route.find("/azure/openai/v1/responses", [], mine, None)
    assert found.url == "https://mine.openai.azure.com/openai/v1/responses"
