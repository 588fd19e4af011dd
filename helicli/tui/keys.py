"""The one table of keys: what each does, where, and how it is called in footer, palette, help and docs.

Owns it. An action's id is stable: settings rebind it by that, and the method that does it has its name. A key that
means something everywhere means nothing else anywhere. The standard library only, since docs are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from helicli.errors import UsageError
from helicli.guess import guess


class Action(NamedTuple):
    """One thing that keys do. `hint` is its word in the footer; `both` is what it and the next of the table do."""

    id: str
    keys: tuple[str, ...]
    scope: str
    doc: str
    hint: str = ""
    both: str = ""

    @property
    def method(self) -> str:
        """The name of the action as Textual calls it: `action_` before it is the method's."""
        return self.id.replace("-", "_")


EVERYWHERE: Final = "everywhere"
LISTS: Final = "lists"
REQUESTS: Final = "requests"
CALL: Final = "call"
ANALYTICS: Final = "analytics"

SCOPES: Final[Mapping[str, str]] = {
    EVERYWHERE: "everywhere",
    LISTS: "in lists",
    REQUESTS: "requests",
    CALL: "a call",
    ANALYTICS: "analytics",
}
"""Where keys mean something, and how that is called."""

OF_SCREEN: Final[Mapping[str, tuple[str, ...]]] = {
    REQUESTS: (LISTS, REQUESTS),
    CALL: (CALL,),
    ANALYTICS: (LISTS, ANALYTICS),
}
"""The scopes of each screen, besides everywhere."""

ACTIONS: Final = (
    Action("go-requests", ("1",), EVERYWHERE, "the calls"),
    Action("go-analytics", ("2",), EVERYWHERE, "analytics"),
    Action("filter", ("slash",), EVERYWHERE, "type a filter", "filter"),
    Action("palette", ("colon", "ctrl+p"), EVERYWHERE, "find a command by its name"),
    Action("help", ("question_mark", "f1"), EVERYWHERE, "the keys of this screen", "help"),
    Action("back", ("escape",), EVERYWHERE, "back; clear the filter"),
    Action("leave", ("q",), EVERYWHERE, "back, from the first screen out"),
    Action("quit", ("ctrl+c",), EVERYWHERE, "out"),
    Action("pause", ("space",), EVERYWHERE, "hold still, go on", "pause"),
    Action("window", ("t",), EVERYWHERE, "another time: 1h, 24h, 7d, 30d, all", "window"),
    Action("theme", ("T",), EVERYWHERE, "the next theme"),
    Action("copy", ("y",), EVERYWHERE, "copy the command for this, and more", "copy"),
    Action("jump", ("ctrl+o",), EVERYWHERE, "go to a place of the screen by its letter"),
    Action("down", ("j", "down"), LISTS, "one down", both="one down, one up"),
    Action("up", ("k", "up"), LISTS, "one up"),
    Action("page-down", ("pagedown", "ctrl+f"), LISTS, "a page down", both="a page down, up"),
    Action("page-up", ("pageup", "ctrl+b"), LISTS, "a page up"),
    Action("half-down", ("ctrl+d",), LISTS, "half a page down", both="half a page down, up"),
    Action("half-up", ("ctrl+u",), LISTS, "half a page up"),
    Action("first", ("g", "home"), LISTS, "to the first", both="to the first, to the last"),
    Action("last", ("G", "end"), LISTS, "to the last"),
    Action("open", ("enter",), LISTS, "open the call, the calls of a figure", "open"),
    Action(
        "next-error",
        ("e",),
        REQUESTS,
        "the next call that failed, further back",
        "error",
        "the next that failed, the one before",
    ),
    Action("previous-error", ("E",), REQUESTS, "the one that failed before"),
    Action("next-slow", ("s",), REQUESTS, "the next of the slowest 5 %", "slow", "the next of the slowest 5 %, before"),
    Action("previous-slow", ("S",), REQUESTS, "the slow one before"),
    Action(
        "next-of-session",
        ("o",),
        REQUESTS,
        "the next call of the same session",
        "session",
        "the next of its session, before",
    ),
    Action("previous-of-session", ("O",), REQUESTS, "the one before of the same session"),
    Action("only-user", ("u",), REQUESTS, "only calls of this user", both="only calls of this user, none of them"),
    Action("not-user", ("U",), REQUESTS, "no calls of this user"),
    Action("only-model", ("m",), REQUESTS, "only calls of this model", both="only of this model, none of it"),
    Action("not-model", ("M",), REQUESTS, "no calls of this model"),
    Action(
        "only-prompt", ("p",), REQUESTS, "only of this prompt, or else name", both="only of this prompt or name, none"
    ),
    Action("not-prompt", ("P",), REQUESTS, "none of this prompt, or else name"),
    Action("mark", ("x",), REQUESTS, "mark this call", "mark", "mark this call, what to do with the marked"),
    Action("marks", ("X",), REQUESTS, "what to do with the marked calls"),
    Action("follow", ("f",), REQUESTS, "go to the newest call and stay there", "follow"),
    Action("columns", ("c",), REQUESTS, "choose columns", "columns"),
    Action("sort", ("greater_than_sign",), REQUESTS, "sort by …", "sort", "sort by …, turn the order round"),
    Action("turn-order", ("less_than_sign",), REQUESTS, "turn the order round"),
    Action("split", ("backslash",), REQUESTS, "the pane of the call: below, beside, off", "split"),
    Action("zoom", ("z",), REQUESTS, "the list alone, or the pane that was gone to"),
    Action("next-view", ("tab",), REQUESTS, "the next view of the call in its pane", both="another view of the call"),
    Action("previous-view", ("shift+tab",), REQUESTS, "the view before"),
    Action("save", ("w",), REQUESTS, "save this filter under a name"),
    Action("next-view", ("tab",), CALL, "the next view of the call", "view", "the next view of the call, before"),
    Action("previous-view", ("shift+tab",), CALL, "the view before"),
    Action("older", ("l", "right"), CALL, "the next call of the list", "older", "the next call of the list, before"),
    Action("newer", ("h", "left"), CALL, "the call before in the list", "newer"),
    Action(
        "next-of-session", ("o",), CALL, "the next call of the same session", both="the next of its session, before"
    ),
    Action("previous-of-session", ("O",), CALL, "the one before of the same session"),
    Action("line-down", ("j", "down"), CALL, "one line down", both="one line down, up"),
    Action("line-up", ("k", "up"), CALL, "one line up"),
    Action("screen-down", ("pagedown", "ctrl+f", "ctrl+d"), CALL, "a page down", both="a page down, up"),
    Action("screen-up", ("pageup", "ctrl+b", "ctrl+u"), CALL, "a page up"),
    Action("top", ("g", "home"), CALL, "to the begin", both="to the begin, to the end"),
    Action("bottom", ("G", "end"), CALL, "to the end"),
    Action("unfold", ("enter",), CALL, "unfold tool calls and long texts", "unfold"),
    Action("wrap", ("w",), CALL, "break long lines, or do not", "wrap"),
    Action("pager", ("v",), CALL, "this view in the pager", "pager"),
    Action("editor", ("E",), CALL, "this view in the editor"),
    Action("mark", ("x",), CALL, "mark this call"),
    Action("diff", ("d",), CALL, "what differs from the marked call", "diff"),
    Action("find", ("F",), CALL, "find a text in this view", "find"),
    Action("next-hit", ("n",), CALL, "the next place where it stands", both="the next place of it, before"),
    Action("previous-hit", ("N",), CALL, "the place before"),
    Action("next-panel", ("tab",), ANALYTICS, "the next panel", "panel", "the next panel, the one before"),
    Action("previous-panel", ("shift+tab",), ANALYTICS, "the panel before"),
    Action("earlier", ("h", "left"), ANALYTICS, "back in time; in lists to the left"),
    Action("later", ("l", "right"), ANALYTICS, "on in time; in lists to the right"),
    Action("group-by", ("b",), ANALYTICS, "group by model, user, a property, …", "group by"),
    Action("measure", ("M",), ANALYTICS, "another figure in this panel", "measure"),
    Action("zoom", ("z",), ANALYTICS, "this panel alone, or all of them", "zoom"),
    Action("pan-back", ("left_square_bracket",), ANALYTICS, "half a window back", "pan", "half a window back, on"),
    Action("pan-on", ("right_square_bracket",), ANALYTICS, "half a window on, until now"),
)
"""In the order of help."""


