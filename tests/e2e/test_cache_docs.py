"""What docs/cache.md shows is what happens."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from helicli.caching import CacheSettings
from helicli.proxy.cache_terms import read_terms

PAGE = (Path(__file__).parents[2] / "docs" / "cache.md").read_text()
SAID = re.findall(r"`((?:Helicone-)?Cache-[A-Z][A-Za-z-]+): ([^`]+)`", PAGE)


def test_the_program(engine):
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert "http://127.0.0.1:8787" in program
    environment = {"OPENAI_API_KEY": "sk-demo-000111222", "PATH": ""}
    command = [sys.executable, "-c", program.replace("http://127.0.0.1:8787", engine.url)]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert ran.stdout.split() == ["false", "true"], ran.stderr
    [shell] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    engine.wait_rows(2)
    for line in shell.splitlines():
        _, *words = shlex.split(line)
        ran = subprocess.run(
            [sys.executable, "-m", "helicli", *words, "--db", str(engine.db)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode == (3 if "show" in words else 0), ran.stderr


@pytest.mark.parametrize(("name", "value"), SAID)
def test_every_field_it_names_parses(name, value):
    fields = [(b"helicone-cache-enabled", b"true"), (name.lower().encode(), value.encode())]
    read_terms(fields, CacheSettings())


def test_it_names_them_all():
    assert len(SAID) >= 9
