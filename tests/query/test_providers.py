"""How many calls went to each provider."""

from __future__ import annotations

from helicli.query import providers
from helicli.query.reading import opened
from tests.query import logs


def test_calls_since(tmp_path):
    path = tmp_path / "x.db"
    logs.write(
        path,
        logs.call(1, provider="openai"),
        logs.call(2, provider="openai", at=logs.T0 + 1000),
        logs.call(3, provider="groq", at=logs.T0 + 1000),
    )
    with opened(path) as db:
        assert providers.calls_since(db, logs.T0) == {"openai": 2, "groq": 1}
        assert providers.calls_since(db, logs.T0 + 1) == {"openai": 1, "groq": 1}
        assert providers.calls_since(db, logs.T0 + 2000) == {}
