"""The openai package, of PyPI and of npm."""

from __future__ import annotations

import pytest

from tests.clients.checks import TAGGED, five_calls

PATHS = ["/v1/chat/completions"] * 6 + ["/v1/responses"] * 2 + ["/v1/embeddings", "/v1/models"]


@pytest.mark.parametrize(
    ("client", "program"), [("openai", "openai_program.py"), ("node-openai", "openai_program.mjs")]
)
@pytest.mark.parametrize("base", ["/v1", "/openai/v1", "/oai/v1"])
def test_openai(run, client, program, base):
    ran = run(client, program, base, "/v1", calls=10)
    five_calls(ran, "openai", model="gpt-4o-2024-08-06")
    said, rows = ran.said, ran.rows
    assert [row["path"] for row in rows] == PATHS
    assert (said["streamed_usage"], said["asked_usage"]) == (None, said["usage"])
    assert {name: rows[5][name] for name in TAGGED} == TAGGED
    assert said["response_texts"] == [said["text"]] * 2
    assert [[row["input_tokens"], row["output_tokens"]] for row in rows[6:8]] == [said["response_usage"]] * 2
    assert [row["stream"] for row in rows[5:]] == [True, False, True, False, False]
    assert [row["finish_reason"] for row in rows[6:8]] == ["completed"] * 2
    assert said["embeddings"] == [2, 1536, rows[8]["input_tokens"]]
    assert rows[8]["cost_usd"] > 0
    assert rows[9]["cost_usd"] == 0
    assert "gpt-4o" in said["models"]
