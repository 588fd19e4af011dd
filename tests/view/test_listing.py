"""Calls in every format."""

from __future__ import annotations

import json

import pytest

from helicli.view.fields import fields
from helicli.view.formats import FORMATS
from helicli.view.listing import Shape, record
from helicli.view.style import Style
from helicli.view.text import cells
from helicli.view.when import When
from tests.query import logs
from tests.view.payloads import MARKUP, WRITABLE

NO = Style(False)


def line(shape, call, said="Hi", width=80):
    return shape.line(call, said, width, When().short)


@pytest.mark.parametrize(
    ("format", "head", "wanted"),
    [
        ("table", "   SEQ       COST  USER", "     1    $0.0020  ada"),
        ("plain", "seq\tcost_usd\tuser", "1\t0.00199\tada"),
        ("csv", "seq,cost_usd,user", "1,0.00199,ada"),
        ("json", None, '{"seq":1,"cost_usd":0.00199,"user":"ada"}'),
        ("jsonl", None, '{"seq":1,"cost_usd":0.00199,"user":"ada"}'),
    ],
)
def test_a_line_and_its_head(read, format, head, wanted):
    assert format in FORMATS
    call, _, _ = read(logs.call(1, user="ada"))
    shape = Shape(format=format, fields=fields("seq,cost,user"), header=True)
    assert shape.head(80, NO) == head and line(shape, call) == wanted
    assert Shape(format=format).head(80, NO) is None


def test_a_row_for_programs(read):
    call, _, _ = read(logs.call(1, user="ada", name="classify", cost_nano=20))
    assert line(Shape(format="plain"), call, "two\nlines\tand a tab") == (
        "1\t2026-11-21T14:03:11.204Z\t200\tgpt-4o\t1240\t412\t96\t0.00000002\tada\tclassify\ttwo⏎lines and a tab"
    )


@pytest.mark.parametrize("said", [MARKUP, "x\ty\r\nz", ""])
def test_a_row_always_has_eleven_fields(read, said):
    call, _, _ = read(logs.failed(1, status=None, cost_nano=None, user="a\tb", model=MARKUP, error_message=said))
    assert len(line(Shape(format="plain"), call).split("\t")) == 11


def test_when_the_last_message_is_read():
    assert Shape(format="plain").needs_text and not Shape(format="jsonl").needs_text
    assert Shape(format="jsonl", fields=fields("text")).needs_text
    assert not Shape(format="plain", fields=fields("seq")).needs_text


@pytest.mark.parametrize("width", [1, 20, 80])
def test_a_table_keeps_to_its_width(read, width):
    call, _, _ = read(logs.call(1, user="漢字" * 40, model="m" * 99))
    shape = Shape(format="table", fields=fields("model,user,text"), header=True)
    assert cells(line(shape, call, "x" * 200, width)) <= width and cells(shape.head(width, NO) or "") <= width


@pytest.mark.parametrize("payload", WRITABLE)
@pytest.mark.parametrize("format", FORMATS)
def test_nothing_hostile_in_any_format(read, payload, format):
    call, _, _ = read(logs.call(1, user=payload, name=payload, model=payload, properties={"a": payload}))
    shown = line(Shape(format=format, fields=fields("user,name,model,properties,prop.a,text")), call, payload, 4000)
    assert all(sign.isprintable() or sign == "\t" for sign in shown)
    if format == "jsonl":
        assert json.loads(shown)["user"] == payload


def test_a_record():
    rows = [("path", "/x"), ("calls", "5")]
    assert record(rows, NO, table=True) == ["path   /x", "calls  5"]
    assert record(rows, NO, table=False) == ["path\t/x", "calls\t5"]
