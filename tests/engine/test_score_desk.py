"""Scores at the supervisor: kept by the recorder, then answered."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from helicli.engine.change_words import ScoresKept
from helicli.engine.score_desk import ScoreDesk
from helicli.errors import HelicliError, NotFoundError, UsageError
from helicli.scores import Scored

GIVEN = Scored("a", {"helpful": 0.5}, 7)
WORD = {"scored": msgspec.to_builtins(GIVEN)}


class Recorder:
    """Answers at once."""

    def __init__(self, error=None):
        self.words, self.error = [], error
        self.desk = ScoreDesk(self.say)

    def say(self, word):
        self.words.append(word)
        self.desk.on_word(ScoresKept(word.number, self.error))


def test_kept():
    recorder = Recorder()
    asyncio.run(recorder.desk.keep(WORD))
    assert [each.scored for each in recorder.words] == [GIVEN]


def test_an_error_of_the_recorder_is_the_commands():
    recorder = Recorder({"message": "no call a", "fix": "look", "code": NotFoundError.exit_code, "cause": ""})
    with pytest.raises(HelicliError, match="no call a") as raised:
        asyncio.run(recorder.desk.keep(WORD))
    assert raised.value.exit_code == NotFoundError.exit_code


@pytest.mark.parametrize("given", [{}, {"scored": 3}, {"scored": ["a", {"x": "y"}, 7]}])
def test_what_is_none_goes_no_further(given):
    recorder = Recorder()
    with pytest.raises(UsageError, match="not understood"):
        asyncio.run(recorder.desk.keep(given))
    assert recorder.words == []
