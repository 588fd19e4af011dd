"""Usage asked of streams: of whom, what of the request changes, and what a refusal leads to."""

from __future__ import annotations

import gzip

import pytest

from helicli.providers.registry import Provider
from helicli.proxy.refusal import Refusal
from helicli.proxy.usage import UsageAsking

pytestmark = pytest.mark.anyio

PATH = "/v1/chat/completions"
ASKED = Provider("openai", "https://a.example", "openai", True)
NOT_ASKED = Provider("other", "https://b.example", "openai", False)
BODY = b'{"model":"m","messages":[],"stream":true}'
FIELDS = [(b"accept-encoding", b"gzip, br"), (b"x", b"y")]
REFUSAL = b'{"error":{"message":"Unknown parameter: stream_options.include_usage"}}'


class Answer:
    """An answer whose head has come."""

    def __init__(self, status=200, body=b"", encoding=b"", error=None):
        self.status, self._body, self._error = status, body, error
        self.headers = [(b"content-encoding", encoding)] if encoding else []
        self.unread_body = None
        self.released = False

    async def read(self, limit):
        if self._error:
            raise self._error
        return self._body, True

    def unread(self, body):
        self.unread_body = body

    def release(self):
        self.released = True


class Sender:
    """Sends to answers that are given, and remembers what it sent."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent = []

    async def __call__(self, fields, body):
        self.sent.append((fields, body))
        return self.answers.pop(0)


async def _ask(usage, provider, body, send):
    """As a call asks: most are not asked for usage, and go as they came."""
    asked = usage.asked(provider, PATH, body)
    if asked is None:
        return await send(FIELDS, body), False
    return await usage.send(provider, FIELDS, body, asked, send)


async def test_a_stream_is_asked_and_wanted_uncompressed():
    send, answer = Sender(), Answer()
    send.answers.append(answer)
    assert await _ask(UsageAsking(), ASKED, BODY, send) == (answer, True)
    [(fields, body)] = send.sent
    assert fields == [(b"x", b"y"), (b"accept-encoding", b"identity")]
    assert b'"include_usage":true' in body
    assert FIELDS == [(b"accept-encoding", b"gzip, br"), (b"x", b"y")]


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        (NOT_ASKED, BODY),
        (ASKED, b'{"model":"m","messages":[]}'),
        (ASKED, b'{"model":"m","messages":[],"stream":false}'),
        (ASKED, b'{"messages":[],"stream":true,"stream_options":{"include_usage":false}}'),
        (ASKED, b'{"messages":[],"stream":true'),
        (ASKED, b""),
    ],
)
async def test_everything_else_goes_as_it_came(provider, body):
    send = Sender(Answer())
    _, hide = await _ask(UsageAsking(), provider, body, send)
    assert (send.sent, hide) == ([(FIELDS, body)], False)


@pytest.mark.parametrize("answer", [Answer(500), Answer(200, encoding=b"br"), Answer(400, b"no such model")])
async def test_nothing_is_hidden_where_no_usage_event_can_be(answer):
    send = Sender(answer)
    assert await _ask(UsageAsking(), ASKED, BODY, send) == (answer, False)
    assert not answer.released
    if answer.status == 400:
        assert answer.unread_body == b"no such model"


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("encoding", [b"", b"gzip"])
async def test_a_provider_that_refuses_is_asked_once(status, encoding):
    refused = Answer(status, gzip.compress(REFUSAL) if encoding else REFUSAL, encoding)
    first, second = Answer(), Answer()
    send, asking = Sender(refused, first, second), UsageAsking()
    assert await _ask(asking, ASKED, BODY, send) == (first, False)
    assert refused.released
    assert send.sent[1] == (FIELDS, BODY)
    assert await _ask(asking, ASKED, BODY, send) == (second, False)
    assert len(send.sent) == 3


async def test_an_answer_that_breaks_off_is_given_back():
    broken = Answer(400, error=Refusal(502, "upstream_cut", "gone"))
    with pytest.raises(Refusal):
        await _ask(UsageAsking(), ASKED, BODY, Sender(broken))
    assert broken.released
