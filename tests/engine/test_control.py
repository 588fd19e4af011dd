"""The control socket, asked over a real one."""

from __future__ import annotations

import asyncio
import socket

import pytest

from helicli.engine import control
from helicli.engine.client import answers, ask
from helicli.engine.control import ControlServer
from helicli.errors import DatabaseError, HelicliError, UsageError

pytestmark = pytest.mark.anyio


async def echo(given):
    return given


async def fail(given):
    raise DatabaseError("x.db is locked", "wait", "busy")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "helicli.sock"


@pytest.fixture
async def server(path):
    running = ControlServer(path, {"echo": echo, "fail": fail})
    await running.start()
    yield running
    running.close()


async def raw(path, sent):
    """What is answered to bytes."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(sent)
    writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionResetError:
        return b""
    finally:
        writer.transport.abort()


@pytest.mark.parametrize("given", [None, {}, {"a": [1, "é"]}, {"large": "x" * 1_000_000}])
async def test_an_answer(server, path, given):
    assert await asyncio.to_thread(ask, str(path), "echo", given) == (given or {})


async def test_an_error_arrives_as_it_was_raised(server, path):
    with pytest.raises(HelicliError) as caught:
        await asyncio.to_thread(ask, str(path), "fail")
    error = caught.value
    assert (error.message, error.fix, error.cause, error.exit_code) == ("x.db is locked", "wait", "busy", 4)


async def test_what_it_does_not_know(server, path):
    with pytest.raises(HelicliError, match="does not know") as caught:
        await asyncio.to_thread(ask, str(path), "dance")
    assert caught.value.exit_code == UsageError.exit_code
    body = b'{"v":9,"do":"echo"}'
    assert b"version" in await raw(path, len(body).to_bytes(4, "big") + body)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff", b'{"v":1,"do":"echo","with":3}'])
async def test_what_is_no_request(server, path, body):
    assert b'"code":2' in await raw(path, len(body).to_bytes(4, "big") + body)
    assert await asyncio.to_thread(ask, str(path), "echo") == {}


@pytest.mark.parametrize("sent", [b"", b"\0\0", b"\0\0\0\x10half"])
async def test_half_a_request_has_no_answer(server, path, sent):
    assert await raw(path, sent) == b""


async def test_a_length_beyond_all_is_not_waited_for(server, path):
    assert b'"code":2' in await raw(path, b"\xff\xff\xff\xff")


async def test_only_this_user_reaches_it(server, path):
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_it_answers_while_it_listens(server, path):
    assert answers(str(path))
    server.close()
    assert not path.exists() and not answers(str(path))
    with pytest.raises(OSError):
        ask(str(path), "echo")
    assert not answers("") and not answers("/" + "x" * 300)


async def test_what_a_killed_engine_left_is_replaced(path):
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert path.exists() and not answers(str(path))
    server = ControlServer(path, {"echo": echo})
    await server.start()
    assert await asyncio.to_thread(ask, str(path), "echo") == {}
    server.close()


async def test_a_folder_that_others_may_write_is_refused(path):
    path.parent.mkdir()
    path.parent.chmod(0o777)
    with pytest.raises(HelicliError, match="not a folder of yours alone"):
        await ControlServer(path, {}).start()


async def test_another_user_is_not_answered(server, path, monkeypatch):
    monkeypatch.setattr(control.os, "getuid", lambda: 12_345)
    body = b'{"v":1,"do":"echo"}'
    assert await raw(path, len(body).to_bytes(4, "big") + body) == b""


async def test_an_engine_that_dies_while_it_is_asked(path):
    async def dies(reader, writer):
        await reader.read(4)
        writer.write(b"\0\0\0\x09half")
        writer.close()

    path.parent.mkdir()
    listener = await asyncio.start_unix_server(dies, path)
    with pytest.raises(OSError):
        await asyncio.to_thread(ask, str(path), "echo")
    listener.close()
