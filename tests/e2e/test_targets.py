"""Any method, any path, any type: the request line goes up as it came, whatever stands in it."""

from __future__ import annotations

import pytest

from tests.e2e.caller import call, reply, request
from tests.e2e.dialects import DIALECTS, NAMES

OPENAI = DIALECTS[0]

TARGETS = [
    "/v1/files/a%2Fb",
    "/v1/files/a%20b",
    "/v1/files/a+b?c=d+e",
    "/v1/files/a;b=c",
    "/v1/files//b",
    "//v1/files",
    "/v1/files/../models",
    "/v1/files/./a",
    "/v1/files/%2e%2e/a",
    "/v1/files/%C3%A9/%e6%9d%b1",
    "/v1/files/a%",
    "/v1/files/%zz",
    "/v1/files/a?",
    "/v1/files?a=%2F&b=c%20d&b=%C3%A9&c&=d&&",
    "/v1/files?a=b?c=d",
    "/v1/files?url=https://example.com/x?y=z",
    "/v1/files?a[]=1&a[]=2&b={c}|d",
    "/v1/files/a:b@c,d!$&'()*",
    '/v1/files/"quoted"<x>^`',
    "/v1/files/a\\b",
    "/v1/files/" + "long/" * 2000,
    "/v2/never/heard/of",
]
PREFIXES = ["", "/openai", "/sk-helicone-abcdefgh", "/anthropic", "/google"]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "PROPFIND", "SEARCH", "PURGE"]
KINDS = [
    b"application/json",
    b"application/json; charset=latin-1",
    b"text/plain",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=x",
    b"application/octet-stream",
    b"audio/mpeg",
    b"image/png",
    b"application/x-ndjson",
    b"application/x-protobuf",
    b"never/heard-of",
    b"",
]
BINARY = bytes(range(256)) * 300


def passed(house, stage, name, data, method="POST"):
    """What was heard of the same request sent directly and through helicli, and the two answers."""
    answers = [call(stage.url, data[0], method)]
    direct = stage.last(name)
    answers.append(call(house.url, data[-1], method))
    through = stage.last(name)
    assert through is not direct
    return direct, through, answers


@pytest.mark.parametrize(
    ("prefix", "target"),
    [(prefix, target) for prefix in PREFIXES for target in TARGETS] + [("/openai", "/"), ("/google", "/?a=b")],
    ids=lambda text: text[:40],
)
def test_a_target_goes_up_as_it_came(house, stage, target, prefix):
    name = f"target-{prefix}-{hash(target)}"
    stage.plays[name] = [reply(b"{}")]
    wire = target.encode().decode("latin-1")
    data = [request(lead + wire, b"", OPENAI.fields(name), "GET") for lead in ("", prefix)]
    direct, through, _ = passed(house, stage, name, data, "GET")
    assert through.target == direct.target == target.encode()


def test_a_target_that_is_not_ascii_is_no_http(house, stage):
    """The parser takes none, and clients write them in percents; it is said and logged."""
    heard = len(stage.heard)
    answer = call(house.url, request("/v1/files/é".encode().decode("latin-1"), b"", OPENAI.fields("x"), "GET"), "GET")
    assert (answer.status, len(stage.heard)) == (400, heard)
    assert house.wait_rows(1, "error = 'bad_request'")[0]["status"] == 400


@pytest.mark.parametrize("sends", [b"", b"{}"], ids=["bare", "with-a-body"])
@pytest.mark.parametrize("method", METHODS)
def test_any_method_goes_up(house, stage, method, sends):
    name = f"method-{method}-{len(sends)}"
    stage.plays[name] = [reply(b"" if method == "HEAD" else b"{}", [(b"Allow", b"GET, POST")])]
    data = request("/v1/files", sends, OPENAI.fields(name), method)
    direct, through, answers = passed(house, stage, name, [data], method)
    assert (through.method, through.body) == (direct.method, direct.body) == (method.encode(), sends)
    assert through.values(b"content-length") == direct.values(b"content-length")
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body == answers[1].body
    assert house.row_of(name)["status"] == 200


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_any_type_passes_both_ways(house, stage, kind):
    name = f"kind-{kind.decode()}"
    stage.plays[name] = [reply(BINARY, kind=kind)]
    fields = [*OPENAI.fields(name)[1:], *([(b"Content-Type", kind)] if kind else [])]
    direct, through, answers = passed(house, stage, name, [request("/v1/audio/speech", BINARY, fields)])
    assert through.body == direct.body == BINARY
    assert through.values(b"content-type") == direct.values(b"content-type")
    assert answers[1].body == BINARY
    assert answers[1].passed == answers[0].passed
    assert house.row_of(name)["error"] is None


@pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)
@pytest.mark.parametrize(
    "body", [b"", b"not json", b'{"model": 7, "stream": "yes"}', b"[" * 5000, b"\xff\xfe{}"], ids=repr
)
def test_a_body_that_says_nothing_passes(house, stage, dialect, body):
    name = f"odd-{dialect.name}-{body[:9]!r}"
    stage.plays[name] = [reply(body)]
    _, through, answers = passed(house, stage, name, [request(dialect.plain_path, body, dialect.fields(name))])
    assert through.body == answers[1].body == body
    assert house.row_of(name)["status"] == 200
