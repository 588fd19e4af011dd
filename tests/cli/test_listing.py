"""Calls printed as lists, one thing printed as a record, names that stand in no call."""

from __future__ import annotations

import json

import pytest

from helicli.cli.listing import print_record, tell_unknown
from helicli.view.listing import Shape
from tests.query.logs import chosen


@pytest.mark.parametrize(
    ("format", "out"),
    [
        ("json", '{"path":"=x","size":5,"none":null}\n'),
        ("csv", "path,size,none\n'=x,5,\n"),
        ("plain", "path\tPATH\n"),
        ("table", "path  PATH\n"),
    ],
)
def test_a_record(console, format, out):
    run = console.invocation()
    told = {"path": "=x", "size": 5, "none": None}
    print_record(run, Shape(format=format, header=format == "csv"), told, {"path": "PATH"})
    assert console.streams[0].bytes().decode() == out


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"user": ("adda",)}, 'note:  no user "adda" in the log; did you mean ada?\n'),
        ({"model": ("gpt4o",)}, 'note:  no model "gpt4o" in the log; did you mean gpt-4o?\n'),
        ({"provider": ("zzz",)}, 'note:  no provider "zzz" in the log\n'),
        ({"name": ("suport",)}, 'note:  no name "suport" in the log; did you mean support?\n'),
        ({"user": ("\x1b[2J",)}, 'note:  no user "·[2J" in the log\n'),
        ({"user": ("ada",), "model": ("gpt*",)}, ""),
    ],
)
def test_a_name_that_stands_in_no_call(console, terms, told):
    tell_unknown(console.invocation(), chosen(**terms))
    assert console.streams[1].bytes().decode() == told


def test_nothing_is_told_of_no_log(empty):
    tell_unknown(empty.invocation(), chosen(user=("x",)))
    assert empty.streams[1].bytes() == b""


def test_bodies_in_json(console):
    (line,) = console("tail", "--no-follow", "--bodies", "--json", "-n", "1").lines
    told = json.loads(line)
    assert told["seq"] == 5 and "How do I reset" in told["request"]["body"]
    got = console("tail", "--no-follow", "--bodies", "--format", "json", "-c", "seq")
    assert [each["seq"] for each in json.loads(got.out)] == [1, 2, 3, 4, 5]
    assert console("tail", "--no-follow", "--bodies", "--format", "csv").code == 2


def test_nothing_found(console):
    asked = ["tail", "--no-follow", "-u", "nobody"]
    assert console(*asked).code == 0 and console(*asked, "--fail-empty").code == 1
    assert console(*asked, "--format", "json").out == "[]\n"


def test_what_is_past_is_not_followed(console):
    assert len(console("tail", "--until", "10m").lines) == 2
    assert console("tail", "--until", "10m", "--count", "1").code == 2
