"""Whose settings of a project are trusted: the path of its file and a hash of what it said.

Owns `trusted.json` in the user's data folder (0600). A file that has changed since is not trusted; nor is a list that
others could have written.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from helicli.errors import HelicliError


def digest(content: bytes) -> str:
    """The hash of what a file says."""
    import hashlib  # costs every command what only a project's file needs

    return hashlib.sha256(content).hexdigest()


def trusted(store: Path, file: Path, content: bytes) -> bool:
    """Whether the file is trusted as it stands."""
    return _read(store).get(str(file.resolve())) == digest(content)


def trust(store: Path, file: Path, content: bytes) -> None:
    """Trust the file as it stands."""
    _write(store, {**_read(store), str(file.resolve()): digest(content)})


def untrust(store: Path, file: Path) -> bool:
    """Trust the file no longer; whether it was."""
    held = _read(store)
    was = held.pop(str(file.resolve()), None) is not None
    if was:
        _write(store, held)
    return was


def replace(file: Path, content: bytes) -> None:
    """Write a file of the user's alone, as a whole or not at all. Raises HelicliError."""
    import tempfile

    unfinished = ""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A link stays one: what it names is replaced.
        target = file.resolve()
        fd, unfinished = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(fd, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(unfinished).replace(target)
    except OSError as error:
        if unfinished:
            Path(unfinished).unlink(missing_ok=True)
        raise HelicliError(
            f"{file} cannot be written", "make its folder yours: chmod u+w", error.strerror or ""
        ) from error


def _read(store: Path) -> dict[str, str]:
    try:
        status = store.stat()
        if status.st_uid != os.getuid() or status.st_mode & 0o022:
            return {}
        return msgspec.json.decode(store.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}


def _write(store: Path, held: dict[str, str]) -> None:
    replace(store, msgspec.json.format(msgspec.json.encode(held, order="sorted")) + b"\n")
