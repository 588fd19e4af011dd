"""Which proxy of the network a call goes through; the way through one is tested in tests/e2e/test_network.py."""

from __future__ import annotations

import pytest

from helicli.proxy.tunnel import Tunnel, choose

PROXIES = {"https": "http://proxy.test:3128", "no": "internal.test,.corp.test,10.1.2.3"}


@pytest.mark.parametrize("host", ["api.openai.com", "notinternal.test", "10.1.2.4"])
def test_the_way_out_is_through_the_proxy(host):
    assert choose(PROXIES, "https", host, 443) == Tunnel("proxy.test", 3128, False, b"")


@pytest.mark.parametrize(
    "host",
    ["internal.test", "x.internal.test", "a.corp.test", "10.1.2.3", "localhost", "127.0.0.1", "127.8.8.8", "::1"],
)
def test_the_way_is_direct(host):
    assert choose(PROXIES, "https", host, 443) is None


def test_schemes():
    assert choose(PROXIES, "http", "api.openai.com", 80) is None
    assert choose({"all": "http://p.test"}, "http", "api.openai.com", 80) == Tunnel("p.test", 80, False, b"")
    assert choose({"https": "p.test:9"}, "https", "x.test", 443) == Tunnel("p.test", 9, False, b"")
    assert choose({"https": "https://p.test"}, "https", "x.test", 443) == Tunnel("p.test", 443, True, b"")
    assert choose({"https": "socks5://p.test"}, "https", "x.test", 443) is None
    assert choose({"https": "http://p.test", "no": "*"}, "https", "x.test", 443) is None


def test_what_the_proxy_is_shown():
    tunnel = choose({"https": "http://ada:p%40ss@p.test:1"}, "https", "x.test", 443)
    assert tunnel is not None
    assert tunnel.authorization == b"proxy-authorization: Basic YWRhOnBAc3M=\r\n"
