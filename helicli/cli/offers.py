"""What a shell offers for the value of each option and argument.

Owns that table, by the option's long name or the argument's metavar; a command joins with a line. A value is one of a
few words, or of a kind that `helicli __complete` looks up, or left to the shell: `files`, `programs`. What stands in
no line is not offered anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from helicli.providers.registry import BUILT_IN
from helicli.settings import ANY, SETTINGS, written

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
        "--symbols": ("braille", "block", "ascii"),
        "--theme": ("helicli", "ansi-dark", "ansi-light", "textual-light", "nord", "gruvbox", "dracula", "tokyo-night"),
        "SHELL": ("bash", "zsh", "fish", "powershell"),
        "--shell": ("sh", "fish", "pwsh", "dotenv"),
        "KEY": tuple(written(each.path) for each in SETTINGS if ANY not in each.key),
        "NAME": tuple(BUILT_IN),
    }
)
"""Closed lists, and the commonest words of open ones."""

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
        "TOPIC": "topics",
        "CMD…": PROGRAMS,
        "FILE": FILES,
    }
)
"""What is looked up."""
