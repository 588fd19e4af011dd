"""The values of variables as a command line gives them: `--var K=V`, and files of JSON.

Owns how they are read. A value on the line is a text, which fits a number or a truth too; one on the line goes before
one in a file.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from helicli.cli.options import Invocation
from helicli.errors import NotFoundError, UsageError


def given(run: Invocation, pairs: Sequence[str], file: str | None) -> dict[str, Any]:
    """The values of one filling. Raises UsageError."""
    found = sets(run, file) if file is not None else [{}]
    if len(found) != 1:
        raise UsageError(f"{file} holds {len(found)} sets of values", "give one JSON object, or: helicli prompts test")
    return {**found[0], **on_the_line(pairs)}


def on_the_line(pairs: Sequence[str]) -> dict[str, str]:
    """The values of `K=V`. Raises UsageError."""
    values = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f'"{pair}" is no value', "write --var name=value")
        values[name] = value
    return values


def sets(run: Invocation, file: str) -> list[dict[str, Any]]:
    """The sets of values in a file, `-` for stdin: one object, an array, or one on each line. Raises UsageError."""
    data = _read(run, file)
    try:
        found = msgspec.json.decode(data)
        found = found if isinstance(found, list) else [found]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        try:
            found = [msgspec.json.decode(line) for line in data.splitlines() if line.strip()]
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise UsageError(
                f"{file} is no JSON", 'write {"question": "Hello"}, one set on each line', str(error)
            ) from error
    if not found or not all(isinstance(each, dict) for each in found):
        raise UsageError(f"{file} holds what is no set of values", 'write {"question": "Hello"}, one set on each line')
    return found


def _read(run: Invocation, file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return (run.folder / file).read_bytes()
    except OSError as error:
        raise NotFoundError(f"{file} cannot be read", "name a file of JSON, or - for stdin", str(error)) from error
