"""The way off the road: a call that helicli answers itself.

Owns the value that any station may raise. It carries everything the caller is told and the log keeps; it never quotes a
body or a secret.
"""

from __future__ import annotations

from helicli.call import Headers


class Refusal(Exception):
    """An answer of helicli's own: HTTP status, the word for the column `error`, the sentence, and the SDK's type.

    `fields` are header fields of its own; `policy` and `segment` are those of the limit that refuses.
    """

    def __init__(
        self,
        status: int,
        word: str,
        message: str,
        *,
        type: str = "helicli_error",
        fields: Headers | None = None,
        policy: str | None = None,
        segment: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.word = word
        self.message = message
        self.type = type
        self.fields = fields or []
        self.policy = policy
        self.segment = segment
