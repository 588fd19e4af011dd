"""The cache on the road: what is a hit, and what a hit is like."""

from __future__ import annotations

import gzip
import json

import pytest

from helicli.caching import Clearing, Entry
from helicli.providers import replay
from helicli.proxy.cache import Cache
from tests.providers.test_replay import GEMINI, answer, both, stream
from tests.proxy.cache_scene import KEY, ON, Says, ask, hit
from tests.proxy.house import post
from tests.proxy.wires import Provider

pytestmark = pytest.mark.anyio

PATHS = {"chat": b"/v1/chat/completions", "responses": b"/v1/responses", "messages": b"/v1/messages"}


async def test_the_second_is_a_hit(house):
    says = Says(head=b"set-cookie: a=b\r\nhelicone-odd: x\r\n")
    async with Provider(says) as provider, house(provider) as proxy:
        client = await proxy.connect()
        answers = []
        for _ in range(2):
            await client.send(post(ask(), ON, KEY, b"helicone-cache-seed: user-123"))
            answers.append(await client.answer())
        (_, first, body), (status, second, again) = answers
        assert (status, again, says.asked) == (200, body, 1)
        assert (hit(first), first[b"helicone-cache"]) == (False, b"MISS")
        assert (hit(second), second[b"helicone-cache"], second[b"helicone-cache-bucket-idx"]) == (True, b"HIT", b"0")
        assert second[b"age"] == b"0" and second[b"helicone-cache-latency"].isdigit()
        assert b"age" not in first and b"helicone-cache-bucket-idx" not in first
        kept = {name for name in second if not name.startswith(b"helicone-")}
        assert kept == {b"content-type", b"content-length", b"age"} and b"helicone-odd" not in second
        assert first[b"helicone-id"] != second[b"helicone-id"]
        miss, end = await proxy.ends(2)
        assert (miss.cache.word, miss.cache.put.seed, miss.attempts) == ("miss", "user-123", 1)
        assert (end.cache.word, end.cache.source, end.attempts) == ("hit", proxy.begins()[0].id, 0)
        assert end.response == body and end.cache.put is None


async def test_a_hit_uses_no_quota(house):
    once = b"helicone-ratelimit-policy: 1;w=3600"
    async with Provider(Says()) as provider, house(provider) as proxy:
        answers = [await proxy.call(post(ask(text), ON, KEY, once)) for text in ("hi", "hi", "ho", "hi")]
        assert [status for status, _, _ in answers] == [200, 200, 429, 200]
        assert [hit(fields) for _, fields, _ in answers] == [False, True, False, True]
        ends = await proxy.ends(4)
        assert [len(end.charges) for end in ends] == [1, 0, 0, 0]


async def test_without_the_fields_nothing_is_looked_up(house):
    says = Says()
    async with Provider(says) as provider, house(provider) as proxy:
        for _ in range(2):
            _, fields, _ = await proxy.call(post(ask(), KEY))
            assert not hit(fields) and b"helicone-cache" not in fields
        assert says.asked == 2
        assert [end.cache for end in await proxy.ends(2)] == [None, None]


async def test_every_call_where_it_is_configured(house):
    says = Says()
    async with Provider(says) as provider, house(provider, enabled=True) as proxy:
        assert not hit((await proxy.call(post(ask(), KEY)))[1])
        assert hit((await proxy.call(post(ask(), KEY)))[1])
        assert not hit((await proxy.call(post(ask(), KEY, b"helicone-cache-enabled: false")))[1])


async def test_a_field_that_does_not_parse(house):
    async with Provider(Says()) as provider, house(provider) as proxy:
        status, fields, body = await proxy.call(post(ask(), b"Helicone-Cache-Bucket-Max-Size: many"))
        assert (status, hit(fields)) == (400, False)
        assert "Helicone-Cache-Bucket-Max-Size" in json.loads(body)["error"]["message"]
        assert (await proxy.end()).error == "bad_request"


@pytest.mark.parametrize("kind", ["chat", "responses", "messages"])
@pytest.mark.parametrize("first", [False, True], ids=["json first", "stream first"])
@pytest.mark.parametrize("second", [False, True], ids=["json second", "stream second"])
async def test_hit_equals_miss_in_all_combinations(house, kind, first, second):
    """Each way round the client gets what the provider would have said in that form."""
    says = Says(kind, answer("tool", "f", ('{"a":', "1}")))
    path = PATHS[kind]
    async with Provider(says) as provider, house(provider) as proxy:
        _, _, wanted = await proxy.call(post(ask(stream=second), KEY, path=path))
        _, miss, _ = await proxy.call(post(ask(stream=first), ON, KEY, path=path))
        status, fields, got = await proxy.call(post(ask(stream=second), ON, KEY, path=path))
        assert (status, hit(miss), hit(fields), says.asked) == (200, False, True, 2)
        assert fields[b"content-type"].startswith(b"text/event-stream" if second else b"application/json")
        if first == second:
            assert got == wanted
        elif second:
            assert as_document(kind, got) == as_document(kind, wanted)
        else:
            expected = json.loads(wanted)
            if kind == "chat":
                expected["choices"][0]["message"].pop("annotations")
            assert json.loads(got) == expected


