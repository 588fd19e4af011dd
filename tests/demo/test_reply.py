"""What a reply is."""

from __future__ import annotations

import pytest

from helicli.demo.reply import ARRAY, BINARY, EVENTS, JSON, LINES, Reply


@pytest.mark.parametrize(
    ("kind", "streams"), [(EVENTS, True), (LINES, True), (ARRAY, True), (JSON, False), (BINARY, False)]
)
def test_what_streams(kind, streams):
    assert Reply(kind=kind, parts=[b"x"]).streams is streams
    assert not Reply(kind=kind, body=b"x").streams
