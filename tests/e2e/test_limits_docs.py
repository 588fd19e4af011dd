"""What docs/limits.md shows is what happens."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from helicli import headers
from helicli.policy import CALENDAR, SEGMENTS, UNITS, parse_all

PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text()
POLICIES = re.findall(r"`([0-9][0-9.]*;[^`]+)`", PAGE)


def test_the_program_and_the_commands(engine):
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert "http://127.0.0.1:8787" in program
    environment = {"OPENAI_API_KEY": "sk-demo-000111222", "PATH": ""}
    command = [sys.executable, "-c", program.replace("http://127.0.0.1:8787", engine.url)]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    first, second, third = ran.stdout.splitlines()
    assert (first, second) == ("left: 1", "left: 0"), ran.stderr
    assert re.fullmatch(r"again in 3[56]\d\d s", third)
    [shell] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    engine.wait_rows(3)
    told = []
    for line in shell.splitlines():
        _, *words = shlex.split(line)
        command = [sys.executable, "-m", "helicli", *words, "--db", str(engine.db)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
        told.append(ran.stdout + ran.stderr)
    assert "holds from now on" in told[0] and "model:gpt-4* -user:root" in told[2]
    assert told[3].startswith("\t2;w=3600;s=user\tada\t2\t2\t") and told[4].startswith("would have refused none of 3")


@pytest.mark.parametrize("text", POLICIES)
def test_every_policy_it_shows_is_one(text):
    assert parse_all(text)


def test_it_names_every_word():
    assert len(POLICIES) >= 10
    assert {*UNITS, *SEGMENTS, *CALENDAR} <= set(re.findall(r"[a-z]+", PAGE))


def test_it_names_every_field():
    for name in (headers.ANSWER_LIMIT, headers.ANSWER_REMAINING, headers.ANSWER_RESET, headers.LIMIT_POLICY):
        assert f"`{headers.spelled(name)}`" in PAGE
