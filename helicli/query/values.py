"""Values that stand in the log: what a shell offers, and what a mistyped name may have meant.

Owns their order: most used first among the newest calls, then what else there is, by name. Reads a bounded number of
calls, however many there are. Imported by a shell at every press of a key: the standard library only.
"""

from __future__ import annotations

from typing import Final

from helicli.query.reading import Log

LIMIT: Final = 50
"""How many are given; more cannot be looked through."""

_RECENT: Final = 5_000
"""Of so many calls the values are counted."""

KEY_SIGNS: Final = 12
"""As many of a stored answer's key name it."""

_INDEXED: Final = ("user", "session", "model", "requested_model")
_COLUMNS: Final = {
    "users": ("user",),
    "sessions": ("session",),
    "runs": ("run",),
    "models": ("requested_model", "model"),
    "providers": ("provider",),
    "names": ("name",),
    "prompts": ("prompt",),
}
KINDS: Final = tuple(_COLUMNS)
"""The kinds `values` knows."""


def values(db: Log, kind: str, prefix: str = "", limit: int = LIMIT) -> list[str]:
    """The values of a kind that begin so."""
    columns = _COLUMNS[kind]
    found = dict.fromkeys(_recent(db, columns, prefix, limit))
    for column in columns:
        if column in _INDEXED and len(found) < limit:
            found |= dict.fromkeys(_older(db, column, prefix, limit))
    return list(found)[:limit]


def property_names(db: Log, prefix: str = "", limit: int = LIMIT) -> list[str]:
    """The names of properties that begin so, in any case."""
    rows = db.execute(
        "SELECT w.word FROM (SELECT p.name AS id FROM properties p WHERE p.seq > (SELECT max(seq) FROM calls) - ?) u"
        " JOIN words w ON w.id = u.id WHERE substr(w.word, 1, ?) = ? GROUP BY w.id ORDER BY count(*) DESC, w.word"
        " LIMIT ?",
        (_RECENT, len(prefix), prefix.lower(), limit),
    )
    return [row[0] for row in rows]


def property_values(db: Log, name: str, prefix: str = "", limit: int = LIMIT) -> list[str]:
    """The values of a property that begin so."""
    rows = db.execute(
        "SELECT w.word FROM (SELECT p.value AS id FROM properties p WHERE p.seq > (SELECT max(seq) FROM calls) - ?"
        " AND p.name = (SELECT id FROM words WHERE word = ?)) u"
        " JOIN words w ON w.id = u.id WHERE substr(w.word, 1, ?) = ? GROUP BY w.id ORDER BY count(*) DESC, w.word"
        " LIMIT ?",
        (_RECENT, name.lower(), len(prefix), prefix, limit),
    )
    return [row[0] for row in rows]


def stored_prompts(db: Log, prefix: str = "", limit: int = LIMIT) -> list[str]:
    """The names of stored prompts that begin so; after an `@` their labels and versions, the newest first."""
    name, at, which = prefix.partition("@")
    if not at:
        rows = db.execute(
            "SELECT name FROM prompts WHERE substr(name, 1, ?) = ? ORDER BY name LIMIT ?", (len(prefix), prefix, limit)
        )
        return [row[0] for row in rows]
    rows = db.execute(
        "SELECT p.name || '@' || x.which FROM prompts p"
        " JOIN (SELECT prompt, label AS which, 0 AS age FROM prompt_labels"
        " UNION ALL SELECT prompt, number, 1000000000 - number FROM prompt_versions) x ON x.prompt = p.id"
        " WHERE p.name = ? AND substr(x.which, 1, ?) = ? ORDER BY x.age, x.which LIMIT ?",
        (name, len(which), which, limit),
    )
    return [row[0] for row in rows]


def newest_calls(db: Log, prefix: str = "", limit: int = LIMIT) -> list[tuple[int, str, int | None]]:
    """Seq, model and status of the newest calls whose seq begins so."""
    rows = db.execute(
        "SELECT c.seq, coalesce((SELECT word FROM words WHERE id = coalesce(c.requested_model, c.model)), ''), c.status"
        " FROM (SELECT * FROM calls ORDER BY seq DESC LIMIT ?) c WHERE substr(c.seq, 1, ?) = ?"
        " ORDER BY c.seq DESC LIMIT ?",
        (_RECENT, len(prefix), prefix, limit),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def limits(db: Log, prefix: str = "", limit: int = LIMIT) -> list[tuple[str, str]]:
    """Name and policy of the stored limits whose name begins so."""
    rows = db.execute(
        "SELECT name, policy FROM limits WHERE substr(name, 1, ?) = ? ORDER BY name LIMIT ?",
        (len(prefix), prefix, limit),
    )
    return [(row[0], row[1]) for row in rows]


def entries(db: Log, prefix: str = "", limit: int = LIMIT) -> list[tuple[str, str]]:
    """The beginning of the key, and the model, of the newest stored answers whose key begins so."""
    rows = db.execute(
        "SELECT x.key, coalesce((SELECT word FROM words WHERE id = coalesce(c.requested_model, c.model)), '')"
        " FROM (SELECT seq, lower(substr(hex(key), 1, ?)) AS key FROM cache ORDER BY seq DESC LIMIT ?) x"
        " JOIN calls c ON c.seq = x.seq WHERE substr(x.key, 1, ?) = ? ORDER BY x.seq DESC LIMIT ?",
        (KEY_SIGNS, _RECENT, len(prefix), prefix.lower(), limit),
    )
    return [(row[0], row[1]) for row in rows]


def _recent(db: Log, columns: tuple[str, ...], prefix: str, limit: int) -> list[str]:
    used = " UNION ALL ".join(
        f"SELECT {column} AS id FROM calls WHERE seq > (SELECT max(seq) FROM calls) - ?" for column in columns
    )
    rows = db.execute(
        f"SELECT w.word FROM ({used}) u JOIN words w ON w.id = u.id WHERE substr(w.word, 1, ?) = ?"
        " GROUP BY w.id ORDER BY count(*) DESC, w.word LIMIT ?",
        (*[_RECENT] * len(columns), len(prefix), prefix, limit),
    )
    return [row[0] for row in rows]


def _older(db: Log, column: str, prefix: str, limit: int) -> list[str]:
    """Values by name; the index on words gives those that begin so, the one on the column tells where one stands."""
    rows = db.execute(
        f"SELECT w.word FROM words w WHERE w.word >= ? AND w.word < ?"
        f" AND EXISTS (SELECT 1 FROM calls c WHERE c.{column} = w.id) ORDER BY w.word LIMIT ?",
        (prefix, prefix + chr(0x10FFFF), limit),
    )
    return [row[0] for row in rows]


def impatient(db: Log) -> None:
    """Let a log that somebody has locked be given up on at once."""
    db.execute("PRAGMA busy_timeout = 50")
