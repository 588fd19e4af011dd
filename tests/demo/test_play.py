"""Answers on a real socket: late, in pieces, compressed, cut, reset, stalled."""

from __future__ import annotations

import time
import zlib

import httpx2
import pytest


def read_all(connected):
    """What arrives until the end of the connection; ConnectionResetError as it comes."""
    data = b""
    while part := connected.recv(65536):
        data += part
    return data


def read_until(connected, end):
    data = b""
    while end not in data:
        part = connected.recv(65536)
        assert part, f"closed after {data!r}"
        data += part
    return data


def chunks(wire):
    """The chunks of a chunked body, as they were framed, and whether it ended."""
    rest, found = wire.partition(b"\r\n\r\n")[2], []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return found, True
        found.append(rest[:length])
        rest = rest[length + 2 :]
    return found, False


def test_a_body_is_compressed_with_what_the_client_accepts(chat):
    plain = chat(headers={"accept-encoding": "identity"})
    packed = chat(headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) == len(plain.content)
    assert packed.json() == plain.json()


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate", "identity"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_coding_can_be_forced(chat, coding, stream):
    forced = chat(stream, {"accept-encoding": "identity"}, encoding=coding)
    assert forced.headers.get("content-encoding", "identity") == coding
    assert forced.content == chat(stream).content


def test_a_compressed_stream_arrives_event_by_event(client):
    decode = zlib.decompressobj(31).decompress
    asked = {"model": "gpt-4o", "stream": True, "messages": []}
    fields = {"x-fake-stall": "2", "accept-encoding": "gzip"}
    with client.stream("POST", "/v1/chat/completions", json=asked, headers=fields) as response:
        text = b""
        for part in response.iter_raw():
            text += decode(part)
            if text.count(b"\n\n") == 2:
                break
    assert text.endswith(b"\n\n")


def test_a_delay_is_before_the_status_line(chat):
    started = time.monotonic()
    assert chat(delay=0.2).status_code == 200
    assert time.monotonic() - started >= 0.2


def test_a_gap_is_between_events(chat):
    started = time.monotonic()
    chat(True, events=3, gap=0.05)
    assert time.monotonic() - started >= 5 * 0.05


def test_events_and_size(chat):
    text = chat(True, events=3, size=10).text
    assert text.count("data: ") == 1 + 3 + 1 + 1
    assert len(chat(size=5000).json()["choices"][0]["message"]["content"]) == 5000


def test_events_are_split_and_joined_without_a_change(chat, raw):
    whole = chat(True, headers={"accept-encoding": "identity"}, events=4)
    wire = read_until(raw(split=7, join=3, events=4), b"0\r\n\r\n")
    found, ended = chunks(wire)
    assert ended
    assert max(map(len, found)) == 7
    assert sum(map(len, found)) == len(b"".join(found)) > 700
    joined, _ = chunks(read_until(raw(join=3, events=4), b"0\r\n\r\n"))
    assert b"".join(joined) == b"".join(found)
    assert [part.count(b"data: ") for part in joined] == [3, 3, 1]
    assert whole.text.count("data: ") == 7


def test_a_body_without_a_length(chat):
    response = chat(length="chunked")
    assert response.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in response.headers
    assert response.json()["object"] == "chat.completion"


def test_a_stall_lasts_until_the_client_leaves(upstream, raw):
    connected = raw(stall=2)
    wire = read_until(connected, b"\n\n\r\n")
    while wire.count(b"data: ") < 2:
        wire += connected.recv(65536)
    connected.settimeout(0.1)
    with pytest.raises(TimeoutError):
        connected.recv(1)
    assert wire.count(b"data: ") == 2
    (seen,) = upstream.seen
    assert seen.aborted_at is None
    left = time.monotonic()
    connected.close()
    upstream.wait_for(lambda all_seen: all_seen[0].aborted_at is not None)
    assert left <= seen.aborted_at < left + 0.5
    assert not seen.finished


