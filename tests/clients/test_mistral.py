"""The mistralai package."""

from __future__ import annotations

from tests.clients.checks import five_calls


def test_mistral(run):
    ran = run("mistralai", "mistral_program.py", "/mistral", "/as/mistral", calls=7)
    five_calls(ran, "mistral", model="mistral-small-latest")
    said, rows = ran.said, ran.rows
    assert said["streamed_usage"] == said["usage"]
    assert (said["refused"]["type"], said["refused"]["body"]["code"]) == ("SDKError", "1300")
    assert rows[4]["error_message"] == "Rate limit exceeded"
    assert said["embeddings"] == [2, 256, rows[5]["input_tokens"]]
    assert rows[5]["cost_usd"] > 0
    assert "mistral-large-latest" in said["models"]
