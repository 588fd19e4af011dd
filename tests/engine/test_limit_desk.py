"""Limits at the supervisor: stored first, live second, answered third."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from helicli.engine import desk
from helicli.engine.change_words import DropLimit, KeepLimit, LimitKept, LimitsRead, ReadLimits
from helicli.engine.limit_desk import LimitDesk
from helicli.engine.words import AskUsage, LimitUsage, SegmentUsage
from helicli.errors import HelicliError, NotFoundError, UsageError
from helicli.store.limits import StoredLimit

FEW = msgspec.to_builtins(StoredLimit("few", "1;w=60"))
STANDING = SegmentUsage("few", "1;w=60", "", 1, 1, 500)


class Children:
    """A recorder and a proxy that answer at once, unless they are silent or have an error to tell."""

    def __init__(self, silent=(), error=None):
        self.words, self.silent, self.error = [], silent, error
        self.desk = LimitDesk(self.say, self.say)

    def say(self, word):
        self.words.append(word)
        if type(word) in self.silent:
            return
        if isinstance(word, KeepLimit | DropLimit):
            self.desk.on_word(LimitKept(word.number, self.error))
        elif isinstance(word, ReadLimits):
            self.desk.on_word(LimitsRead(word.number))
        else:
            self.desk.on_word(LimitUsage(word.number, [STANDING]))


def test_stored_then_live():
    children = Children()
    assert asyncio.run(children.desk.add(FEW)) == {"live": True}
    assert asyncio.run(children.desk.remove({"name": "few"})) == {"live": True}
    assert [type(word) for word in children.words] == [KeepLimit, ReadLimits, DropLimit, ReadLimits]


def test_usage():
    assert asyncio.run(Children().desk.usage({})) == [msgspec.to_builtins(STANDING)]


def test_an_error_of_the_recorder_is_the_commands():
    error = {"message": "no limit", "fix": "look", "code": NotFoundError.exit_code, "cause": ""}
    children = Children(error=error)
    with pytest.raises(HelicliError) as raised:
        asyncio.run(children.desk.remove({"name": "none"}))
    assert raised.value.exit_code == NotFoundError.exit_code
    assert len(children.words) == 1, "the proxy has nothing to read"


@pytest.mark.parametrize("given", [{}, {"name": "x", "policy": 3}, {"name": "x", "policy": "10"}])
def test_what_is_no_limit_goes_no_further(given):
    children = Children()
    with pytest.raises(UsageError):
        asyncio.run(children.desk.add(given))
    assert children.words == []


@pytest.mark.parametrize("silent", [KeepLimit, ReadLimits, AskUsage])
def test_who_does_not_answer_is_named(monkeypatch, silent):
    monkeypatch.setattr(desk, "SECONDS", 0.01)
    children = Children(silent=(silent,))
    asking = children.desk.usage({}) if silent is AskUsage else children.desk.add(FEW)
    with pytest.raises(HelicliError, match="recorder" if silent is KeepLimit else "proxy"):
        asyncio.run(asking)
    children.desk.on_word(LimitsRead(1))


def test_what_is_stored_after_all_is_live_after_all(monkeypatch):
    """The command was told that the recorder does not answer; the limit must not wait for the next one."""
    monkeypatch.setattr(desk, "SECONDS", 0.01)
    children = Children(silent=(KeepLimit,))
    with pytest.raises(HelicliError):
        asyncio.run(children.desk.add(FEW))
    children.desk.on_word(LimitKept(1, {"message": "no"}))
    assert len(children.words) == 1
    children.desk.on_word(LimitKept(1))
    assert isinstance(children.words[-1], ReadLimits)
