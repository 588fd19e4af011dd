"""The event loop that the proxy runs on."""

from __future__ import annotations

import pytest


@pytest.fixture
def anyio_backend():
    """Async tests run on uvloop, as the proxy does."""
    return "asyncio", {"use_uvloop": True}
