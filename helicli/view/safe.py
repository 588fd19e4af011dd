"""Text that came from elsewhere, made safe for a terminal.

Owns the list of signs that drive a terminal or hide what is read. What comes out holds none of them: no escape, no
control, no change of writing direction, nothing that cannot be encoded. Never interprets markup.
"""

from __future__ import annotations

import re
from typing import Final

_UNSAFE: Final = re.compile(
    "(\r\n|[\n\r\v\f\x85\u2028\u2029])"
    "|[\x00-\x1f\x7f-\x9f"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # writing direction
    "\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff"  # nothing to see; joiners are kept, since languages need them
    "\ufff9-\ufffb\U000e0000-\U000e007f"  # annotations and tags, which no font shows
    "\ud800-\udfff]"  # halves of a pair, which cannot be encoded
)
_PLAIN: Final = re.compile(r"[ -~]*")


def safe(text: str, *, newlines: str = "⏎") -> str:
    """The text with every hostile sign as `·`, every line end as `newlines` and every tab as one space."""
    if _PLAIN.fullmatch(text):
        return text
    return _UNSAFE.sub(lambda found: newlines if found[1] else " " if found[0] == "\t" else "·", text)
