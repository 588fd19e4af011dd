"""What may be wrong with an installation: one finding for each thing that calls and their log need.

Owns the checks. They look and never change; each ends in a finding, whatever it meets, and names what mends it.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import ssl
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from helicli import paths
from helicli.engine import client, lock
from helicli.errors import HelicliError, NotFoundError
from helicli.query import file
from helicli.query.reading import opened
from helicli.units import size

WAL_FIXED: Final = (3, 51, 3)
"""Before it, SQLite could corrupt a WAL where one connection checkpoints while another commits."""
_ROOM_BAD: Final = 100_000_000
_ROOM_WARN: Final = 1_000_000_000
_MINUTE_MS: Final = 60_000
_BUILT: Final = 1_767_225_600
"""2026-01-01: no clock that is right says less."""


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Finding(Struct, frozen=True):
    """What a check found; `fix` is empty where there is nothing to mend."""

    name: str
    state: State
    text: str
    fix: str = ""


class Patient(Struct, frozen=True):
    """What is looked at."""

    env: Mapping[str, str]
    database: Path
    host: str
    port: int
    settings: Callable[[], str]
    """Reads the settings and says where from. Raises HelicliError."""
    now: float
    """The time, in seconds since 1970."""


Check = Callable[[Patient], tuple[State, str, str]]


def examine(patient: Patient) -> Iterator[Finding]:
    """Every finding, in order."""
    for name, check in CHECKS.items():
        try:
            state, text, fix = check(patient)
        except HelicliError as error:
            state, text, fix = State.BAD, error.message + (f" ({error.cause})" if error.cause else ""), error.fix
        except OSError as error:
            state, text, fix = State.BAD, str(error), "see that this user may read and write there"
        yield Finding(name, state, text, fix)


def _python(_: Patient) -> tuple[State, str, str]:
    return State.OK, f"{sys.version.split()[0]} at {sys.executable}", ""


def _sqlite(_: Patient) -> tuple[State, str, str]:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= WAL_FIXED:
        return State.OK, version, ""
    return State.OK, f"{version}; its WAL can be damaged by two writers, and helicli has one", ""


def _settings(patient: Patient) -> tuple[State, str, str]:
    return State.OK, patient.settings(), ""


def _database(patient: Patient) -> tuple[State, str, str]:
    path = patient.database
    try:
        with opened(path) as log:
            held = file.span(log)
    except NotFoundError:
        place = next(folder for folder in path.parents if folder.exists())
        if not os.access(place, os.W_OK):
            return State.BAD, f"{path} cannot be made: {place} is not yours to write", "use another: --db FILE"
        return State.OK, f"{path} will be made with the first call", ""
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return State.BAD, f"{path} cannot be written", f"chmod u+w {path.parent} {path}"
    return State.OK, f"{path}: {held.calls:,} calls, schema {held.schema}, {size(file.size(path))}", ""


def _engine(patient: Patient) -> tuple[State, str, str]:
    holder = lock.read(paths.lock_file(patient.database))
    health = _health(patient)
    if health is None:
        if _held(patient.database):
            return State.WARN, "an engine is starting, or ends", "wait a moment, then look again: helicli doctor"
        return State.OK, "not running", ""
    if not health:
        return State.BAD, f"{holder.url} does not answer (pid {holder.pid})", "restart helicli serve"
    where = f"{holder.url} (pid {holder.pid}, version {holder.version})"
    recorder, journal = health["recorder"], health["journal"]
    if recorder["state"] not in ("ok", "starting"):
        return State.BAD, f"{where}: the recorder is {recorder['state']}: {recorder['message']}", "helicli db check"
    dropped = journal["dropped_calls"] + journal["dropped_bodies"]
    if dropped or journal["failure"]:
        told = journal["failure"] or f"{dropped:,} calls or bodies were not logged"
        return State.WARN, f"{where}: {told}", "make room on the disk"
    return State.OK, where, ""


def _journal(patient: Patient) -> tuple[State, str, str]:
    held = file.waiting(patient.database)
    aside = paths.journal_dir(patient.database) / "bad"
    if aside.is_dir() and any(aside.iterdir()):
        return State.WARN, f"calls that could not be read lie in {aside}", "keep that folder for a report"
    if held and _health(patient) is None:
        return State.WARN, f"{size(held)} of calls wait and nobody records them", "helicli serve"
    return State.OK, f"{size(held)} of calls wait" if held else "empty", ""


def _port(patient: Patient) -> tuple[State, str, str]:
    where = f"{patient.host}:{patient.port}"
    holder = lock.read(paths.lock_file(patient.database))
    try:
        family = socket.getaddrinfo(patient.host, patient.port, type=socket.SOCK_STREAM)[0][0]
    except OSError as error:
        return State.BAD, f"{patient.host} is not an address of this machine ({error})", "leave --host out"
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((patient.host, patient.port))
        except OSError as error:
            if urlsplit(holder.url).port == patient.port and client.answers(holder.control):
                return State.OK, f"{where} is this engine's", ""
            return State.WARN, f"{where} cannot be had ({error.strerror})", "helicli serve --port 0"
    return State.OK, f"{where} is free", ""


def _disk(patient: Patient) -> tuple[State, str, str]:
    place = next(folder for folder in patient.database.parents if folder.exists())
    status = os.statvfs(place)
    free, total = status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize
    text = f"{size(free)} of {size(total)} free"
    if free < _ROOM_BAD:
        return State.BAD, text, f"make room on the disk of {place}"
    return (State.WARN, text, "make room, or prune the log") if free < _ROOM_WARN else (State.OK, text, "")


def _modes(patient: Patient) -> tuple[State, str, str]:
    """Prompts and answers are nobody else's to read."""
    folder = paths.journal_dir(patient.database)
    files = [patient.database, *(paths.beside(patient.database, end) for end in ("-wal", "-shm", ".lock", ".log"))]
    looked = [(path, path.stat().st_mode) for path in [*files, folder] if path.exists()]
    open_ones = [path for path, mode in looked if stat.S_IMODE(mode) & 0o077]
    if open_ones:
        names = " ".join(map(str, open_ones))
        return State.BAD, f"others can read {names}", f"chmod go= {names}"
    return State.OK, f"{len(looked)} files and folders are yours alone" if looked else "nothing there yet", ""


