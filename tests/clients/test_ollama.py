"""The ollama package."""

from __future__ import annotations

import pytest

from tests.clients.checks import five_calls


@pytest.mark.parametrize("base", ["", "/ollama"])
def test_ollama(run, base):
    ran = run("ollama", "ollama_program.py", base, "/as/ollama", calls=9)
    five_calls(ran, "ollama", model="llama3.2", tool_finish="stop", priced=False, retry_after=None)
    said, rows = ran.said, ran.rows
    assert said["streamed_usage"] == said["usage"]
    assert said["generated"] == [said["text"]] * 2
    assert [row["path"] for row in rows[5:]] == ["/api/generate", "/api/generate", "/api/embed", "/api/tags"]
    assert [row["stream"] for row in rows[5:]] == [False, True, False, False]
    assert [[row["input_tokens"], row["output_tokens"]] for row in rows[5:7]] == [said["usage"]] * 2
    assert said["embeddings"] == [2, 256, rows[7]["input_tokens"]]
    assert "llama3.2:latest" in said["models"]
