"""The google-genai package."""

from __future__ import annotations

import pytest

from tests.clients.checks import five_calls


@pytest.mark.parametrize("base", ["", "/google"])
def test_google(run, base):
    ran = run("google-genai", "google_program.py", base, "/as/google", calls=11)
    five_calls(ran, "google", model="gemini-2.5-flash", finish="STOP", tool_finish="STOP")
    said, rows = ran.said, ran.rows
    assert said["streamed_usage"] == said["usage"]
    assert said["refused"]["body"]["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert rows[4]["error_message"] == said["refused"]["body"]["error"]["message"]
    assert [row["reasoning_tokens"] for row in rows[:4]] == [24] * 4
    assert said["turns"][0] == said["stable_text"] == said["text"]
    assert rows[7]["path"] == "/v1/models/gemini-2.5-flash:generateContent"
    assert rows[7]["cost_usd"] == rows[0]["cost_usd"]
    assert said["counted"] == said["usage"][0]
    assert rows[8]["cost_usd"] == 0
    assert said["embeddings"] == [2, 256]
    assert {row["provider"] for row in rows} == {"google"}
    assert "models/gemini-2.5-flash" in said["models"]
