"""Completion in a real bash."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.cli.shells.conftest import SESSION
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash; make test-completions installs it")

_ASK = r"""
source "$1"
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
COMP_LINE=$2 COMP_POINT=${#2}
_helicli
printf '%s\n' "${COMPREPLY[@]}"
"""


def ask(scripts, env, line):
    command = ["bash", "--norc", "-c", _ASK, "bash", scripts / "bash", line]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=30)
    assert done.stderr == ""
    return list(dict.fromkeys(each for each in done.stdout.splitlines() if each))


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("helicli ta", ["tail"]),
        ("helicli db in", ["info"]),
        ("helicli -q db in", ["info"]),
        ("helicli --color never db in", ["info"]),
        ("helicli tail --us", ["--user"]),
        ("helicli tail --user li", ["linus"]),
        ("helicli tail --user=li", ["linus"]),
        ("helicli tail -u ada -u li", ["linus"]),
        ("helicli tail --color a", ["auto", "always"]),
        ("helicli tail -c seq,lat", ["seq,latency_ms"]),
        ("helicli tail --sort cost_usd:d", ["desc"]),
        ("helicli tail -P env", ["environment="]),
        ("helicli tail -P environment=", ["production"]),
        ('helicli tail -P "environment=p', ["environment=production"]),
        ("helicli tail -P feature=a", [r"a=b\ c"]),
        ("helicli tail -m ollama:l", ["llama3"]),
        ("helicli tail -m 'ollama:l", ["ollama:llama3"]),
        ("helicli tail -u Ada", [r"Ada\ Lovelace"]),
        (r"helicli tail -u Ada\ ", [r"Ada\ Lovelace"]),
        ('helicli tail -u "Ada L', ["Ada Lovelace"]),
        ("helicli tail -s 日", ["日本"]),
        ("helicli show la", ["last"]),
        ("helicli help exit", ["exit-codes"]),
        ("helicli completions z", ["zsh"]),
        ("helicli config get serve.po", ["serve.port"]),
        ("helicli config set serve.port se", []),
        ("helicli config set serve.bodies ", ["full", "meta", "off"]),
        ("helicli config set --project cache.read t", ["true"]),
        ("helicli cache show ab", ["ab12cd34ef56"]),
        ("helicli limits show per", ["per-user"]),
        ("helicli limits add per", []),
        ("helicli filters show s", ["slow"]),
        ("helicli filters save s", []),
        ("helicli providers show ant", ["anthropic"]),
        ("helicli env --shell f", ["fish"]),
        ("helicli run --no-summary -- basena", ["basename"]),
        ("helicli run true --us", []),
        ("helicli tail -u evil", []),
        ("helicli tail -u nobody", []),
        ("helicli tail -n ", []),
        ("helicli --db no/such.db tail -u a", []),
    ],
)
def test_offers(scripts, shell_env, line, offered):
    assert ask(scripts, shell_env, line) == offered


def test_a_word_that_is_hard_to_write_comes_back_as_it_was(scripts, shell_env):
    for begin, end in (("", ""), ('"', '"'), ("'", "'")):
        (offered,) = ask(scripts, shell_env, f"helicli tail -s {begin}chat:17")
        typed = offered if begin else "chat:" + offered
        done = subprocess.run(["bash", "-c", f"printf %s {begin}{typed}{end}"], capture_output=True, text=True)
        assert done.stdout == SESSION


def test_files_where_a_file_is_wanted(scripts, shell_env, tmp_path):
    assert ask(scripts, shell_env, f"helicli db backup {tmp_path}/x.d") == [f"{tmp_path}/x.db"]


def test_at_a_prompt(scripts, shell_env):
    env = {**shell_env, "PS1": "> ", "INPUTRC": "/dev/null"}
    with Terminal("bash", "--norc", "--noprofile", "-i", env=env) as shell:
        shell.until("> ")
        shell.type(f"source {scripts / 'bash'}; echo re''ady\n")
        shell.until("ready")
        shell.type("helicli tail -m ollama:ll\t--no-follow --format plain -c seq,model\n")
        shell.until("6\tollama:llama3")
