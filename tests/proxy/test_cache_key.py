"""What two calls must have in common to share a stored answer, and what they need not."""

from __future__ import annotations

import gzip
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.caching import CacheSettings
from helicli.providers import registry
from helicli.proxy.cache_key import asked
from helicli.proxy.cache_terms import read_terms
from helicli.proxy.route import Route

PROVIDERS = registry.build({})
BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "user": "ada", "n": 1}
KEY = ("authorization", "Bearer sk-one-000")


def key(body=BODY, *fields, **more):
    return bare(KEY, *fields, body=body, **more)


def bare(*fields, body=BODY, path="/v1/chat/completions", provider="openai", method="POST", base=None):
    lines = [(name.encode(), value.encode()) for name, value in fields]
    terms = read_terms([(b"helicone-cache-enabled", b"true"), *lines], CacheSettings())
    known = PROVIDERS[provider]
    route = Route(known, path, (base or known.base_url) + path)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = asked(terms, route, method, lines, raw)
    return found and found.key


SAME = key()


@pytest.mark.parametrize(
    "fields",
    [
        [("helicone-user-id", "x")],
        [("helicone-property-a", "x")],
        [("helicone-cache-bucket-max-size", "7")],
        [("helicone-cache-control", "max-age=9")],
        [("user-agent", "x")],
        [("x-stainless-retry-count", "1")],
        [("helicone-auth", "Bearer sk-helicone-y")],
        [("cache-control", "max-age=5")],
        [("idempotency-key", "x")],
        [("cookie", "session-token=x")],
        [("connection", "x-api-key"), ("x-api-key", "not-sent-up")],
    ],
)
def test_fields_that_do_not_tell_calls_apart(fields):
    assert key(BODY, *fields) == SAME


@pytest.mark.parametrize(
    "fields",
    [
        [("helicone-cache-seed", "x")],
        [("helicone-cache-bucket-mode", "variants")],
        [("x-api-key", "sk-two")],
        [("api-key", "sk-two")],
        [("x-goog-api-key", "sk-two")],
        [("authorization", "Bearer sk-two-000")],
        [("anthropic-version", "2023-06-01")],
        [("anthropic-beta", "x")],
        [("openai-organization", "org-2")],
        [("openai-project", "p")],
        [("openai-beta", "x")],
        [("api-version", "2024-10-21")],
        [("x-goog-fieldmask", "candidates.content")],
        [("x-goog-api-version", "v2")],
        [("groq-model-version", "latest")],
        [("chatgpt-account-id", "x")],
        [("ocp-apim-subscription-key", "x")],
        [("x-portkey-api-key", "x")],
        [("cf-aig-authorization", "Bearer x")],
        [("x-auth-token", "x")],
        [("x-portkey-provider", "anthropic")],
        [("azureml-model-deployment", "blue")],
        [("extra-parameters", "drop")],
        [("x-gateway-client-secret", "x")],
    ],
)
def test_fields_that_tell_calls_apart(fields):
    assert key(BODY, *fields) not in (SAME, None)


def test_values_of_one_field_are_not_those_of_another():
    assert key(BODY, ("openai-project", "x")) != key(BODY, ("openai-organization", "x"))
    assert key(BODY, ("anthropic-beta", "a,b")) == key(BODY, ("anthropic-beta", "a"), ("anthropic-beta", "b"))


def test_a_joined_helicone_key_is_not_the_providers():
    joined = [("authorization", "Bearer sk-one-000, Bearer sk-helicone-abc")]
    assert bare(*joined) == SAME != bare(("authorization", "Bearer sk-two-000, Bearer sk-helicone-abc"))


@pytest.mark.parametrize("name", ["x-api-key", "api-key", "x-goog-api-key"])
def test_a_key_that_speaks_of_helicone_is_still_a_key(name):
    """Only Authorization has a part taken out on its way up."""
    assert key(BODY, (name, "helicone-team-ada")) != key(BODY, (name, "helicone-team-linus"))


@given(st.randoms(use_true_random=False))
def test_the_order_and_the_spacing_of_a_body_say_nothing(chance: random.Random):
    names = list(BODY)
    chance.shuffle(names)
    assert key(json.dumps({name: BODY[name] for name in names}, indent=chance.choice([None, 2])).encode()) == SAME


def test_how_the_answer_is_to_come_says_nothing():
    assert key({**BODY, "stream": True}) == SAME
    assert key({**BODY, "stream": False}) == SAME
    assert key({**BODY, "stream": True, "stream_options": {"include_usage": True}}) == SAME
    assert key({**BODY, "stream": True, "stream_options": {"include_obfuscation": False}}) != SAME


@pytest.mark.parametrize("change", [{"n": 2}, {"n": 1.0}, {"temperature": 0}, {"messages": []}, {"model": "gpt-4"}])
def test_the_body_tells_calls_apart(change):
    assert key({**BODY, **change}) != SAME


def test_method_path_query_and_host_tell_calls_apart():
    assert key(base="https://other.example") != SAME
    assert key(path="/v1/chat/completions?x=1") != SAME
    assert key(method="GET") is None


