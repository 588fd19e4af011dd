"""Files that hold prompts: Markdown with a TOML header, dotprompt, Prompty.

Owns the Markdown format, which is read and written, and what of the two others is understood. What is not understood is
refused and named, never dropped in silence. Pure: texts in, prompts out.

    +++
    name = "support"            also: model, description, labels, parameters, defaults, tools
    +++
    ## system
    Answer briefly.             a line of a text that looks like a section's head: \\## user
    ## user
    {{question}}

https://google.github.io/dotprompt/reference/frontmatter/ and https://prompty.ai/docs/prompty-specification
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from helicli.errors import HelicliError, UsageError
from helicli.guess import guess
from helicli.prompts import (
    ROLES,
    SOURCE_MAX,
    Compiled,
    File,
    Message,
    Prompt,
    Source,
    check_label,
    check_name,
    yaml_header,
)
from helicli.prompts.template import TYPES, parse

MARKDOWN: Final = ".md"
DOTPROMPT: Final = ".prompt"
PROMPTY: Final = ".prompty"
SUFFIXES: Final = (MARKDOWN, DOTPROMPT, PROMPTY)
PARTIAL: Final = "_"
"""What the name of a partial's file begins with."""

_KEYS: Final = ("name", "model", "description", "labels", "parameters", "defaults", "tools")
_TOML: Final = re.compile(r"\+\+\+[ \t]*\n(?:(.*?)\n)??\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_YAML: Final = re.compile(r"---[ \t]*\n(?:(.*?)\n)??---[ \t]*(?:\n|\Z)", re.DOTALL)
_HEAD: Final = re.compile(rf"(\\*)##[ \t]+({'|'.join(ROLES)})[ \t]*", re.IGNORECASE)
_ANY_HEAD: Final = re.compile(r"##[ \t]+(\w+)[ \t]*")
_ROLE_TAG: Final = re.compile(r"""\{\{\s*role\s+["'](\w+)["']\s*\}\}""")
_COMMENT: Final = re.compile(r"\{\{!--.*?--\}\}|\{\{!.*?\}\}", re.DOTALL)
_TRIPLE: Final = re.compile(r"\{(\{\{\s*[\w-]+\s*\}\})\}")
_ROLE_LINE: Final = re.compile(rf"^[ \t]*#?[ \t]*({'|'.join(ROLES)})[ \t]*:[ \t]*$", re.IGNORECASE | re.MULTILINE)
_JINJA: Final = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_FILE: Final = re.compile(r"[^/\\:\x00-\x1f\x7f]{1,255}")
"""What a file may be called; `pull` writes it into a folder."""

_TYPES: Final = {"integer": "number", "float": "number", "bool": "boolean", "array": "any", "object": "any"}
_FIX: Final = "see docs/prompts.md"


def compiled(source: Source, shown: str = "") -> Compiled:
    """The prompt of a source, made ready. Raises UsageError that names the file."""
    for file in (source.file, *source.partials):
        if not _FILE.fullmatch(file.name) or file.name.startswith("."):
            raise UsageError(
                f'"{file.name[:80]}" cannot be the name of a file of prompts', "use letters, digits, -, _ and ."
            )
    size = sum(len(file.text) for file in (source.file, *source.partials))
    if size > SOURCE_MAX:
        raise UsageError(f"{source.file.name} is too large for a prompt", "keep large texts in variables")
    try:
        partials = {partial_name(file.name): partial_text(file) for file in source.partials}
        return Compiled(read(source.file), partials, shown)
    except HelicliError as error:
        raise UsageError(f"{source.file.name}: {error.message}", error.fix, error.cause) from error


def gathered(file: File, beside: Mapping[str, File]) -> Source:
    """A file with the partials it uses, by their names in `beside`. What is missing is told by `compiled`."""
    used: dict[str, File] = {}
    waiting = _includes(file)
    while waiting:
        name = waiting.pop()
        found = beside.get(name)
        if found is not None and name not in used:
            used[name] = found
            waiting += _includes(found)
    return Source(file, tuple(sorted(used.values(), key=lambda each: each.name)))


def _includes(file: File) -> list[str]:
    return [each.name for each in parse(file.text, strict=False).includes] if "{{" in file.text else []


def partial_name(file: str) -> str:
    """What `_tone.md` is included as."""
    return file.removeprefix(PARTIAL).rpartition(".")[0]


def partial_text(file: File) -> str:
    """What a partial puts in its place: its text without the line ends after it."""
    return _unix(file.text).rstrip("\n")


def read(file: File) -> Prompt:
    """The prompt in a file, by its suffix. Raises UsageError."""
    stem, dot, suffix = file.name.rpartition(".")
    reader = _READERS.get(dot + suffix)
    if reader is None:
        raise UsageError("is no prompt", f"name it {stem or file.name}{MARKDOWN}, {DOTPROMPT} or {PROMPTY}")
    prompt = reader(stem, _unix(file.text))
    check_name(prompt.name)
    for label in prompt.labels:
        check_label(label)
    if not prompt.messages:
        raise UsageError("has no messages", "write ## user and a text below it")
    return prompt


def _unix(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _markdown(stem: str, text: str) -> Prompt:
    header, body = _split(_TOML, "+++", text)
    try:
        said = tomllib.loads(header)
    except tomllib.TOMLDecodeError as error:
        raise UsageError("the header is no TOML", "mend it between the lines of +++", str(error)) from error
    for key in said:
        if key not in _KEYS:
            near = guess(key, _KEYS)
            raise UsageError(
                f'unknown key "{key}" in the header',
                f"did you mean {near}?" if near else f"it takes {', '.join(_KEYS)}",
            )
    return _prompt(stem, said, _sections(body))


def _prompt(stem: str, said: Mapping[str, Any], messages: Sequence[Message], **more: Any) -> Prompt:
    """A prompt of the values of a header. Raises UsageError for one of another kind."""
    return Prompt(
        name=_of(said, "name", str, "") or stem,
        model=_of(said, "model", str, ""),
        description=_of(said, "description", str, ""),
        labels=tuple(_texts(_of(said, "labels", list, []), "labels")),
        parameters=_plain(_of(said, "parameters", dict, {})),
        tools=tuple(_tables(_of(said, "tools", list, []))),
        defaults=_plain(_of(said, "defaults", dict, {})),
        messages=tuple(messages),
        **more,
    )


def _split(head: re.Pattern[str], fence: str, text: str) -> tuple[str, str]:
    if not text.startswith(fence):
        return "", text
    found = head.match(text)
    if found is None:
        raise UsageError("the header does not end", f"put a line of {fence} below it")
    return found[1] or "", text[found.end() :]


def _sections(body: str) -> list[Message]:
    found: list[tuple[str, list[str]]] = []
    for line in body.split("\n"):
        head = _HEAD.fullmatch(line)
        if head and not head[1]:
            found.append((head[2].lower(), []))
        elif found:
            found[-1][1].append(line[1:] if head else line)
        elif line.strip():
            raise _no_section(line)
    return [Message(role, "\n".join(lines).strip("\n")) for role, lines in found]


def _no_section(line: str) -> UsageError:
    other = _ANY_HEAD.fullmatch(line)
    near = guess(other[1], ROLES) if other else ""
    fix = f"did you mean ## {near}?" if near else "write ## system or ## user above it"
    return UsageError(f'"{line.strip()[:40]}" stands in no section', fix)


def _dotprompt(stem: str, text: str) -> Prompt:
    header, body = _split(_YAML, "---", text)
    said = yaml_header.read(header)
    if any(said.get(key) for key in ("tools", "toolDefs")):
        raise UsageError("its tools are known by name alone", f"write them as {MARKDOWN}: [[tools]]")
    asked = _table(said.get("input"))
    pieces = _ROLE_TAG.split(_TRIPLE.sub(r"\1", _COMMENT.sub("", body)))
    turns = [("user", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    messages = [Message(_role(role), told.strip()) for role, told in turns if told.strip()]
    config = {_snake(key): value for key, value in _table(said.get("config")).items()}
    return Prompt(
        name=_of(said, "name", str, "") or stem,
        model=_of(said, "model", str, "").partition("/")[2] or _of(said, "model", str, ""),
        description=_of(said, "description", str, ""),
        parameters=config,
        defaults=_table(asked.get("default")),
        types=_schema(_table(asked.get("schema"))),
        messages=tuple(messages),
    )


def _prompty(stem: str, text: str) -> Prompt:
    header, body = _split(_YAML, "---", text)
    said = yaml_header.read(header)
    if found := _JINJA.search(body):
        raise UsageError(f'"{found[0][:40]}" is Jinja that is not understood', "use {{variables}} alone")
    model = said.get("model")
    told = _table(model)
    where = _table(told.get("configuration"))
    pieces = _ROLE_LINE.split(body)
    turns = [("system", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    asked = _table(said.get("inputs"))
    return Prompt(
        name=_slug(_of(said, "name", str, "")) or stem,
        model=model
        if isinstance(model, str)
        else _first(told.get("id"), where.get("name"), where.get("azure_deployment")),
        description=_of(said, "description", str, ""),
        parameters=_table(told.get("parameters") or told.get("options")),
        defaults={key: each["default"] for key, each in asked.items() if isinstance(each, dict) and "default" in each},
        types=_schema(asked),
        messages=tuple(Message(role.lower(), told.strip()) for role, told in turns if told.strip()),
    )


_READERS: Final[Mapping[str, Callable[[str, str], Prompt]]] = {
    MARKDOWN: _markdown,
    DOTPROMPT: _dotprompt,
    PROMPTY: _prompty,
}


def _role(word: str) -> str:
    role = {"model": "assistant"}.get(word, word)
    if role not in ROLES:
        raise UsageError(f'"{word}" is no role', f"it is one of {', '.join(ROLES)}")
    return role


def _schema(schema: Mapping[str, Any]) -> dict[str, str]:
    """The types that a schema gives to variables: `name?: string, why`, `{type: number}`, or JSON Schema."""
    if isinstance(schema.get("properties"), dict):
        schema = schema["properties"]
    found = {}
    for key, said in schema.items():
        word = said.get("type") if isinstance(said, dict) else said
        kind = str(word).partition(",")[0].strip().lower()
        kind = _TYPES.get(kind, kind)
        if kind in TYPES:
            found[re.sub(r"\W.*", "", key)] = kind
    return found


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-").lower()


def _snake(name: str) -> str:
    return {"maxOutputTokens": "max_tokens", "stopSequences": "stop"}.get(
        name, re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found[1].lower(), name)
    )


def _first(*values: Any) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _of(said: Mapping[str, Any], key: str, kind: type, default: Any) -> Any:
    value = said.get(key, default)
    if not isinstance(value, kind):
        words: dict[type, str] = {str: "a text", list: "a list", dict: "a table"}
        raise UsageError(f'"{key}" in the header is not {words[kind]}', _FIX)
    return value


def _texts(values: list[Any], key: str) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise UsageError(f'"{key}" in the header holds what is no text', _FIX)
    return values


def _tables(values: list[Any]) -> list[dict[str, Any]]:
    if not all(isinstance(value, dict) for value in values):
        raise UsageError("a tool in the header is no table", "write [[tools]], then its name and parameters")
    return [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    """A value of TOML as JSON has it: a date becomes its text."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool) else str(value)
