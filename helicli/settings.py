"""The one table of all settings: key, kind, default, sentence, and who may set each.

Owns what a setting is called everywhere (in a file, in the environment, as an option) and which values it takes. Pure:
no file and no environment is read here. A setting stands here only where something reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.caching import MAX_ENTRIES
from helicli.errors import UsageError
from helicli.guess import guess
from helicli.values import Kind, Value, masked, of_text, shown, typed

Key = tuple[str, ...]
"""A key as its words: ("serve", "port")."""

ANY: Final = "*"
"""Stands for a name of the user's own in the key of a setting."""


class Reach(Enum):
    """What a project's file may do with a setting before its user trusts it."""

    HARMLESS = "set it"
    TIGHTER = "set it to a word further along its choices than it stands"
    TRUSTED = "nothing"


class Setting(Struct, frozen=True):
    """One setting. `choices`, where there are any, go from what is kept loosest to what is kept tightest."""

    key: str
    kind: Kind
    default: Value
    doc: str
    reach: Reach = Reach.TRUSTED
    flag: str = ""
    choices: tuple[str, ...] = ()
    most: int | None = None
    env: str = ""

    @property
    def path(self) -> Key:
        """Its key as words."""
        return tuple(self.key.split("."))

    @property
    def variable(self) -> str:
        """Its environment name: `HELICLI_SERVE_PORT` unless it has one of its own; "" where it has none."""
        if self.kind is Kind.TABLE:
            return ""
        return self.env or "HELICLI_" + self.key.replace(ANY, "NAME").replace(".", "_").upper()


