"""What every test gets: a home of its own, a fixed zone and width, and no network but loopback."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--update-goldens", action="store_true", help="write what commands print now into tests/cli/golden"
    )


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """A fresh HOME, and none of the caller's settings."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("HELICLI_") and name != "HELICLI_CHAOS_ROUNDS"]:
        monkeypatch.delenv(name)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture
def anyio_backend():
    """Async tests run on asyncio."""
    return "asyncio"
