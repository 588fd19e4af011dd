"""The theme of the house: its colours, and no other place for them."""

from __future__ import annotations

from textual.theme import Theme

THEME = Theme(
    name="helicli",
    primary="#5fafd7",
    secondary="#87afaf",
    warning="#d7af5f",
    error="#e06c75",
    success="#87af5f",
    accent="#d787af",
    foreground="#d0d0d0",
    background="#16181d",
    surface="#1f232b",
    panel="#2a2f3a",
    dark=True,
)
