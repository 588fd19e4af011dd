"""The cache on the road: what is a hit, what is never stored, and one call for many."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest

from helicli.caching import CacheSettings, Clearing
from helicli.demo import shapes
from helicli.providers import replay
from helicli.proxy import cache as cache_module
from helicli.proxy.cache import Bodies, Cache
from tests.providers.test_replay import GEMINI, answer, both, stream
from tests.proxy.house import Proxy, post
from tests.proxy.wires import Provider

pytestmark = pytest.mark.anyio

ON = b"helicone-cache-enabled: true"
KEY = b"authorization: Bearer sk-one-000111"
CHAT = b"/v1/chat/completions"
PATHS = {"chat": CHAT, "responses": b"/v1/responses", "messages": b"/v1/messages"}


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


@pytest.fixture
def clock():
    class Clock:
        now = 1_800_000_000_000

        def __call__(self):
            return self.now

    return Clock()


@pytest.fixture
def house(tmp_path):
    """Makes a proxy with a cache before a provider."""

    def make(provider, **more):
        return Proxy(tmp_path, provider.url, cache=Cache(CacheSettings(**more)))

    return make


def hit(fields):
    return fields[b"helicone-cache-hit"] == b"true"


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


BAD = {
    "error": Says(status=b"500 Oops"),
    "limit": Says(status=b"429 Slow"),
    "created": Says(status=b"201 Created"),
    "length": Says(told=answer("length")),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("why", sorted(BAD))
async def test_what_is_never_stored(house, why, stream):
    says = Says(told=BAD[why].told, status=BAD[why].status)
    async with Provider(says) as provider, house(provider) as proxy:
        for _ in range(2):
            assert not hit((await proxy.call(post(ask(stream=stream), ON, KEY)))[1])
        assert says.asked == 2 and not len(proxy.house.cache.index)
        assert all(end.cache.put is None for end in await proxy.ends(2))


@pytest.mark.parametrize("then", ["cut", "length"])
async def test_a_cut_is_never_stored(house, then):
    class Cut(Says):
        async def send(self, wire, said, content_type):
            if then == "cut":
                head = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ntransfer-encoding: chunked\r\n\r\n" % content_type
                await wire.send(head + b"%x\r\n%b\r\n" % (len(said), said))
                wire.close()
            else:
                await super().send(wire, said[:-20], content_type)

    says = Cut()
    async with Provider(says) as provider, house(provider) as proxy:
        for count in (1, 2):
            client = await proxy.connect()
            await client.send(post(ask(stream=True), ON, KEY))
            await client.head()
            await (client.ended() if then == "cut" else client.reader.read(1))
            await proxy.ends(count)
        assert says.asked == 2 and not len(proxy.house.cache.index)


async def test_an_answer_that_repeats_a_key_is_not_stored(house):
    says = Says(told=answer(pieces=("your key is sk-one-000111",)))
    async with Provider(says) as provider, house(provider) as proxy:
        for _ in range(2):
            assert not hit((await proxy.call(post(ask(), ON, KEY)))[1])


async def test_an_answer_too_large_is_not_stored(house, monkeypatch):
    monkeypatch.setattr(cache_module, "ENTRY_MAX", 300)
    async with Provider(Says()) as provider, house(provider) as proxy:
        for _ in range(2):
            assert not hit((await proxy.call(post(ask(), ON, KEY)))[1])


@pytest.mark.parametrize(
    "other",
    [
        [b"authorization: Bearer sk-two-000111"],
        [KEY, b"openai-organization: o"],
        [KEY, b"openai-beta: x"],
        [KEY, b"anthropic-beta: x"],
        [KEY, b"helicone-cache-seed: x"],
    ],
)
async def test_they_never_share(house, other):
    async with Provider(Says()) as provider, house(provider) as proxy:
        await proxy.call(post(ask(), ON, KEY))
        assert not hit((await proxy.call(post(ask(), ON, *other)))[1])
        assert hit((await proxy.call(post(ask(), ON, *other)))[1])
        assert hit((await proxy.call(post(ask(), ON, KEY)))[1])


async def test_read_and_save_alone(house):
    read, save = b"helicone-cache-read: true", b"helicone-cache-save: true"
    says = Says()
    async with Provider(says) as provider, house(provider) as proxy:
        assert not hit((await proxy.call(post(ask(), read, KEY)))[1])
        assert not hit((await proxy.call(post(ask(), read, KEY)))[1])
        _, fields, _ = await proxy.call(post(ask(), save, KEY))
        assert not hit(fields) and b"helicone-cache" not in fields
        _, fields, body = await proxy.call(post(ask(), read, KEY))
        assert hit(fields) and b"Answer 3" in body
        await proxy.call(post(ask(), save, KEY))
        assert b"Answer 4" in (await proxy.call(post(ask(), read, KEY)))[2]


async def test_a_bucket_of_two(house):
    size = b"helicone-cache-bucket-max-size: 2"
    async with Provider(Says()) as provider, house(provider) as proxy:
        found = [hit((await proxy.call(post(ask(text), ON, KEY, size)))[1]) for text in "abacab"]
        assert found == [False, False, True, False, True, False]
        ends = await proxy.ends(6)
        assert [len(end.cache.evicted) for end in ends] == [0, 0, 0, 1, 0, 1]
        assert ends[3].cache.evicted == (proxy.begins()[1].id,)


async def test_variants(house):
    fields = (ON, KEY, b"helicone-cache-bucket-mode: variants", b"helicone-cache-bucket-max-size: 2")
    says = Says()
    async with Provider(says) as provider, house(provider) as proxy:
        answers = [await proxy.call(post(ask(), *fields)) for _ in range(30)]
        assert [hit(each) for _, each, _ in answers] == [False, False] + [True] * 28
        assert says.asked == 2
        served = {(each[b"helicone-cache-bucket-idx"], body) for _, each, body in answers[2:]}
        assert served == {(b"0", answers[0][2]), (b"1", answers[1][2])}
        assert not hit((await proxy.call(post(ask(), ON, KEY)))[1])


async def test_time_passes(house, clock):
    async with Provider(Says()) as provider, house(provider) as proxy:
        cache = proxy.house.cache
        await proxy.call(post(ask(), ON, KEY, b"cache-control: max-age=100"))
        [entry] = cache.index.entries()
        assert entry.expires_at - entry.stored_at == 100_000
        clock.now = entry.stored_at + 99_999
        cache.clock = clock
        _, fields, _ = await proxy.call(post(ask(), ON, KEY))
        assert (hit(fields), fields[b"age"]) == (True, b"99")
        assert not hit(
            (await proxy.call(post(ask(), b"helicone-cache-read: true", KEY, b"cache-control: max-age=99")))[1]
        )
        clock.now += 1
        assert not hit((await proxy.call(post(ask(), b"helicone-cache-read: true", KEY)))[1])


async def test_a_hundred_at_once_are_one(house):
    says = Says()
    says.hold.clear()
    async with Provider(says) as provider, house(provider) as proxy:
        calls = [asyncio.ensure_future(proxy.call(post(ask(stream=n % 2 == 0), ON, KEY))) for n in range(100)]
        [flight] = await until(lambda: list(proxy.house.cache.flights.values()))
        await until(lambda: flight.followers == 99)
        says.hold.set()
        answers = await asyncio.gather(*calls)
        assert says.asked == 1
        assert sum(hit(fields) for _, fields, _ in answers) == 99
        assert all(status == 200 and b"Answer " in body for status, _, body in answers)
        ends = await proxy.ends(100)
        assert sum(end.cache.put is not None for end in ends) == 1
        assert ends[0].cache.put is not None
        assert not proxy.house.cache.flights


async def until(wanted):
    """Wait, a turn of the loop at a time, until something holds."""
    async with asyncio.timeout(10):
        while not (found := wanted()):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    return found


async def test_the_leader_leaves(house):
    says = Says()
    says.hold.clear()
    async with Provider(says) as provider, house(provider) as proxy:
        leader = await proxy.connect()
        await leader.send(post(ask(), ON, KEY))
        await says.arrived.wait()
        others = [asyncio.ensure_future(proxy.call(post(ask(), ON, KEY))) for _ in range(3)]
        [flight] = proxy.house.cache.flights.values()
        await until(lambda: flight.followers == 3)
        leader.close()
        await until(lambda: flight._alone)
        says.hold.set()
        answers = await asyncio.gather(*others)
        assert all(hit(fields) for _, fields, _ in answers) and says.asked == 1
        first, *rest = await proxy.ends(4)
        assert (first.error, first.cache.put is not None, first.status) == ("client_closed", True, 200)
        assert all(end.error is None for end in rest)


async def test_all_leave(house):
    gone = asyncio.Event()

    async def provider_script(wire):
        await wire.request()
        await wire.gone()
        gone.set()

    async with Provider(provider_script) as provider, house(provider) as proxy:
        clients = []
        for _ in range(2):
            clients.append(await proxy.connect())
            await clients[-1].send(post(ask(), ON, KEY))
            [flight] = await until(lambda: list(proxy.house.cache.flights.values()))
        await until(lambda: flight.followers == 1)
        clients[0].close()
        await until(lambda: flight._alone)
        assert not gone.is_set()
        clients[1].close()
        await asyncio.wait_for(gone.wait(), 10)
        assert [end.error for end in await proxy.ends(2)] == ["client_closed"] * 2


async def test_followers_of_a_failed_leader_go_by_themselves(house):
    class First(Says):
        async def send(self, wire, said, content_type):
            self.status = b"500 Oops" if self.asked == 1 else b"200 OK"
            await super().send(wire, said, content_type)

    says = First()
    says.hold.clear()
    async with Provider(says) as provider, house(provider) as proxy:
        calls = [asyncio.ensure_future(proxy.call(post(ask(), ON, KEY))) for _ in range(3)]
        [flight] = await until(lambda: list(proxy.house.cache.flights.values()))
        await until(lambda: flight.followers == 2)
        says.arrived.clear()
        says.hold.set()
        answers = await asyncio.gather(*calls)
        assert sorted(status for status, _, _ in answers) == [200, 200, 500]
        assert says.asked == 3 and not any(hit(fields) for _, fields, _ in answers)
        assert hit((await proxy.call(post(ask(), ON, KEY)))[1])


async def test_a_clearing_forgets_what_is_here_and_what_is_under_way(house):
    says = Says()
    async with Provider(says) as provider, house(provider) as proxy:
        cache = proxy.house.cache
        await proxy.call(post(ask("a"), ON, KEY))
        says.hold.clear()
        says.arrived.clear()
        under_way = asyncio.ensure_future(proxy.call(post(ask("b"), ON, KEY)))
        await says.arrived.wait()
        assert cache.clear(Clearing()) == 1
        assert (len(cache.index), cache.bodies.bytes, cache.flights) == (0, 0, {})
        says.hold.set()
        await under_way
        assert not hit((await proxy.call(post(ask("b"), ON, KEY)))[1])
        assert not hit((await proxy.call(post(ask("a"), ON, KEY)))[1])


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
        new.restore(entries, last=True)
        assert len(new.index) == 0
        assert not hit((await proxy.call(post(ask(), ON, KEY)))[1])


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


def test_bodies_in_memory():
    bodies = Bodies(10)
    for name in (b"a", b"b"):
        bodies.add(name, b"12345")
    assert bodies.find(b"a") == b"12345"
    bodies.add(b"c", b"12345")
    assert [bodies.find(name) is not None for name in (b"a", b"b", b"c")] == [True, False, True]
    bodies.add(b"a", b"1")
    assert bodies.bytes == 6
    bodies.drop(b"a")
    bodies.drop(b"a")
    bodies.add(b"huge", b"x" * 11)
    assert (bodies.bytes, bodies.find(b"huge")) == (0, None)
