"""Where an engine stands: its settings, its port, its files.

Owns what must be right before anything starts, each with an error that says how to mend it.
"""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from helicli import journal, paths
from helicli.caching import CacheSettings
from helicli.call import BODIES_WORDS
from helicli.engine import client, lock
from helicli.errors import DatabaseError, HelicliError, NetworkError, NotFoundError, UsageError
from helicli.limits import LimitSettings
from helicli.providers.registry import Given
from helicli.proxy.doors import is_loopback
from helicli.rates import UserPrice
from helicli.retrying import RetrySettings, Timeouts
from helicli.store.connect import open_reader

BACKLOG = 2048
JOURNAL_MAX = 2_000_000_000


@dataclass(frozen=True)
class EngineSettings:
    """All an engine is told by the command that starts it."""

    database: Path
    host: str = "127.0.0.1"
    port: int = 8787
    upstreams: Mapping[str, str] = field(default_factory=dict)
    configured: Mapping[str, Given] = field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = ()
    proxies: Mapping[str, str] = field(default_factory=dict)
    ca_file: Path | None = None
    unsafe_no_auth: bool = False
    timeouts: Timeouts = Timeouts()
    journal_max: int = JOURNAL_MAX
    bodies: str = "full"
    durability: str = "batch"
    prices: tuple[UserPrice, ...] = ()
    cache: CacheSettings = CacheSettings()
    limits: LimitSettings = LimitSettings()
    retry: RetrySettings = RetrySettings()

    def check(self) -> None:
        """Raise UsageError for words there are not, and for an address that others reach unless asked for by name."""
        if self.bodies not in BODIES_WORDS:
            raise UsageError(f'--bodies cannot be "{self.bodies}"', f"write --bodies {', '.join(BODIES_WORDS)}")
        words = journal.DURABILITY_WORDS
        if self.durability not in words:
            raise UsageError(f'--durability cannot be "{self.durability}"', f"write --durability {' or '.join(words)}")
        self.limits.check()
        self.timeouts.check()
        if not is_loopback(self.host) and not self.unsafe_no_auth:
            raise UsageError(
                f"{self.host} can be reached by other machines, and this proxy asks nobody for a key",
                "leave --host out, or add --unsafe-no-auth",
            )
        if self.ca_file is not None:
            try:
                ssl.create_default_context().load_verify_locations(self.ca_file)
            except OSError as error:
                raise UsageError(
                    f"{self.ca_file} holds no certificates", "name a PEM file with --ca-file", str(error)
                ) from error


def pack(settings: EngineSettings) -> bytes:
    """Settings for another process."""
    return msgspec.json.encode(settings, enc_hook=str)


def unpack(body: bytes) -> EngineSettings:
    """The settings that `pack` gave."""
    return msgspec.json.decode(body, type=EngineSettings, dec_hook=lambda kind, value: kind(value))


def listen(host: str, port: int, database: Path) -> socket.socket:
    """A listening socket. Raises NetworkError where the address cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except (socket.gaierror, UnicodeError) as error:
        raise UsageError(f"{host} is not an address of this machine", "leave --host out", str(error)) from error
    except OSError as error:
        raise NetworkError(f"cannot listen on {host}:{port}", "choose others: --host, --port", str(error)) from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise _port_taken(host, port, database) from error
        raise NetworkError(f"cannot listen on {host}:{port}", "choose others: --host, --port", str(error)) from error
    return listener


def address(listener: socket.socket, host: str) -> str:
    """The URL of a listening socket."""
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def prepare(database: Path) -> Path:
    """Check the database and make its journal's folder, 0700; the folder. Raises DatabaseError."""
    folder = paths.journal_dir(database)
    try:
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if database.is_file():
            _check_readable(database)
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        writable = os.access(database if database.exists() else database.parent, os.W_OK) and not database.is_dir()
        if writable:
            os.close(os.open(paths.lock_file(database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise not_writable(database, str(error)) from error
    if not writable:
        raise not_writable(database, "")
    return folder


def not_writable(database: Path, cause: str) -> DatabaseError:
    """The error for a database that cannot be written."""
    return DatabaseError(
        f"{database} cannot be written", f"make it yours (chmod u+w {database}) or use another: --db FILE", cause
    )


def next_generation(folder: Path) -> int:
    """A number larger than that of every earlier start of a proxy, also after a loss of database or journal."""
    file = folder / "generation"
    try:
        last = int(file.read_text())
    except (OSError, ValueError):
        last = 0
    named = [journal.parse_name(path.name) for path in folder.iterdir()]
    last = max([last, *(name[0] for name in named if name)])
    generation = max(last + 1, int(time.time()))
    unfinished = folder / "generation.new"
    unfinished.write_text(str(generation))
    unfinished.replace(file)
    return generation


def _check_readable(database: Path) -> None:
    """Raise DatabaseError for a newer helicli's file or no helicli's; a locked one is the recorder's to wait for."""
    try:
        open_reader(database).close()
    except NotFoundError:
        pass
    except DatabaseError as error:
        cause = error.__cause__
        if not (isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode == sqlite3.SQLITE_BUSY):
            raise


def _port_taken(host: str, port: int, database: Path) -> HelicliError:
    """The error for a port that is taken; where the database has an engine elsewhere, another port would not help."""
    health = _health(host, port)
    holder = lock.read(paths.lock_file(database))
    if health.get("database") != str(database) and client.answers(holder.control):
        return lock.in_use(database, holder)
    if not health:
        return NetworkError(f"port {port} is in use", "choose another: helicli serve --port 0")
    same = health.get("database") == str(database)
    return NetworkError(
        f"port {port} is in use by helicli (pid {health.get('pid')}, {'same' if same else 'another'} database)",
        "use that one, or another database: helicli serve --db other.db --port 0"
        if same
        else "choose another port: helicli serve --port 0",
    )


def _health(host: str, port: int) -> dict[str, Any]:
    """What /healthcheck answers where a helicli listens, else {}."""
    import http.client

    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/healthcheck")
        return msgspec.json.decode(connection.getresponse().read(1_000_000), type=dict[str, Any])
    except (OSError, http.client.HTTPException, msgspec.DecodeError):
        return {}
    finally:
        connection.close()
