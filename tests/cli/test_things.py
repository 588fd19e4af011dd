"""Lists of what are no calls: each format, the head, what becomes of wide rows and of signs that drive a terminal."""

from __future__ import annotations

import pytest

from helicli.cli.things import Things, text_of
from helicli.view.listing import Shape


def printed(console, format, *, tty=False, header=None, titles=("NAME", "IT COSTS"), rows=(("a", "1"), ("b", ""))):
    run = console.invocation(tty)
    if header is not None:
        run.keep("header", header)
    things = Things(run, Shape(format=format), ("name", "cost"), titles, frozenset({1}))
    for name, cost in rows:
        things.add({"name": name, "cost": int(cost) if cost else None}, [name, cost])
    things.end()
    return console.streams[0].bytes().decode()


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("json", '[{"name":"a","cost":1},{"name":"b","cost":null}]\n'),
        ("jsonl", '{"name":"a","cost":1}\n{"name":"b","cost":null}\n'),
        ("csv", "name,cost\na,1\nb,\n"),
        ("plain", "a\t1\nb\t\n"),
        ("table", "NAME  IT COSTS\na            1\nb            –\n"),
    ],
)
def test_each_format(console, format, text):
    assert printed(console, format) == text


@pytest.mark.parametrize(
    ("format", "header", "first"),
    [
        ("plain", True, "name\tcost"),
        ("csv", False, "a,1"),
        ("table", False, "a  1"),
        ("json", True, '[{"name":"a","cost":1},{"name":"b","cost":null}]'),
    ],
)
def test_a_head_is_had_or_left_out_as_asked(console, format, header, first):
    assert printed(console, format, header=header).splitlines()[0] == first


def test_without_titles_a_table_has_a_head_only_when_asked(console):
    assert printed(console, "table", titles=()).startswith("a ")
    assert printed(console, "table", titles=(), header=True).startswith("NAME  COST\n")


@pytest.mark.parametrize(("format", "text"), [("json", "[]\n"), ("jsonl", ""), ("csv", "name,cost\n"), ("plain", "")])
def test_nothing(console, format, text):
    assert printed(console, format, rows=()) == text


def test_the_last_column_of_a_row_has_its_colour(console):
    run = console.invocation(True)
    things = Things(run, Shape(format="table"), ("name", "bar"), ("NAME", ""))
    things.add({}, ["a", "███"], lambda text: f"<{text}>")
    things.add({}, ["b", "█"])
    things.end()
    assert console.streams[0].bytes().decode().splitlines()[1:] == ["a     <███>", "b     █"]


def test_a_row_is_as_wide_as_the_terminal(console):
    console.env["COLUMNS"] = "20"
    lines = printed(console, "table", tty=True, rows=[("x" * 30, "1")]).splitlines()
    assert lines[-1] == "x" * 19 + "…"


def test_a_column_of_which_too_little_would_be_seen_is_left_out_without_a_trace(console):
    console.env["COLUMNS"] = "20"
    rows = (("a name of 13 cells", "1234567890123"), ("b", ""))
    assert printed(console, "table", rows=rows).splitlines()[1:] == ["a name of 13 cells", "b"]


def test_one_column_gives_way_before_the_ends_of_lines(console):
    console.env["COLUMNS"] = "30"
    run = console.invocation(True)
    things = Things(run, Shape(format="table"), ("name", "value", "origin"), gives=1)
    things.add({}, ["a", "v" * 40, "default"])
    things.end()
    assert console.streams[0].bytes().decode() == f"a  {'v' * 17}…  default\n"


@pytest.mark.parametrize("format", ["table", "plain", "csv", "json", "jsonl"])
def test_signs_that_drive_a_terminal_do_not_come_out(console, format):
    assert not set("\x1b\x9b\u202e") & set(printed(console, format, rows=[("\x1b[2J\x9b1m\u202e", "1")]))


def test_a_formula_is_text_and_a_number_is_a_number(console):
    assert printed(console, "csv", rows=[("=1+1", "-1")]).splitlines()[1] == "'=1+1,-1"


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (True, "true"), (["a", "b"], "a, b"), (("a",), "a"), (0, "0"), ("x", "x")]
)
def test_values_as_texts(value, text):
    assert text_of(value) == text
