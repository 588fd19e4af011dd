"""A file of settings, changed: comments kept, checked before it is written, written as a whole or not at all.

Owns what `config set`, `unset` and `edit` do to a file. What would not be read back is never written.
"""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from helicli import config, paths, trust
from helicli.cli import starting
from helicli.cli.options import Invocation
from helicli.errors import HelicliError, UsageError
from helicli.settings import Key
from helicli.values import Value


def content(file: Path) -> bytes:
    """What stands in a file; nothing where it is not there."""
    try:
        return file.read_bytes() if file.exists() else b""
    except OSError as error:
        raise HelicliError(f"{file} cannot be read", f"chmod u+r {file}", error.strerror or "") from error


def with_value(file: Path, held: bytes, key: Key, value: Value) -> bytes:
    """The content with a key set."""
    import tomlkit

    document = _document(file, held)
    table = _root(file, document)
    for word in key[:-1]:
        if word not in table:
            table[word] = tomlkit.table()
        table = table[word]
    table[key[-1]] = list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
    return tomlkit.dumps(document).encode()


def without(file: Path, held: bytes, key: Key) -> bytes:
    """The content with a key taken out, and the tables that it leaves empty."""
    import tomlkit

    document = _document(file, held)
    tables = [_root(file, document)]
    for word in key[:-1]:
        tables.append(tables[-1][word])
    del tables[-1][key[-1]]
    for parent, table, word in reversed(list(zip(tables[:-1], tables[1:], key[:-1], strict=True))):
        # A comment in it would go with it.
        if not table and "#" not in table.as_string():
            del parent[word]
    return tomlkit.dumps(document).encode()


def table(file: Path, held: bytes) -> dict[str, Any]:
    """helicli's settings as the file has them."""
    unwrapped: dict[str, Any] = _root(file, _document(file, held)).unwrap()
    return unwrapped


def write(run: Invocation, file: Path, new: bytes) -> None:
    """Check a file's new content and write it; a project that was trusted stays so. Raises UsageError."""
    store = paths.trust_file(run.env)
    read = check(file, new)
    try:
        before = config.read(file).content
    except UsageError:
        # What is broken was never trusted; it is being mended.
        before = b""
    known = trust.trusted(store, file, before)
    trust.replace(file, new)
    if known:
        trust.trust(store, file, read.content)


def check(file: Path, new: bytes) -> config.File:
    """What a file of this content would say. Raises UsageError for anything that cannot hold."""
    read = config.parse(file, new)
    starting.check(config.resolve({}, {}, None, read))
    return read


def edited(run: Invocation, file: Path) -> bytes:
    """What a person makes of a copy of the file in an editor. Raises UsageError that names the copy, which is kept."""
    held = content(file)
    folder = Path(tempfile.mkdtemp(prefix="helicli-"))
    copy = folder / file.name
    copy.touch(0o600)
    copy.write_bytes(held or _TEMPLATE)
    command = run.env.get("VISUAL") or run.env.get("EDITOR") or "vi"
    try:
        code = subprocess.run([*shlex.split(command), str(copy)], env=dict(run.env), check=False).returncode
    except (OSError, ValueError) as error:
        raise UsageError(f"the editor {command!r} cannot be started", "set VISUAL or EDITOR", str(error)) from error
    if code:
        raise HelicliError(f"the editor ended with {code}; nothing is changed", f"your text is kept: {copy}")
    new = copy.read_bytes()
    try:
        check(file, new)
    except UsageError as error:
        message = error.message.replace(str(file), str(copy))
        raise UsageError(
            message, f"nothing is changed, your text is kept: {copy}   {error.fix}", error.cause
        ) from error
    copy.unlink()
    folder.rmdir()
    return held if not held and new == _TEMPLATE else new


_TEMPLATE = b"# Settings of helicli. All of them: helicli config list\n"


def _document(file: Path, held: bytes) -> Any:
    import tomlkit
    from tomlkit.exceptions import ParseError

    try:
        return tomlkit.parse(held.decode())
    except (ParseError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not TOML", "helicli config edit", str(error)) from error


def _root(file: Path, document: MutableMapping[str, Any]) -> Any:
    """The table that holds helicli's settings."""
    import tomlkit

    if file.name != config.SHARED_FILE:
        return document
    tool = document.setdefault("tool", tomlkit.table(is_super_table=True))
    return tool.setdefault("helicli", tomlkit.table())
