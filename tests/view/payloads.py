"""Texts that drive a terminal where they reach it as they are."""

from __future__ import annotations

import pytest

HOSTILE = {
    "csi": "\x1b[2J\x1b[31mred",
    "osc 52": "\x1b]52;c;Y3VybCBldmls\x07",
    "osc 8": "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\",
    "osc title, unterminated": "\x1b]0;title",
    "dcs": "\x1bPq#0;2;0;0;0\x1b\\",
    "apc": "\x1b_Gf=24;AAAA\x1b\\",
    "c1 csi": "\x9b31m",
    "c1 osc": "\x9d52;c;Y3Vy\x9c",
    "reset": "\x1bc",
    "device status": "\x1b[6n",
    "bell, backspace, nul": "\x07\x08\x00",
    "carriage return": "safe\rEVIL",
    "bidi override": "abc\u202edcba\u202c",
    "bidi isolate": "\u2066abc\u2069",
    "tags": "hi\U000e0041\U000e0042",
    "half a pair": "a\ud800b",
    "line separators": "a\u2028b\u0085c\x0bd",
    "a tower of marks": "Z" + "\u0301" * 100_000,
    "enclosing marks": "Z" + "\u20dd" * 100_000,
}

WRITABLE = [pytest.param(text, id=name) for name, text in HOSTILE.items() if "\ud800" not in text]
"""Those that can be encoded."""

MARKUP = "[link=http://evil]x[/link] [bold] [/] [red]%s {0} \\x1b"
