"""The attempts of one call, as they were kept."""

from __future__ import annotations

from msgspec import Struct

from helicli.query.reading import Log


class Attempt(Struct, frozen=True):
    """One attempt at a provider. Durations are microseconds, `started_us` from the begin of the call."""

    number: int
    fallback_index: int
    started_us: int
    latency_us: int
    provider: str | None
    model: str | None
    status: int | None
    error: str | None
    error_message: str | None
    upstream_id: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_nano: int | None


def tries(db: Log, seq: int) -> list[Attempt]:
    """The attempts of a call in their order; none for a call that was asked once."""
    rows = db.execute(
        "SELECT number, fallback_index, started_us, latency_us, (SELECT word FROM words WHERE id = t.provider),"
        " (SELECT word FROM words WHERE id = t.model), status, (SELECT word FROM words WHERE id = t.error),"
        " error_message, upstream_id, input_tokens, output_tokens, cost_nano"
        " FROM tries t WHERE seq = ? ORDER BY number",
        (seq,),
    )
    return [Attempt(*row) for row in rows]
