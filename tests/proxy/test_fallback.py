"""Where a call is asked, with which fields and which body: above all, with whose keys."""

from __future__ import annotations

import gzip
import itertools
import json

import pytest

from helicli import headers as h
from helicli.providers import registry
from helicli.proxy import directives, route
from helicli.proxy.fallback import places, question
from helicli.proxy.refusal import Refusal
from helicli.proxy.retry_terms import RetryTerms

PROVIDERS = registry.build({"local": "http://127.0.0.1:9/v1"})
BODY = b'{"model": "gpt-4o", "messages": [], "max_tokens": 5}'
CANARY = b"sk-canary-0123456789"
CARRIERS = [
    (b"authorization", b"Bearer " + CANARY),
    (b"x-api-key", CANARY),
    (b"api-key", CANARY),
    (b"x-goog-api-key", CANARY),
    (b"cookie", b"session=" + CANARY),
    (b"x-my-own-key", CANARY),
    (b"aws-secret-key", CANARY),
]
PLAIN = [(b"content-type", b"application/json"), (b"user-agent", b"test/1"), (b"anthropic-version", b"2023-06-01")]


def asked(entries, fields=(), path="/openai/v1/chat/completions", name=h.FALLBACK, listed=()):
    """The route and the question of each place of a call."""
    fields = [*PLAIN, *fields, (name, json.dumps(entries).encode())] if entries else [*PLAIN, *fields]
    said = directives.read(fields)
    found = route.find(path, fields, PROVIDERS, said)
    made = places(said.retry or RetryTerms(), found, fields, list(listed), PROVIDERS)
    return [(place.route, question(place, fields, BODY)) for place in made]


def test_the_original_comes_first_and_is_the_very_bytes():
    (first, original), (second, other) = asked([{"model": "gpt-4o-mini", "max_tokens": 9}], CARRIERS)
    assert original.body is BODY and original.model == "gpt-4o"
    assert original.fields[: len(PLAIN + CARRIERS)] == PLAIN + CARRIERS
    assert json.loads(other.body) == {"model": "gpt-4o-mini", "messages": [], "max_tokens": 9}
    assert first == second and other.model == "gpt-4o-mini"
    assert [field for field in other.fields if field[0] != h.FALLBACK] == PLAIN + CARRIERS


def test_each_is_rebuilt_from_the_original():
    _, (_, first), (_, second) = asked([{"model": "a", "x": 1}, {"model": "b"}])
    assert json.loads(first.body)["x"] == 1 and "x" not in json.loads(second.body)


def test_a_list_of_models():
    made = asked([], listed=["a", "b"])
    assert [json.loads(each.body)["model"] for _, each in made] == ["a", "b"]
    made = asked([{"model": "c"}], listed=["a", "b"])
    assert [each.model for _, each in made] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ({"provider": "groq", "model": "llama"}, "https://api.groq.com/openai/v1/chat/completions"),
        ({"provider": "openrouter"}, "https://openrouter.ai/api/v1/chat/completions"),
        ({"provider": "mistral"}, "https://api.mistral.ai/v1/chat/completions"),
        ({"provider": "local"}, "http://127.0.0.1:9/v1/chat/completions"),
        ({"target-url": "https://own.test/base"}, "https://own.test/base/v1/chat/completions"),
    ],
)
def test_another_provider_has_its_own_path_and_key(entry, url):
    original = [{"model": "x"}, {**entry, "headers": {"Authorization": "Bearer own"}}]
    *_, (found, told) = asked(original, CARRIERS)
    assert found.url == url
    assert told.fields == [*PLAIN, (b"authorization", b"Bearer own")]


WHERE = [{"provider": "anthropic"}, {"target-url": "https://other.test"}, {"provider": "ollama"}]
FIRST = [{"model": "m"}, {"target-url": "https://first.test", "headers": {"x-api-key": "first"}}]


@pytest.mark.parametrize("query", ["", "?key=" + CANARY.decode() + "&alt=sse"])
@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda field: field[0].decode())
def test_no_key_at_another_host(carrier, query):
    path = "/openai/v1/chat/completions" + query
    elsewhere = 0
    for name in (h.FALLBACK, h.FALLBACKS):
        for given, where, first in itertools.product(
            ({"authorization": "Bearer own"}, {"api-key": "own"}), WHERE, FIRST
        ):
            made = asked([first, {"model": "z", **where, "headers": given}], [carrier], path=path, name=name)
            for found, told in made:
                if found.url.startswith("https://api.openai.com/"):
                    continue
                elsewhere += 1
                assert CANARY.decode() not in found.url
                assert not any(CANARY in value for _, value in told.fields)
                assert "alt=sse" in found.url or not query
    assert elsewhere == 2 * 2 * (3 + 6)


@pytest.mark.parametrize(
    "entry",
    [
        {"provider": "anthropic", "model": "x"},
        {"provider": "groq", "headers": {"x-other": "y"}},
        {"target-url": "https://other.test"},
        {"target-url": "http://api.openai.com"},
        {"target-url": "https://api.openai.com:444"},
    ],
)
def test_another_host_without_a_key_is_refused(entry):
    with pytest.raises(Refusal, match="brings no key") as raised:
        asked([{"model": "m"}, entry], CARRIERS)
    assert raised.value.status == 400