def bindings_of(scope: str) -> tuple[Action, ...]:
    """The actions of one scope."""
    return tuple(action for action in ACTIONS if action.scope == scope)


def of_screen(screen: str) -> tuple[Action, ...]:
    """The actions of a screen, those that are everywhere not among them."""
    return tuple(action for scope in OF_SCREEN[screen] for action in bindings_of(scope))


def shown(key: str) -> str:
    """A key as it is written for people: `/`, `^d`, `esc`."""
    named = _NAMED.get(key)
    if named is not None:
        return named
    return f"^{key.removeprefix('ctrl+')}" if key.startswith("ctrl+") else key


_NAMED: Final[Mapping[str, str]] = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "escape": "esc",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "backslash": "\\",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "shift+tab": "S-tab",
}
_SIGNS: Final = {sign: name for name, sign in _NAMED.items() if len(sign) == 1 and sign.isascii()}


def rebound(given: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The keys of every action, those of the user's settings in their place.

    Raises UsageError for an action there is none of, and for a key that would mean two things at once.
    """
    keys = {action.id: action.keys for action in ACTIONS}
    for name, text in given.items():
        if name not in keys:
            near = guess(name, keys)
            fix = f"did you mean keys.{near}?" if near else "helicli help keys"
            raise UsageError(f'no action "{name}" in the settings of keys', fix)
        keys[name] = tuple(_SIGNS.get(key, key) for key in text.replace(",", " ").split())
    for screen, scopes in OF_SCREEN.items():
        taken: dict[str, str] = {}
        for action in ACTIONS:
            if action.scope not in (EVERYWHERE, *scopes):
                continue
            for key in keys[action.id]:
                if key in taken:
                    raise UsageError(
                        f"{shown(key)} would be {taken[key]} and {action.id} in {screen}",
                        f"helicli config set keys.{action.id} another key",
                    )
                taken[key] = action.id
    return keys
