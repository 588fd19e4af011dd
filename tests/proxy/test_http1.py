"""One connection to a provider, byte by byte: the parser and the flow of bytes, without a socket."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from helicli.proxy import http1
from helicli.proxy.http1 import Broken, Connection, Overdue, Silent
from helicli.retrying import Timeouts

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\n"
SIZED = OK + b"content-length: 5\r\n\r\nhello"
CHUNKED = (
    OK
    + b"transfer-encoding: chunked\r\n\r\n"
    + b"2;ext=1\r\nhe\r\n3\r\nllo\r\n0\r\nset-cookie: a=1\r\nx-trailer: 1\r\n\r\n"
)
UNSIZED = OK + b"x: y\r\n\r\nhello"


class Transport:
    """What a connection does to its transport."""

    def __init__(self) -> None:
        self.written = b""
        self.unsent = 0
        self.reading = True
        self.aborted = False

    def write(self, data):
        self.written += data

    def get_write_buffer_size(self):
        return self.unsent

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True

    def abort(self):
        self.aborted = True


def connect():
    connection = Connection(asyncio.get_running_loop())
    transport = Transport()
    connection.connection_made(transport)
    return connection, transport


def ask(head_only=False):
    connection, transport = connect()
    connection.send(b"GET / HTTP/1.1\r\n\r\n", b"", head_only=head_only, timeouts=Timeouts(idle=60))
    return connection, transport


async def read(connection):
    await connection.head()
    body = b""
    while piece := await connection.piece():
        body += piece
    return body


def feed(connection, data, step):
    for start in range(0, len(data), step):
        connection.data_received(data[start : start + step])


@pytest.mark.parametrize("step", [1, 2, 7, 10_000])
@pytest.mark.parametrize("answer", [SIZED, CHUNKED])
async def test_a_whole_answer_however_it_is_split(answer, step):
    connection, _ = ask()
    feed(connection, answer, step)
    assert await read(connection) == b"hello"
    assert connection.status == 200
    assert len(connection.headers) == 1, "trailers are no header fields"
    assert connection.reusable


@pytest.mark.parametrize("step", [1, 10_000])
async def test_an_answer_that_ends_with_the_connection(step):
    connection, _ = ask()
    feed(connection, UNSIZED, step)
    connection.connection_lost(None)
    assert await read(connection) == b"hello"
    assert not connection.reusable


@pytest.mark.parametrize("step", [1, 10_000])
async def test_heads_before_the_head(step):
    connection, _ = ask()
    feed(connection, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\ncontent-length: 9\r\n\r\n" + SIZED, step)
    assert await read(connection) == b"hello"
    assert (connection.status, connection.headers) == (200, [(b"content-length", b"5")])
    assert connection.reusable


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
@pytest.mark.parametrize("field", [b"", b"content-length: 5\r\n"])
async def test_answers_that_have_no_body(status, field):
    connection, _ = ask()
    connection.data_received(b"HTTP/1.1 " + status + b"\r\n" + field + b"\r\n")
    assert await read(connection) == b""
    assert connection.reusable


async def test_the_answer_to_head_has_no_body_and_the_connection_is_not_trusted_again():
    connection, _ = ask(head_only=True)
    connection.data_received(OK + b"content-length: 5\r\n\r\n")
    assert await read(connection) == b""
    assert not connection.reusable


async def test_fields_keep_order_case_of_value_and_bytes():
    connection, _ = ask()
    connection.data_received(
        OK + b"Set-Cookie: A=1\r\nX-B: \xc3\xa9\xff\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n"
    )
    await connection.head()
    assert connection.headers[:3] == [(b"set-cookie", b"A=1"), (b"x-b", b"\xc3\xa9\xff"), (b"set-cookie", b"b=2")]


async def test_an_offer_of_another_protocol_is_only_an_offer():
    connection, _ = ask()
    connection.data_received(OK + b"upgrade: h2,h2c\r\nconnection: upgrade\r\ncontent-length: 5\r\n\r\nhello")
    assert await read(connection) == b"hello"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"HTTP/1.1 200 OK\nbare: lf\n\n",
        OK + b"x: a\r\n folded\r\n\r\n",
        OK + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        OK + b"content-length: 5\r\ncontent-length: 6\r\n\r\n",
        OK + b"content-length: -5\r\n\r\n",
        OK + b"bad name: 1\r\n\r\n",
        OK + b"x: a\0b\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 999 Denied\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 4_000,
        OK + b"x: " + b"a" * 300_000,
    ],
)
async def test_what_is_not_an_answer(answer):
    connection, transport = ask()
    feed(connection, answer, 60_000)
    with pytest.raises(Broken) as caught:
        await connection.head()
    assert caught.value.began
    assert transport.aborted and not connection.reusable


async def test_ten_thousand_fields():
    connection, _ = ask()
    feed(connection, OK + b"a:\r\n" * 10_000 + b"content-length: 5\r\n\r\nhello", 60_000)
    assert await read(connection) == b"hello"
    assert len(connection.headers) == 10_001


async def test_a_body_cut_short_is_never_whole():
    for answer in (OK + b"content-length: 9\r\n\r\nhello", CHUNKED[:-2], CHUNKED.split(b"0\r\nset")[0]):
        connection, _ = ask()
        connection.data_received(answer)
        connection.connection_lost(None)
        await connection.head()
        assert await connection.piece() == b"hello"
        with pytest.raises(Broken):
            await connection.piece()
        assert not connection.reusable


@pytest.mark.parametrize("how", ["silent", "closed", "reset"])
async def test_a_body_until_close_ends_only_with_the_provider(how):
    connection, _ = ask()
    connection.data_received(UNSIZED)
    assert await connection.piece() == b"hello"
    if how == "silent":
        connection.expire(monotonic() + 61)
    elif how == "closed":
        connection.close()
    connection.connection_lost(ConnectionResetError() if how == "reset" else None)
    with pytest.raises(Silent if how == "silent" else Broken):
        await connection.piece()


@pytest.mark.parametrize(("came", "began"), [(b"", False), (b"H", True), (b"HTTP/1.1 100 Continue\r\n\r\n", True)])
async def test_a_connection_that_ends_before_the_head(came, began):
    connection, _ = ask()
    if came:
        connection.data_received(came)
    connection.connection_lost(None)
    with pytest.raises(Broken) as caught:
        await connection.head()
    assert caught.value.began is began
    with pytest.raises(Broken):
        connection.send(b"GET / HTTP/1.1\r\n\r\n", b"", head_only=False, timeouts=Timeouts(idle=60))


@pytest.mark.parametrize("more", [SIZED, b"garbage", OK + b"set-cookie: b=2\r\n\r\n"])
async def test_bytes_after_the_answer_are_nobodys(more):
    connection, transport = ask()
    connection.data_received(SIZED + more)
    assert await read(connection) == b"hello"
    assert (connection.headers, connection.reusable) == ([(b"content-length", b"5")], False)
    at_rest, transport = ask()
    at_rest.data_received(SIZED)
    assert await read(at_rest) == b"hello"
    at_rest.data_received(more)
    assert transport.aborted and at_rest.closed and not at_rest.reusable


@pytest.mark.parametrize("field", [b"connection: close\r\n", b""])
async def test_a_provider_that_closes_is_not_asked_again(field):
    connection, _ = ask()
    connection.data_received((b"HTTP/1.1" if field else b"HTTP/1.0") + SIZED[8:17] + field + SIZED[17:])
    assert await read(connection) == b"hello"
    assert not connection.reusable


async def test_one_exchange_after_another():
    connection, transport = ask()
    for status in (b"200 OK", b"429 Too Many"):
        if connection.complete:
            assert await read(connection) == b"hello"
            connection.send(b"GET /b HTTP/1.1\r\n\r\n", b"", head_only=False, timeouts=Timeouts(idle=60))
        connection.data_received(b"HTTP/1.1 " + status + b"\r\ncontent-length: 5\r\n\r\nhello")
    assert (connection.status, connection.used) == (429, 2)
    assert transport.written == b"GET / HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n"


async def test_an_answer_before_its_request_was_sent_leaves_no_reusable_connection():
    connection, transport = ask()
    transport.unsent = 1
    connection.data_received(SIZED)
    assert await read(connection) == b"hello"
    assert not connection.reusable


async def test_a_slow_reader_makes_the_provider_wait():
    connection, transport = ask()
    connection.data_received(OK + b"content-length: 10000000\r\n\r\n")
    fed = 0
    while transport.reading:
        connection.data_received(b"x" * 65_536)
        fed += 65_536
    assert fed <= http1._PAUSE_BYTES + 65_536
    connection.expire(monotonic() + 10_000)
    assert not transport.aborted, "who waits for a slow client is not silent"
    connection.deadline = 1.0
    assert len(await connection.piece()) == fed
    assert transport.reading
    connection.expire(monotonic())
    assert not transport.aborted, "and has its time again when the client goes on"


async def test_silence():
    connection, transport = ask()
    waiting = asyncio.ensure_future(connection.head())
    connection.expire(monotonic() + 59)
    assert not transport.aborted
    connection.expire(monotonic() + 61)
    with pytest.raises(Silent):
        await waiting
    assert transport.aborted


async def test_a_body_is_written_as_fast_as_it_is_taken():
    connection, transport = ask()
    connection.pause_writing()
    writing = asyncio.ensure_future(connection.write(b"a"))
    await asyncio.sleep(0)
    assert not writing.done() and transport.written.endswith(b"a")
    connection.resume_writing()
    await writing
    connection.pause_writing()
    writing = asyncio.ensure_future(connection.write(b"b"))
    await asyncio.sleep(0)
    connection.connection_lost(None)
    await writing
    with pytest.raises(Broken):
        await connection.write(b"c")


async def test_head_and_small_body_go_in_one_write():
    for size, writes in ((10, 1), (http1._PAUSE_BYTES, 2)):
        (connection, transport), sizes = connect(), []
        transport.write = lambda data, sizes=sizes: sizes.append(len(data))
        connection.send(b"h", b"x" * size, head_only=False, timeouts=Timeouts(idle=60))
        assert (len(sizes), sum(sizes)) == (writes, size + 1)


def timed(**given):
    connection, transport = connect()
    connection.send(b"GET / HTTP/1.1\r\n\r\n", b"", head_only=False, timeouts=Timeouts(**given))
    return connection, transport


async def test_the_first_byte_has_a_time_of_its_own():
    connection, _ = timed(first_byte=5, idle=60)
    connection.expire(monotonic() + 4)
    assert not connection.closed
    connection.data_received(b"HTTP/1.1 200 OK\r\n")
    connection.expire(monotonic() + 59)
    assert not connection.closed
    connection, _ = timed(first_byte=5, idle=60)
    connection.expire(monotonic() + 6)
    with pytest.raises(Silent):
        await connection.head()


async def test_the_whole_answer_has_a_time_however_much_comes():
    connection, _ = timed(idle=60, total=100)
    connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello")
    connection.expire(monotonic() + 59)
    assert not connection.closed
    connection.deadline = 0.0
    connection.expire(monotonic() + 101)
    assert await connection.piece() == b"hello"
    with pytest.raises(Overdue):
        await connection.piece()


async def test_a_connection_at_rest_has_no_answer_to_be_due():
    connection, _ = timed(idle=60, total=1)
    connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    connection.rest(30)
    connection.expire(monotonic() + 29)
    assert not connection.closed
