"""What a shell offers for the value of each option and argument.

Owns that table, by the option's long name or the argument's metavar, which may have its command before it; a command
joins with a line. A value is one of a few words, or of a kind that `helicli __complete` looks up, or left to the shell:
`files`, `programs`. What stands in no line is not offered anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from helicli.providers.registry import BUILT_IN
from helicli.settings import ANY, SETTINGS, written
from helicli.values import Kind

FILES: Final = "files"
PROGRAMS: Final = "programs"

WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "--color": ("auto", "always", "never"),
        "--format": ("table", "plain", "json", "jsonl", "csv"),
        "--time": ("relative", "local", "utc", "unix"),
        "--status": ("ok", "error", "2xx", "3xx", "4xx", "5xx", "200", "400", "401", "429", "500"),
        "--since": ("15m", "1h", "1d", "7d", "today", "yesterday", "monday"),
        "--until": ("15m", "1h", "1d", "7d", "today", "yesterday", "monday"),
        "--bodies": ("full", "meta", "off"),
        "--durability": ("batch", "sync"),
        "--screen": ("requests", "analytics"),
        "--symbols": ("auto", "braille", "block", "ascii"),
        "--theme": ("helicli", "ansi-dark", "ansi-light", "textual-light", "nord", "gruvbox", "dracula", "tokyo-night"),
        "SHELL": ("bash", "zsh", "fish", "powershell"),
        "--shell": ("sh", "fish", "pwsh", "dotenv"),
        **dict.fromkeys(
            ("config get KEY", "config set KEY", "config unset KEY"),
            tuple(written(each.path) for each in SETTINGS if ANY not in each.key),
        ),
        "up|down|NAME=VALUE…": ("up", "down"),
        **dict.fromkeys(("providers show NAME", "providers test NAME"), tuple(BUILT_IN)),
    }
)
"""Closed lists, and the commonest words of open ones."""

FOLLOWING: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "config set": {
            written(each.path): each.choices or ("true", "false")
            for each in SETTINGS
            if ANY not in each.key and (each.choices or each.kind is Kind.SWITCH)
        }
    }
)
"""Closed lists of a command's second word, by its first."""

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "--user": "users",
        "--session": "sessions",
        "--model": "models",
        "--run": "runs",
        "--provider": "providers",
        "--name": "names",
        "--prompt": "prompts",
        "--prop": "properties",
        "--columns": "columns",
        "--sort": "sorts",
        "--db": FILES,
        "--config": FILES,
        "--ca-file": FILES,
        "--ready-file": FILES,
        "CALL": "calls",
        "PROMPT": "stored_prompts",
        "PROMPT…": "stored_prompts",
        "PROMPT|FILE": "stored_prompts",
        "FILE|DIR…": FILES,
        "--vars": FILES,
        "--dir": FILES,
        "cache show KEY": "entries",
        **dict.fromkeys(("limits show LIMIT", "limits remove LIMIT", "limits usage LIMIT"), "limits"),
        **dict.fromkeys(("filters show NAME", "filters remove NAME"), "saved"),
        "TOPIC": "topics",
        "CMD…": PROGRAMS,
        "FILE": FILES,
    }
)
"""What is looked up."""


def of(path: str, name: str) -> tuple[str, tuple[str, ...]]:
    """The kind and the words of an option or an argument of a command, whose `path` is without `helicli`."""
    own = f"{path} {name}"
    key = own if own in KINDS or own in WORDS else name
    return KINDS.get(key, ""), WORDS.get(key, ())