def as_document(kind, stream):
    """What a stream says, whole; how it was cut into pieces does not count."""
    usage = b'data: {"choices":[],"usage":{"total_tokens":1}}\n\ndata: [DONE]'
    stream = stream.replace(b"data: [DONE]", usage) if kind == "chat" else stream
    return json.loads(replay.told(kind, stream, "events", True, "json", False))


async def test_who_asks_for_usage_has_it_and_who_does_not_has_not(house):
    says = Says()
    options = {"stream": True, "stream_options": {"include_usage": True}}
    async with Provider(says) as provider, house(provider) as proxy:
        _, _, plain = await proxy.call(post(ask(stream=True), ON, KEY))
        _, fields, asked = await proxy.call(post(ask(**options), ON, KEY))
        assert hit(fields) and asked == both("chat", answer(pieces=("Answer ", "1")))[1]
        assert b'"usage":{' not in plain
        _, fields, again = await proxy.call(post(ask(stream=True), ON, KEY))
        assert hit(fields) and again == plain


async def test_a_compressed_answer_is_replayed_plain(house):
    class Packed(Says):
        async def send(self, wire, said, content_type):
            self.head = b"content-encoding: gzip\r\n"
            await super().send(wire, gzip.compress(said), content_type)

    async with Provider(Packed()) as provider, house(provider) as proxy:
        _, fields, body = await proxy.call(post(ask(), ON, KEY))
        _, again, plain = await proxy.call(post(ask(), ON, KEY))
        assert fields[b"content-encoding"] == b"gzip" and b"content-encoding" not in again
        assert hit(again) and plain == gzip.decompress(body)


async def test_bytes_that_are_not_in_memory_are_fetched(house):
    says = Says()
    async with Provider(says) as provider, house(provider, memory=10) as proxy:
        cache, stored = proxy.house.cache, {}
        fetched = []

        async def fetch(entry_id):
            fetched.append(entry_id)
            return stored.get(entry_id)

        cache.fetch = fetch
        _, _, body = await proxy.call(post(ask(), ON, KEY))
        [entry_id] = [entry.id for entry in cache.index.entries()]
        assert cache.bodies.bytes == 0 and not fetched
        stored[entry_id] = body
        _, fields, again = await proxy.call(post(ask(), ON, KEY))
        assert (hit(fields), again, fetched) == (True, body, [entry_id])
        stored.clear()
        assert not hit((await proxy.call(post(ask(), ON, KEY)))[1])
        ends = await proxy.ends(3)
        assert ends[2].cache.evicted == (entry_id,) and ends[2].cache.put is not None


async def test_what_comes_from_an_earlier_life(house):
    says = Says()
    async with Provider(says) as provider, house(provider) as proxy:
        await proxy.call(post(ask(), ON, KEY))
        old = proxy.house.cache
        entries = old.index.entries()
        body = old.bodies.find(entries[0].id)

        async def fetch(entry_id):
            return body

        proxy.house.cache = new = Cache(fetch=fetch)
        new.restore(entries, last=False)
        assert hit((await proxy.call(post(ask(), ON, KEY)))[1])
        new.clear(Clearing())
        new.restore(entries, last=False)
        assert len(new.index) == 0
        assert not hit((await proxy.call(post(ask(), ON, KEY)))[1])


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("clearing", [Clearing(seed="red"), Clearing(ids=(b"\x00" * 16, b"\x01" * 16))])
def test_what_was_cleared_before_it_was_read_does_not_come_back(last, clearing):
    """The recorder may not have deleted it yet; and the clock may have been set back since it was stored."""
    cache = Cache(clock=lambda: 100)
    cache.clear(clearing)
    old = {"slot": 0, "org": "local", "expires_at": 200, "form": "json", "content_type": "", "usage_asked": False}
    old |= {"size": 1, "latency_us": 1}
    red, later, blue = (
        Entry(id=bytes((n,)) * 16, key=bytes((n,)) * 16, seed=seed, stored_at=at, **old)
        for n, (seed, at) in enumerate([("red", 99), ("red", 101), ("blue", 99)])
    )
    cache.restore([red, later, blue], last=last)
    assert cache.index.entries() == [blue]


async def test_gemini(house):
    class Gemini(Says):
        async def __call__(self, wire):
            while await wire.request():
                self.asked += 1
                await self.send(wire, stream(*GEMINI), b"text/event-stream")

    says = Gemini()
    base = b"/google/v1beta/models/g:"
    async with Provider(says) as provider, house(provider) as proxy:
        body = b'{"contents":[]}'
        fields = (ON, b"x-goog-api-key: k-000111222")
        first = await proxy.call(post(body, *fields, path=base + b"streamGenerateContent?alt=sse"))
        again = await proxy.call(post(body, *fields, path=base + b"streamGenerateContent?alt=sse"))
        whole = await proxy.call(post(body, *fields, path=base + b"generateContent"))
        array = await proxy.call(post(body, *fields, path=base + b"streamGenerateContent"))
        assert [hit(each[1]) for each in (first, again, whole, array)] == [False, True, True, True]
        assert again[2] == first[2] and says.asked == 1
        assert json.loads(array[2]) == [json.loads(whole[2])]
