"""What calls come to, in one line."""

from __future__ import annotations

from helicli.view.summary import summary


def test_summary():
    assert summary(1, 0, 0, 0) == "1 call · $0 · 0 errors"
    assert summary(1204, 110_000_000, 1, 3) == "1,204 calls · $0.1100 · 1 error · 3 unpriced"
