"""What every client must show: the five calls that all programs begin with, as told and as logged."""

from __future__ import annotations

OSLO = ["get_weather", {"location": "Oslo", "unit": "celsius"}]
TAGGED = {"user": "ada", "session": "session-456", "properties": {"environment": "production"}}


def five_calls(run, provider, *, model, finish="stop", tool_finish="tool_calls", priced=True, retry_after="2"):
    """Check what was told of the plain, streamed and tool calls and of the refusal, and the rows of all five."""
    said, rows = run.said, run.rows[:5]
    assert said["text"]
    assert said["streamed_text"] == said["text"]
    assert said["streamed_usage"] in (None, said["usage"])
    assert said["tool"] == said["streamed_tool"] == OSLO
    assert said["tool_finish"] == tool_finish
    assert (said["refused"]["status"], said["refused"].get("retry_after")) == (429, retry_after)
    assert [row["provider"] for row in rows] == [provider] * 5
    assert [row["stream"] for row in rows] == [False, True, False, True, False]
    assert [row["status"] for row in rows] == [200] * 4 + [429]
    assert {row["model"] for row in rows[:4]} == {model}
    assert [row["finish_reason"] for row in rows] == [finish, finish, tool_finish, tool_finish, None]
    assert {name: rows[0][name] for name in TAGGED} == TAGGED
    told = [said["usage"], said["usage"], said["tool_usage"], said["tool_usage"]]
    assert [[row["input_tokens"], row["output_tokens"]] for row in rows[:4]] == told
    assert not [row for row in rows if row["usage_estimated"]]
    assert [row["error"] for row in rows] == [None] * 5
    costs = [row["cost_usd"] for row in rows]
    assert costs[4] == 0
    assert costs[0] == costs[1]
    assert costs[2] == costs[3]
    assert [cost is not None and cost > 0 for cost in costs[:4]] == [priced] * 4
    assert rows[1]["ttft_ms"] is not None
    assert rows[4]["error_message"]
