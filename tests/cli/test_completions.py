"""`helicli completions`: the script of each shell, and where it goes."""

from __future__ import annotations

import pytest

from helicli.cli.completions import SHELLS, script


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_data_and_its_place_narration(console, shell):
    got = console("completions", shell)
    assert (got.code, got.out, got.err) == (0, script(shell), "")
    assert console("completions", shell, tty=True).err.startswith(f"install  {SHELLS[shell]}")


@pytest.mark.parametrize(("word", "fix"), [("fsh", "did you mean fish?"), ("tcsh-x", "write bash, zsh")])
def test_a_shell_that_is_none(console, word, fix):
    got = console("completions", word)
    assert got.code == 2 and f"\nfix:   {fix}" in got.err