def test_ignored_keys():
    field = ("helicone-cache-ignore-keys", "user,metadata.trace,messages.id")
    first = {**BODY, "metadata": {"trace": 1, "kept": 1}, "messages": [{"id": 1, "content": "x"}, {"id": 2}]}
    other = {**BODY, "metadata": {"trace": 2, "kept": 1}, "messages": [{"id": 3, "content": "x"}, {}], "user": "linus"}
    assert key(first, field) == key(other, field)
    assert key(first, field) != key({**other, "metadata": {"kept": 2}}, field)
    assert key(first) != key(other)


def test_a_compressed_body_asks_the_same():
    assert key(gzip.compress(json.dumps(BODY).encode()), ("content-encoding", "gzip")) == SAME


def test_gemini_streams_ask_what_others_ask():
    body = {"contents": [{"parts": [{"text": "hi"}]}]}
    keys = {
        key(body, path=f"/v1beta/models/gemini-2.5-flash:{verb}", provider="google")
        for verb in ("generateContent", "streamGenerateContent", "streamGenerateContent?alt=sse")
    }
    assert len(keys) == 1
    with_key = {
        key(body, path=f"/v1beta/models/gemini-2.5-flash:{verb}", provider="google")
        for verb in (
            "generateContent?key=a",
            "streamGenerateContent?alt=sse&key=a",
            "streamGenerateContent?key=a&alt=sse",
            "streamGenerateContent?$alt=sse&key=a",
            "streamGenerateContent?key=a&%24alt=sse",
            "streamGenerateContent?alt=json&key=a",
        )
    }
    assert len(with_key) == 1 and not with_key & keys
    assert key(body, path="/v1beta/models/gemini-2.5-flash:generateContent?key=b", provider="google") not in with_key


@pytest.mark.parametrize(
    "query", ["generateContent?alt=sse", "streamGenerateContent?alt=proto", "generateContent?$alt=media"]
)
def test_gemini_in_forms_that_are_not_ours(query):
    assert key({"contents": []}, path=f"/v1beta/models/g:{query}", provider="google") is None


@pytest.mark.parametrize(
    ("path", "provider"),
    [
        ("/v1/chat/completions", "openai"),
        ("/openai/deployments/x/chat/completions?api-version=1", "azure"),
        ("/v1/responses", "openai"),
        ("/v1/embeddings", "openai"),
        ("/v1/messages?beta=true", "anthropic"),
        ("/threads/messages", "anthropic"),
        ("/v1beta/models/g:embedContent", "google"),
        ("/openai/v1/chat/completions", "groq"),
    ],
)
def test_what_can_be_answered_from_the_cache(path, provider):
    assert key(path=path, provider=provider, base="https://x.example")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/models", BODY),
        ("/v1/messages/count_tokens", BODY),
        ("/v1/messages/batches", BODY),
        ("/v1/images/generations", BODY),
        ("/v1/responses/resp_1/cancel", BODY),
        ("/v1/threads/thread_1/messages", BODY),
        ("/v1/chat/completions", {**BODY, "stream": 1}),
        ("/v1/chat/completions", {**BODY, "stream": "true"}),
        ("/v1/chat/completions", {**BODY, "stream": True, "stream_options": {"include_usage": "yes"}}),
        ("/v1/chat/completions", b""),
        ("/v1/chat/completions", b"[1]"),
        ("/v1/chat/completions", b"{"),
        ("/v1/chat/completions", b'{"a": NaN}'),
        ("/v1/chat/completions", b"[" * 5000),
        ("/v1/responses", {"input": "x", "previous_response_id": "resp_1"}),
        ("/v1/responses", {"input": "x", "conversation": "conv_1"}),
        ("/v1/responses", {"input": "x", "background": True}),
    ],
)
def test_what_cannot(path, body):
    assert key(body, path=path) is None


def test_a_body_that_unfolds_to_too_much_asks_nothing():
    bomb = gzip.compress(json.dumps({**BODY, "user": "x" * (17 * 1024 * 1024)}).encode())
    assert key(bomb, ("content-encoding", "gzip")) is None


def test_absent_words_of_a_response_do_not_count():
    body = {"input": "x", "previous_response_id": None, "background": False}
    assert key(body, path="/v1/responses")


@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_no_two_lists_make_one_text(seed_a, org_a, seed_b, org_b):
    def of(seed, org):
        fields = [("helicone-cache-seed", seed), ("openai-organization", org)]
        lines = [(name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in fields]
        terms = read_terms([(b"helicone-cache-enabled", b"true"), *lines], CacheSettings())
        route = Route(PROVIDERS["openai"], "/v1/chat/completions", "https://x/v1/chat/completions")
        return terms.seed, asked(terms, route, "POST", lines, b"{}").key

    (plain_a, first), (plain_b, second) = of(seed_a, org_a), of(seed_b, org_b)
    assert (first == second) == ((plain_a, org_a) == (plain_b, org_b))