SETTINGS: Final = (
    Setting("serve.db", Kind.FILE, None, "The database.", flag="--db", env="HELICLI_DB"),
    Setting("serve.host", Kind.TEXT, "127.0.0.1", "Where the proxy listens.", flag="--host"),
    Setting("serve.port", Kind.NUMBER, 8787, "Its port, 0 for any free one.", flag="--port", most=65535),
    Setting("serve.allow_host", Kind.WORDS, (), "Hosts to answer to besides localhost.", flag="--allow-host"),
    Setting("serve.ca_file", Kind.FILE, None, "Certificates to trust besides the system's.", flag="--ca-file"),
    Setting(
        "serve.bodies",
        Kind.TEXT,
        "full",
        "What is kept of a call.",
        Reach.TIGHTER,
        "--bodies",
        ("full", "meta", "off"),
    ),
    Setting(
        "serve.durability",
        Kind.TEXT,
        "batch",
        "When a call is on the disk: within a second, or before its last byte has left.",
        flag="--durability",
        choices=("batch", "sync"),
    ),
    Setting(
        "cache.enabled", Kind.SWITCH, False, "Whether calls that do not say themselves use the cache.", flag="--cache"
    ),
    Setting("cache.read", Kind.SWITCH, None, "Whether they are served stored answers; else as `cache.enabled`."),
    Setting("cache.save", Kind.SWITCH, None, "Whether their answers are stored; else as `cache.enabled`."),
    Setting("cache.seed", Kind.TEXT, None, "Their bucket, where they name none."),
    Setting(
        "cache.bucket_max_size", Kind.NUMBER, None, "How many a bucket keeps, from 1 up; else no bound of its own."
    ),
    Setting(
        "cache.bucket_mode",
        Kind.TEXT,
        "entries",
        "What that counts: a bucket's answers, or those to one question.",
        choices=("entries", "variants"),
    ),
    Setting("cache.ignore_keys", Kind.WORDS, (), "Keys of the body that do not count: `user`, `metadata.trace`."),
    Setting(
        "cache.ttl", Kind.DURATION, "7d", "How long an answer is served, where its call does not say; 365d at most."
    ),
    Setting("cache.max_age", Kind.DURATION, "365d", "How long at most, whatever a call says."),
    Setting("cache.max_entries", Kind.NUMBER, MAX_ENTRIES, "How many answers are stored in all."),
    Setting("cache.max_bytes", Kind.SIZE, 1_000_000_000, "How many bytes they have in all, before they are packed."),
    Setting("cache.memory", Kind.SIZE, 16_777_216, "How many of these bytes are held in memory too."),
    Setting("journal.max", Kind.SIZE, 2_000_000_000, "How much of the log may wait to be written."),
    Setting("limits.policies", Kind.WORDS, (), "Policies for all calls, such as `100;w=3600;u=user`.", flag="--limit"),
    Setting(
        "limits.unpriced",
        Kind.TEXT,
        "refuse",
        "What becomes of a call whose price is not known where a policy counts cents.",
        choices=("allow", "refuse"),
    ),
    Setting("limits.zone", Kind.TEXT, "local", "The zone of calendar days and months: local, utc or a name."),
    Setting("retry.enabled", Kind.SWITCH, False, "Whether calls that do not say themselves are repeated on failure."),
    Setting("retry.num", Kind.NUMBER, 5, "How often at most, besides the first time.", flag="--retries", most=100),
    Setting("retry.factor", Kind.FACTOR, 2.0, "How much longer each wait is than the one before.", most=1000),
    Setting("retry.min_timeout", Kind.DURATION, "1s", "The first wait; half of it is left to chance."),
    Setting("retry.max_timeout", Kind.DURATION, "10s", "The longest wait, also where a provider asks for more."),
    Setting("retry.deadline", Kind.DURATION, "10m", "After which no attempt is begun, counted from the first."),
    Setting(
        "retry.breaker",
        Kind.NUMBER,
        5,
        "Failures in a row after which a model that has a fallback is left alone; 0 for never.",
    ),
    Setting("retry.breaker_timeout", Kind.DURATION, "30s", "For how long."),
    Setting("upstream.connect", Kind.DURATION, "15s", "How long a connection may take.", Reach.HARMLESS),
    Setting("upstream.first_byte", Kind.DURATION, None, "How long an answer's first byte; else as `upstream.idle`."),
    Setting("upstream.idle", Kind.DURATION, "10m", "How long it may pause then.", Reach.HARMLESS, "--idle-timeout"),
    Setting("upstream.total", Kind.DURATION, None, "How long it may take to its last byte; else as long as it does."),
    Setting("providers.*.base_url", Kind.TEXT, None, "Where a provider is reached.", flag="--upstream"),
    Setting("providers.*.like", Kind.TEXT, None, "The built-in provider whose dialect it speaks."),
    Setting("providers.*.ask_usage", Kind.SWITCH, None, "Whether its streams are asked for their usage."),
    Setting("prices.*", Kind.TABLE, None, "What a model costs, before the built-in prices."),
    Setting("filters.*", Kind.TEXT, None, "A filter by a name of yours, `@NAME` in others."),
    Setting("tui.theme", Kind.TEXT, "auto", "The colours of the full screen; T goes through them.", flag="--theme"),
    Setting(
        "tui.symbols",
        Kind.TEXT,
        "auto",
        "What the full screen draws graphs and signs with.",
        flag="--symbols",
        choices=("auto", "braille", "block", "ascii"),
    ),
    Setting(
        "tui.columns",
        Kind.WORDS,
        ("when", "status", "model", "latency", "tokens", "cost", "user", "name", "text"),
        "The columns of its table of calls.",
    ),
    Setting("keys.*", Kind.TEXT, None, "The keys of an action of the full screen, such as `keys.mark`."),
    Setting(
        "output.color",
        Kind.TEXT,
        "auto",
        "When output is coloured.",
        Reach.HARMLESS,
        "--color",
        ("auto", "always", "never"),
    ),
    Setting(
        "output.time", Kind.TEXT, "local", "The zone times are shown in.", Reach.HARMLESS, choices=("local", "utc")
    ),
)
"""In the order of the docs."""

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def written(path: Key) -> str:
    """A key as TOML writes it: `providers.local.base_url`, `prices."gpt-4.1"`."""
    return ".".join(part if _BARE.fullmatch(part) else msgspec.json.encode(part).decode() for part in path)


def parse_key(text: str) -> Key:
    """The words of a key as TOML reads it. Raises UsageError for what is no key."""
    import tomllib

    words: list[str] = []
    try:
        held: Any = tomllib.loads(f"{text}=0") if "=" not in text and "\n" not in text else None
    except tomllib.TOMLDecodeError:
        held = None
    while isinstance(held, dict) and len(held) == 1:
        word, held = next(iter(held.items()))
        words.append(word)
    if not words:
        raise UsageError(f'"{text}" is not a key', "helicli config list")
    return tuple(words)


