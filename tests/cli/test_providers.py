"""`helicli providers` without an engine; with one it is driven in tests/e2e/test_config.py."""

from __future__ import annotations

import json

import pytest

from helicli.demo.upstream import FakeUpstream


@pytest.fixture
def here(console, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return console


def test_list_on_a_pipe(here):
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in here("providers", "list").lines}
    assert rows["openai"] == ["http://127.0.0.1:8787/openai/v1", "4", "https://api.openai.com", "from client"]
    assert rows["anthropic"] == ["http://127.0.0.1:8787/anthropic", "1", "https://api.anthropic.com", "from client"]
    assert rows["ollama"] == ["http://127.0.0.1:8787/ollama/v1", "0", "http://127.0.0.1:11434", "none"]
    assert "oai" not in rows


def test_list_on_a_terminal(here):
    here.env["NO_COLOR"] = "1"
    got = here("providers", "list", tty=True)
    assert got.lines[0].split("  ")[0] == "NAME" and "CALLS 24H" in got.lines[0]
    assert max(map(len, got.lines)) <= 100
    assert got.err == "no engine runs; these hold for the next: helicli serve\n"


def test_list_as_json_and_without_a_log(empty):
    told = {each["name"]: each for each in json.loads(empty("providers", "list", "--json").out)}
    assert told["openai"]["calls_24h"] is None
    assert told["azure"]["upstream"] is None
    assert not empty.database.exists()


def test_settings_are_seen(here):
    here("config", "set", "serve.port", "9000")
    here("config", "set", "providers.my-own.base_url", "http://127.0.0.1:1/v1")
    told = json.loads(here("providers", "show", "my-own", "--json").out)
    assert told["base_url"] == "http://127.0.0.1:9000/my-own"
    assert told["dialect"] == "openai" and told["key"] == "none"
    assert told["set_in"][0].startswith("providers.my-own.base_url in /")


def test_show(here):
    rows = dict(line.split("\t") for line in here("providers", "show", "oai").lines)
    assert (rows["name"], rows["dialect"], rows["variables"]) == (
        "openai",
        "openai",
        "OPENAI_BASE_URL, OPENAI_API_BASE",
    )


@pytest.mark.parametrize(("name", "fix"), [("opnai", "did you mean openai?"), ("zzz", "helicli providers list")])
def test_an_unknown_provider(here, name, fix):
    for word in ("show", "test"):
        got = here("providers", word, name)
        assert got.code == 3 and fix in got.err


def test_test_one_that_answers(here):
    with FakeUpstream() as upstream:
        here("config", "set", "providers.local.base_url", upstream.url)
        got = here("providers", "test", "local", "--json")
        seen = upstream.seen[-1]
    told = json.loads(got.out)[0]
    assert (got.code, told["reached"], told["through_engine"], told["url"]) == (
        0,
        True,
        False,
        f"{upstream.url}/v1/models",
    )
    assert (seen.method, seen.path) == ("GET", "/v1/models")


def test_test_one_that_does_not(here, free_port):
    here("config", "set", "providers.local.base_url", f"http://127.0.0.1:{free_port}")
    got = here("providers", "test", "local")
    assert (got.code, got.out.split("\t")[:3]) == (5, ["local", "connect", ""])
    assert here("providers", "test", "local", tty=True).code == 5


def test_test_one_without_an_address(here):
    got = here("providers", "test", "azure")
    assert (got.code, got.err.splitlines()[0]) == (2, "error: azure has no address")


def test_test_names_nobody_who_is_not_in_use(empty, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    got = empty("providers", "test")
    assert (got.code, got.err.splitlines()[0]) == (2, "error: no provider is in use here")
