"""Completion in a real zsh, at its prompt: its functions run nowhere else."""

from __future__ import annotations

import shutil

import pytest

from tests.cli.shells.conftest import SESSION
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh; make test-completions installs it")


@pytest.fixture
def shell(scripts, shell_env):
    with Terminal("zsh", "-f", "-i", env=shell_env, columns=200) as shell:
        shell.type("PS1='> '; unset zle_bracketed_paste; LISTMAX=999\n")
        shell.type("autoload -Uz compinit; compinit -u -D; setopt no_beep no_list_ambiguous\n")
        # What was completed is printed, not run.
        shell.type("helicli() { printf '<%s>' helicli \"$@\"; print -r -- '<e''nd>' }\n")
        shell.type(f"source {scripts / 'zsh'}; echo re''ady\n")
        shell.until("ready")
        yield shell


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("ta\t", ["tail"]),
        ("db inf\t", ["db", "info"]),
        ("--color never db inf\t", ["--color", "never", "db", "info"]),
        ("tail --use\t", ["tail", "--user"]),
        ("tail --user li\t", ["tail", "--user", "linus"]),
        ("tail --user=li\t", ["tail", "--user=linus"]),
        ("tail -c seq,lat\t", ["tail", "-c", "seq,latency_ms"]),
        ("tail --sort cost_usd:d\t", ["tail", "--sort", "cost_usd:desc"]),
        ("tail -P env\tp\t", ["tail", "-P", "environment=production"]),
        ("tail -m ollama:l\t", ["tail", "-m", "ollama:llama3"]),
        ("tail -u Ada\t", ["tail", "-u", "Ada Lovelace"]),
        ("tail -u 'Ada L\t", ["tail", "-u", "Ada Lovelace"]),
        ("tail -s chat:\t", ["tail", "-s", SESSION]),
        ("show la\t", ["show", "last"]),
        ("help exit\t", ["help", "exit-codes"]),
        ("config get serve.po\t", ["config", "get", "serve.port"]),
        ("config set serve.bodies me\t", ["config", "set", "serve.bodies", "meta"]),
        ("cache show ab\t", ["cache", "show", "ab12cd34ef56"]),
        ("limits show per\t", ["limits", "show", "per-user"]),
        ("filters show s\t", ["filters", "show", "slow"]),
        ("run --no-summary -- basena\t", ["run", "--no-summary", "--", "basename"]),
        ("tail -u nobody\t", ["tail", "-u", "nobody"]),
    ],
)
def test_completes(shell, typed, words):
    seen = len(shell.seen)
    shell.type(f"helicli {typed}\n")
    text = shell.until("<end>", since=seen)
    wanted = "".join(f"<{word}>" for word in ["helicli", *words])
    assert wanted in text.replace("\r", "").replace("\n", "")


def test_values_are_shown_with_what_they_are_and_none_that_drives_the_terminal(shell):
    seen = len(shell.seen)
    shell.type("helicli show \t\t")
    assert "5  -- claude-sonnet-4 200" in shell.until("1  -- gpt-4o 200", since=seen)
    seen = len(shell.seen)
    shell.type("\x15helicli tail -u \t\t")
    assert "pwned" not in shell.until("linus", since=seen)
