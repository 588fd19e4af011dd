"""Calls printed as lists, one thing printed as a record."""

from __future__ import annotations

import json

import pytest

from helicli.cli.listing import print_record
from helicli.view.listing import Shape


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
