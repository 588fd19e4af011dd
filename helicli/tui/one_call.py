"""One call with all that is kept of it, read in one go.

Owns what is asked of the log for a call that is looked at. Runs in the thread that reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from helicli.errors import NotFoundError
from helicli.providers.facts import Message
from helicli.query.calls import Call, by_seq
from helicli.query.reading import Log
from helicli.query.split import split
from helicli.query.wire import Wire, conversation, wire
from helicli.rates import Split


class OneCall(Struct, frozen=True):
    """A call, both its sides, what was said in it, and what its cost is made of."""

    call: Call
    sides: Wire
    turns: list[Message]
    parts: Split | None


def read(log: Log, seq: int) -> Iterator[OneCall]:
    """The call of a seq. Raises NotFoundError."""
    found = by_seq(log, [seq])
    if not found:
        raise NotFoundError(f"call {seq} is no longer in the log", "it was pruned; esc goes back")
    sides = wire(log, seq)
    yield OneCall(found[0], sides, conversation(found[0], sides), split(log, found[0]))
