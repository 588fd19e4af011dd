"""`helicli filter`: what is printed, counted and told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from helicli.query import search
from tests.query import logs


def seqs(result):
    return [line.split("\t")[0] for line in result.lines]


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ([], "54321"),
        (["user:ada"], "431"),
        (["-u", "ada", "--errors"], "4"),
        (["user:ada", "status:error"], "4"),
        (["user:ada", "-status:error"], "31"),
        (["-user:ada"], "52"),
        (["cost:>$1"], "5"),
        (["latency < 1s or is:stream"], "43"),
        (["prop.Environment:production"], "1"),
        (["model:gpt-4o*", "-n", "2"], "43"),
        (["-n", "0"], "54321"),
        (["--sort", "cost:desc", "-n", "2"], "53"),
        (['"is this spam"'], "3"),
        (["--since", "10m"], "543"),
        (["--since", "13m", "--until", "11m"], "1"),
        (["created_at:>=10m"], "543"),
        (["user:nobody"], ""),
    ],
)
def test_finds(console, args, found):
    assert "".join(seqs(console("filter", *args))) == found


def test_flags_and_text_give_the_same_bytes(console):
    assert (
        console("filter", "-u", "ada", "--errors", "--json").raw
        == console("filter", "user:ada status:error", "--json").raw
    )


def test_what_is_older_than_thirty_days_is_asked_for(console):
    logs.write(console.database, logs.call(6, at=logs.T0 - 31 * 86_400_000))
    assert "6" not in seqs(console("filter"))
    assert "6" in seqs(console("filter", "--since", "all"))
    nothing = console("filter", "seq:6", tty=True)
    assert "last 30 days · older: --since all" in nothing.err


@pytest.mark.parametrize(
    ("args", "footer"),
    [
        ([], "5 calls · $13.27 · 1 error · 1 unpriced · last 30 days"),
        (["-n", "2"], "2 of 5 calls · $13.27 · last 30 days · more: -n 0"),
        (["user:ada", "-n", "2", "--since", "2d"], "2 of 3 calls · $0.0040 · last 2 days · more: -n 0"),
        (["user:ada", "-n", "3"], "3 calls · $0.0040 · 1 error · last 30 days"),
        (["user:ada", "--since", "all"], "3 calls · $0.0040 · 1 error · all time"),
        (["password", "-n", "1"], "1 call · $13.27 · 0 errors · last 30 days"),
    ],
)
def test_the_last_line(console, args, footer):
    assert console("filter", *args, tty=True).err.splitlines()[-1] == footer
    assert console("filter", *args).err == ""
    assert console("filter", *args, "-q", tty=True).err == ""


def test_a_large_log_is_counted_in_part(console, monkeypatch):
    monkeypatch.setattr(search, "_COUNTED", 2)
    assert (
        "1 of 2+ calls · $13.27+ · all time" in console("filter", "latency:>0", "-n1", "--since", "all", tty=True).err
    )


def test_a_table_fits_eighty_columns(console):
    console.env["COLUMNS"] = "80"
    result = console("filter", tty=True)
    assert all(len(re.sub(r"\x1b\[\d+m", "", line)) <= 80 for line in result.lines)
    assert re.sub(r"\x1b\[\d+m", "", result.lines[0]).split() == (
        ["SEQ", "WHEN", "STATUS", "MODEL", "LATENCY", "TOKENS", "COST", "USER", "NAME"]
    )
    assert len(console("filter", "--no-header", tty=True).lines) == 5


def test_json_is_one_array_and_jsonl_a_line_each(console):
    calls = json.loads(console("filter", "--json").out)
    assert [call["seq"] for call in calls] == [5, 4, 3, 2, 1]
    assert calls == [json.loads(line) for line in console("filter", "--format", "jsonl").lines]
    assert console("filter", "user:nobody", "--json").out == "[]\n"
    assert console("filter", "seq:1", "--json", "-c", "seq").out == '[{"seq":1}]\n'


def test_csv_has_a_head_also_where_nothing_is_found(console):
    head = "seq,created_at,status,model,latency_ms,input_tokens,output_tokens,cost_usd,user,name"
    assert console("filter", "user:nobody", "--format", "csv").lines == [head]
    assert len(console("filter", "--format", "csv").lines) == 6


def test_columns_of_ones_own(console):
    assert console("filter", "seq:1", "-c", "seq,prop.environment,text").lines == [
        "1\tproduction\tHow do I reset my password?"
    ]


def test_nothing_found(console):
    assert console("filter", "user:adda").code == 0
    result = console("filter", "user:adda", "--fail-empty")
    assert (result.code, result.out) == (1, "")
    assert "did you mean ada?" in result.err


def test_no_log_and_an_empty_one(empty, tmp_path):
    assert empty("filter").code == 3
    logs.write(empty.database)
    assert empty("filter").code == 0
    assert empty("filter", "--json").out == "[]\n"


def test_errors_come_before_the_log_is_opened(empty):
    result = empty("filter", "usr:ada status:error")
    assert result.code == 2
    assert result.err.splitlines() == [
        'error: unknown field "usr" in filter',
        "       usr:ada status:error",
        '       ^^^ did you mean "user"?',
        "fix:   helicli help filters",
    ]


def test_explains(console):
    lines = console("filter", "user:ada", "-status:ok", "--explain").lines
    assert lines[0] == "user is ada and status is not ok, last 30 days"
    assert "calls_user" in lines[2]
    assert "'ada'" in lines[3]
    assert any("SEARCH" in line for line in lines[5:])


def test_stopped_it_ends_with_what_it_has(console, monkeypatch):
    monkeypatch.setattr(search, "_FIRST", 1)
    monkeypatch.setattr(search, "_MOST", 1)
    steps = search.Search._steps

    def stopping(self):
        for number, step in enumerate(steps(self)):
            if number == 2:
                raise KeyboardInterrupt
            yield step

    monkeypatch.setattr(search.Search, "_steps", stopping)
    result = console("filter", "latency:>0", "--json", "--since", "all")
    assert result.code == 130
    assert [call["seq"] for call in json.loads(result.out)] == [5, 4]
    assert result.err == "stopped after 2 of 5 calls; 2 calls · $13.27 · 1 error\n"


def test_how_far_it_has_been_looked_is_told_on_a_terminal_alone(console, monkeypatch):
    monkeypatch.setattr("helicli.cli.filter._PATIENCE_SECONDS", 0)
    monkeypatch.setattr(search, "_FIRST", 1)
    monkeypatch.setattr(search, "_MOST", 2)
    told = console("filter", "latency:<1ms", "--since", "all", tty=True).err
    assert "looked through 3 of 5 calls · 1 found · ^C to stop" in told
    assert console("filter", "latency:<1ms", "--since", "all").err == ""


def test_a_reader_that_leaves_is_no_error(console):
    logs.write(console.database, *[logs.call(n) for n in range(6, 400)])
    command = [sys.executable, "-m", "helicli", "filter", "-n", "0", "--since", "all"]
    env = {**os.environ, "HELICLI_DB": str(console.database), "HOME": str(console.database.parent)}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("399\t")
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
