"""What a real engine keeps of a call: everything, headers and sizes, nothing, or what the caller says."""

from __future__ import annotations

import json
from contextlib import closing

import httpx2
import pytest

from helicli.query.wire import wire
from helicli.store.connect import open_reader

AUTH = {"authorization": "Bearer sk-demo-000111222"}
SECRET = "the launch is on friday"
ASKED = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": f"{SECRET} " * 20}]}).encode()


def call(engine, **headers):
    answer = httpx2.post(f"{engine.url}/v1/chat/completions", content=ASKED, headers={**AUTH, **headers})
    assert answer.status_code == 200
    return answer


def kept(engine, seq):
    with closing(open_reader(engine.db)) as db:
        return wire(db, seq)


def holds(engine, text):
    """Whether a text stands in any file of the engine's folder."""
    files = [path for path in engine.db.parent.rglob("*") if path.is_file()]
    return any(text.encode() in path.read_bytes() for path in files)


@pytest.mark.parametrize("word", ["full", "meta", "off"])
def test_what_is_kept_is_chosen_when_serving(make_engine, word):
    engine = make_engine("--bodies", word).start()
    answer = call(engine)
    row = engine.wait_rows(1)[0]
    engine.stop()
    assert row["output_tokens"] == answer.json()["usage"]["completion_tokens"]
    assert row["cost_usd"] > 0
    sides = kept(engine, 1)
    assert sides.request.held == (ASKED if word == "full" else None)
    assert (sides.response.held is not None) == (word == "full")
    assert sides.request.size == (0 if word == "off" else len(ASKED))
    assert bool(sides.request.headers) == bool(sides.response.headers) == (word != "off")
    assert sides.request.left_out == ("switched_off" if word == "meta" else None)
    if word != "full":
        assert not holds(engine, SECRET)


def test_what_the_caller_omits(engine, upstream):
    call(engine, **{"Helicone-Omit-Request": "true"})
    call(engine, **{"Helicone-Omit-Response": "True"})
    rows = engine.wait_rows(2)
    engine.stop()
    first, second = kept(engine, 1), kept(engine, 2)
    assert (first.request.held, first.request.left_out) == (None, "omitted")
    assert first.response.held
    assert second.request.held == ASKED
    assert (second.response.held, second.response.left_out) == (None, "omitted")
    assert all(row["cost_usd"] > 0 and row["input_tokens"] for row in rows)
    assert all(seen.body == ASKED for seen in upstream.seen)
    assert not [name for seen in upstream.seen for name, _ in seen.headers if b"omit" in name]
