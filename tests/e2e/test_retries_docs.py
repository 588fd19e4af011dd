"""What docs/retries.md shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from helicli import headers
from helicli.proxy import directives

PAGE = (Path(__file__).parents[2] / "docs" / "retries.md").read_text()
SAID = re.findall(r"`((?:Helicone|__helicone)-[A-Za-z-]+): ([^`]+)`", PAGE)


def test_the_program(engine, upstream):
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert "http://127.0.0.1:8787" in program
    environment = {"OPENAI_API_KEY": "sk-demo-000111222", "PATH": ""}
    for more, printed in (("", "0"), ('"x-fake-status": "404", "x-fake-only": "gpt-4o",', "1")):
        told = program.replace("http://127.0.0.1:8787", engine.url).replace("extra_headers={", "extra_headers={" + more)
        ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, env=environment, timeout=60)
        assert ran.stdout.split() == [printed], ran.stderr


@pytest.mark.parametrize(("name", "value"), SAID)
def test_every_field_it_names_parses(name, value):
    directives.read([(name.lower().encode(), value.encode())])


def test_it_names_them_all():
    named = {name.lower().encode() for name, _ in SAID}
    assert named == headers.ASKING_FIELDS | {headers.MOCK_RESPONSE}
