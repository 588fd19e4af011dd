"""The keys that narrow a list to what the call under the cursor has, or leave that out.

Owns which field each key is about; the filter they make is the one that would be typed.
"""

from __future__ import annotations

from helicli.errors import UsageError
from helicli.tui import commands
from helicli.tui.screens.lists import ListScreen


class Narrowing(ListScreen):
    """A list of calls with these keys."""

    def action_only_user(self) -> None:
        """`u`"""
        self._narrow("user", "has no user")

    def action_only_model(self) -> None:
        """`m`"""
        self._narrow("model", "has no model")

    def action_only_prompt(self) -> None:
        """`p`"""
        self._narrow("prompt", "has neither prompt nor name")

    def action_not_user(self) -> None:
        """`U`"""
        self._narrow("user", "has no user", out=True)

    def action_not_model(self) -> None:
        """`M`"""
        self._narrow("model", "has no model", out=True)

    def action_not_prompt(self) -> None:
        """`P`"""
        self._narrow("prompt", "has neither prompt nor name", out=True)

    def _narrow(self, field: str, without: str, *, out: bool = False) -> None:
        call = self.call
        if call is None:
            return
        values = {"user": call.user, "model": call.sought_model, "prompt": call.prompt}
        value = values[field]
        if field == "prompt" and value is None:
            field, value = "name", call.name
        if value is None:
            self.house.tell(f"this call {without}")
            return
        try:
            text = commands.narrowed(self.setup, self.text, field, value, out=out)
        except UsageError as error:
            self.house.tell_error(error)
        else:
            self.choose(text, keep=True)
