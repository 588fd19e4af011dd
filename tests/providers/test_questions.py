"""The question in a body and a URL. What calls share by it stands in tests/proxy/test_cache_key.py."""

from __future__ import annotations

import pytest

from helicli.caching import ARRAY, EVENTS, JSON
from helicli.providers.questions import CHAT, EMBEDDINGS, GENERATE, MESSAGES, kind_of, question


@pytest.mark.parametrize(
    ("kind", "url", "body", "form", "usage"),
    [
        (CHAT, "u", b"{}", JSON, False),
        (CHAT, "u", b'{"stream":false}', JSON, False),
        (CHAT, "u", b'{"stream":true}', EVENTS, False),
        (CHAT, "u", b'{"stream":true,"stream_options":{"include_usage":true}}', EVENTS, True),
        (CHAT, "u", b'{"stream":true,"stream_options":{"include_usage":false}}', EVENTS, False),
        (CHAT, "u", b'{"stream":true,"stream_options":null}', EVENTS, False),
        (MESSAGES, "u", b'{"stream":true}', EVENTS, False),
        (EMBEDDINGS, "u", b'{"input":"x"}', JSON, False),
        (GENERATE, "h/m:generateContent", b"{}", JSON, False),
        (GENERATE, "h/m:streamGenerateContent", b"{}", ARRAY, False),
        (GENERATE, "h/m:streamGenerateContent?key=a&alt=sse", b"{}", EVENTS, False),
    ],
)
def test_the_form_that_is_wanted(kind, url, body, form, usage):
    found = question(kind, url, body, ())
    assert (found.form, found.usage) == (form, usage)
    assert b"stream" not in found.body and "stream" not in found.url


def test_a_dialect_that_nobody_knows_asks_nothing():
    assert kind_of("other", "/v1/chat/completions") is None
    assert kind_of("openai", "/v1/chat/completions?x=/embeddings") == CHAT
