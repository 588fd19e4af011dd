"""Everything that is drawn has a sign in ASCII."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color

from helicli.tui.ascii import TABLE, Ascii


def test_each_sign_stands_for_one():
    assert all(
        len(other) == 1 and ord(other) < 128
        for other in (chr(code) if isinstance(code, int) else code for code in TABLE.values())
    )
    told = Ascii().apply([Segment("▸ ● 412→96 … ✗ ─│╭"), Segment("ümläut 日本")], Color(0, 0, 0))
    assert "".join(segment.text for segment in told) == "> * 412>96 . x -|+ümläut 日本".replace("+ü", "+ü")
