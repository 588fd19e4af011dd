"""The words on the links."""

from __future__ import annotations

import msgspec
import pytest

from helicli.engine.words import (
    LENGTH_BYTES,
    AskHealth,
    Drain,
    Health,
    Notice,
    ProxySettings,
    Ready,
    RecorderSettings,
    RecorderState,
    pack,
    unpack,
)
from helicli.rates import UserPrice, make_tier
from helicli.retrying import Timeouts

WORDS = [
    ProxySettings(
        "db", "journal", 7, "http://x", "127.0.0.1", ["a"], {"openai": "http://y"}, {}, "", Timeouts(), 10**9, 42
    ),
    RecorderSettings("db", "journal", "box"),
    RecorderSettings("db", "journal", "box", "meta", (UserPrice("gpt-*", make_tier(-1, {"input": 5}), 9),)),
    RecorderState("ok"),
    RecorderState("locked", "é\n", (1, 2, 3), 4, 5, 6, 7),
    Ready({"pid": 1}),
    AskHealth(),
    Health({"journal": {"waiting_bytes": 0}}),
    Notice("full"),
    Drain(),
]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: type(word).__name__)
def test_a_word_comes_as_it_went(word):
    frame = pack(word)
    assert int.from_bytes(frame[:LENGTH_BYTES], "big") == len(frame) - LENGTH_BYTES
    assert unpack(frame[LENGTH_BYTES:]) == word


@pytest.mark.parametrize("body", [b"", b"{}", b'{"word":"dance"}', b'{"word":"notice"}', b"\xff"])
def test_what_is_no_word(body):
    with pytest.raises(msgspec.DecodeError):
        unpack(body)
