"""What prompts ask of the log: those that are stored, what the calls of each version came to, and the values they had.

Owns these questions. Sums come from cells where they can.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.filters import Filter, one_of
from helicli.grouping import By
from helicli.prompts import Ref, Source
from helicli.query.groups import snapshot, sums, times
from helicli.query.reading import Log
from helicli.store import prompts
from helicli.store.bodies import BodyReader
from helicli.store.prompts import StoredPrompt

_BY: Final = (By(column="prompt"), By(column="prompt_version"))
_RECORDED: Final = (
    "SELECT b.inputs FROM calls c JOIN bodies b ON b.seq = c.seq WHERE c.prompt = (SELECT id FROM words WHERE word = ?)"
    " AND b.inputs IS NOT NULL ORDER BY c.seq DESC LIMIT ?"
)
_SCORED: Final = (
    "SELECT c.prompt_version, n.word, avg(s.value), count(*) FROM calls c INDEXED BY calls_prompt"
    " CROSS JOIN scores s ON s.seq = c.seq JOIN words n ON n.id = s.name"
    " WHERE c.prompt = (SELECT id FROM words WHERE word = ?) AND c.prompt_version IS NOT NULL"
    " GROUP BY 1, 2 ORDER BY 1, 2"
)
_LOOKED_AT: Final = 50
"""So many calls are looked at for each set of values that is wanted: many have the same."""


class Uses(Struct, frozen=True):
    """What the calls of one version came to."""

    calls: int
    errors: int
    cost_nano: int
    unpriced: int
    p50_us: int | None


def stored(db: Log) -> list[StoredPrompt]:
    """The stored prompts, by name."""
    return prompts.load(db)


def find(db: Log, name: str) -> StoredPrompt:
    """One of them. Raises NotFoundError."""
    return prompts.find(db, name)


def source(db: Log, stored: StoredPrompt, number: int) -> Source:
    """The files of a version."""
    return prompts.source(db, stored.version(number).hash)


def version(db: Log, wanted: Ref) -> tuple[StoredPrompt, int, Source]:
    """The version that is meant, and its files. Raises NotFoundError."""
    found = find(db, wanted.name)
    number = found.number(wanted)
    return found, number, source(db, found, number)


def uses(db: Log, name: str) -> dict[int, Uses]:
    """What the calls of each version came to."""
    chosen = Filter().both(one_of("prompt", [name]))
    with snapshot(db):
        totals, took = sums(db, chosen, _BY), times(db, chosen, _BY)
    return {
        key[1]: Uses(found.calls, found.errors, found.cost_nano, found.unpriced, took[key].latency(50))
        for key, found in totals.items()
        if key[0] == name and isinstance(key[1], int)
    }


class Mean(Struct, frozen=True):
    """What the scores of a name come to, and how many calls have one."""

    value: float
    calls: int


def scores(db: Log, name: str) -> dict[int, dict[str, Mean]]:
    """What the calls of each version were scored, by the names of scores."""
    found: dict[int, dict[str, Mean]] = {}
    for number, score, value, count in db.execute(_SCORED, (name,)):
        found.setdefault(number, {})[score] = Mean(value, count)
    return found


def calls(db: Log) -> dict[str, int]:
    """How many calls were made from each prompt."""
    found = sums(db, Filter(), (By(column="prompt"),), known=True, only=("calls",))
    return {str(key[0]): total.calls for key, total in found.items()}


def recorded(db: Log, name: str, limit: int) -> list[dict[str, Any]]:
    """The values that the newest calls of a prompt had, each set once."""
    reader = BodyReader(db)
    rows = db.execute(_RECORDED, (name, limit * _LOOKED_AT))
    texts = dict.fromkeys(reader.unpack(row[0]) for row in rows)
    return [msgspec.json.decode(text, type=dict[str, Any]) for text in list(texts)[:limit]]


class Recorded(Struct, frozen=True):
    """What the log has of a call of a trial."""

    seq: int
    latency_us: int
    cost_nano: int | None
    output_tokens: int | None


def trial(db: Log, session: str) -> dict[bytes, Recorded]:
    """The calls of a session that are recorded, by id."""
    rows = db.execute(
        "SELECT c.id, c.seq, c.latency_us, c.cost_nano, c.output_tokens FROM calls c"
        " WHERE c.session = (SELECT id FROM words WHERE word = ?)",
        (session,),
    )
    return {id: Recorded(*rest) for id, *rest in rows}
