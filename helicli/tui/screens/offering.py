"""What the menus of the app offer: all that can be done, and all that can be copied of a call.

Owns their order and their words. A value that begins with `@` is had from the log, or is a saved filter's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from helicli.tui import commands, keys
from helicli.tui.screens.menu import Item
from helicli.tui.setup import Setup


def palette(
    screen: str, bound: Mapping[str, Sequence[str]], copies: Iterable[Item], setup: Setup, themes: Iterable[str]
) -> list[Item]:
    """What can be done on a screen: what only it has comes first, what every hand knows last."""
    scopes = (*reversed(keys.OF_SCREEN[screen]), keys.EVERYWHERE)
    actions = [action for scope in scopes for action in keys.bindings_of(scope) if action.id != "palette"]
    told = [
        Item(action.id, action.doc, "", " ".join(keys.shown(key) for key in bound[action.id]))
        for action in sorted(actions, key=lambda action: action.scope == keys.LISTS)
    ]
    told += [
        Item(f"copy {item.value}", f"copy {item.name}", "", item.value)
        for item in copies
        if not item.value.startswith("@")
    ]
    told += [Item(f"@{name}", f"filter @{name}", "", text) for name, text in setup.saved.items()]
    return [*told, *(Item(f"theme {name}", f"theme {name}") for name in themes)]


def copies(setup: Setup, seq: int | None) -> list[Item]:
    """What can be copied of a call."""
    if seq is None:
        return []
    show = commands.show_command(setup, seq)
    return [
        Item(show, "the command that shows this call", "s", show),
        Item(f"{show} --json", "the command for it as JSON", "J", f"{show} --json"),
        Item("@curl", "the call again, as curl", "u"),
        Item("@id", "its id", "i"),
        Item("@request", "the request's body", "r"),
        Item("@answer", "what was answered", "a"),
        Item("@json", "the call as JSON", "j"),
    ]
