"""Stored prompts: their versions, and the labels that point at them.

Owns the tables `prompts`, `prompt_versions`, `prompt_labels` and `prompt_sources`. A version never changes and never
goes; its source stands once, by its hash, however many versions have it. A change is made whole or not at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from helicli.errors import NotFoundError, UsageError
from helicli.prompts import PRODUCTION, Ref, Source, check_label, chosen, no_prompt
from helicli.prompts.files import compiled

_PROMPT: Final = "INSERT INTO prompts (name, created_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
_SOURCE: Final = "INSERT INTO prompt_sources (hash, source) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING"
_VERSION: Final = "INSERT INTO prompt_versions (prompt, number, hash, message, created_at) VALUES (?, ?, ?, ?, ?)"
_LABEL: Final = (
    "INSERT INTO prompt_labels (prompt, label, number, moved_at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (prompt, label) DO UPDATE SET number = excluded.number, moved_at = excluded.moved_at"
)
_VERSIONS: Final = (
    "SELECT p.name, v.number, v.hash, v.message, v.created_at FROM prompt_versions v JOIN prompts p ON p.id = v.prompt "
    "ORDER BY p.name, v.number"
)
_LABELS: Final = "SELECT p.name, l.label, l.number FROM prompt_labels l JOIN prompts p ON p.id = l.prompt ORDER BY 1, 2"
_decoder: Final = msgspec.json.Decoder(Source)


class Push(msgspec.Struct, frozen=True, tag_field="do", tag="push"):
    """Files to be stored. `labels` are set also where nothing is new; those in a file only with a new version."""

    sources: tuple[Source, ...]
    message: str = ""
    labels: tuple[str, ...] = ()
    at: int = 0


class Label(msgspec.Struct, frozen=True, tag_field="do", tag="label"):
    """A label to be set to a version, or taken away (None)."""

    name: str
    label: str
    number: int | None
    at: int = 0


Change = Push | Label


class Kept(msgspec.Struct, frozen=True):
    """What became of one prompt: its version, whether that is new, and which version is in use now.

    `before` is the newest version before it, None where there was none.
    """

    name: str
    number: int
    new: bool
    before: int | None
    used: int
    labels: tuple[str, ...] = ()


class Version(msgspec.Struct, frozen=True):
    """One version of a prompt."""

    number: int
    hash: bytes
    message: str
    created_at: int


class StoredPrompt(msgspec.Struct, frozen=True):
    """A prompt as it is stored, its versions from the first on."""

    name: str
    versions: tuple[Version, ...]
    labels: Mapping[str, int]

    @property
    def used(self) -> int:
        """The version that is meant where none is named."""
        return self.number(Ref(self.name))

    def number(self, wanted: Ref) -> int:
        """The version that is meant. Raises NotFoundError."""
        return chosen(wanted, [each.number for each in self.versions], self.labels)

    def version(self, number: int) -> Version:
        """The version of a number, which must be there."""
        return next(each for each in self.versions if each.number == number)

    def labels_of(self, number: int) -> list[str]:
        """The labels that point at a version."""
        return [label for label, at in self.labels.items() if at == number]


def change(db: sqlite3.Connection, wanted: Change) -> list[Kept]:
    """Make a change, whole or not at all. Raises UsageError and NotFoundError."""
    db.execute("BEGIN IMMEDIATE")
    try:
        done = _push(db, wanted) if isinstance(wanted, Push) else [_label(db, wanted)]
        db.execute("COMMIT")
        return done
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def load(db: sqlite3.Connection) -> list[StoredPrompt]:
    """All prompts, by name."""
    versions: dict[str, list[Version]] = {}
    labels: dict[str, dict[str, int]] = {}
    for name, *version in db.execute(_VERSIONS):
        versions.setdefault(name, []).append(Version(*version))
    for name, label, number in db.execute(_LABELS):
        labels.setdefault(name, {})[label] = number
    return [StoredPrompt(name, tuple(found), labels.get(name, {})) for name, found in versions.items()]


def find(db: sqlite3.Connection, name: str) -> StoredPrompt:
    """One prompt. Raises NotFoundError that says which there are."""
    found = {each.name: each for each in load(db)}
    if name not in found:
        raise no_prompt(name, found)
    return found[name]


def source(db: sqlite3.Connection, hash: bytes) -> Source:
    """The source of a version."""
    row = db.execute("SELECT source FROM prompt_sources WHERE hash = ?", (hash,)).fetchone()
    if row is None:
        raise sqlite3.DatabaseError(f"the source {hash.hex()} is missing")
    return _decoder.decode(row[0])


def sources(db: sqlite3.Connection) -> dict[bytes, Source]:
    """All sources, by their hash."""
    return {hash: _decoder.decode(text) for hash, text in db.execute("SELECT hash, source FROM prompt_sources")}


def _push(db: sqlite3.Connection, push: Push) -> list[Kept]:
    names: dict[str, str] = {}
    done = []
    for label in push.labels:
        check_label(label)
    for each in push.sources:
        prompt = compiled(each).prompt
        other = names.setdefault(prompt.name, each.file.name)
        if other != each.file.name:
            raise UsageError(f'{other} and {each.file.name} are both "{prompt.name}"', "give one of them another name")
        done.append(_store(db, push, each, prompt.name, prompt.labels))
    return done


def _store(db: sqlite3.Connection, push: Push, source: Source, name: str, own: Sequence[str]) -> Kept:
    db.execute(_PROMPT, (name, push.at))
    prompt = db.execute("SELECT id FROM prompts WHERE name = ?", (name,)).fetchone()[0]
    newest = "SELECT number, hash FROM prompt_versions WHERE prompt = ? ORDER BY number DESC LIMIT 1"
    before, hash = db.execute(newest, (prompt,)).fetchone() or (None, None)
    new = hash != source.hash
    number = (before or 0) + (1 if new else 0)
    if new:
        db.execute(_SOURCE, (source.hash, msgspec.json.encode(source).decode()))
        db.execute(_VERSION, (prompt, number, source.hash, push.message, push.at))
    labels = dict.fromkeys([*push.labels, *(own if new else ())])
    for label in labels:
        db.execute(_LABEL, (prompt, label, number, push.at))
    return Kept(name, number, new, before, _used(db, prompt), tuple(labels))


def _label(db: sqlite3.Connection, wanted: Label) -> Kept:
    stored = find(db, wanted.name)
    prompt = db.execute("SELECT id FROM prompts WHERE name = ?", (wanted.name,)).fetchone()[0]
    newest = stored.versions[-1].number
    if wanted.number is None:
        at = stored.labels.get(wanted.label)
        if at is None:
            raise NotFoundError(
                f"{wanted.name} has no label {wanted.label}", f"helicli prompts log {wanted.name}   shows those it has"
            )
        db.execute("DELETE FROM prompt_labels WHERE prompt = ? AND label = ?", (prompt, wanted.label))
        return Kept(wanted.name, at, False, newest, _used(db, prompt))
    check_label(wanted.label)
    number = stored.number(Ref(wanted.name, wanted.number))
    db.execute(_LABEL, (prompt, wanted.label, number, wanted.at))
    return Kept(wanted.name, number, False, newest, _used(db, prompt), (wanted.label,))


def _used(db: sqlite3.Connection, prompt: int) -> int:
    """The version in use: that of the label production, else the newest."""
    labelled = "SELECT number FROM prompt_labels WHERE prompt = ? AND label = ?"
    newest = "SELECT max(number) FROM prompt_versions WHERE prompt = ?"
    found = db.execute(labelled, (prompt, PRODUCTION)).fetchone() or db.execute(newest, (prompt,)).fetchone()
    return int(found[0])
