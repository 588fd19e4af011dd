"""Header fields, both ways: every value, duplicate and order, and nothing that was not sent."""

from __future__ import annotations

import pytest

from tests.e2e.caller import call, reply, request
from tests.e2e.dialects import DIALECTS

OPENAI = DIALECTS[0]
MANY = [(b"x-many-%d" % number, b"v%d" % number) for number in range(600)]
LARGE = [(b"x-large-%d" % number, b"l" * 6000) for number in range(10)]

UP = {
    "unknown-beta": [(b"anthropic-beta", b"never-heard-of-2031-01-01,other-2026-01-01"), (b"anthropic-beta", b"a-b")],
    "sdk": [(b"user-agent", b"OpenAI/Python 9"), (b"x-stainless-lang", b"python"), (b"accept", b"*/*")],
    "none-of-a-clients-own": [],
    "accept-encoding": [(b"accept-encoding", b"zstd;q=0.1, br ,*;q=0"), (b"accept-encoding", b"x-own")],
    "duplicates": [(b"x-two", b"1"), (b"x-other", b"o"), (b"x-two", b"2"), (b"x-two", b"1")],
    "latin-1": [(b"x-name", b"Andr\xe9 \xa9")],
    "utf-8": [(b"x-name", "東京 – é".encode())],
    "empty": [(b"x-empty", b""), (b"x-next", b"n"), (b"x-last", b"")],
    "blanks": [(b"x-blanks", b"a  b\tc   d")],
    "signs": [(b"x-signs", b'"q"; a=b, (c) <d> @e {f} [g] \\ / ? = : %2F')],
    "names": [(b"x_under_score", b"1"), (b"x.dot", b"2"), (b"x!#$%&'*+^`|~", b"3"), (b"1", b"4")],
    "conditions": [(b"if-none-match", b'W/"x"'), (b"range", b"bytes=0-9"), (b"idempotency-key", b"k-1")],
    "traces": [(b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), (b"baggage", b"a=1")],
    "forwarded": [(b"x-forwarded-for", b"10.0.0.1"), (b"forwarded", b"for=10.0.0.1"), (b"via", b"1.1 other")],
    "many": MANY,
    "large": LARGE,
}

DOWN = {
    "cookies": [
        (b"set-cookie", b"a=1; Path=/; Expires=Thu, 01 Jan 2026 00:00:00 GMT"),
        (b"x", b"y"),
        (b"set-cookie", b"b="),
    ],
    "retry-seconds": [(b"retry-after", b"2")],
    "retry-fraction": [(b"retry-after", b"0.25"), (b"retry-after-ms", b"250")],
    "retry-date": [(b"retry-after", b"Wed, 21 Oct 2026 07:28:00 GMT")],
    "ids": [(b"x-request-id", b"req_1"), (b"request-id", b"req_2"), (b"x-request-id", b"req_3")],
    "limits": [(b"x-ratelimit-reset-tokens", b"6m0s"), (b"anthropic-ratelimit-tokens-reset", b"2026-01-01T00:00:00Z")],
    "dates": [(b"date", b"Wed, 21 Oct 2026 07:28:00 GMT"), (b"server", b"cloudflare"), (b"via", b"1.1 google")],
    "latin-1": [(b"x-name", b"Andr\xe9 \xa9")],
    "utf-8": [(b"x-name", "東京 – é".encode())],
    "empty": [(b"x-empty", b""), (b"x-next", b"n"), (b"x-last", b"")],
    "duplicates": [(b"x-two", b"1"), (b"x-other", b"o"), (b"x-two", b"2"), (b"vary", b"a"), (b"vary", b"b")],
    "cors": [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"x-request-id")],
    "names": [(b"x_under_score", b"1"), (b"x.dot", b"2")],
    "location": [(b"location", b"https://example.invalid/%2F?a=b#c"), (b"www-authenticate", b'Bearer realm="x"')],
    "alternative": [(b"alt-svc", b'h3=":443"; ma=86400'), (b"strict-transport-security", b"max-age=1")],
    "many": MANY,
    "large": LARGE,
}

