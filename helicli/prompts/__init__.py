"""A prompt: messages with variables, a model, parameters and tools; and the names by which one is meant.

Owns the value that every format of file is read into, the source that is kept of one, and what `support@3` means. A
source is its files, exact: its hash is what tells versions apart. Pure; reads no disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

from msgspec import Struct

from helicli.errors import NotFoundError, UsageError
from helicli.guess import guess
from helicli.prompts.template import ANY, Inputs, Tag, Template, expand, in_json, parse

ROLES: Final = ("system", "developer", "user", "assistant")
PRODUCTION: Final = "production"
"""The label that says which version is meant where none is named."""

LATEST: Final = "latest"
"""Means the newest version; no label can be called so."""

SOURCE_MAX: Final = 4 * 1024 * 1024

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,63}", re.ASCII)
_LABEL: Final = re.compile(r"(?!v?\d+$)[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_VERSION: Final = re.compile(r"v?(0|[1-9]\d{0,8})", re.ASCII)
_SUFFIXED: Final = re.compile(r"(.+)-v([1-9]\d{0,8})", re.ASCII | re.DOTALL)


class Message(Struct, frozen=True):
    """One message as it was written."""

    role: str
    text: str


class Prompt(Struct, frozen=True, kw_only=True):
    """What a file says. `defaults` are values of variables, `types` those of variables that do not say theirs."""

    name: str
    model: str = ""
    description: str = ""
    labels: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}
    tools: tuple[dict[str, Any], ...] = ()
    defaults: dict[str, Any] = {}
    types: dict[str, str] = {}
    messages: tuple[Message, ...] = ()


class File(Struct, frozen=True):
    """A file by its name and its text."""

    name: str
    text: str


class Source(Struct, frozen=True):
    """All that a version of a prompt is made of: its file, and the files of the partials it uses, by name."""

    file: File
    partials: tuple[File, ...] = ()

    @property
    def hash(self) -> bytes:
        """What is equal for equal sources, and for no others."""
        hashed = sha256()
        for file in (self.file, *self.partials):
            for text in (file.name, file.text):
                data = text.encode()
                hashed.update(b"%d:" % len(data))
                hashed.update(data)
        return hashed.digest()


class Filled(Struct, frozen=True):
    """A prompt with its values in it."""

    messages: tuple[Message, ...]
    model: str
    parameters: dict[str, Any]
    tools: list[Any]


class Compiled:
    """A prompt made ready: every text parsed once. `shown` is what it is called, such as `support@3`.

    Texts in `parameters` and `tools` that hold variables are templates.
    """

    def __init__(self, prompt: Prompt, partials: Mapping[str, str], shown: str = "") -> None:
        self.prompt = prompt
        self.shown = shown or prompt.name
        read = {name: parse(text, place=f" of the partial {name}") for name, text in partials.items()}
        self.messages = tuple(
            (each, expand(parse(each.text, place=f" of ## {each.role}"), read)) for each in prompt.messages
        )
        self.parameters: dict[str, Any] = _tree(prompt.parameters, read)
        self.tools: list[Any] = _tree(list(prompt.tools), read)
        self.variables = self._variables()

    def fill(self, values: Mapping[str, Any], inputs: Inputs | None = None) -> Filled:
        """The prompt with values for its variables. Raises UsageError that names what is missing, unless `inputs`
        gathers it."""
        own = inputs or self.inputs(values)
        messages = tuple(Message(each.role, own.fill(text)) for each, text in self.messages)
        filled = Filled(messages, self.prompt.model, _filled(self.parameters, own), _filled(self.tools, own))
        if inputs is None:
            own.check(self.shown, in_json)
        return filled

    def inputs(self, values: Mapping[str, Any]) -> Inputs:
        """The values of a filling, the prompt's own where none are given."""
        return Inputs({**self.prompt.defaults, **values}, self.prompt.types)

    def _variables(self) -> dict[str, str]:
        """The type of each variable. Raises UsageError where it has two."""
        found: dict[str, str] = {}
        trees = [tag for tree in (self.parameters, self.tools) for tag in _tags(tree)]
        for tag in [*(tag for _, text in self.messages for tag in text.tags), *trees]:
            kind = tag.type if tag.type != ANY else self.prompt.types.get(tag.name, ANY)
            known = found.get(tag.name, ANY)
            if ANY not in (kind, known) and kind != known:
                raise UsageError(f'"{tag.name}" is a {known} and a {kind}', "give it one type")
            found[tag.name] = known if kind == ANY else kind
        return found


