"""What every test gets: a home of its own, a fixed zone and width, and no network but loopback."""

from __future__ import annotations

import signal

import pytest

from tests.home import move_in


def pytest_addoption(parser):
    parser.addoption(
        "--update-goldens", action="store_true", help="write what commands print now into tests/cli/golden"
    )


def pytest_configure():
    """Take signals as programs do: who starts the tests in the background may have them ignored, in children too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """A fresh HOME, and none of the caller's settings."""
    move_in(tmp_path_factory.mktemp("home"), monkeypatch)


@pytest.fixture
def anyio_backend():
    """Async tests run on asyncio."""
    return "asyncio"