def _trust(patient: Patient) -> tuple[State, str, str]:
    for name, there in (("SSL_CERT_FILE", Path.is_file), ("SSL_CERT_DIR", Path.is_dir)):
        given = patient.env.get(name, "")
        if given and not there(Path(given)):
            return State.BAD, f"{name} names {given}, which is not there", f"unset {name}"
    default = ssl.get_default_verify_paths()
    certificates = ssl.create_default_context().cert_store_stats()["x509_ca"]
    folder = default.capath and any(Path(default.capath).iterdir())
    if not certificates and not folder:
        return State.BAD, "no authority is trusted, so no provider is", "install ca-certificates, or set SSL_CERT_FILE"
    return State.OK, f"{certificates} authorities" if certificates else f"the authorities in {default.capath}", ""


def _proxies(patient: Patient) -> tuple[State, str, str]:
    env = patient.env
    named = [name for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY") if env.get(name) or env.get(name.lower())]
    if not named:
        return State.OK, "none between programs and helicli", ""
    around = env.get("no_proxy") or env.get("NO_PROXY") or ""
    if "*" in around or any(host in around for host in ("127.0.0.1", "localhost")):
        return State.OK, f"{', '.join(named)}; NO_PROXY leaves this machine out", ""
    fix = "export NO_PROXY=127.0.0.1,localhost   (helicli run does it)"
    return State.WARN, f"{', '.join(named)} would be asked for this machine too", fix


def _programs(patient: Patient) -> tuple[State, str, str]:
    """Where programs of this shell are sent."""
    from helicli import baseurls

    given = {each.name: patient.env[each.name] for each in baseurls.VARIABLES if patient.env.get(each.name)}
    if not given:
        return State.OK, "no base URL is set here; helicli run sets them, and helicli env", ""
    holder = lock.read(paths.lock_file(patient.database))
    ports = {patient.port, urlsplit(holder.url).port}
    ours = [name for name, url in given.items() if _is_here(url, ports)]
    if ours and not client.answers(holder.control):
        fix = 'helicli serve   or: eval "$(helicli env --unset)"'
        return State.WARN, f"{_few(ours)} at {given[ours[0]]}, where no engine of this database answers", fix
    told = [f"{_few(ours)} at helicli"] if ours else []
    return State.OK, "; ".join([*told, *(f"{name} at {url}" for name, url in given.items() if name not in ours)]), ""


def _few(names: list[str]) -> str:
    return f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]


def _is_here(url: str, ports: set[int | None]) -> bool:
    """Whether an address is one of this machine at one of these ports."""
    try:
        parts = urlsplit(url)
        return parts.hostname in ("127.0.0.1", "localhost", "::1") and parts.port in ports
    except ValueError:
        return False


def _clock(patient: Patient) -> tuple[State, str, str]:
    now = patient.now
    if now < _BUILT:
        return State.BAD, "the clock is years behind: no certificate will hold", "set the clock"
    try:
        with opened(patient.database) as log:
            last = file.span(log).last_at or 0
    except HelicliError:
        last = 0
    ahead = last - now * 1000
    if ahead > _MINUTE_MS:
        return State.WARN, f"the newest call is {ahead / _MINUTE_MS:.0f} minutes in the future", "set the clock"
    return State.OK, time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now)), ""


def _health(patient: Patient) -> dict[str, Any] | None:
    """What the engine says of itself, {} where its proxy is silent, None where there is no engine."""
    holder = lock.read(paths.lock_file(patient.database))
    if not holder.control:
        return None
    try:
        health: dict[str, Any] = client.ask(holder.control, "status")
    except OSError:
        return None
    return health


def _held(database: Path) -> bool:
    """Whether some process holds the lock. The file is not made for that question."""
    path = paths.lock_file(database)
    if not path.exists():
        return False
    taken = lock.Lock.try_take(path)
    if taken is None:
        return True
    os.close(taken.fd)
    return False


CHECKS: Final[dict[str, Check]] = {
    "python": _python,
    "sqlite": _sqlite,
    "settings": _settings,
    "database": _database,
    "journal": _journal,
    "engine": _engine,
    "port": _port,
    "disk": _disk,
    "modes": _modes,
    "trust": _trust,
    "proxies": _proxies,
    "programs": _programs,
    "clock": _clock,
}
