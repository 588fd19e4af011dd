"""A provider that says what it is asked in either form, and the calls that ask it."""

from __future__ import annotations

import asyncio
import json

from helicli.demo import shapes
from tests.providers.test_replay import answer, both

ON = b"helicone-cache-enabled: true"
KEY = b"authorization: Bearer sk-one-000111"


def ask(text="hi", **more):
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": text}], **more}).encode()


class Says:
    """A provider that answers JSON or a stream, as it is asked, and counts."""

    def __init__(self, kind="chat", told=None, head=b"", status=b"200 OK"):
        self.kind, self.told, self.head, self.status = kind, told, head, status
        self.asked = 0
        self.hold = asyncio.Event()
        self.hold.set()
        self.arrived = asyncio.Event()

    async def __call__(self, wire):
        while request := await wire.request():
            self.asked += 1
            self.arrived.set()
            await self.hold.wait()
            body = request.partition(b"\r\n\r\n")[2]
            told = self.told or answer(pieces=("Answer ", str(self.asked)))
            stream = json.loads(body).get("stream") is True
            said = both(self.kind, told)[stream]
            if self.kind == "chat" and stream and b"include_usage" not in body:
                said = b"".join(shapes.chat_events(told, include_usage=False))
            await self.send(wire, said, b"text/event-stream" if stream else b"application/json")

    async def send(self, wire, said, content_type):
        head = b"HTTP/1.1 %b\r\ncontent-type: %b\r\nx-request-id: r%d\r\ncontent-length: %d\r\n%b\r\n"
        await wire.send(head % (self.status, content_type, self.asked, len(said), self.head) + said)


def hit(fields):
    return fields[b"helicone-cache-hit"] == b"true"


async def until(wanted):
    """Wait, a turn of the loop at a time, until something holds."""
    async with asyncio.timeout(10):
        while not (found := wanted()):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    return found
