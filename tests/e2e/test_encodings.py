"""Every content coding with every kind of answer: the bytes, the fields and the log, beside the call made directly."""

from __future__ import annotations

import json
import random
import struct
import zlib
from contextlib import closing
from dataclasses import dataclass

import pytest

from helicli.query.wire import wire
from helicli.store.connect import open_reader
from tests.cli.conftest import Console
from tests.e2e.caller import Answer, call, chunked, head, reply, request
from tests.e2e.codings import CODINGS, encode, pieces, token
from tests.e2e.dialects import DIALECTS
from tests.e2e.stage import Step

OPENAI, ANTHROPIC, _, OLLAMA = DIALECTS
ACCEPT = (b"Accept-Encoding", b"gzip, br, zstd, deflate")
OWN = [(b"X-Request-Id", b"req_1"), (b"Set-Cookie", b"a=1; Path=/"), (b"Set-Cookie", b"b=2"), (b"X-Odd", b"")]


def aws_event(payload: bytes) -> bytes:
    """A message of an AWS event stream: lengths, their checksum, fields, payload, checksum of all."""
    fields = b""
    for name, value in ((b":event-type", b"chunk"), (b":content-type", b"application/json")):
        fields += struct.pack("!B", len(name)) + name + b"\x07" + struct.pack("!H", len(value)) + value
    lengths = struct.pack("!II", 16 + len(fields) + len(payload), len(fields))
    begun = lengths + struct.pack("!I", zlib.crc32(lengths)) + fields + payload
    return begun + struct.pack("!I", zlib.crc32(begun))


AWS = [aws_event(json.dumps({"bytes": "e30=", "p": "ab" * number}).encode()) for number in range(4)]
REFUSED = b'{"error":{"message":"Rate limit reached","type":"tokens","param":null,"code":"rate_limit_exceeded"}}'
FAILED = b'{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}'


@dataclass(frozen=True)
class Outcome:
    """A kind of answer: its status line and its body, or the events of a stream."""

    name: str
    status: bytes = b"200 OK"
    kind: bytes = b"application/json"
    body: bytes = b""
    events: tuple[bytes, ...] = ()
    method: str = "POST"
    sends: bytes = OPENAI.plain_body
    target: str = OPENAI.path

    def steps(self, coding: str) -> list[Step]:
        """The play of this outcome under a coding."""
        fields = [*OWN, *([(b"Content-Encoding", token(coding))] if coding != "identity" else [])]
        if self.events:
            sent = chunked(*pieces(coding, self.events))
            return [head([*fields, (b"Transfer-Encoding", b"chunked")], self.status, self.kind) + sent]
        if self.status[:3] in (b"204", b"304"):
            return [head([*OWN, (b"ETag", b'"x"')], self.status, b"")]
        if self.method == "HEAD":
            return [head([*fields, (b"Content-Length", b"1234")], self.status, self.kind)]
        return [reply(encode(coding, self.body) if self.body else b"", fields, self.status, self.kind)]


OUTCOMES = (
    Outcome("json", body=OPENAI.whole),
    Outcome("refused", b"429 Too Many Requests", body=REFUSED),
    Outcome("failed", b"500 Internal Server Error", body=FAILED),
    Outcome("events", kind=b"text/event-stream", events=tuple(OPENAI.events), sends=OPENAI.body),
    Outcome("lines", kind=b"application/x-ndjson", events=tuple(OLLAMA.events), sends=OLLAMA.body, target=OLLAMA.path),
    Outcome("aws", kind=b"application/vnd.amazon.eventstream", events=tuple(AWS), target="/v1/converse-stream"),
    Outcome("large", body=json.dumps({"object": "list", "data": ["x" * 50 + str(n) for n in range(9000)]}).encode()),
    Outcome("empty"),
    Outcome("head", method="HEAD", sends=b"", target="/v1/models"),
    Outcome("no-content", b"204 No Content", method="DELETE", sends=b"", target="/v1/files/f1"),
    Outcome("unchanged", b"304 Not Modified", method="GET", sends=b"", target="/v1/models"),
)
CASES = [(coding, outcome) for coding in CODINGS for outcome in OUTCOMES]
each = pytest.mark.parametrize(("coding", "outcome"), CASES, ids=[f"{coding}-{o.name}" for coding, o in CASES])


