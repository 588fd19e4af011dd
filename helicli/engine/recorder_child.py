"""The recorder's process: told its settings over its link, it works until it is told to leave.

Owns its pace: a batch after another while there is work, then a look every 50 ms. It runs at a lower priority, so that
it never takes the processor from calls.
"""

from __future__ import annotations

import gc
import os
import socket
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helicli.engine.change_words import (
    ChangePrompts,
    DropLimit,
    KeepLimit,
    KeepScores,
    LimitKept,
    PromptsKept,
    ScoresKept,
)
from helicli.engine.link import SleepingLink
from helicli.engine.words import AskPrice, Drain, Hurry, Price, RecorderSettings, RecorderState
from helicli.errors import HelicliError
from helicli.recorder.database import Unavailable
from helicli.recorder.work import Recorder, proxy_lives
from helicli.store import limits, prompts, scores
from helicli.store.prompts import Kept

_POLL_SECONDS = 0.05
_TELL_SECONDS = 0.25
_SYNC_SECONDS = 1.0
_LEAVE_SECONDS = 60
_NICENESS = 10


def main(link_fd: int) -> None:
    """Run until the journal is empty and nobody writes it any more."""
    link = SleepingLink(socket.socket(fileno=link_fd))
    settings = None
    while not isinstance(settings, RecorderSettings):
        settings = link.hear(1)
        if link.closed:
            return
    os.nice(_NICENESS)
    # A batch makes many objects and no cycles: looking through all that was imported for some cost 8 % of its time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    journal = Path(settings.journal)
    recorder = Recorder(Path(settings.database), journal, settings.machine, settings.bodies, settings.prices)
    told = synced = 0.0
    leave_at: float | None = None
    while True:
        worked = recorder.step()
        if leave_at is not None and not worked and recorder.finish():
            break
        now = time.monotonic()
        if now - synced > _SYNC_SECONDS:
            synced = now
            recorder.sync()
        if now - told > _TELL_SECONDS:
            told = now
            link.say(_state(recorder))
        word = link.hear(0 if worked else _POLL_SECONDS)
        if isinstance(word, Hurry):
            told = 0.0
        elif isinstance(word, KeepLimit | DropLimit):
            link.say(_change_limits(recorder, word))
        elif isinstance(word, ChangePrompts):
            link.say(_change_prompts(recorder, word))
        elif isinstance(word, KeepScores):
            link.say(_keep_scores(recorder, word))
        elif isinstance(word, AskPrice):
            link.say(Price(word.provider, word.model, recorder.rates_of(word.provider, word.model)))
        if leave_at is None and (isinstance(word, Drain) or link.closed):
            leave_at = now + _LEAVE_SECONDS
        if leave_at is not None and now > leave_at and not proxy_lives(journal):
            break
    link.say(_state(recorder))
    recorder.close()


def _change_limits(recorder: Recorder, word: KeepLimit | DropLimit) -> LimitKept:
    """Store or drop a limit, and say so."""

    def change(db: sqlite3.Connection) -> None:
        if isinstance(word, KeepLimit):
            limits.add(db, word.limit)
        else:
            limits.remove(db, word.name)

    return LimitKept(word.number, _changed(recorder, change))


def _change_prompts(recorder: Recorder, word: ChangePrompts) -> PromptsKept:
    """Change the stored prompts, and say what became of each."""
    kept: list[Kept] = []
    error = _changed(recorder, lambda db: kept.extend(prompts.change(db, word.change)))
    return PromptsKept(word.number, kept, error)


def _keep_scores(recorder: Recorder, word: KeepScores) -> ScoresKept:
    """Keep scores of a call, and say so."""
    return ScoresKept(word.number, _changed(recorder, lambda db: scores.must_keep(db, word.scored)))


def _changed(recorder: Recorder, change: Callable[[sqlite3.Connection], None]) -> dict[str, Any] | None:
    """Make a change; the error it ended in, None where it is made."""
    try:
        recorder.change(change)
    except HelicliError as error:
        return {"message": error.message, "fix": error.fix, "code": error.exit_code, "cause": error.cause}
    except Unavailable as error:
        told = {"message": f"the log is {error.state}", "fix": "try again when it can be written", "code": 4}
        return {**told, "cause": str(error)}
    return None


def _state(recorder: Recorder) -> RecorderState:
    return RecorderState(
        state=recorder.state,
        message=recorder.message,
        high=recorder.high,
        waiting_bytes=recorder.waiting_bytes(),
        rows=recorder.rows_written,
        bad_records=recorder.bad_records,
        pid=os.getpid(),
        last_rate=recorder.last_rate,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
