"""One call with all that is kept of it, read in one go.

Owns what is asked of the log for a call that is looked at. Runs in the thread that reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from helicli.errors import NotFoundError
from helicli.providers.facts import Message
from helicli.query.calls import Call, by_seq
from helicli.query.reading import Log
from helicli.query.split import split
from helicli.query.tries import Attempt, tries
from helicli.query.wire import Side, Wire, conversation, wire
from helicli.rates import Split
from helicli.view.curl import curl
from helicli.view.rows import as_object, both_sides, json_line, made_of


class OneCall(Struct, frozen=True):
    """A call, both its sides, what was said in it, what its cost is made of, and how often the provider was asked."""

    call: Call
    sides: Wire
    turns: list[Message]
    parts: Split | None
    tries: list[Attempt]


def read(log: Log, seq: int) -> Iterator[OneCall]:
    """The call of a seq. Raises NotFoundError."""
    found = by_seq(log, [seq])
    if not found:
        raise NotFoundError(f"call {seq} is no longer in the log", "it was pruned; esc goes back")
    sides = wire(log, seq)
    yield OneCall(found[0], sides, conversation(found[0], sides), split(log, found[0]), tries(log, seq))


def copied(log: Log, seq: int, what: str, address: str = "", show: str = "") -> Iterator[str]:
    """What a call has, as text: its `id`, the `request`, the `answer`, all of it as `json`, or the `curl` for it.

    The latter goes to an engine's address; `show` is the command that shows the call. Raises NotFoundError.
    """
    one = next(read(log, seq))
    if what == "curl":
        yield curl(one.call, one.sides.request, address, show)
    elif what == "id":
        yield str(UUID(bytes=one.call.id))
    elif what == "request":
        yield one.sides.request.body.decode(errors="replace")
    elif what == "answer":
        asked = conversation(one.call, replace(one.sides, response=Side([], None, 0)))
        yield "\n".join(turn.text for turn in one.turns[len(asked) :] if turn.text)
    else:
        yield json_line(as_object(one.call) | made_of(one.parts) | both_sides(one.call, one.sides))
