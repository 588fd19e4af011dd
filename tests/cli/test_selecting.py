"""The shared options as selections."""

from __future__ import annotations

import pytest

from helicli.cli.selecting import selection
from helicli.errors import UsageError


def chosen(console, **given):
    run = console.invocation()
    for name, value in given.items():
        run.keep(name, value)
    return selection(run)


def test_no_option_selects_all(console):
    assert chosen(console).sentence() == ""


def test_options_are_terms(console):
    given = {"user": ["ada", "linus"], "model": ["gpt*"], "status": ["429"], "errors": True, "since": "12m"}
    assert chosen(console, **given).sentence() == "user:ada,linus model:gpt* status:429,error since 2026-11-21T14:03:11"


def test_the_other_options_are_terms(console):
    given = {"provider": ["OpenAI"], "name": ["support"], "prompt": ["a@3"], "prop": ["Environment=a=b"], "until": "1m"}
    assert chosen(console, **given).sentence() == (
        "provider:openai name:support prompt:a@3 prop.Environment:a=b until 2026-11-21T14:14:11"
    )


@pytest.mark.parametrize(
    ("given", "statuses"),
    [
        (["4XX"], ("4xx",)),
        (["200,429"], ("200", "429")),
        (["OK, 5xx", "ok"], ("ok", "5xx")),
    ],
)
def test_statuses_as_people_write_them(console, given, statuses):
    assert chosen(console, status=given).statuses == statuses


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
