"""One cheap request to a provider, and what came of it."""

from __future__ import annotations

import pytest

from helicli.cli import reach
from helicli.demo.upstream import FakeUpstream
from helicli.providers import registry
from helicli.providers.registry import Given, Provider

KEYS = {"OPENAI_API_KEY": "sk-canary-000111222"}


@pytest.fixture
def upstream():
    with FakeUpstream() as fake:
        yield fake


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("openai", "/v1/models"),
        ("anthropic", "/v1/models"),
        ("groq", "/openai/v1/models"),
        ("openrouter", "/api/v1/models"),
        ("google", "/v1beta/models"),
        ("ollama", "/api/tags"),
        ("deepseek", "/models"),
    ],
)
def test_where_a_provider_lists_its_models(name, path):
    assert reach.path(registry.BUILT_IN[name]) == path


def test_an_answer_whatever_it_says_is_reached(upstream):
    told = reach.test(Provider("local", upstream.url, "openai", False), None, {}, None)
    assert told.reached and told.status and told.latency_us > 0


def test_a_key_goes_to_nobody_but_its_provider(upstream, monkeypatch):
    moved = registry.build({}, {"openai": Given(base_url=upstream.url)})["openai"]
    told = reach.test(moved, None, KEYS, None)
    assert told.reached and told.key == ""
    assert upstream.seen[-1].header(b"authorization") is None
    own = registry.BUILT_IN["openai"]
    through = reach.test(own, upstream.url, KEYS, None)
    assert through.key == "OPENAI_API_KEY"
    assert upstream.seen[-1].header(b"authorization") == b"Bearer sk-canary-000111222"
    assert upstream.seen[-1].path == "/openai/v1/models"


@pytest.mark.parametrize(
    ("url", "word"), [("http://no.such.host.invalid", "dns"), ("http://127.0.0.1:{port}", "connect")]
)
def test_what_failed_on_the_way(url, word, free_port):
    told = reach.test(Provider("local", url.format(port=free_port), "openai", False), None, {}, None)
    assert (told.reached, told.word, told.status) == (False, word, None)


def test_a_server_that_speaks_no_tls(upstream):
    told = reach.test(Provider("local", upstream.url.replace("http:", "https:"), "openai", False), None, {}, None)
    assert (told.reached, told.word) == (False, "tls")
