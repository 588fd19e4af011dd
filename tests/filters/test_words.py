"""Values field by field, and the words behind `has:` and `is:`."""

from __future__ import annotations

import pytest

from helicli.errors import UsageError
from helicli.filters import EPOCH
from helicli.filters.terms import FIELDS, field
from helicli.filters.values import Exact, Flag, Piece, Prefix, Present, Range
from helicli.filters.words import SHORT, value, wanted


@pytest.mark.parametrize(
    ("name", "text", "meant"),
    [
        ("provider", "OpenAI", Exact("openai")),
        ("user", "Ada", Exact("Ada")),
        ("prompt", "a@v3", Exact("a@3")),
        ("prompt", "a@vx", Exact("a@vx")),
        ("id", "0193-ABCD*", Prefix("0193abcd")),
        ("stream", "Yes", Flag(True)),
        ("status", "200", Range(200, 200)),
        ("status", "400..499", Range(400, 499)),
        ("cost", "*", Present()),
    ],
)
def test_values(name, text, meant):
    assert value(field(name), "=", (Piece(text, False),), EPOCH) == meant


@pytest.mark.parametrize("name", ["user", "id", "stream", "properties", "text", "prop.x"])
def test_what_has_no_order(name):
    with pytest.raises(UsageError, match="has no order"):
        value(field(name), ">", (Piece("1", False),), EPOCH)


@pytest.mark.parametrize("name", [name for name in SHORT if name not in ("stream", "usage_estimated")])
def test_a_call_can_have_every_field(name):
    assert wanted("has", name).values == (Present(),)


def test_what_a_call_is():
    assert wanted("is", "Stream").field == FIELDS["stream"]
    with pytest.raises(UsageError) as caught:
        wanted("is", "okay")
    assert caught.value.fix.startswith("did you mean is:ok?")