@dataclass
class Played:
    """What came of all cases: directly, through helicli, as rows, and a console on the log."""

    direct: dict[str, Answer]
    through: dict[str, Answer]
    rows: dict[str, dict]
    console: Console


@pytest.fixture(scope="module")
def played(house, stage):
    """All cases, played once directly and once through helicli."""
    direct, through = {}, {}
    for coding, outcome in CASES:
        name = f"{coding}-{outcome.name}"
        stage.plays[name] = outcome.steps(coding)
        data = request(outcome.target, outcome.sends, [*OPENAI.fields(name), ACCEPT], outcome.method)
        direct[name] = call(stage.url, data, outcome.method)
        through[name] = call(house.url, data, outcome.method)
    rows = {row["request_id"]: row for row in house.wait_rows(len(CASES))}
    return Played(direct, through, rows, Console(house.db))


@each
def test_the_answer_is_the_providers(played, coding, outcome):
    direct, through = (side[f"{coding}-{outcome.name}"] for side in (played.direct, played.through))
    assert (through.status, through.body, through.complete) == (direct.status, direct.body, True)
    assert through.passed == direct.passed
    assert through.values(b"helicone-cache-hit") == [b"false"]


@each
def test_the_log_has_the_bytes_and_shows_the_text(played, coding, outcome):
    name = f"{coding}-{outcome.name}"
    row, wired = played.rows[name], played.direct[name].body
    assert row["status"] == played.direct[name].status
    plain = outcome.body or b"".join(outcome.events)
    with closing(open_reader(played.console.database)) as log:
        side = wire(log, row["seq"]).response
    assert (side.held or b"", side.body, side.size) == (wired, plain if wired else b"", len(wired))
    if outcome.name in ("json", "failed", "events", "aws", "empty"):
        shown = played.console("show", str(row["seq"]), "--response")
        exact = played.console("show", str(row["seq"]), "--response", "--raw")
        assert (shown.raw, exact.raw) == (side.body, wired)


@each
def test_the_row_has_read_it(played, coding, outcome):
    row = played.rows[f"{coding}-{outcome.name}"]
    assert row["error"] is None
    if outcome.name in ("json", "events"):
        assert (row["model"], row["finish_reason"]) == ("gpt-4o-2024-08-06", "stop")
        assert row["output_tokens"] > 0
        assert row["cost_usd"] > 0
        assert not row["usage_estimated"]
    elif outcome.name == "lines":
        assert (row["model"], row["input_tokens"], row["output_tokens"]) == ("llama3.2", 26, 3)
    elif outcome.name in ("refused", "failed"):
        assert row["error_message"] == json.loads(outcome.body)["error"]["message"]


@pytest.mark.parametrize("coding", [b"dcz", b"aes128gcm", b"gzip, dcz", b"br"])
@pytest.mark.parametrize("outcome", ["json", "events"])
def test_what_cannot_be_decoded_passes_and_is_not_called_cut(house, stage, coding, outcome):
    """Nobody knows how such a stream ends: its row says neither that it did not nor what it cost."""
    name = f"sealed-{coding.decode()}-{outcome}"
    body = zlib.compress(OPENAI.whole + b"".join(OPENAI.events))[2:]
    kind = OPENAI.kind if outcome == "events" else b"application/json"
    stage.plays[name] = [reply(body, [(b"Content-Encoding", coding)], kind=kind)]
    answer = call(house.url, request(OPENAI.path, OPENAI.body, OPENAI.fields(name)))
    assert (answer.body, answer.values(b"content-encoding")) == (body, [coding])
    row = house.row_of(name)
    assert (row["error"], row["output_tokens"], row["cost_usd"]) == (None, None, None)
    assert Console(house.db)("show", str(row["seq"]), "--response").raw == body


def test_a_compressed_stream_of_which_the_ends_are_kept_is_not_called_cut(house, stage):
    name, noise = "sealed-large", random.Random(1).randbytes(18 * 1024 * 1024).replace(b"\n", b" ")
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    body = b"".join(map(packer.compress, [b": ", noise, b"\n\n", *OPENAI.events])) + packer.flush()
    stage.plays[name] = [reply(body, [(b"Content-Encoding", b"gzip")], kind=OPENAI.kind)]
    answer = call(house.url, request(OPENAI.path, OPENAI.body, OPENAI.fields(name)))
    assert answer.body == body
    assert house.row_of(name)["error"] is None
