"""Scores on their way from the journal to the rows."""

from __future__ import annotations

import json

import pytest

from helicli import journal
from helicli.journal import Kind
from helicli.proxy.ids import as_text, new_id
from helicli.scores import Scored
from tests.recorder import scene as scenery
from tests.recorder.scene import JSON


def score(proxy, ref, **scores):
    proxy.journal.append(0, Kind.SCORE, journal.encode(Scored(ref, scores, 7)))


@pytest.mark.parametrize("restarted", [False, True])
def test_before_the_end_of_the_call_after_it_and_after_its_row(scene, restarted):
    proxy = scene.proxy()
    own = new_id(scenery.CREATED)
    call, ref = proxy.start("a", id=own), as_text(own)
    score(proxy, ref, early=1)
    recorder = scene.drain()
    if restarted:
        recorder.close()
        recorder = scene.recorder()
    call.end(scenery.end(), JSON, b"{}")
    score(proxy, ref, late=0.5)
    scene.drain(recorder)
    score(proxy, ref, late=0.75)
    scene.drain(recorder)
    assert json.loads(scene.row("a")["scores"]) == {"early": 1, "late": 0.75}


def test_one_that_does_not_read(scene):
    proxy = scene.proxy()
    proxy.journal.append(0, Kind.SCORE, b"\xc1")
    proxy.small("a")
    recorder = scene.drain()
    assert recorder.bad_records == 1 and json.loads(scene.row("a")["scores"]) == {}