def _tree(value: Any, partials: Mapping[str, Template]) -> Any:
    """A JSON value with its texts as templates where there is something to fill in."""
    if isinstance(value, str):
        template = expand(parse(value), partials) if "{{" in value else None
        return value if template is None else template
    if isinstance(value, list | tuple):
        return [_tree(each, partials) for each in value]
    return {name: _tree(each, partials) for name, each in value.items()} if isinstance(value, dict) else value


def _filled(tree: Any, inputs: Inputs) -> Any:
    if isinstance(tree, Template):
        return inputs.value(tree.whole) if tree.whole else inputs.fill(tree)
    if isinstance(tree, list):
        return [_filled(each, inputs) for each in tree]
    return {name: _filled(each, inputs) for name, each in tree.items()} if isinstance(tree, dict) else tree


def _tags(tree: Any) -> Iterable[Tag]:
    if isinstance(tree, Template):
        yield from tree.tags
    elif isinstance(tree, list | dict):
        for each in tree.values() if isinstance(tree, dict) else tree:
            yield from _tags(each)


def check_name(name: str) -> str:
    """A prompt's name. Raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f'"{name[:80]}" cannot be the name of a prompt', "use letters, digits, -, _ and ., such as customer-support"
        )
    return name


def check_label(label: str) -> str:
    """A label. Raises UsageError."""
    if not _LABEL.fullmatch(label) or label == LATEST:
        raise UsageError(f'"{label[:80]}" cannot be a label', "use a word such as production or staging")
    return label


class Ref(Struct, frozen=True):
    """Which prompt is meant, and which version of it: by number, by label, or by neither the one in use."""

    name: str
    number: int | None = None
    label: str = ""


def ref(text: str) -> Ref:
    """What `support`, `support@3`, `support@v3` or `support@staging` means. Raises UsageError."""
    name, at, which = text.partition("@")
    check_name(name)
    if not at:
        return Ref(name)
    if found := _VERSION.fullmatch(which):
        return Ref(name, int(found[1]))
    return Ref(name, None, which if which == LATEST else check_label(which))


def named(text: str, names: Mapping[str, Any]) -> Ref | None:
    """What an id of a caller's means among stored names: an exact one, then NAME-vN, NAME@N, NAME@LABEL; else None."""
    if text in names:
        return Ref(text)
    if (found := _SUFFIXED.fullmatch(text)) and found[1] in names:
        return Ref(found[1], int(found[2]))
    name, _, which = text.rpartition("@")
    if not which or name not in names:
        return None
    version = _VERSION.fullmatch(which)
    return Ref(name, int(version[1])) if version else Ref(name, None, which)


def chosen(wanted: Ref, numbers: Iterable[int], labels: Mapping[str, int]) -> int:
    """The number of the version that is meant. Raises NotFoundError that lists those there are."""
    known = sorted(numbers)
    if wanted.number is not None and wanted.number in known:
        return wanted.number
    if wanted.number is None and wanted.label in ("", PRODUCTION):
        return labels.get(PRODUCTION, known[-1])
    if wanted.number is None and wanted.label == LATEST:
        return known[-1]
    if wanted.number is None and wanted.label in labels:
        return labels[wanted.label]
    which = str(wanted.number) if wanted.number is not None else wanted.label
    there = f"versions {_listed(known)}" if len(known) > 1 else f"version {known[0]}"
    if labels:
        there += f" and labels {', '.join(sorted(labels))}" if len(labels) > 1 else f" and label {next(iter(labels))}"
    near = guess(which, labels) if wanted.number is None else ""
    meant = f"did you mean {wanted.name}@{near}?   " if near else ""
    raise NotFoundError(
        f"{wanted.name} has no {'version' if wanted.number is not None else 'label'} {which[:80]}; it has {there}",
        f"{meant}helicli prompts log {wanted.name}",
    )


def no_prompt(name: str, names: Iterable[str]) -> NotFoundError:
    """The error for a name that no prompt has."""
    known = sorted(names)
    near = guess(name, known)
    there = f"; there are {', '.join(known[:5])}{', …' if len(known) > 5 else ''}" if known else ""
    meant = f"did you mean {near}?   " if near else ""
    return NotFoundError(f'no prompt "{name[:80]}" is stored{there}', f"{meant}helicli prompts push")


def _listed(numbers: list[int]) -> str:
    """`1 to 4`, or `1, 3`."""
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))
