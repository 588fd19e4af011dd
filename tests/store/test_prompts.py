"""Stored prompts: versions, labels, and that a change is made whole or not at all."""

from __future__ import annotations

from contextlib import closing

import pytest

from helicli.errors import NotFoundError, UsageError
from helicli.prompts import File, Ref, Source
from helicli.store import prompts
from helicli.store.connect import open_writer
from helicli.store.prompts import Label, Push


@pytest.fixture
def db(tmp_path):
    with closing(open_writer(tmp_path / "db")) as connection:
        yield connection


def source(text="hi", name="support", head=""):
    return Source(File(f"{name}.md", f"{head}## user\n{text}\n"))


def push(db, *sources, **more):
    return prompts.change(db, Push(sources, **more))


def test_versions_count_up_and_unchanged_content_is_none(db):
    (first,) = push(db, source("one"), message="begin", at=7)
    assert (first.number, first.new, first.before, first.used) == (1, True, None, 1)
    (again,) = push(db, source("one"), message="again")
    assert (again.number, again.new, again.before) == (1, False, 1)
    (second,) = push(db, source("two"))
    assert (second.number, second.used) == (2, 2)
    (back,) = push(db, source("one"))
    assert (back.number, back.new) == (3, True)
    stored = prompts.find(db, "support")
    assert [each.number for each in stored.versions] == [1, 2, 3]
    assert stored.versions[0] == prompts.Version(1, source("one").hash, "begin", 7)
    assert stored.versions[0].hash == stored.versions[2].hash
    assert prompts.source(db, stored.versions[1].hash) == source("two")
    assert len(prompts.sources(db)) == 2


def test_labels(db):
    push(db, source("one"))
    push(db, source("two"), labels=("staging", "production"))
    (third,) = push(db, source("three", head='+++\nlabels = ["next"]\n+++\n'))
    assert (third.number, third.used, third.labels) == (3, 2, ("next",))
    stored = prompts.find(db, "support")
    assert (stored.labels, stored.used, stored.labels_of(2)) == (
        {"next": 3, "production": 2, "staging": 2},
        2,
        ["production", "staging"],
    )
    assert prompts.change(db, Label("support", "production", 1))[0].used == 1
    assert stored.number(Ref("support", None, "next")) == 3
    assert prompts.change(db, Label("support", "production", None))[0].used == 3
    with pytest.raises(NotFoundError, match="no label production"):
        prompts.change(db, Label("support", "production", None))
    with pytest.raises(NotFoundError, match="no version 9"):
        prompts.change(db, Label("support", "production", 9))
    with pytest.raises(NotFoundError, match='no prompt "other" is stored; there are support'):
        prompts.change(db, Label("other", "production", 1))
    with pytest.raises(UsageError):
        prompts.change(db, Label("support", "3", 1))


def test_a_push_of_what_is_unchanged_moves_no_label_of_the_file(db):
    text = source("one", head='+++\nlabels = ["production"]\n+++\n')
    push(db, text)
    push(db, source("two"))
    prompts.change(db, Label("support", "production", 2))
    newest = source("three", head='+++\nlabels = ["production"]\n+++\n')
    assert push(db, newest)[0].used == 3
    prompts.change(db, Label("support", "production", 2))
    assert push(db, newest)[0].used == 2
    assert push(db, newest, labels=("production",))[0].used == 3


def test_a_push_is_whole_or_not_at_all(db):
    with pytest.raises(UsageError, match="is no variable"):
        push(db, source("one"), source("{{a b}}", "other"))
    assert prompts.load(db) == []
    with pytest.raises(UsageError, match='a.md and b.md are both "x"'):
        head = '+++\nname = "x"\n+++\n'
        push(db, source("one", "a", head), source("two", "b", head))
    with pytest.raises(UsageError):
        push(db, source("one"), labels=("3",))
    assert prompts.load(db) == [] and not db.in_transaction
