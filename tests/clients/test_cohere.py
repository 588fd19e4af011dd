"""The cohere package's ClientV2."""

from __future__ import annotations

from tests.clients.checks import five_calls


def test_cohere(run):
    ran = run("cohere", "cohere_program.py", "/cohere", "/as/cohere", calls=7)
    five_calls(ran, "cohere", model="command-a-03-2025", finish="COMPLETE", tool_finish="TOOL_CALL")
    said, rows = ran.said, ran.rows
    assert said["streamed_usage"] == said["usage"]
    assert rows[4]["error_message"] == said["refused"]["body"]["message"]
    assert said["embeddings"] == [2, 256]
    assert rows[5]["input_tokens"] > 0
    assert "command-a-03-2025" in said["models"]
