"""Bodies and paths with other keys: what is changed, and that nothing else is."""

from __future__ import annotations

import json

import pytest

from helicli.providers import rewriting

BODY = b'{"messages": [ {"role":"user", "content":"h\\u00e9, \xc3\xa9"} ],  "model":"a", "n": 1.0e2}'


def test_other_keys_keep_their_bytes():
    told = rewriting.with_keys(BODY, {"model": b'"b"', "seed": b"7"})
    assert told == b'{"messages":[ {"role":"user", "content":"h\\u00e9, \xc3\xa9"} ],"model":"b","n":1.0e2,"seed":7}'
    assert BODY.endswith(b'"model":"a", "n": 1.0e2}')


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"--form", b"\xff"])
def test_what_is_no_object_cannot_be_changed(body):
    assert rewriting.with_keys(body, {"model": b'"b"'}) is None
    assert rewriting.merged(body, b'{"model": "b"}') is None
    assert rewriting.model_of(body) is None


def test_merged_at_every_depth():
    told = rewriting.merged(
        b'{"a":{"b":{"c":1,"d":[1]},"e":2},"f":3}', b'{"a":{"b":{"c":{"x":1},"d":[]}},"f":{"g":4},"h":5}'
    )
    assert json.loads(told) == {"a": {"b": {"c": {"x": 1}, "d": []}, "e": 2}, "f": {"g": 4}, "h": 5}


@pytest.mark.parametrize(
    ("body", "models"),
    [
        (b'{"model": "a, b"}', ["a", "b"]),
        (b'{"x": 1, "model" : "a,b , c"}', ["a", "b", "c"]),
        (b'{"model": "a,"}', ["a"]),
        (b'{"model": "a"}', []),
        (b'{"tools": [{"model": "a,b"}], "model": "c"}', []),
        (b'{"content": "\\"model\\": \\"a,b\\"", "model": "c"}', []),
        (b'{"tools": [{"model": "x"}], "model": "a,b"}', ["a", "b"]),
        (b'{"model": 5}', []),
        (b'"model": "a,b"', []),
        (b"", []),
    ],
)
def test_lists_of_models(body, models):
    assert rewriting.listed_models(body) == models


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/v1beta/models/gemini-2.5-pro:generateContent?key=x", "/v1beta/models/m%2F1:generateContent?key=x"),
        (
            "/openai/deployments/gpt/chat/completions?api-version=1",
            "/openai/deployments/m%2F1/chat/completions?api-version=1",
        ),
        ("/v1/chat/completions", None),
        ("/v1/models?x=/models/a", None),
    ],
)
def test_models_in_paths(path, told):
    assert rewriting.with_model_in_path(path, "m/1") == told