def test_in_helicones_form_no_entry_has_the_callers_key():
    first = {"target-url": "https://first.test", "headers": {"api-key": "k"}}
    for entry in ({"model": "m"}, {"target-url": "https://first.test"}, {"target-url": "https://api.openai.com"}):
        with pytest.raises(Refusal, match="brings no key"):
            asked([first, entry], CARRIERS, name=h.FALLBACKS)


@pytest.mark.parametrize("name", ["openai", "oai", "OpenAI"])
def test_the_calls_own_provider_by_any_name(name):
    first, (found, told) = asked([{"model": "m", "provider": name}], CARRIERS)
    assert found == first[0] and (b"authorization", b"Bearer " + CANARY) in told.fields


@pytest.mark.parametrize("entry", [{"provider": "ollama"}, {"provider": "local"}])
def test_programs_of_this_machine_ask_for_none(entry):
    *_, (_, told) = asked([{"model": "m"}, entry], CARRIERS)
    assert told.fields == PLAIN


def test_the_same_host_keeps_the_key_unless_the_entry_brings_one():
    *_, (_, told) = asked([{"model": "m"}, {"target-url": "https://api.openai.com", "model": "n"}], CARRIERS[:2])
    assert {name for name, _ in told.fields} >= {b"authorization", b"x-api-key"}
    *_, (_, told) = asked([{"model": "m", "headers": {"api-key": "own"}}], CARRIERS)
    kept = {name: value for name, value in told.fields if name in h.SECRETS and name not in h.FALLBACK_FIELDS}
    assert kept == {b"api-key": b"own"}


def test_in_helicones_form_the_first_entry_is_the_first_attempt():
    entries = [
        {
            "target-url": "https://api.openai.com",
            "headers": {"Authorization": "Bearer a"},
            "bodyKeyOverride": {"model": "x"},
        },
        {"target-url": "https://other.test/", "headers": {"Authorization": "Bearer b"}, "onCodes": [500]},
    ]
    made = asked(entries, CARRIERS, path="/gateway/v1/chat/completions", name=h.FALLBACKS)
    assert [found.url for found, _ in made] == [
        "https://api.openai.com/v1/chat/completions",
        "https://other.test/v1/chat/completions",
    ]
    assert [json.loads(each.body)["model"] for _, each in made] == ["x", "gpt-4o"]
    for (_, told), letter in zip(made, (b"a", b"b"), strict=True):
        assert told.fields == [*PLAIN, (b"authorization", b"Bearer " + letter)]


@pytest.mark.parametrize("entry", [{"provider": "nobody"}, {"provider": "azure"}, {"target-url": "ftp://x"}])
def test_places_that_cannot_be(entry):
    with pytest.raises(Refusal) as raised:
        asked([{"model": "m"}, {**entry, "headers": {"api-key": "k"}}])
    assert raised.value.status == 400


def test_models_that_stand_in_the_path():
    _, (found, told) = asked([{"model": "gemini-b"}], path="/google/v1beta/models/gemini-a:generateContent?alt=sse")
    assert found.path == "/v1beta/models/gemini-b:generateContent?alt=sse"
    assert found.url == "https://generativelanguage.googleapis.com" + found.path
    assert told.body == BODY and told.model == "gemini-b"


def test_an_encoded_body_is_changed_all_the_same():
    fields = [*PLAIN, (b"content-encoding", b"gzip"), (h.FALLBACK, b'[{"model": "m"}]')]
    said = directives.read(fields)
    found = route.find("/v1/chat/completions", fields, PROVIDERS, said)
    _, place = places(said.retry, found, fields, [], PROVIDERS)
    told = question(place, fields, gzip.compress(BODY))
    assert json.loads(told.body)["model"] == "m"
    assert not any(name == b"content-encoding" for name, _ in told.fields)
    assert question(place, fields, b"no gzip") is None


@pytest.mark.parametrize("body", [b"", b"--form", b"[]"])
def test_a_body_that_cannot_be_changed(body):
    fields = [*PLAIN, (h.FALLBACK, b'[{"model": "m"}]')]
    said = directives.read(fields)
    found = route.find("/v1/chat/completions", fields, PROVIDERS, said)
    first, place = places(said.retry, found, fields, [], PROVIDERS)
    assert question(first, fields, body).body == body
    assert question(place, fields, body) is None


def test_retries_are_of_the_original_and_of_whole_targets():
    said = directives.read([(h.FALLBACK, b'[{"model": "m"}]'), (h.RETRY_ENABLED, b"true"), (h.RETRY_NUM, b"3")])
    found = route.find("/v1/chat/completions", [], PROVIDERS, said)
    assert [place.retries for place in places(said.retry, found, [], [], PROVIDERS)] == [3, 0]
    whole = json.dumps([{"target-url": "https://a.test", "headers": {"api-key": "k"}}] * 2).encode()
    said = directives.read([(h.FALLBACKS, whole), (h.RETRY_ENABLED, b"true"), (h.RETRY_NUM, b"3")])
    found = route.find("/v1/chat/completions", [], PROVIDERS, said)
    assert [place.retries for place in places(said.retry, found, [], [], PROVIDERS)] == [3, 3]


def test_every_field_that_is_carried_is_no_secret():
    from helicli.proxy.fallback import _CARRIED

    assert not _CARRIED & h.SECRETS
    assert all(not name.startswith(h.PREFIX) for name in itertools.chain(_CARRIED))
