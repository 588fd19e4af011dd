"""What is stored and what never, for whom, for how long, and what goes for it."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from helicli.proxy import cache as cache_module
from tests.providers.test_replay import answer
from tests.proxy.cache_scene import KEY, ON, Says, ask, hit
from tests.proxy.house import post
from tests.proxy.wires import Provider

pytestmark = pytest.mark.anyio


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


@pytest.mark.parametrize("where", [b"helicone-cache-seed: %b", b"helicone-cache-seed: for-%b"])
async def test_a_seed_that_is_a_key_is_kept_nowhere(house, where):
    """The seed of an entry stands in the log, and in what commands print."""
    says = Says()
    async with Provider(says) as provider, house(provider) as proxy:
        for _ in range(2):
            assert not hit((await proxy.call(post(ask(), ON, KEY, where % b"sk-one-000111")))[1])
        assert all(end.cache.put is None for end in await proxy.ends(2)) and says.asked == 2


async def test_an_answer_that_unfolds_to_too_much_is_not_unfolded(house):
    packed = gzip.compress(b" " * (40 * 1024 * 1024) + b"{}")

    class Bomb(Says):
        async def send(self, wire, said, content_type):
            self.head = b"content-encoding: gzip\r\n"
            await super().send(wire, packed, content_type)

    async with Provider(Bomb()) as provider, house(provider) as proxy:
        tracemalloc.start()
        try:
            status, _, body = await proxy.call(post(ask(), ON, KEY))
            assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
        finally:
            tracemalloc.stop()
        [end] = await proxy.ends(1)
        assert (status, body, end.cache.put) == (200, packed, None)


async def test_an_answer_with_an_endless_content_type_is_not_stored(house):
    class Odd(Says):
        async def send(self, wire, said, content_type):
            await super().send(wire, said, content_type + b"; x=" + b"x" * 1000)

    async with Provider(Odd()) as provider, house(provider) as proxy:
        for _ in range(2):
            assert not hit((await proxy.call(post(ask(), ON, KEY)))[1])


async def test_an_answer_that_is_waited_for_with_blanks_is_stored(house):
    """OpenRouter keeps a connection alive with blank lines before the answer."""

    class Blank(Says):
        async def send(self, wire, said, content_type):
            await super().send(wire, b"\n         " * 30 + said, content_type)

    async with Provider(Blank()) as provider, house(provider) as proxy:
        _, _, body = await proxy.call(post(ask(), ON, KEY))
        _, fields, again = await proxy.call(post(ask(), ON, KEY))
        assert hit(fields) and again == body
        assert hit((await proxy.call(post(ask(stream=True), ON, KEY)))[1])


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


@pytest.fixture
def clock():
    class Clock:
        now = 1_800_000_000_000

        def __call__(self):
            return self.now

    return Clock()
