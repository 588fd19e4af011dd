"""What a shell asks at every press of a key: `helicli __complete KIND PREFIX`.

Owns the answer: a value on each line, after a tab what it is. It imports what it takes to read the log and nothing
more, says nothing on stderr, and fails by saying nothing. A value that holds a sign that drives a terminal is left out:
it could not be shown as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helicli import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from helicli.query.reading import Log

Value = tuple[str, str]


def run(args: list[str], env: Mapping[str, str]) -> int:
    """Print the values of a kind that begin so; always 0, since a shell cannot tell anybody of a failure."""
    from helicli.cli import output

    kind, prefix = [*args, "", ""][:2]
    try:
        found = _lines(offered(kind, prefix, env))
    except Exception:
        return 0
    out = output.standard(env)
    for line in found:
        out.data(line)
    return 0


def offered(kind: str, prefix: str, env: Mapping[str, str]) -> Iterable[Value]:
    """The values of a kind with what they are; nothing for a kind that is none."""
    if kind in ("columns", "sorts"):
        return _columns(prefix, sort=kind == "sorts")
    if kind == "topics":
        return _topics(prefix)
    if kind == "saved":
        return _saved(prefix, env)
    return _of_log(kind, prefix, env)


def _columns(prefix: str, *, sort: bool) -> list[Value]:
    """Columns, the last of a list that has begun; with `sort` also their direction."""
    from helicli.columns import COLUMNS

    before, comma, last = prefix.rpartition(",")
    if sort:
        before = comma = ""
        last = prefix
    name, colon, _ = last.partition(":")
    given = set(before.split(","))
    found = []
    for column in COLUMNS:
        if sort and colon:
            found += [(f"{column.name}:{way}", "") for way in ("desc", "asc") if column.name == name]
        elif column.name.startswith(last) and column.name not in given:
            found.append((before + comma + column.name, column.doc))
    return [value for value in found if value[0].startswith(prefix)]


def _topics(prefix: str) -> list[Value]:
    from helicli.cli.main import COMMANDS
    from helicli.cli.topics import TOPICS

    known = {name: topic.sentence for name, topic in TOPICS.items()}
    known |= {name: entry.help for name, entry in COMMANDS.items()}
    return [(name, doc) for name, doc in known.items() if name.startswith(prefix)]


def _saved(prefix: str, env: Mapping[str, str]) -> list[Value]:
    """The filters that were given a name."""
    if not paths.config_file(env).is_file():
        return []
    from pathlib import Path

    from helicli import config

    known = config.load(env, Path.cwd()).texts("filters")
    return [(name, text) for name, text in known.items() if name.startswith(prefix)]


def _of_log(kind: str, prefix: str, env: Mapping[str, str]) -> list[Value]:
    from helicli.query import values
    from helicli.query.reading import opened

    with opened(paths.database(env, _chosen(env))) as db:
        # Nobody waits five seconds for a completion.
        values.impatient(db)
        if kind == "calls":
            return _calls(db, prefix)
        if kind == "properties":
            return _properties(db, prefix)
        if kind == "stored_prompts":
            return [(value, "") for value in values.stored_prompts(db, prefix)]
        if kind == "limits":
            return values.limits(db, prefix)
        if kind == "entries":
            return values.entries(db, prefix)
        return [(value, "") for value in values.values(db, kind, prefix)]


def _chosen(env: Mapping[str, str]) -> str | None:
    """The database that is named somewhere. Settings take long to read: only where there are any."""
    chosen = env.get("HELICLI_DB")
    if chosen or not (paths.config_file(env).is_file() or paths.trust_file(env).is_file()):
        return chosen
    from pathlib import Path

    from helicli import config

    return config.load(env, Path.cwd()).text_or_none("serve.db")


def _calls(db: Log, prefix: str) -> list[Value]:
    from helicli.query.values import newest_calls

    found = [("last", "the newest")] if "last".startswith(prefix) else []
    for seq, model, status in newest_calls(db, prefix):
        found.append((str(seq), f"{model} {status if status is not None else '–'}"))
    return found


def _properties(db: Log, prefix: str) -> list[Value]:
    """`name=` until there is a `=`, then `name=value`."""
    from helicli.query.values import property_names, property_values

    name, equals, value = prefix.partition("=")
    if equals:
        return [(f"{name}={found}", "") for found in property_values(db, name, value)]
    return [(f"{found}=", "") for found in property_names(db, name)]


def _lines(values: Iterable[Value]) -> list[str]:
    from helicli.view.safe import safe

    return [f"{value}\t{safe(doc)}" if doc else value for value, doc in values if value and safe(value) == value]
