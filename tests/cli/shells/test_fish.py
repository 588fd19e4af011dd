"""Completion in a real fish."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.cli.shells.conftest import SESSION

pytestmark = pytest.mark.skipif(shutil.which("fish") is None, reason="no fish; make test-completions installs it")


def ask(scripts, env, line):
    command = ["fish", "--no-config", "-c", f"source {scripts / 'fish'}; complete -C $argv[1]", line]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=30)
    assert done.stderr == ""
    return done.stdout.splitlines()


def values(lines):
    return [line.split("\t")[0] for line in lines]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("helicli ta", ["tail"]),
        ("helicli db in", ["info"]),
        ("helicli --color never db in", ["info"]),
        ("helicli tail --us", ["--user"]),
        ("helicli tail --user li", ["linus"]),
        ("helicli tail --user=li", ["--user=linus"]),
        ("helicli tail -c seq,lat", ["seq,latency_ms"]),
        ("helicli tail --sort cost_usd:", ["cost_usd:desc", "cost_usd:asc"]),
        ("helicli tail -P environment=", ["environment=production"]),
        ("helicli tail -m ollama:l", ["ollama:llama3"]),
        ("helicli tail -u Ada", ["Ada Lovelace"]),
        ("helicli tail -u 'Ada L", ["Ada Lovelace"]),
        ("helicli tail -s chat:", [SESSION]),
        ("helicli tail -s 日", ["日本"]),
        ("helicli show la", ["last"]),
        ("helicli help exit", ["exit-codes"]),
        ("helicli completions z", ["zsh"]),
        ("helicli config get serve.po", ["serve.port"]),
        ("helicli config set serve.bodies ", ["full", "meta", "off"]),
        ("helicli config set --project cache.read t", ["true"]),
        ("helicli config set serve.port se", []),
        ("helicli config get serve.port serve.po", []),
        ("helicli cache show ab", ["ab12cd34ef56"]),
        ("helicli limits show per", ["per-user"]),
        ("helicli filters show s", ["slow"]),
        ("helicli run true --us", []),
        ("helicli run --no-summary -- basena", ["basename"]),
        ("helicli run basena", ["basename"]),
        ("helicli tail -u evil", []),
        ("helicli --db no/such.db tail -u a", []),
    ],
)
def test_offers(scripts, shell_env, line, offered):
    assert values(ask(scripts, shell_env, line)) == offered


def test_the_most_used_come_first_with_what_they_are(scripts, shell_env):
    assert ask(scripts, shell_env, "helicli show ")[:3] == ["last\tthe newest", "7\tgpt-4o 200", "6\tollama:llama3 200"]


def test_nothing_that_drives_the_terminal(scripts, shell_env):
    assert "\x1b" not in "".join(ask(scripts, shell_env, "helicli tail -u "))
