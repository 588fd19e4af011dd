"""The anthropic package of PyPI, and @anthropic-ai/sdk of npm."""

from __future__ import annotations

import pytest

from tests.clients.checks import five_calls


@pytest.mark.parametrize(
    ("client", "program"), [("anthropic", "anthropic_program.py"), ("node-anthropic", "anthropic_program.mjs")]
)
@pytest.mark.parametrize("base", ["", "/anthropic", "/v1"])
def test_anthropic(run, client, program, base):
    ran = run(client, program, base, "", calls=7)
    five_calls(ran, "anthropic", model="claude-sonnet-5", finish="end_turn", tool_finish="tool_use")
    said, rows = ran.said, ran.rows
    assert [row["path"] for row in rows[5:]] == ["/v1/messages/count_tokens", rows[6]["path"]]
    assert rows[6]["path"].startswith("/v1/models")
    assert said["counted"] == said["usage"][0]
    assert said["streamed_usage"] == said["usage"]
    assert [row["cost_usd"] for row in rows[5:]] == [0, 0]
    assert said["refused"]["body"]["error"]["type"] == "rate_limit_error"
    assert "claude-sonnet-4-20250514" in said["models"]