def test_a_client_that_leaves_before_the_headers_is_noticed(upstream, raw):
    connected = raw(delay=30)
    upstream.wait_for(lambda all_seen: len(all_seen) == 1)
    connected.close()
    upstream.wait_for(lambda all_seen: all_seen[0].aborted_at is not None, timeout=1)


def test_a_client_that_leaves_after_a_large_upload_is_noticed(upstream, client):
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "x" * 300_000}]}
    with pytest.raises(httpx2.ReadTimeout):
        client.post("/v1/chat/completions", json=body, headers={"x-fake-delay": "30"}, timeout=0.2)
    upstream.wait_for(lambda all_seen: bool(all_seen) and all_seen[0].aborted_at is not None, timeout=1)
    assert len(upstream.seen[0].body) > 300_000


def test_a_cut_stream_has_no_end(upstream, raw):
    found, ended = chunks(read_all(raw(cut=3)))
    assert (len(found), ended) == (3, False)
    (seen,) = upstream.seen
    assert (seen.finished, seen.aborted_at) == (False, None)


def test_a_cut_at_the_end_lacks_the_last_chunk_only(raw):
    found, ended = chunks(read_all(raw(cut=1000)))
    assert found[-1] == b"data: [DONE]\n\n"
    assert not ended


def test_a_cut_body_is_shorter_than_its_length(raw):
    head, _, body = read_all(raw(stream=False, cut=10)).partition(b"\r\n\r\n")
    assert len(body) == 10
    assert int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]) > 10


def test_a_cut_before_the_headers_answers_nothing(raw):
    assert read_all(raw(cut="before-headers")) == b""


@pytest.mark.parametrize("stream", [False, True])
def test_a_reset_before_the_headers(raw, stream):
    with pytest.raises(ConnectionResetError):
        raw(stream=stream, reset="before-headers").recv(1)


def test_a_reset_comes_after_its_events(upstream, raw):
    connected = raw(reset=2)
    wire = b""
    with pytest.raises(ConnectionResetError):
        while True:
            wire += connected.recv(65536)
    assert len(chunks(wire)[0]) == 2
    assert upstream.seen[0].aborted_at is None


def test_an_error_event_is_followed_by_a_regular_end(chat):
    events = chat(True, error=2).text.split("\n\n")
    assert len(events) == 4
    assert events[2].startswith('data: {"error"')


def test_an_idle_close_is_not_announced(raw):
    wire = read_all(raw(stream=False, close="idle"))
    head, _, body = wire.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"connection:" not in head.lower()
    assert int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]) == len(body)


def test_connections_are_kept_otherwise(upstream, raw):
    connected = raw(stream=False)
    assert b'"chat.completion"' in read_until(connected, b"\n}\n")
    connected.sendall(b"GET /v1/models?limit=2&x=%20 HTTP/1.1\r\nhost: x\r\nX-Api-Key: k\r\nx-api-key: l\r\n\r\n")
    assert read_until(connected, b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert upstream.seen[1].path == "/v1/models?limit=2&x=%20"
    assert [value for name, value in upstream.seen[1].headers if name == b"x-api-key"] == [b"k", b"l"]


@pytest.mark.parametrize("size", [0, 100, 3_000_000])
def test_files_of_any_size(client, size):
    response = client.get(f"/v1/files/file-1/content?size={size}")
    assert response.headers["content-length"] == str(size)
    assert response.headers["content-type"] == "application/octet-stream"
    assert "content-encoding" not in response.headers
    assert len(response.content) == size


def test_a_cut_file(client):
    with (
        client.stream("GET", "/v1/files/f/content?size=200000", headers={"x-fake-cut": "70000"}) as response,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        response.read()
    packed = client.get("/v1/files/f/content?size=200000", headers={"x-fake-encoding": "gzip"})
    assert len(packed.content) == 200_000


@pytest.mark.parametrize("status", [204, 302, 304, 400, 429, 500, 503])
def test_statuses(chat, status):
    response = chat(status=status)
    assert response.status_code == status
    if status in (429, 503):
        assert (response.headers["retry-after"], response.headers["retry-after-ms"]) == ("2", "2000")
    if status in (204, 304):
        assert response.content == b""
    else:
        assert response.json()["error"]["message"]
