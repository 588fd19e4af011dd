"""The filters that were used, the newest last.

Owns the file they are kept in, mode 0600: a filter may name a user. One that cannot be read or written is done without.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

MOST: Final = 200


class History:
    """The filters of this user, and the place of whoever goes through them."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._texts = self._read()
        self._at = len(self._texts)

    def add(self, text: str) -> None:
        """Keep one."""
        text = text.strip()
        if text and "\n" not in text:
            self._texts = [*(each for each in self._texts if each != text), text][-MOST:]
            self._write()
        self._at = len(self._texts)

    def older(self, begun: str = "") -> str | None:
        """The one before, of those that begin so; None where there is none."""
        return self._step(-1, begun)

    def newer(self, begun: str = "") -> str | None:
        """The one after; None where there is none."""
        return self._step(1, begun)

    def reset(self) -> None:
        """Begin at the newest again."""
        self._at = len(self._texts)

    def _step(self, step: int, begun: str) -> str | None:
        at = self._at + step
        while 0 <= at < len(self._texts):
            if self._texts[at].startswith(begun):
                self._at = at
                return self._texts[at]
            at += step
        if step > 0:
            self._at = len(self._texts)
        return None

    def _read(self) -> list[str]:
        if self._file is None:
            return []
        try:
            return self._file.read_text("utf-8").splitlines()[-MOST:]
        except (OSError, UnicodeDecodeError):
            return []

    def _write(self) -> None:
        if self._file is None:
            return
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.touch(mode=0o600)
            self._file.write_text("".join(f"{text}\n" for text in self._texts), "utf-8")
