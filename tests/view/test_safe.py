"""Every payload, and the texts that must come through as they are."""

from __future__ import annotations

import unicodedata

import pytest

from helicli.view.safe import safe
from tests.view.payloads import HOSTILE, MARKUP


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("newlines", ["⏎", "\n"])
def test_nothing_hostile_is_left(payload, newlines):
    out = safe(payload, newlines=newlines)
    assert all(unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in out.replace("\n", ""))
    assert out.encode()


@pytest.mark.parametrize("text", ["", "plain", MARKUP, "Ünïcödé 漢字 🎉", "👩\u200d💻", "a·b"])
def test_what_is_harmless_is_kept(text):
    assert safe(text) == text


def test_a_control_is_a_dot():
    assert safe("a\x1b[31mb\x9bc") == "a·[31mb·c"


def test_line_ends_and_tabs():
    assert safe("a\r\nb\nc\td") == "a⏎b⏎c d"
    assert safe("a\r\nb\rc", newlines="\n") == "a\nb\nc"


def test_the_sign_used_between_is_not_confused_with_a_line_end():
    assert safe("a\ue000b\n") == "a\ue000b⏎"
