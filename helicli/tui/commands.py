"""The commands that show on the command line what a screen shows, and filters made from what is under the cursor.

Owns how they are written: quoted for a shell, each read back as the same filter.
"""

from __future__ import annotations

import shlex

from helicli.filters import one_of, parse, property_is
from helicli.filters.terms import Check, Or, no, text
from helicli.query.calls import Order
from helicli.tui.setup import Setup


def filter_command(setup: Setup, typed: str, since: str, order: Order | None = None) -> str:
    """The `helicli filter` of a list."""
    words = [setup.program, "filter"]
    if typed.strip():
        words.append(shlex.quote(typed.strip()))
    words.append(f"--since {shlex.quote(since)}")
    if order is not None:
        words.append(f"--sort {order.column.name}{':desc' if order.down else ''}")
    return " ".join(words)


def show_command(setup: Setup, seq: int, option: str = "") -> str:
    """The `helicli show` of a call."""
    return f"{setup.program} show {seq}{option and ' ' + option}"


def narrowed(setup: Setup, typed: str, field: str, value: str, *, out: bool = False) -> str:
    """A filter and one value more that must stand in a call, or must not with `out`."""
    if field.startswith("prop."):
        check: Check | None = property_is(field[5:], value)
    else:
        check = one_of(field, [value])
    assert check is not None
    return joined(setup, typed, text(no(check) if out else check))


def joined(setup: Setup, typed: str, more: str) -> str:
    """Two filters that must both hold, the first as it was typed."""
    typed = typed.strip()
    if not typed or not more:
        return typed or more
    found = parse(typed, setup.now(), setup.saved)
    if more in typed.split():
        return typed
    return f"({typed}) {more}" if isinstance(found.term, Or) else f"{typed} {more}"