HOP_UP = [
    (b"Connection", b"keep-alive, X-Named"),
    (b"X-Named", b"for this hop"),
    (b"Connection", b"x-also-named"),
    (b"X-Also-Named", b"for this hop"),
    (b"Keep-Alive", b"timeout=5"),
    (b"Proxy-Authorization", b"Basic c2VjcmV0"),
    (b"Proxy-Connection", b"keep-alive"),
    (b"TE", b"trailers"),
    (b"Helicone-Auth", b"Bearer sk-helicone-x"),
    (b"Helicone-User-Id", b"ada"),
    (b"HELICONE-Property-Environment", b"test"),
    (b"Helicone-Never-Heard-Of", b"1"),
    (b"Cookie", b"session=of-another-program"),
]


def answered(house, stage, name, fields, status=b"200 OK"):
    stage.plays[name] = [reply(b"{}", fields, status)]
    data = request(OPENAI.path, OPENAI.plain_body, OPENAI.fields(name))
    return call(stage.url, data), call(house.url, data)


@pytest.mark.parametrize("name", UP)
def test_what_a_client_sends_goes_up_and_nothing_else(house, stage, name):
    stage.plays[f"up-{name}"] = [reply(b"{}")]
    data = request(OPENAI.path, OPENAI.plain_body, [*OPENAI.fields(f"up-{name}"), *UP[name]])
    call(stage.url, data)
    direct = stage.last(f"up-{name}")
    assert call(house.url, data).status == 200
    through = stage.last(f"up-{name}")
    assert through is not direct
    own = [b"host", b"content-length", b"helicone-request-id"]
    assert [f for f in through.fields if f[0] not in own] == [f for f in direct.fields if f[0] not in own]
    assert through.values(b"content-length") == direct.values(b"content-length")
    assert through.values(b"host") == [f"127.0.0.1:{stage.port}".encode()]


def test_what_ends_at_this_hop_goes_no_further(house, stage):
    stage.plays["hop"] = [reply(b"{}")]
    fields = [*OPENAI.fields("hop"), *HOP_UP]
    assert call(house.url, request(OPENAI.path, OPENAI.plain_body, fields)).status == 200
    seen = {name for name, _ in stage.last("hop").fields}
    assert seen == {b"host", b"content-type", b"content-length", b"authorization", b"x-play"}
    row = house.row_of("hop")
    assert (row["user"], row["properties"]) == ("ada", {"environment": "test"})


@pytest.mark.parametrize("status", [b"200 OK", b"429 Too Many Requests", b"503 Service Unavailable"])
@pytest.mark.parametrize("name", DOWN)
def test_what_a_provider_sends_comes_down_and_nothing_else(house, stage, name, status):
    direct, through = answered(house, stage, f"down-{name}-{status[:3].decode()}", DOWN[name], status)
    assert through.passed == direct.passed
    assert [field for field in through.passed if field[0] not in (b"content-type", b"content-length")] == DOWN[name]
    added = [field for field, _ in through.fields if field not in dict(direct.fields)]
    assert sorted(added) == [b"helicone-cache-hit", b"helicone-id", b"helicone-overhead-ms", b"helicone-status"]


def test_what_ends_at_the_providers_hop_comes_no_further(house, stage):
    fields = [
        (b"Connection", b"keep-alive, X-Named"),
        (b"X-Named", b"for this hop"),
        (b"Keep-Alive", b"timeout=5"),
        (b"Proxy-Authenticate", b"Basic"),
        (b"Upgrade", b"h2c"),
        (b"Helicone-Id", b"of another proxy"),
        (b"X-Kept", b"1"),
    ]
    _, through = answered(house, stage, "hop-down", fields)
    assert through.body == b"{}"
    assert [name for name, _ in through.passed] == [b"content-type", b"x-kept", b"content-length"]
    assert len(through.values(b"helicone-id")) == 1


@pytest.mark.parametrize("status", [200, 201, 202, 206, 299, 301, 302, 307, 400, 402, 418, 451, 500, 529, 599])
def test_every_status_comes_down(house, stage, status):
    line = b"%d Whatever It Says" % status
    direct, through = answered(house, stage, f"status-{status}", [(b"Location", b"/x")], line)
    assert (through.status, through.body) == (direct.status, direct.body) == (status, b"{}")
    assert house.row_of(f"status-{status}")["status"] == status
