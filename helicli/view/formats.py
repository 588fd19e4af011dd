"""The formats that a list is written in, and a cell of csv.

Owns their names and the quoting; it knows nothing of calls.
"""

from __future__ import annotations

import re
from typing import Final

FORMATS: Final = ("table", "plain", "json", "jsonl", "csv")
_FORMULA: Final = re.compile(r"[\s]*[=+\-@＝＋－＠]")
"""What a spreadsheet takes for a formula, where it stands at the begin of a cell."""


def csv_cell(text: str, is_number: bool = False) -> str:
    """A cell of RFC 4180. Text that a spreadsheet would run as a formula gets `'` before it."""
    if not is_number and _FORMULA.match(text):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]', text) else text
