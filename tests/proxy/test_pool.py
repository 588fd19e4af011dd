"""How providers are reached, and which connections are kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import time

import pytest

from helicli.proxy.pool import Origin, Pool
from helicli.retrying import Timeouts
from tests.proxy.wires import ANSWER, Provider, answers

pytestmark = pytest.mark.anyio
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.fixture
async def pool():
    """A pool, closed with the test."""
    made = Pool()
    yield made
    await made.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of the test's own for localhost: both ends' contexts."""
    folder = tmp_path_factory.mktemp("tls")
    key, chain = str(folder / "key.pem"), str(folder / "chain.pem")
    names = "subjectAltName=DNS:localhost"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    subprocess.run([*command.split(), "-addext", names, "-keyout", key, "-out", chain], check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key)
    server.set_alpn_protocols(["h2", "http/1.1"])
    return server, lambda: ssl.create_default_context(cafile=chain)


def origin(provider):
    return Origin(False, "127.0.0.1", provider.port)


async def exchange(connection):
    connection.send(GET, b"", head_only=False, timeouts=Timeouts(idle=60))
    await connection.head()
    body = b""
    while piece := await connection.piece():
        body += piece
    return body


def descriptors():
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH112, PTH208


async def test_a_whole_answer_leaves_a_connection_for_the_next_call(pool):
    async with Provider(answers(ANSWER)) as provider:
        where = origin(provider)
        assert pool.take(where) is None
        connection = await pool.connect(where)
        assert await exchange(connection) == b"hello"
        pool.give_back(where, connection)
        assert pool.take(Origin(False, "localhost", provider.port)) is None
        assert pool.take(where) is connection
        assert pool.take(where) is None
        assert await exchange(connection) == b"hello"
        assert provider.connections == 1


async def test_the_last_used_is_taken_first(pool):
    async with Provider(answers(ANSWER)) as provider:
        where = origin(provider)
        first, second = await pool.connect(where), await pool.connect(where)
        for each in (first, second):
            await exchange(each)
            pool.give_back(where, each)
        assert pool.take(where) is second
        pool.give_back(where, second)


async def test_half_an_answer_leaves_none(pool):
    gone = asyncio.Event()

    async def half(wire):
        await wire.request()
        await wire.send(ANSWER[:-2])
        await wire.gone()
        gone.set()

    async with Provider(half) as provider:
        connection = await pool.connect(origin(provider))
        connection.send(GET, b"", head_only=False, timeouts=Timeouts(idle=60))
        await connection.head()
        pool.give_back(origin(provider), connection)
        assert pool.take(origin(provider)) is None
        await asyncio.wait_for(gone.wait(), 5)


@pytest.mark.parametrize("last_words", [b"", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
async def test_one_that_the_provider_closed_is_not_handed_out(pool, monkeypatch, last_words):
    leave = asyncio.Event()

    async def closes(wire):
        await wire.request()
        await wire.send(ANSWER)
        await leave.wait()
        await wire.send(last_words)
        wire.close()

    async with Provider(closes) as provider:
        where = origin(provider)
        connection = await pool.connect(where)
        await exchange(connection)
        pool.give_back(where, connection)
        lost = asyncio.Event()
        monkeypatch.setattr(connection, "_wake", lost.set)
        leave.set()
        await asyncio.wait_for(lost.wait(), 5)
        assert pool.take(where) is None


async def test_rest_and_silence_end(pool):
    async with Provider(answers(ANSWER)) as provider:
        where = origin(provider)
        resting, busy = await pool.connect(where), await pool.connect(where)
        await exchange(resting)
        busy.send(GET[:-2], b"", head_only=False, timeouts=Timeouts(idle=5))
        pool.give_back(where, resting)
        now = time.monotonic()
        for later, living in ((4, {resting, busy}), (6, {resting}), (29, {resting}), (31, set())):
            pool.sweep(now + later)
            assert pool._all == living
        assert not pool._resting
        with pytest.raises(Exception, match="silent"):
            await busy.head()


async def test_the_sweep_runs_by_itself():
    pool = Pool()
    pool.sweep_seconds = 0.001
    async with Provider(answers(ANSWER)) as provider:
        connection = await pool.connect(origin(provider))
        connection.send(GET[:-2], b"", head_only=False, timeouts=Timeouts(idle=0.001))
        with pytest.raises(Exception, match="silent"):
            await asyncio.wait_for(connection.head(), 5)
    await pool.close()


async def test_close_ends_all(pool):
    async with Provider(answers(ANSWER)) as provider:
        connection = await pool.connect(origin(provider))
        await pool.close()
        assert connection.closed


async def test_nobody_listens(pool):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        await pool.connect(Origin(False, "127.0.0.1", port))


@pytest.mark.parametrize("tls", [False, True])
async def test_somebody_listens_and_never_answers(pool, tls):
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        if not tls:
            for _ in range(3):
                filler = stack.enter_context(socket.socket())
                filler.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    filler.connect(full.getsockname())
        counts = []
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await pool.connect(Origin(tls, "127.0.0.1", full.getsockname()[1]), 0.05)
            await asyncio.sleep(0)
            counts.append(descriptors())
    assert counts[2] <= counts[0], "each try leaves its socket behind"


async def test_a_call_given_up_while_it_connects_leaves_nothing(pool):
    before = descriptors()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        connecting = asyncio.ensure_future(pool.connect(Origin(True, "127.0.0.1", deaf.getsockname()[1])))
        accepted, _ = await asyncio.get_running_loop().run_in_executor(None, deaf.accept)
        with accepted:
            connecting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await connecting
            accepted.setblocking(False)
            while await asyncio.get_running_loop().sock_recv(accepted, 65_536):
                pass
    assert descriptors() <= before + 1, "the executor's own"
    assert not pool._all


async def test_tls_that_is_trusted(certificate):
    server, client = certificate
    pool = Pool(client)
    async with Provider(answers(ANSWER), ssl=server) as provider:
        where = Origin(True, "localhost", provider.port)
        connection = await pool.connect(where)
        assert await exchange(connection) == b"hello"
        assert connection._transport.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
        pool.give_back(where, connection)
        assert pool.take(where) is connection
        await pool.close()


async def test_tls_until_close(certificate):
    server, client = certificate
    pool = Pool(client)
    async with Provider(answers(b"HTTP/1.1 200 OK\r\n\r\nhello", then="close"), ssl=server) as provider:
        assert await exchange(await pool.connect(Origin(True, "localhost", provider.port))) == b"hello"
        await pool.close()


async def test_tls_that_is_not_trusted(pool, certificate):
    server, client = certificate
    async with Provider(answers(ANSWER), ssl=server) as provider:
        with pytest.raises(ssl.SSLCertVerificationError, match="self.signed"):
            await pool.connect(Origin(True, "localhost", provider.port))
        known = Pool(client)
        with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
            await known.connect(Origin(True, "127.0.0.1", provider.port))
        await known.close()

    async def speaks_no_tls(wire):
        await wire.reader.read(1)
        await wire.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await wire.gone()

    async with Provider(speaks_no_tls) as plain:
        with pytest.raises(ssl.SSLError):
            await pool.connect(Origin(True, "127.0.0.1", plain.port))
