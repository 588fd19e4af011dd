"""`helicli help`: pages, topics, and all of it as data."""

from __future__ import annotations

import json

import pytest

from helicli.cli.main import COMMANDS
from helicli.cli.topics import TOPICS


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic(console, name):
    got = console("help", name)
    assert (got.code, got.err) == (0, "")
    assert got.lines[0] == f"helicli help {name} — {TOPICS[name].sentence}"
    assert all(len(line) <= 100 for line in got.lines)


@pytest.mark.parametrize("words", [["tail"], ["db"], ["db", "info"], ["help"]])
def test_a_command_has_the_page_of_its_help_option(console, words):
    assert console("help", *words).out.rstrip() == console(*words, "--help").out.rstrip()


def test_no_word_is_the_page_of_the_tool_and_the_topics(console):
    got = console("help")
    assert got.out.startswith(console("--help").out) and "exit-codes" in got.out


def test_the_tree_as_data(console):
    told = json.loads(console("help", "--json").out)
    assert [command["name"] for command in told["commands"]] == list(COMMANDS)
    assert [code["code"] for code in told["exit_codes"]] == [0, 1, 2, 3, 4, 5, 8, 126, 127, 130]
    assert list(told["topics"]) == list(TOPICS)
    assert {"--db", "--color", "--no-input"} <= {name for option in told["options"] for name in option["names"]}
    tail = json.loads(console("help", "tail", "--json").out)["command"]
    limit = next(option for option in tail["options"] if "--limit" in option["names"])
    assert (limit["metavar"], limit["default"], limit["group"]) == ("N", 10, "Output")


def test_a_topic_as_data(console):
    told = json.loads(console("help", "exit-codes", "--json").out)
    assert told["name"] == "exit-codes" and told["sections"][0]["rows"][0][0] == "0"


@pytest.mark.parametrize("more", [[], ["--json"]])
@pytest.mark.parametrize(
    ("words", "fix"),
    [(["filtres"], "filters?"), (["tial"], "tail?"), (["db", "inf"], "db info?"), (["zzz"], "see helicli help")],
)
def test_a_word_that_is_none(console, words, fix, more):
    got = console("help", *words, *more)
    assert got.code == 3 and got.err.rstrip().endswith(fix)
