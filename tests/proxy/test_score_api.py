"""Scores given over HTTP: which paths take them, what is refused, what the journal holds."""

from __future__ import annotations

import json

import pytest

from helicli import journal
from helicli.journal import Kind
from helicli.proxy import score_api
from helicli.proxy.journal import Journal, Pressure
from helicli.scores import Scored
from tests.proxy.house import HOST, Proxy, post
from tests.recorder.scene import records

ID = "01a1fdd4-37d1-7c6d-889f-63a8e29ef991"


@pytest.fixture
def kept(tmp_path):
    return Journal(tmp_path, 1, 1 << 40)


def told(kept):
    [path] = kept.directory.glob("*.calls")
    return [journal.score_decoder.decode(each.payload) for _, each in records(path) if each.kind == Kind.SCORE]


@pytest.mark.parametrize(
    ("path", "given", "scored"),
    [
        (f"/v1/request/{ID}/score", {"scores": {"Helpful": 0.5, "ok": True}}, Scored(ID, {"helpful": 0.5, "ok": 1}, 7)),
        ("/v1/request/order%201/score?x=1", {"scores": {"a": 1}}, Scored("order 1", {"a": 1}, 7)),
        (f"/v1/request/{ID}/feedback", {"rating": False}, Scored(ID, {"feedback": 0}, 7)),
        ("/v1/feedback", {"helicone-id": ID, "rating": True}, Scored(ID, {"feedback": 1}, 7)),
    ],
)
def test_a_score_is_in_the_journal_when_it_is_answered(kept, path, given, scored):
    assert score_api.is_asked("POST", path)
    status, body = score_api.answer(kept, path, json.dumps(given).encode(), 7)
    assert (status, json.loads(body)) == (200, {"data": None, "error": None})
    assert told(kept) == [scored]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/v1/request/{ID}/score"),
        ("POST", "/v1/request/query"),
        ("POST", f"/v1/request/{ID}/inputs"),
        ("POST", f"/openai/v1/request/{ID}/score"),
        ("POST", "/v1/feedback/x"),
        ("POST", "/v1/feedbacks"),
    ],
)
def test_all_else_goes_to_the_provider(method, path):
    assert not score_api.is_asked(method, path)


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (f"/v1/request/{ID}/score", b"[", "no JSON object"),
        (f"/v1/request/{ID}/score", b"{}", "scores are missing"),
        (f"/v1/request/{ID}/score", b'{"scores": {}}', "no scores are given"),
        (f"/v1/request/{ID}/score", b'{"scores": {"a": "good"}}', "a is no number"),
        (f"/v1/request/{ID}/feedback", b'{"rating": "up"}', "a rating"),
        ("/v1/feedback", b'{"rating": true}', "the id of a call"),
        ("/v1/request//score", b'{"scores": {"a": 1}}', "no id of a call"),
    ],
)
def test_what_is_none_is_refused_and_not_kept(kept, path, body, said):
    status, answer = score_api.answer(kept, path, body, 7)
    assert status == 400 and said in json.loads(answer)["error"]
    assert told(kept) == []


def test_a_journal_that_is_full_says_so(tmp_path):
    full = Journal(tmp_path, 1, -1)
    assert full.pressure is Pressure.NO_CALLS
    status, body = score_api.answer(full, "/v1/feedback", b'{"helicone-id": "x", "rating": true}', 7)
    assert status == 503 and "journal is full" in json.loads(body)["error"]


def test_a_journal_that_cannot_be_written_says_so(kept, monkeypatch):
    def write(fd, data):
        raise OSError(28, "No space left on device")

    asked = "/v1/feedback", b'{"helicone-id": "x", "rating": true}', 7
    with monkeypatch.context() as patch:
        patch.setattr("helicli.proxy.journal.os.write", write)
        status, body = score_api.answer(kept, *asked)
    assert status == 503 and "cannot be written" in json.loads(body)["error"]
    kept.look_at_disk()
    assert told(kept) == [], "what was refused is not kept later"


@pytest.mark.anyio
async def test_at_the_proxys_port_without_a_call(tmp_path):
    async with Proxy(tmp_path, "http://127.0.0.1:9") as proxy:
        asked = post(b'{"rating": true}', path=f"/v1/request/{ID}/feedback".encode())
        status, _, body = await proxy.call(asked)
        assert (status, json.loads(body)) == (200, {"data": None, "error": None})
        page = asked.replace(HOST, b"Host: evil.example\r\n")
        assert (await proxy.call(page))[0] == 403
        assert proxy.begins() == [] and len(told(proxy.house.journal)) == 1
