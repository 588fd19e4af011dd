"""The environment of a test: a home of its own, a fixed zone and width, nothing of the caller's settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PLACES = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "FORCE_COLOR")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def move_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `home` the home of this process and of those it starts."""
    own = [name for name in os.environ if name.startswith("HELICLI_") and name != "HELICLI_CHAOS_ROUNDS"]
    for name in (*PLACES, *PROXIES, *own):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TZ", "UTC")
