"""What goes up: compressed, nested, false or explosive bodies, parts, chunks, and a body that waits for the word."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from pathlib import Path

import pytest

from tests.cli.conftest import Console
from tests.e2e.caller import Caller, call, chunked, head, reply, request
from tests.e2e.codings import CODINGS, encode, token
from tests.e2e.dialects import DIALECTS
from tests.e2e.stage import Turn

OPENAI = DIALECTS[0]
MEGABYTE = 1024 * 1024
BOMB = 150 * MEGABYTE


def sent(house, stage, name, body, *fields, target=OPENAI.path):
    """What the upstream heard of a POST, and its row."""
    stage.plays[name] = [reply(OPENAI.whole)]
    data = request(target, body, [*OPENAI.fields(name), *fields])
    assert call(house.url, data).body == OPENAI.whole
    return stage.last(name), house.row_of(name)


def peak(house):
    """The most memory the proxy and the recorder have had, in kB."""
    health = house.health()
    texts = [Path(f"/proc/{health[name]}/status").read_text() for name in ("proxy_pid", "recorder_pid")]
    return [int(text.split("VmHWM:")[1].split()[0]) for text in texts]


def bomb(coding, size):
    """A body that unfolds to so many zeros."""
    if coding != "br":
        return encode(coding, bytes(size))
    import brotli

    return brotli.compress(bytes(size), quality=5)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_body_goes_up_as_it_is_and_is_read(house, stage, coding, streamed):
    name = f"up-{coding}-{streamed}"
    plain = OPENAI.body if streamed else OPENAI.plain_body
    body = encode(coding, plain)
    fields = [(b"Content-Encoding", token(coding))] if coding != "identity" else []
    heard, row = sent(house, stage, name, body, *fields)
    assert heard.body == body
    assert heard.values(b"content-length") == [b"%d" % len(body)]
    assert heard.values(b"content-encoding") == [value for _, value in fields]
    assert (row["requested_model"], row["stream"], row["error"]) == ("gpt-4o", int(streamed), None)
    console = Console(house.db)
    assert console("show", str(row["seq"]), "--request").raw == plain
    assert console("show", str(row["seq"]), "--request", "--raw").raw == body


@pytest.mark.parametrize("coding", CODINGS)
def test_a_key_in_a_compressed_body_is_not_kept(house, stage, coding):
    plain = OPENAI.plain_body[:-1] + b', "note": "my key is sk-demo-000111222"}'
    fields = [(b"Content-Encoding", token(coding))] if coding != "identity" else []
    body = encode(coding, plain)
    heard, row = sent(house, stage, f"key-{coding}", body, *fields)
    assert heard.body == body
    console = Console(house.db)
    stars = plain.replace(b"sk-demo-000111222", b"*" * 17)
    for raw in ([], ["--raw"]):
        assert console("show", str(row["seq"]), "--request", *raw).raw == stars


@pytest.mark.parametrize("lines", [[b"gzip, zstd"], [b"gzip", b"zstd"], [b"GZIP ,", b" Zstd"]], ids=repr)
def test_nested_codings_are_undone_in_their_order(house, stage, lines):
    body = encode("zstd", gzip.compress(OPENAI.plain_body))
    fields = [(b"Content-Encoding", line) for line in lines]
    heard, row = sent(house, stage, f"nested-{b'|'.join(lines).decode()}", body, *fields)
    assert heard.body == body
    assert heard.values(b"content-encoding") == [line.strip() for line in lines]
    assert row["requested_model"] == "gpt-4o"
    assert Console(house.db)("show", str(row["seq"]), "--request").raw == OPENAI.plain_body


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "dcz", "identity, gzip"])
def test_a_body_that_is_not_what_it_says_is_kept_and_passed(house, stage, coding):
    body = b"\x1f\x8b\x00 this is neither " * 20
    heard, row = sent(house, stage, f"false-{coding}", body, (b"Content-Encoding", coding.encode()))
    assert heard.body == body
    assert (row["requested_model"], row["error"]) == (None, None)
    assert Console(house.db)("show", str(row["seq"]), "--request").raw == body


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate"])
def test_a_bomb_passes_and_bursts_nothing(house, stage, coding):
    body = bomb(coding, BOMB)
    heard, row = sent(house, stage, f"bomb-{coding}", body, (b"Content-Encoding", coding.encode()))
    assert heard.body == body
    assert (row["requested_model"], row["error"]) == (None, None)
    proxy, recorder = peak(house)
    assert proxy < 180_000
    assert recorder < 240_000, f"the recorder held {recorder} kB"


def test_an_answer_that_is_a_bomb_bursts_nothing(house, stage):
    for coding in ("gzip", "br", "zstd"):
        name, body = f"bomb-down-{coding}", bomb(coding, BOMB)
        fields = [(b"Content-Encoding", coding.encode())]
        stage.plays[name] = [reply(body, fields, b"429 Too Many Requests")]
        answer = call(house.url, request(OPENAI.path, OPENAI.plain_body, OPENAI.fields(name)))
        assert (answer.status, answer.body == body) == (429, True)
        assert house.row_of(name)["status"] == 429
    assert peak(house)[0] < 180_000
    assert peak(house)[1] < 240_000


def test_an_upload_in_parts_of_50_mb(house, stage):
    lead = b'--B\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
    lead += b'--B\r\nContent-Disposition: form-data; name="file"; filename="a \xc3\xa9.jsonl"\r\n\r\n'
    body = lead + hashlib.sha256(b"seed").digest() * (50 * MEGABYTE // 32) + b"\r\n--B--\r\n"
    stage.plays["parts"] = [reply(b'{"id":"file-1","object":"file"}')]
    fields = [*OPENAI.fields("parts")[1:], (b"Content-Type", b"multipart/form-data; boundary=B")]
    answer = call(house.url, request("/v1/files", body, fields))
    assert answer.status == 200
    heard = stage.last("parts")
    assert hashlib.sha256(heard.body).digest() == hashlib.sha256(body).digest()
    assert heard.values(b"content-length") == [b"%d" % len(body)]
    assert heard.values(b"transfer-encoding") == []
    assert house.row_of("parts")["status"] == 200
    assert peak(house)[0] < 180_000


@pytest.mark.parametrize("size", [0, 1, 100_000, 20 * MEGABYTE])
def test_a_body_in_chunks_arrives_whole(house, stage, size):
    body, name = b"c" * size, f"chunks-{size}"
    stage.plays[name] = [reply(b"{}")]
    pieces = [body[at : at + 70_000] for at in range(0, size, 70_000)]
    trailed = chunked(*pieces, end=b"0;last=1\r\nX-Checksum: 7\r\n\r\n")
    fields = [*OPENAI.fields(name), (b"Transfer-Encoding", b"chunked"), (b"Trailer", b"X-Checksum")]
    with Caller(house.url) as caller:
        caller.send(request("/v1/files", b"", fields)).send(trailed)
        assert caller.answer().body == b"{}"
    heard = stage.last(name)
    assert heard.body == body
    assert heard.values(b"x-checksum") == heard.values(b"trailer") == []
    assert house.row_of(name)["status"] == 200


@pytest.mark.parametrize("size", [10, 20 * MEGABYTE])
def test_a_client_that_waits_for_the_word_is_given_it(house, stage, size):
    name, body = f"expect-{size}", b"e" * size
    stage.plays[name] = [reply(b"{}")]
    fields = [*OPENAI.fields(name), (b"Expect", b"100-continue"), (b"Content-Length", b"%d" % size)]
    with Caller(house.url) as caller:
        caller.send(request("/v1/files", b"", fields))
        assert caller.connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert caller.send(body).answer().body == b"{}"
    assert stage.last(name).body == body


def test_a_refusal_in_the_middle_of_an_upload_comes_down(house, stage):
    """A provider that has seen enough answers before it has all, and reads no more."""
    name = "enough"
    refusal = reply(b'{"error":{"message":"too large"}}', [(b"Connection", b"close")], b"413 Content Too Large")
    stage.early[name] = [refusal, Turn.STALL]
    fields = [*OPENAI.fields(name), (b"Content-Length", b"%d" % (40 * MEGABYTE))]
    with Caller(house.url) as caller:
        caller.send(request("/v1/files", b"", fields)).send(bytes(18 * MEGABYTE))
        answer = caller.answer()
    assert (answer.status, json.loads(answer.body)["error"]["message"]) == (413, "too large")
    assert house.row_of(name)["status"] == 413


def test_a_download_of_100_mb_stays_out_of_memory(house, stage):
    block, name = zlib.compress(b"seed") * 4096, "download"
    count = 100 * MEGABYTE // len(block)
    fields = [(b"Content-Length", b"%d" % (count * len(block)))]
    stage.plays[name] = [head(fields, kind=b"application/octet-stream"), (block for _ in range(count))]
    before = peak(house)[0]
    digest, size = hashlib.sha256(), 0
    with Caller(house.url) as caller:
        caller.send(request("/v1/files/f1/content", b"", OPENAI.fields(name), "GET"))
        assert caller.head()[0] == 200
        while size < count * len(block):
            piece = caller.read(len(block))
            digest.update(piece)
            size += len(piece)
    expected = hashlib.sha256()
    for _ in range(count):
        expected.update(block)
    assert digest.digest() == expected.digest()
    row = house.row_of(name)
    assert (row["status"], row["error"]) == (200, None)
    assert peak(house)[0] - before < 60_000
