"""Folders of prompts: their files read for a push, written by a pull.

Owns which files of a folder are prompts, and what a pull may write over: only what a push has stored, unless it is told
to. A file is written whole or not at all, into its folder and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from helicli.errors import HelicliError, NotFoundError, UsageError
from helicli.prompts import SOURCE_MAX, File, Source
from helicli.prompts.files import PARTIAL, SUFFIXES, gathered, partial_name

FOLDER: Final = "prompts"
"""Where a project has its prompts."""

_NO_PROMPTS: Final = ("readme.md", "changelog.md", "license.md")


def sources(given: Sequence[str], here: Path) -> list[Source]:
    """The prompts of files and folders, of the project's folder where none is given. Raises HelicliError."""
    found: dict[Path, Source] = {}
    for path in [here / each for each in given] or [here / FOLDER]:
        if path.is_dir():
            files = _files(path)
        elif path.is_file():
            files = [path]
        elif given:
            raise NotFoundError(f"no file or folder {path}", f"helicli prompts new NAME   makes one in {FOLDER}/")
        else:
            raise NotFoundError(f"no folder {FOLDER}/ here", "helicli prompts new NAME   makes it, or name a file")
        for file in files:
            found[file.absolute()] = source(file)
    if not found:
        raise NotFoundError(f"no prompts in {', '.join(given) or FOLDER}", "helicli prompts new NAME   makes one")
    return list(found.values())


def is_file(which: str, here: Path) -> bool:
    """Whether a word means a file, and not a stored prompt."""
    return which.endswith(SUFFIXES) and ("/" in which or (here / which).is_file())


def source(path: Path) -> Source:
    """A file with the partials it uses, which lie beside it; one of its own suffix goes before another. Raises
    UsageError."""
    file = _read(path)
    if "{{" not in file.text:
        return Source(file)
    beside: dict[str, Path] = {}
    for each in sorted(path.parent.glob(f"{PARTIAL}*")):
        if each.suffix in SUFFIXES and (each.suffix == path.suffix or partial_name(each.name) not in beside):
            beside[partial_name(each.name)] = each
    return gathered(file, {name: _read(each) for name, each in beside.items()})


def write(found: Sequence[Source], folder: Path, pushed: Collection[str], *, force: bool) -> list[Path]:
    """Write the files of versions into a folder; those that changed. `pushed` are texts that are stored anyhow.

    Raises HelicliError before anything is written.
    """
    files: dict[str, str] = {}
    for each in found:
        for file in (each.file, *each.partials):
            if files.setdefault(file.name, file.text) != file.text:
                raise HelicliError(
                    f"two of these prompts have a {file.name}, and not the same",
                    "pull them into folders of their own: --dir",
                )
    changed = []
    for name, text in files.items():
        path = folder / name
        there = _there(path)
        if there == text.encode():
            continue
        if there is not None and not force and there.decode("utf-8", "replace") not in pushed:
            raise UsageError(
                f"{path} has changes that are not pushed", f"helicli prompts push {path}   or overwrite it: --force"
            )
        changed.append(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in changed:
            _write(path, files[path.name].encode())
    except OSError as error:
        raise HelicliError(f"{folder} cannot be written", "choose another: --dir DIR", str(error)) from error
    return changed


def _files(folder: Path) -> list[Path]:
    return [
        each
        for each in sorted(folder.iterdir())
        if each.suffix in SUFFIXES
        and not each.name.startswith((PARTIAL, "."))
        and each.name.lower() not in _NO_PROMPTS
        and each.is_file()
    ]


def _read(path: Path) -> File:
    try:
        if path.stat().st_size > SOURCE_MAX:
            raise UsageError(f"{path} is too large for a prompt", "keep large texts in variables")
        return File(path.name, path.read_bytes().decode())
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no UTF-8", "save it as UTF-8", str(error)) from error
    except OSError as error:
        raise NotFoundError(f"{path} cannot be read", "make it yours, or name another", str(error)) from error


def _there(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HelicliError(f"{path} cannot be written", "choose another folder: --dir DIR", str(error)) from error


def _write(path: Path, content: bytes) -> None:
    """Put a file in its place; a link there goes, what it names stays."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.write_bytes(content)
    unfinished.replace(path)
