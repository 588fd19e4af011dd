"""The together package."""

from __future__ import annotations

import pytest

from tests.clients.checks import five_calls


@pytest.mark.parametrize("base", ["/together", "/together/v1"])
def test_together(run, base):
    ran = run("together", "together_program.py", base, "/as/together", calls=6)
    five_calls(ran, "together", model="meta-llama/Llama-3.3-70B-Instruct-Turbo", finish="eos")
    assert {row["path"] for row in ran.rows[:5]} == {"/v1/chat/completions"}
    assert ran.said["streamed_usage"] == ran.said["usage"]
    assert ran.said["embeddings"] == [2, 256]
