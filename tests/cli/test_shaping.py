"""Output options as a shape, an order, a way to write instants."""

from __future__ import annotations

import pytest

from helicli.cli import shaping
from helicli.errors import UsageError


def given(console, tty=False, **options):
    run = console.invocation(tty)
    for name, value in options.items():
        run.keep(name, value)
    return run


@pytest.mark.parametrize(
    ("tty", "options", "stream", "format", "header", "how"),
    [
        (False, {}, False, "plain", False, "utc"),
        (True, {}, False, "table", False, "local"),
        (True, {"columns": "seq"}, False, "table", True, "local"),
        (True, {"columns": "seq", "header": False}, False, "table", False, "local"),
        (True, {"json": True}, False, "json", False, "utc"),
        (True, {"json": True}, True, "jsonl", False, "utc"),
        (True, {"json": True, "format": "json"}, True, "json", False, "utc"),
        (False, {"format": "csv"}, True, "csv", True, "utc"),
        (False, {"format": "csv", "header": False, "time": "unix"}, True, "csv", False, "unix"),
        (False, {"header": True}, True, "plain", True, "utc"),
    ],
)
def test_shape(console, tty, options, stream, format, header, how):
    shape = shaping.shape(given(console, tty, **options), stream=stream)
    assert (shape.format, shape.header, shape.when.how) == (format, header, how)


@pytest.mark.parametrize(
    ("options", "fix"),
    [
        ({"format": "jsn"}, "did you mean json?"),
        ({"format": "xml-x"}, "write --format table"),
        ({"format": "csv", "json": True}, "leave one of them out"),
        ({"time": "locl"}, "did you mean local?"),
        ({"time": "??"}, "write --time relative"),
        ({"columns": "modle"}, "did you mean model?"),
        ({"columns": ""}, "write --columns"),
    ],
)
def test_what_is_no_shape(console, options, fix):
    with pytest.raises(UsageError) as caught:
        shaping.shape(given(console, **options))
    assert caught.value.fix.startswith(fix)


@pytest.mark.parametrize(
    ("text", "name", "down"), [("cost", "cost_usd", False), ("cost:desc", "cost_usd", True), ("seq:asc", "seq", False)]
)
def test_order(console, text, name, down):
    order = shaping.order(given(console, sort=text))
    assert order is not None and (order.column.name, order.down) == (name, down)
    assert shaping.order(given(console)) is None


@pytest.mark.parametrize("text", ["cost:down", "cost:", "modle", "properties", ""])
def test_what_is_no_order(console, text):
    with pytest.raises(UsageError):
        shaping.order(given(console, sort=text))
