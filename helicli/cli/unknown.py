"""What may have been meant where nothing was found: names that stand in no call.

Owns that note on stderr. Most often there is nothing to say, so what is needed for it is imported then.
"""

from __future__ import annotations

from helicli.cli.options import Invocation
from helicli.errors import DatabaseError, NotFoundError
from helicli.filters import Filter
from helicli.guess import guess


def tell_unknown(run: Invocation, selection: Filter) -> None:
    """Say which name that was asked for stands in no call, and what may have been meant."""
    from helicli.query.reading import opened
    from helicli.query.values import values

    asked = {noun: selection.named(noun) for noun in ("user", "session", "model", "provider", "name", "prompt")}
    asked["prompt"] = tuple(prompt.partition("@")[0] for prompt in asked["prompt"])
    try:
        with opened(run.database) as db:
            for noun, names in asked.items():
                for name in names:
                    if name in values(db, f"{noun}s", name):
                        continue
                    near = guess(name, values(db, f"{noun}s", limit=1000))
                    run.out.say(f'note:  no {noun} "{name}" in the log' + (f"; did you mean {near}?" if near else ""))
    except (NotFoundError, DatabaseError):
        return
