"""The groq package."""

from __future__ import annotations

from tests.clients.checks import five_calls


def test_groq(run):
    ran = run("groq", "groq_program.py", "/groq", "/as/groq", calls=7)
    five_calls(ran, "groq", model="llama-3.3-70b-versatile")
    assert {row["path"] for row in ran.rows[:6]} == {"/openai/v1/chat/completions"}
    assert ran.said["x_groq_usage"] == ran.said["usage"]
    assert "llama-3.3-70b-versatile" in ran.said["models"]
