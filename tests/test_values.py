"""Values of settings: read from files and texts, and shown."""

from __future__ import annotations

import pytest

from helicli.values import Kind, masked, of_text, shown, typed


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.TEXT, "meta", "meta"),
        (Kind.NUMBER, "8788", 8788),
        (Kind.NUMBER, "-1", None),
        (Kind.NUMBER, "8.5", None),
        (Kind.SWITCH, "Yes", True),
        (Kind.SWITCH, "0", False),
        (Kind.SWITCH, "perhaps", None),
        (Kind.DURATION, "1h30m", "1h30m"),
        (Kind.DURATION, "soon", None),
        (Kind.WORDS, "a, b,,c", ("a", "b", "c")),
        (Kind.WORDS, "", ()),
        (Kind.SIZE, "2 GB", 2_000_000_000),
        (Kind.SIZE, "1.5k", 1500),
        (Kind.SIZE, "12", 12),
        (Kind.SIZE, "much", None),
        (Kind.TABLE, "{input = 2}", {"input": 2}),
        (Kind.TABLE, "2", None),
        (Kind.TABLE, "{", None),
        (Kind.FILE, "", None),
        (Kind.TEXT, "a\0b", None),
    ],
)
def test_a_text_as_a_value(kind, text, value):
    assert typed(kind, of_text(kind, text)) == value


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Kind.TEXT, 1),
        (Kind.NUMBER, True),
        (Kind.NUMBER, "1"),
        (Kind.NUMBER, 2**63),
        (Kind.SWITCH, 1),
        (Kind.WORDS, "a"),
        (Kind.WORDS, ["a", 1]),
        (Kind.WORDS, [""]),
        (Kind.TABLE, {}),
        (Kind.SIZE, 1.5),
    ],
)
def test_a_file_that_gives_another_kind(kind, given):
    assert typed(kind, given) is None


def test_choices_and_bounds():
    assert typed(Kind.TEXT, "some", ("full", "off")) is None
    assert typed(Kind.TEXT, "off", ("full", "off")) == "off"
    assert (typed(Kind.NUMBER, 65535, (), 65535), typed(Kind.NUMBER, 65536, (), 65535)) == (65535, None)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "true"), (("a", "b"), "a,b"), ({"input": 2}, '{"input":2}'), (8787, "8787")],
)
def test_values_as_text(value, text):
    assert shown(value) == text


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://ada:secret@host/v1?key=secret#x", "http://…@host/v1"),
        ("https://host/a?b", "https://host/a"),
        ("ada@host?x", "ada@host?x"),
    ],
)
def test_no_secret_of_an_address_is_shown(address, told):
    assert masked(address) == shown(address) == told
