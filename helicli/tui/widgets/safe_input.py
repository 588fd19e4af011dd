"""A field of text that shows what stands in it safely: a filter may hold a value of a call, or what was pasted.

Owns the colours of a filter, too: fields and signs are told from values.
"""

from __future__ import annotations

import re
from typing import Any, Final

from rich.highlighter import Highlighter
from rich.text import Text
from textual.widgets import Input

from helicli.view.safe import safe

_FIELD: Final = re.compile(r"(?:^|(?<=[\s(-]))[\w.@]+[:=<>]+|(?:^|(?<=\s))(?:and|or|not|OR|AND|NOT)(?=\s)|@[\w-]+")


class _Shown(Highlighter):
    """Makes a text safe, sign by sign, so that the cursor stands where it should."""

    def __init__(self, coloured: bool) -> None:
        self._coloured = coloured

    def __call__(self, text: str | Text) -> Text:
        """The text as it is shown."""
        plain = text if isinstance(text, str) else text.plain
        shown = Text(safe(plain.replace("\r\n", "\n\n")), no_wrap=True, overflow="ignore", end="")
        self.highlight(shown)
        return shown

    def highlight(self, text: Text) -> None:
        """Tell fields from values."""
        if self._coloured:
            for found in _FIELD.finditer(text.plain):
                text.stylize("bold", found.start(), found.end())


class SafeInput(Input):
    """The field; `filter` says that a filter is typed in it."""

    def __init__(self, value: str = "", *, filter: bool = False, **given: Any) -> None:
        super().__init__(value, compact=True, select_on_focus=False, highlighter=_Shown(filter), **given)
        self.cursor_blink = False
