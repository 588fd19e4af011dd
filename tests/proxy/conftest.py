"""The event loop that the proxy runs on."""

from __future__ import annotations

import pytest

from helicli.caching import CacheSettings
from helicli.proxy.cache import Cache
from tests.proxy.house import Proxy


@pytest.fixture
def anyio_backend():
    """Async tests run on uvloop, as the proxy does."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
def house(tmp_path):
    """Makes a proxy with a cache before a provider."""

    def make(provider, **more):
        return Proxy(tmp_path, provider.url, cache=Cache(CacheSettings(**more)))

    return make
