"""`helicli limits` on a log of five calls, without an engine."""

from __future__ import annotations

import json
import shlex


def test_add_list_show_remove(console):
    done = console("limits", "add", "few", "1;w=60;u=user", "-m", "gpt-4o*", tty=True)
    assert done.code == 0 and done.out == ""
    assert "few: 1 request per minute, counted for each user, of calls with model:gpt-4o*" in done.err
    assert "holds when an engine runs" in done.err and "undo: helicli limits remove few" in done.err
    assert console("limits", "add", "few", "1;w=60").code == 2
    assert console("limits", "list").out.split("\t")[:3] == ["few", "1;w=60;u=user", "model:gpt-4o*"]
    assert console("--color", "never", "limits", "list", tty=True).lines[0].split() == [
        "NAME",
        "POLICY",
        "FOR",
        "SINCE",
    ]
    assert json.loads(console("limits", "list", "--json").out)[0]["normalised"] == "1;w=60;s=user"
    assert json.loads(console("limits", "show", "few", "--json").out)["name"] == "few"
    assert console("limits", "show", "few").lines[1] == "policy\t1;w=60;u=user"
    assert "1 request per minute" in console("limits", "show", "few", tty=True).out
    assert console("limits", "show", "none").code == 3
    assert "undo: helicli limits add few '1;w=60;u=user'" in console("limits", "remove", "few").err
    assert console("limits", "remove", "few").code == 3
    assert console("limits", "list").out == ""
    assert "no limits are stored" in console("limits", "list", tty=True).err


def test_a_database_is_made_where_there_is_none(empty):
    assert empty("limits", "list", "--json").out == "[]\n"
    assert empty("limits", "add", "few", "1;w=60").code == 0
    assert empty("limits", "list").out.startswith("few\t")


def test_a_bad_policy_points(console):
    for command in (["add", "few"], ["explain"], ["test"]):
        done = console("limits", *command, "10;w=60;u=requets")
        assert done.code == 2
        assert done.err.splitlines()[:3] == [
            'error: unknown unit "requets" in policy "10;w=60;u=requets"',
            "       10;w=60;u=requets",
            '                 ^^^^^^^ did you mean "request"?  units: request, tokens, cents   or per: user, org, '
            "global, key, model, provider",
        ]
        assert done.err.splitlines()[3].startswith("fix:   write it as 100;w=3600;u=user")
        assert "helicli help policies" in done.err.splitlines()[3]
    assert console("limits", "add", "a b", "1;w=60").code == 2


def test_a_limit_is_for_the_calls_of_a_filter(console):
    done = console("limits", "add", "few", "1;w=60", "-user:root", "model:gpt-4o* OR prop.Team:red", "--name", "x")
    assert done.code == 0
    stored = json.loads(console("limits", "show", "few", "--json").out)["selection"]
    assert stored == "name:x (-user:root model:gpt-4o* OR prop.team:red)"
    undo = console("limits", "remove", "few").err.partition("undo: helicli ")[2]
    assert console(*shlex.split(undo)).code == 0
    assert json.loads(console("limits", "show", "few", "--json").out)["selection"] == stored
    told = json.loads(console("limits", "test", "0;w=60", "user:ada", "-model:claude*", "--json").out)
    assert 0 < told["calls"] < 5


def test_what_only_the_end_of_a_call_tells_chooses_no_limit(console):
    for words in (["status:error"], ["cost:>1"], ["user:ada OR is:stream"], ["refund"], ["key:x"]):
        done = console("limits", "add", "few", "1;w=60", *words)
        assert done.code == 2 and "not known before a call" in done.err, words
    assert console("limits", "list").out == ""


def test_explain(console):
    done = console("limits", "explain", "100;w=3600;u=user,5;w=day")
    assert done.lines == [
        "100 requests per hour, counted for each user",
        "5 requests per calendar day, for all calls together",
    ]
    assert json.loads(console("limits", "explain", "1;w=60", "--json").out)[0]["window_seconds"] == 60


def test_replay(console):
    assert console("limits", "test", "1;w=day").out.startswith("would have refused 4 of 5 calls (80.0 %); first at")
    told = json.loads(console("limits", "test", "1;w=day", "--json").out)
    assert (told["calls"], told["refused"], told["segments"]) == (5, 4, {"": 4})
    assert console("limits", "test", "100;w=day", "--since", "1h").out.startswith("would have refused none of")


def test_usage_needs_an_engine(console):
    done = console("limits", "usage")
    assert done.code == 5 and "no engine runs" in done.err
