"""The shared options as selections."""

from __future__ import annotations

import pytest

from helicli.cli.selecting import FilterCommand, selection, within
from helicli.errors import UsageError


def chosen(console, **given):
    run = console.invocation()
    for name, value in given.items():
        run.keep(name, value)
    return selection(run)


def test_no_option_selects_all(console):
    assert chosen(console).told() == ""


def test_options_are_terms(console):
    given = {"user": ["ada", "linus"], "model": ["gpt*"], "status": ["429"], "errors": True, "since": "12m"}
    assert chosen(console, **given).told() == "user:ada,linus model:gpt* status:429,error since 2026-11-21T14:03:11"


def test_the_other_options_are_terms(console):
    given = {"provider": ["OpenAI"], "name": ["support"], "prompt": ["a@3"], "prop": ["Environment=a=b"], "until": "1m"}
    assert chosen(console, **given).told() == (
        "provider:openai name:support prompt:a@3 prop.environment:a=b until 2026-11-21T14:14:11"
    )


@pytest.mark.parametrize(
    ("given", "statuses"),
    [
        (["4XX"], "status:4xx"),
        (["200,429"], "status:200,429"),
        (["OK, 5xx", "ok"], "status:ok,5xx"),
    ],
)
def test_statuses_as_people_write_them(console, given, statuses):
    assert chosen(console, status=given).text == statuses


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        ({"status": ["teapot"]}, "write a number, 2xx to 5xx, ok or error"),
        ({"status": ["errors"]}, "did you mean error?   write a number, 2xx to 5xx, ok or error"),
        ({"status": ["200,"]}, "write a number"),
        ({"since": "soon"}, "write 30s"),
        ({"until": "soon"}, "write 30s"),
        ({"since": "1h", "until": "2h"}, "--until 1h --since 2h"),
        ({"prop": ["Environment"]}, "write --prop NAME=VALUE"),
        ({"prop": ["=x"]}, "write --prop NAME=VALUE"),
        ({"prop": ["user"]}, "--user is an option of its own"),
    ],
)
def test_values_that_are_none(console, given, fix):
    with pytest.raises(UsageError) as caught:
        chosen(console, **given)
    assert caught.value.fix.startswith(fix)


def test_words_and_options_are_one_filter(console):
    run = console.invocation()
    run.keep("user", ["ada"])
    run.keep("errors", True)
    assert selection(run, ["latency:>1s", "or", "is:stream"]).text == (
        "user:ada status:error (latency:>1s OR is:stream)"
    )


def test_what_is_not_said_is_the_time_a_command_looks_at(console):
    run = console.invocation()
    chosen, called = within(run, ["user:ada"], "30d")
    assert called == "last 30 days"
    assert chosen.told() == "user:ada since 2026-10-22T14:15:11"
    run.keep("since", "all")
    assert within(run, None, "30d")[1] == "all time"
    assert within(run, None, "30d")[0].told() == ""


@pytest.mark.parametrize(
    ("args", "taken"),
    [
        (["-cache:hit"], ["not cache:hit"]),
        (["-latency>2s", "-n", "3"], ["not latency>2s", "-n", "3"]),
        (["-(a or b)", '-"x y"', "-@slow"], ["not (a or b)", 'not "x y"', "not @slow"]),
        (["-prop.x:1", "-has:user"], ["not prop.x:1", "not has:user"]),
        (["-c", "seq", "-u", "ada", "-Pa=b", "--", "-cache:hit"], None),
    ],
)
def test_words_with_a_minus_are_no_options(monkeypatch, args, taken):
    seen = []
    monkeypatch.setattr("helicli.cli.root.Command.parse_args", lambda self, ctx, given: seen.extend(given) or [])
    FilterCommand.parse_args(FilterCommand("x"), None, args)
    assert seen == (args if taken is None else taken)