def find(path: Key) -> Setting | None:
    """The setting of a key, None where there is none."""
    for each in SETTINGS:
        if len(each.path) == len(path) and all(a in (ANY, b) for a, b in zip(each.path, path, strict=True)):
            return each
    return None


def opens(path: Key) -> bool:
    """Whether there are settings below this word: whether it is a section."""
    return any(
        len(each.path) > len(path) and all(a in (ANY, b) for a, b in zip(each.path, path, strict=False))
        for each in SETTINGS
    )


def known(path: Key, where: str = "") -> Setting:
    """The setting of a key. Raises UsageError that names the key, the file it stood in, and the nearest there is."""
    setting = find(path)
    if setting is None:
        raise UsageError(f'unknown key "{written(path)}"{_in(where)}', _guess(path))
    return setting


def variables(env: Mapping[str, str]) -> dict[Key, tuple[str, str]]:
    """The settings an environment names: key to variable and value. Raises UsageError for one that names none."""
    found: dict[Key, tuple[str, str]] = {}
    sections = tuple(f"HELICLI_{each.path[0].upper()}_" for each in SETTINGS if each.variable)
    for name, text in env.items():
        if not name.startswith("HELICLI_"):
            continue
        path = _of_variable(name)
        if path is not None and text:
            found[path] = (name, text)
        elif path is None and name.startswith(sections):
            near = guess(name, (each.variable for each in SETTINGS if each.variable))
            meant = f"did you mean {near}?   " if near else ""
            raise UsageError(f"unknown variable {name} in the environment", f"{meant}unset {name}")
    return found


def parse(setting: Setting, text: str, where: str) -> Value:
    """The value that a text means: of the environment, or of `config set`. Raises UsageError."""
    return check(setting, of_text(setting.kind, text.strip()), where)


def check(setting: Setting, given: Any, where: str) -> Value:
    """The value of a setting, as a file gave it. Raises UsageError that says what it takes."""
    value = typed(setting.kind, given, setting.choices, setting.most)
    if value is None:
        takes = " or ".join(setting.choices) or setting.kind.value
        if setting.most is not None:
            takes += f" from 0 to {setting.most}"
        key = where if where.startswith("--") else setting.key
        raise UsageError(f"{key} cannot be {_shown(given)}{_in(where)}", f"it takes {takes}")
    return value


def tighter(setting: Setting, value: Value, standing: Value) -> bool:
    """Whether a value keeps no more than the one that stands."""
    return setting.choices.index(str(value)) >= setting.choices.index(str(standing))


def table() -> str:
    """The table of docs/configuration.md, in Markdown."""
    rows = ["| key | default | what it is | environment | option | a project's file |", "|---|---|---|---|---|---|"]
    may = {Reach.HARMLESS: "may", Reach.TIGHTER: "may, to keep less", Reach.TRUSTED: "when trusted"}
    for each in SETTINGS:
        doc = each.doc + (f" `{'`, `'.join(each.choices)}`." if each.choices else "")
        cells = [
            f"`{each.key.replace(ANY, 'NAME')}`",
            f"`{shown(each.default)}`" if shown(each.default) else "",
            doc,
            f"`{each.variable}`" if each.variable else "",
            f"`{each.flag}`" if each.flag else "",
            may[each.reach],
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _of_variable(name: str) -> Key | None:
    for each in SETTINGS:
        if not each.variable:
            continue
        before, star, after = each.variable.partition("_NAME_") if ANY in each.key else (each.variable, "", "")
        if not star and name == before:
            return each.path
        if star and name.startswith(f"{before}_") and name.endswith(f"_{after}"):
            middle = name[len(before) + 1 : -len(after) - 1].lower()
            if middle:
                return tuple(middle if part == ANY else part for part in each.path)
    return None


def _guess(path: Key) -> str:
    names = [each.key.replace(ANY, path[1] if len(path) > 1 else "NAME") for each in SETTINGS]
    near = guess(".".join(path), names)
    return (f"did you mean {near}?   " if near else "") + "helicli config list shows all"


def _shown(given: Any) -> str:
    if isinstance(given, str):
        return f'"{masked(given)}"'
    return str(given).lower() if isinstance(given, bool) else "that" if isinstance(given, dict | list) else str(given)


def _in(where: str) -> str:
    return f" in {where}" if where and not where.startswith("--") else ""
