"""Commands and topics written out: as text for a terminal, as Markdown, and as a page for man.

Owns the three notations. Pure: data in, text out; the same words in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Final

from helicli.cli.topics import Section, Topic
from helicli.cli.tree import Command, Option

_NAME_WIDTH: Final = 34


def text(name: str, topic: Topic, width: int) -> list[str]:
    """A topic for a terminal."""
    width = max(40, min(width, 110))
    lines = [f"helicli help {name} — {topic.sentence}"]
    for section in topic.sections():
        lines.append("")
        if section.title:
            lines += [section.title, ""]
        for paragraph in section.text:
            lines += [*wrap(paragraph, width), ""]
        lines += _rows(section.rows, width)
        if not section.rows:
            lines.pop()
    return lines


def _rows(rows: Sequence[tuple[str, str]], width: int) -> list[str]:
    longest = min(max((len(name) for name, _ in rows), default=0), _NAME_WIDTH)
    lines: list[str] = []
    for name, doc in rows:
        parts = wrap(doc, max(20, width - longest - 4))
        if len(name) > longest:
            lines.append(f"  {name}")
            name = ""
        lines.append(f"  {name:<{longest}}  {parts[0]}")
        lines += [" " * (longest + 4) + part for part in parts[1:]]
    return lines


def written(option: Option) -> str:
    """An option as it is written: `-u, --user ID`."""
    names = ", ".join(option.names)
    return f"{names} {option.metavar}" if option.metavar else names


def _meaning(option: Option) -> str:
    default = f" [{option.default}]" if option.default is not None else ""
    return option.help + default


def grouped(command: Command) -> dict[str, list[Option]]:
    """The options of a command by their groups."""
    groups: dict[str, list[Option]] = {}
    for option in command.options:
        groups.setdefault(option.group, []).append(option)
    return groups


def markdown_commands(root: Command, topics: Mapping[str, Topic], note: str) -> str:
    """The reference of all commands."""
    lines = [f"<!-- {note} -->", "# Commands", ""]
    lines += [f"- [`{each.path}`](#{each.path.replace(' ', '-')}): {each.help}" for each in root.every()[1:]]
    lines += ["", "Options of every command, before or after its name:", "", *_markdown_options(root.options), ""]
    for command in root.every()[1:]:
        lines += [f"## {command.path}", "", _sentence(command), ""]
        lines += ["```sh", *command.examples, "```", ""] if command.examples else []
        lines += [f"Usage: `{command.usage}`", ""]
        if command.arguments:
            rows = [(each.metavar, each.help) for each in command.arguments]
            lines += [*_markdown_rows(("argument", "meaning"), rows), ""]
        for group, options in grouped(command).items():
            lines += [*([f"{group}:", ""] if group else []), *_markdown_options(options), ""]
    for name in ("exit-codes", "environment", "filters", "formatting"):
        lines += [*markdown_topic(name, topics[name], 2), ""]
    return "\n".join(lines).rstrip() + "\n"


def markdown_page(name: str, topic: Topic, note: str) -> str:
    """A topic as a page of its own."""
    return "\n".join([f"<!-- {note} -->", *markdown_topic(name, topic, 1)]).rstrip() + "\n"


def markdown_topic(name: str, topic: Topic, level: int) -> list[str]:
    """A topic under a heading."""
    lines = [f"{'#' * level} {name.replace('-', ' ').capitalize()}", "", _capital(topic.sentence) + ".", ""]
    for section in topic.sections():
        lines += [f"{'#' * (level + 1)} {section.title}", ""] if section.title else []
        for paragraph in section.text:
            lines += [paragraph, ""]
        if section.rows:
            lines += [*_markdown_rows(("", ""), section.rows), ""]
    return lines[:-1]


def _sentence(command: Command) -> str:
    return command.text or _capital(command.help) + "."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _markdown_options(options: Sequence[Option]) -> list[str]:
    return _markdown_rows(("option", "meaning"), [(written(each), _meaning(each)) for each in options])


def _markdown_rows(heads: tuple[str, str], rows: Sequence[tuple[str, str]]) -> list[str]:
    def cell(words: str) -> str:
        return words.replace("|", "\\|").replace("*", "\\*")

    body = [f"| `{name.replace('|', chr(92) + '|')}` | {cell(doc)} |" for name, doc in rows]
    return [f"| {heads[0]} | {heads[1]} |", "|---|---|", *body]


def man(root: Command, topics: Mapping[str, Topic], page: str) -> str:
    """The page for man(1), in the macros of man(7)."""
    lines = [
        '.TH HELICLI 1 "" helicli ""',
        ".SH NAME",
        "helicli \\- see, search and control the LLM calls your programs make",
        ".SH SYNOPSIS",
        ".B helicli",
        "[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGS\\fR]...",
        ".SH DESCRIPTION",
        ".nf",
        *(_roff(line) for line in page.splitlines()[1:]),
        ".fi",
        ".SH OPTIONS",
        "Of every command, before or after its name.",
        *(line for option in root.options for line in _man_row(written(option), _meaning(option))),
        ".SH COMMANDS",
    ]
    for command in root.every()[1:]:
        lines += [f".SS {_roff(command.path)}", _roff(_sentence(command))]
        lines += [".PP", ".nf", *(_roff("    " + example) for example in command.examples), ".fi"]
        for argument in command.arguments:
            lines += _man_row(argument.metavar, argument.help)
        for options in grouped(command).values():
            for option in options:
                lines += _man_row(written(option), _meaning(option))
    for name, topic in topics.items():
        lines += [f".SH {_roff(name.replace('-', ' ').upper())}"]
        for section in topic.sections():
            lines += _man_section(section)
    return "\n".join(lines) + "\n"


def _man_section(section: Section) -> list[str]:
    lines = [f".SS {_roff(section.title)}"] if section.title else []
    for paragraph in section.text:
        lines += [".PP", _roff(paragraph)]
    for name, doc in section.rows:
        lines += _man_row(name, doc)
    return lines


def _man_row(name: str, doc: str) -> list[str]:
    return [".TP", f"\\fB{_roff(name)}\\fR", _roff(doc) or "\\&"]


def _roff(line: str) -> str:
    line = line.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + line if line[:1] in (".", "'") else line
