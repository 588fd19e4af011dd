"""AzureOpenAI, of the openai package."""

from __future__ import annotations

import pytest

from tests.clients.checks import five_calls


@pytest.mark.parametrize("base", ["", "/azure"])
def test_azure(run, base):
    ran = run("openai", "azure_program.py", base, "/as/azure", calls=8)
    five_calls(ran, "azure", model="gpt-4o-2024-08-06")
    said, rows = ran.said, ran.rows
    assert {row["path"] for row in rows[:5]} == {"/openai/deployments/my-deployment/chat/completions"}
    assert {row["requested_model"] for row in rows[:4]} == {"my-deployment"}
    assert said["response_text"] == said["text"]
    assert [row["provider"] for row in rows] == ["azure"] * 8
    assert [rows[5]["input_tokens"], rows[5]["output_tokens"]] == said["response_usage"]
    assert said["embeddings"] == [2, 256, rows[6]["input_tokens"]]
    assert rows[6]["cost_usd"] > 0
    assert "gpt-4o" in said["models"]
