"""The way off the road: a call that helicli answers itself.

Owns the value that any station may raise. It carries everything the caller is told and the log keeps; it never quotes a
body or a secret.
"""

from __future__ import annotations


class Refusal(Exception):
    """An answer of helicli's own: HTTP status, the word for the column `error`, the sentence, and the SDK's type."""

    def __init__(self, status: int, word: str, message: str, *, type: str = "helicli_error") -> None:
        super().__init__(message)
        self.status = status
        self.word = word
        self.message = message
        self.type = type
