"""What a call may use, and what it has used: read as the recorder reads it."""

from __future__ import annotations

import gzip
import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helicli import rates
from helicli.call import Tags
from helicli.policy import CENTS, TOKENS
from helicli.providers import read
from helicli.providers.registry import BUILT_IN
from helicli.proxy.expense import UNBOUND, Answered, Asked, before
from helicli.rates import Rate, Rates, UserPrice
from helicli.recorder import pricelist

RATE = Rate("openai", "gpt-4o", "test", (rates.make_tier(-1, {"input": 2_500_000, "output": 10_000_000}),))
KNOWN = Rates({("openai", "gpt-4o"): (RATE,)})
OPENAI = BUILT_IN["openai"]
SAID = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}], "user": "ada"}
USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
JSON = [(b"content-type", b"application/json")]
SSE = [(b"content-type", b"text/event-stream")]


def asked(body=SAID, path="/v1/chat/completions", headers=(), method="POST", **tags):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Asked(Tags(**tags), OPENAI, path, list(headers), content, 0, method)


def test_who_and_what():
    assert (asked().user, asked(user="linus").user, asked().model) == ("ada", "linus", "gpt-4o")
    assert asked(headers=[(b"authorization", b"Bearer sk-1")]).key == asked(headers=[(b"api-key", b"sk-1")]).key != None  # noqa: E711
    zipped = asked(gzip.compress(json.dumps(SAID).encode()), headers=[(b"content-encoding", b"gzip")])
    assert (zipped.model, zipped.user) == ("gpt-4o", "ada")
    assert asked(b"", "/openai/deployments/mine/chat/completions").model == "mine"
    assert asked(model_override="gpt-4").priced_as == "gpt-4"


def test_the_model_of_a_form():
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nRIFF\r\n'
    form += b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--x--\r\n'
    assert asked(form, "/v1/audio/transcriptions").model == "whisper-1"


def test_a_bound_that_is_said_is_needed_whole():
    found = before(asked({**SAID, "max_tokens": 1000}), RATE)
    read = found[TOKENS].read
    assert 1 < read < 10
    assert (found[TOKENS].least, found[TOKENS].most) == (read + 1000, read + 1000)
    assert found[CENTS].least == found[CENTS].most == read * 2500 + 1000 * 10_000


def test_a_bound_that_is_guessed_is_not():
    found = before(asked(), RATE)
    read = found[TOKENS].read
    assert (found[TOKENS].least, found[TOKENS].most) == (read, read + UNBOUND)
    assert (found[CENTS].least, found[CENTS].read) == (read * 2500, read * 2500)
    assert CENTS not in before(asked(), None)
    assert before(asked(b"", "/v1/models"), None)[TOKENS].most == 0


def used(status=200, headers=JSON, *pieces, of=None):
    answer = Answered(of or asked())
    answer.begin(status, headers)
    for piece in pieces:
        answer.copy(piece)
    return answer.used(KNOWN)


def test_what_is_told_is_used():
    body = json.dumps({"model": "gpt-4o", "choices": [], "usage": USAGE}).encode()
    whole = {TOKENS: 110, CENTS: 100 * 2500 + 10 * 10_000}
    assert used(200, JSON, body) == used(200, JSON, body[:20], body[20:]) == whole
    zipped = gzip.compress(body)
    assert used(200, [*JSON, (b"content-encoding", b"gzip")], zipped) == whole
    events = b'data: {"model":"gpt-4o","choices":[]}\n\ndata: %b\n\ndata: [DONE]\n\n' % body
    assert used(200, SSE, events) == whole


def test_a_stream_that_was_cut_is_estimated():
    events = b'data: {"model":"gpt-4o","choices":[{"delta":{"content":"Open the settings and"}}]}\n\n'
    found = used(200, SSE, events)
    assert 5 < found[TOKENS] < 30 and found[CENTS] > 0


@pytest.mark.parametrize(
    ("status", "headers", "body", "tokens"),
    [
        (500, JSON, b'{"error": {"message": "no"}}', 0),
        (404, JSON, b"", 0),
        (200, JSON, b'{"model": "gpt-4o"}', None),
        (200, [*JSON, (b"content-encoding", b"unheard-of")], b"x", None),
    ],
)
def test_what_is_not_told(status, headers, body, tokens):
    assert used(status, headers, body)[TOKENS] == tokens


def test_nobody_answered():
    assert Answered(asked()).used(KNOWN) == {TOKENS: 0, CENTS: 0}


def test_a_price_that_is_not_known_is_not_nothing():
    body = json.dumps({"model": "new", "usage": USAGE}).encode()
    assert used(200, JSON, body, of=asked({**SAID, "model": "new"})) == {TOKENS: 110, CENTS: None}
    assert used(200, JSON, body)[CENTS] == 350_000, "by the model that was asked for"


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/responses/resp_1"), ("POST", "/v1/responses/resp_1/cancel")])
def test_what_is_looked_up_again_is_not_used_again(method, path):
    """The answer tells the usage of the call that made it, which has paid."""
    again = asked(b"", path, method=method)
    body = json.dumps({"id": "resp_1", "model": "gpt-4o", "usage": {"input_tokens": 9, "output_tokens": 9}}).encode()
    assert used(200, JSON, body, of=again) == {TOKENS: 0, CENTS: 0}
    assert before(again, None)[TOKENS].most == before(again, None)[CENTS].most == 0


def test_what_the_user_says_of_the_price_goes_first():
    mine = Rates({("openai", "gpt-4o"): (RATE,)}, [UserPrice("mine", rates.make_tier(-1, {"input": 1000}))])
    answer = Answered(asked({**SAID, "model": "mine"}))
    answer.begin(200, JSON)
    answer.copy(json.dumps({"model": "gpt-4o", "choices": [], "usage": USAGE}).encode())
    assert answer.used(mine)[CENTS] == 100


GOLDEN = sorted(Path(__file__).parents[1].glob("golden/usage/*.toml"))


@pytest.mark.parametrize("path", GOLDEN, ids=[path.stem for path in GOLDEN])
def test_a_limit_counts_what_the_row_says(path):
    """The table that the recorder is held to: a call must not cost one thing in `costs` and another in `limits`."""
    case = tomllib.loads(path.read_text("utf-8"))
    provider = BUILT_IN[case["provider"]]
    known = Rates({})
    at_ms = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp() * 1000)
    call = Asked(Tags(), provider, case["path"], [], case["request"].encode(), at_ms)
    for name in {case["model"], call.model, read.model_in_path(case["path"])} - {None}:
        known.learn(provider.name, name, pricelist.look_up(provider.name, name))
    answer = Answered(call)
    answer.begin(200, [(b"content-type", case["content_type"].encode())])
    answer.copy(case["response"].encode())
    counted = answer.used(known)
    if "usage" in case:
        said = case["usage"]
        assert counted[TOKENS] == sum(said.get(name, 0) for name in ("input", "output", "cache_read", "cache_write"))
        assert counted[CENTS] == case.get("cost_nano")
    else:
        assert counted[CENTS] == case.get("cost_nano")
