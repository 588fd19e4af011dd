"""An answer's body on its way down: when it goes, what is kept, and how it ends."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from helicli.proxy.durability import LastEvent
from helicli.proxy.refusal import Refusal
from helicli.proxy.tee import Stream

pytestmark = pytest.mark.anyio

USAGE = b'data: {"choices":[],"usage":{"total_tokens":1}}\n\n'
EVENT = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'


class Scene:
    """A stream between a provider's pieces and a client, and everything that happened, in order."""

    def __init__(self, *pieces, headers=(), hide_usage=False, watched=False):
        self.happened = []
        self._pieces = list(pieces)
        answer = SimpleNamespace(status=200, headers=list(headers), piece=self._piece)
        handoff = SimpleNamespace(chunk=lambda piece: self.happened.append(("kept", piece)), settled=self._settled)
        last_event = LastEvent("openai", "/v1/chat/completions", lines=False) if watched else None
        self.stream = Stream(answer, self._send, handoff, hide_usage, last_event)

    async def _piece(self):
        piece = self._pieces.pop(0) if self._pieces else b""
        if isinstance(piece, Refusal):
            raise piece
        return piece

    async def _settled(self):
        self.happened.append(("settled", None))

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.happened.append(("head", message["status"]))
        elif message["more_body"]:
            self.happened.append(("sent", message["body"]))
        else:
            self.happened.append(("end", message["body"]))

    async def run(self):
        await self.stream.pass_on([], lambda: self.happened.append(("last", None)))
        return self.happened

    def of(self, what):
        return b"".join(value for word, value in self.happened if word == what)


async def test_a_piece_is_kept_and_then_sent_and_the_end_is_kept_before_it_is_sent():
    assert await Scene(b"a", b"b").run() == [
        ("head", 200),
        ("kept", b"a"),
        ("sent", b"a"),
        ("kept", b"b"),
        ("sent", b"b"),
        ("last", None),
        ("settled", None),
        ("end", b""),
    ]


async def test_the_last_byte_of_a_known_length_goes_after_the_end_was_kept():
    happened = await Scene(b"ab", b"c", headers=[(b"content-length", b"3")]).run()
    assert happened[3:7] == [("kept", b"c"), ("last", None), ("settled", None), ("sent", b"c")]
    assert happened.count(("settled", None)) == 1


async def test_an_empty_body():
    scene = Scene()
    assert await scene.run() == [("head", 200), ("last", None), ("settled", None), ("end", b"")]
    assert scene.stream.cut is None


async def test_a_broken_stream_is_not_ended():
    scene = Scene(b"a", Refusal(502, "upstream_cut", "gone"))
    assert await scene.run() == [("head", 200), ("kept", b"a"), ("sent", b"a")]
    assert scene.stream.cut.word == "upstream_cut"
    assert scene.stream.first_byte_ns is not None


async def test_broken_before_its_first_byte():
    scene = Scene(Refusal(504, "idle_timeout", "silent"))
    assert await scene.run() == [("head", 200)]
    assert scene.stream.first_byte_ns is None


@pytest.mark.parametrize("step", [1, 9, 1_000])
async def test_usage_that_was_asked_is_kept_and_not_sent(step):
    body = EVENT + USAGE + b"data: [DONE]\n\n"
    scene = Scene(*(body[at : at + step] for at in range(0, len(body), step)), hide_usage=True)
    await scene.run()
    assert scene.of("kept") == body
    assert scene.of("sent") == EVENT + b"data: [DONE]\n\n"
    assert scene.happened[-1] == ("end", b"")


async def test_what_was_held_back_goes_when_the_stream_ends_or_breaks():
    for last in ((), (Refusal(502, "upstream_cut", "gone"),)):
        scene = Scene(EVENT + USAGE[:20], *last, hide_usage=True)
        await scene.run()
        assert scene.of("sent") == EVENT + USAGE[:20]


async def test_the_last_event_of_a_watched_stream_goes_once_it_is_on_the_disk():
    done = b"data: [DONE]\n\n"
    happened = await Scene(EVENT, done[:5], done[5:], watched=True).run()
    assert happened[3:] == [
        ("kept", done[:5]),
        ("sent", done[:5]),
        ("kept", done[5:]),
        ("settled", None),
        ("sent", done[5:]),
        ("last", None),
        ("end", b""),
    ]


async def test_what_comes_after_the_last_event_is_waited_for_too():
    happened = await Scene(b"data: [DONE]\n\n", b": more\n\n", watched=True).run()
    assert happened[-3:] == [("last", None), ("settled", None), ("end", b"")]
    assert happened.count(("settled", None)) == 2
