"""The programs that README and docs show, run as they stand: only the proxy's port is another."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PORT = "127.0.0.1:8787"
_BLOCK = re.compile(r"^```(?:python|py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

PROGRAMS = [
    pytest.param(block, id=f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1}")
    for page in PAGES
    for text in [page.read_text("utf-8")]
    for found in _BLOCK.finditer(text)
    for block in [found[1]]
]


def test_there_are_programs_for_both_sdks():
    shown = "".join(each.values[0] for each in PROGRAMS)
    assert "import openai" in shown
    assert "import anthropic" in shown


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_that_is_shown_runs_and_is_logged(engine, upstream, program):
    assert PORT in program, "the program does not go through helicli"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-"],
        input=program.replace(PORT, engine.url.removeprefix("http://")),
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"OPENAI_API_KEY": "sk-demo-000111222", "ANTHROPIC_API_KEY": "sk-ant-demo-000111222"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    rows = engine.wait_rows(len(upstream.seen))
    assert rows
    if "RateLimitError" in program:
        assert [row["status"] for row in engine.wait_rows(1, "error = 'refused_limit'")] == [429]
        rows = engine.rows("error IS NULL")
    assert {(row["status"], row["error"]) for row in rows} == {(200, None)}
    assert all((row["cost_usd"] > 0) is (row["cache"] != "hit") for row in rows)
    tagged = set(re.findall(r'"Helicone-User-Id": "([^"]+)"', program))
    assert tagged <= {row["user"] for row in rows}
