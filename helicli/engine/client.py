"""The control socket as commands use it: ask an engine, or hold a lease on it.

Owns the connecting end of what `control` serves. It imports no event loop, since every command that asks would wait for
that import.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from helicli.errors import HelicliError

VERSION: Final = 1
LENGTH_BYTES: Final = 4
ANSWER_SECONDS: Final = 10


def ask(path: str, do: str, given: Mapping[str, Any] | None = None, seconds: float = ANSWER_SECONDS) -> Any:
    """Ask an engine, from a command; its answer. Raises OSError where none answers, HelicliError as the engine did."""
    connection, answer = hold(path, do, given, seconds)
    connection.close()
    return answer


def hold(
    path: str, do: str, given: Mapping[str, Any] | None = None, seconds: float = ANSWER_SECONDS
) -> tuple[socket.socket, Any]:
    """Ask, and keep the connection: what the engine gave holds until it is closed. Raises as `ask` does."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect(path)
        body = msgspec.json.encode({"v": VERSION, "do": do, "with": dict(given or {})})
        connection.sendall(len(body).to_bytes(LENGTH_BYTES, "big") + body)
        length = int.from_bytes(_exactly(connection, LENGTH_BYTES), "big")
        return connection, told(msgspec.json.decode(_exactly(connection, length)))
    except BaseException:
        connection.close()
        raise


def answers(path: str) -> bool:
    """Whether somebody listens at a control socket."""
    if not path:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        try:
            connection.connect(path)
        except OSError:
            return False
    return True


def told(answer: dict[str, Any]) -> Any:
    """What an answer holds. Raises HelicliError where it is an error."""
    if "error" not in answer:
        return answer["ok"]
    error = answer["error"]
    failure = HelicliError(error["message"], error["fix"], error.get("cause", ""))
    failure.exit_code = error["code"]
    raise failure


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        part = connection.recv(size - len(parts))
        if not part:
            raise ConnectionError("the engine closed the connection")
        parts += part
    return parts
