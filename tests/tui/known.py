"""What a log holds, asked in another way than the full screen asks."""

from __future__ import annotations

from helicli.filters import Filter, parse
from helicli.query.calls import by_seq
from helicli.query.reading import opened
from helicli.query.search import Search


def newest(path, text: str = "", limit: int | None = None) -> list[int]:
    """The seqs that a filter chooses, the newest first, asked in another way."""
    with opened(path) as db:
        chosen = Filter(term=parse(text).term if text else None)
        return [call.seq for page in Search(db, chosen).newest(limit) for call in page]


def call(path, seq: int):
    with opened(path) as db:
        return by_seq(db, [seq])[0]
