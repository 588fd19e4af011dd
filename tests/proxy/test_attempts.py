"""A call asked again: what was sent up, what came down, and what the journal says of it."""

from __future__ import annotations

import asyncio
import json
from time import monotonic

import pytest

from helicli.journal import Kind
from helicli.proxy import attempts as module
from helicli.proxy.masking import provider_key
from helicli.retrying import RetrySettings, Timeouts
from tests.proxy.house import Proxy, post
from tests.proxy.wires import Provider

pytestmark = pytest.mark.anyio

BODY = b'{"model":"a","messages":[]}'
STREAMED = b'{"model":"a","stream":true,"stream_options":{"include_usage":true},"messages":[]}'
RETRY = (b"helicone-retry-enabled: true", b"helicone-retry-min-timeout: 0")
FALL = b'helicone-fallback: [{"model": "b"}]'
GOOD = b'{"model":"a","usage":{"prompt_tokens":1,"completion_tokens":1}}'
SSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
ROLE = b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'
SAID = b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'
DONE = b"data: [DONE]\n\n"


def reply(status=200, body=GOOD, *fields, size=None):
    lines = b"".join(field + b"\r\n" for field in fields)
    head = b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\nconnection: close\r\n" % status
    head += b"content-length: %d\r\n" % (size or len(body))
    return head + lines + b"\r\n" + body


class Plan:
    """A provider that answers the first request with the first of its pieces, and so on; the last for ever.

    Each is on a connection of its own, since one that had rested is replaced by a fresh one without a word. A piece
    that is None resets the connection.
    """

    def __init__(self, *pieces) -> None:
        self.pieces = list(pieces)
        self.asked: list[dict] = []
        self.heads: list[bytes] = []
        self.heard = asyncio.Event()
        self.raw = False

    async def __call__(self, wire):
        while request := await wire.request():
            piece = self.pieces[min(len(self.asked), len(self.pieces) - 1)]
            head, _, body = request.partition(b"\r\n\r\n")
            self.heads.append(head)
            self.asked.append(body if self.raw else json.loads(body))
            self.heard.set()
            if piece is None:
                wire.reset()
                return
            if callable(piece):
                await piece(wire)
                return
            await wire.send(piece)
            wire.close()
            return


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """No wait takes any time; how long each would have taken, in seconds."""
    waits = []
    sleep = asyncio.sleep

    async def noted(seconds):
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr(module, "sleep", noted)
    return waits


async def ask(folder, plan, *fields, body=BODY, **more):
    async with Provider(plan) as provider, Proxy(folder, provider.url, **more) as proxy:
        answer = await proxy.call(post(body, *fields))
        return *answer, await proxy.end()


async def test_a_failure_is_repeated(tmp_path):
    plan = Plan(reply(500, b"{}"), reply(429, b"{}"), None, reply())
    status, fields, body, end = await ask(tmp_path, plan, *RETRY)
    assert (status, body) == (200, GOOD)
    assert plan.asked == [json.loads(BODY)] * 4
    assert b"x-should-retry" not in fields and b"helicone-fallback-index" not in fields
    assert (end.attempts, end.status, end.error, end.fallback_index, end.answered) == (4, 200, None, None, 3)
    assert [(each.status, each.error) for each in end.tries] == [
        (500, None),
        (429, None),
        (None, "upstream_cut"),
        (200, None),
    ]
    assert all(each.model == "a" and each.provider == "openai" for each in end.tries)
    starts = [each.started_us for each in end.tries]
    assert starts == sorted(starts) and end.latency_us >= starts[-1] + end.tries[-1].took_us


async def test_no_more_often_than_asked_and_the_last_answer_stands(tmp_path):
    plan = Plan(reply(503, b'{"n":1}'), reply(502, b'{"n":2}', b"x-should-retry: true"), None)
    status, fields, body, end = await ask(tmp_path, plan, *RETRY, b"helicone-retry-num: 2")
    assert (status, body, len(plan.asked)) == (502, b'{"n":2}', 3)
    assert fields[b"x-should-retry"] == b"false"
    assert (end.attempts, end.answered, end.status, end.response) == (3, 1, 502, b'{"n":2}')


async def test_where_nobody_answers_the_trouble_is_told(tmp_path):
    status, fields, body, end = await ask(tmp_path, Plan(None), *RETRY, b"helicone-retry-num: 1", FALL)
    assert (status, fields[b"x-should-retry"], end.error, end.attempts) == (502, b"false", "upstream_cut", 3)
    assert [each.model for each in end.tries] == ["a", "a", "b"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 422])
async def test_what_is_not_repeated(tmp_path, status):
    plan = Plan(reply(status, b"{}"))
    told, fields, _, end = await ask(tmp_path, plan, *RETRY)
    assert (told, len(plan.asked), end.attempts, end.tries) == (status, 1, 1, ())
    assert b"x-should-retry" not in fields


@pytest.mark.parametrize("field", [b"helicone-retry-enabled: false", b"helicone-retry-num: 0", b"x-plain: 1"])
async def test_off(tmp_path, field):
    settings = RetrySettings(enabled=not field.startswith(b"x-"), min_ms=0)
    plan = Plan(reply(500, b"{}"), reply())
    status, _, _, end = await ask(tmp_path, plan, field, retrying=settings)
    assert (status, len(plan.asked), end.attempts, end.tries) == (500, 1, 1, ())


async def test_on_for_all(tmp_path):
    plan = Plan(reply(500, b"{}"), reply())
    status, _, _, end = await ask(tmp_path, plan, retrying=RetrySettings(enabled=True, num=1, min_ms=0))
    assert (status, end.attempts) == (200, 2)


async def test_waits_grow_and_what_a_provider_asks_for_holds_up_to_the_longest(tmp_path, waits, monkeypatch):
    pieces = [
        reply(500, b"{}"),
        reply(500, b"{}"),
        reply(429, b"{}", b"retry-after: 3"),
        reply(429, b"{}", b"retry-after: 60"),
        reply(529, b"{}", b"retry-after-ms: 40", b"retry-after: 9"),
        reply(),
    ]
    settings = RetrySettings(enabled=True, min_ms=1000, max_ms=5000, num=9)
    await ask(tmp_path, Plan(*pieces), retrying=settings)
    assert 0.5 <= waits[0] <= 1 <= waits[1] <= 2
    assert waits[2:] == [3, 5, 0.04]


async def test_no_attempt_after_the_deadline(tmp_path, waits):
    settings = RetrySettings(enabled=True, min_ms=10_000, deadline_seconds=4)
    plan = Plan(reply(500, b"{}"))
    status, _, _, end = await ask(tmp_path, plan, retrying=settings)
    assert (status, end.attempts, waits) == (500, 1, [])


@pytest.mark.parametrize(
    "piece",
    [
        reply(408, b"{}"),
        reply(409, b"{}"),
        reply(429, b"{}"),
        reply(500, b"{}"),
        reply(529, b"{}"),
        reply(404, b'{"error":{"code":"model_not_found"}}'),
        None,
        b"HTTP/1.1 200 OK\r\n",
        reply(size=999)[:-5],
    ],
)
async def test_what_a_fallback_follows(tmp_path, piece):
    plan = Plan(piece, reply())
    status, fields, body, end = await ask(tmp_path, plan, FALL)
    assert (status, body, fields[b"helicone-fallback-index"]) == (200, GOOD, b"1")
    assert [each["model"] for each in plan.asked] == ["a", "b"]
    assert (end.attempts, end.fallback_index, end.answered) == (2, 1, 1)
    assert [each.model for each in end.tries] == ["a", "b"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_what_no_fallback_follows(tmp_path, status):
    plan = Plan(reply(status, b"{}"))
    told, fields, _, end = await ask(tmp_path, plan, FALL)
    assert (told, len(plan.asked), fields[b"helicone-fallback-index"]) == (status, 1, b"0")
    assert (end.fallback_index, end.attempts) == (0, 1)


async def test_program_5(tmp_path, waits):
    plan = Plan(*[reply(500, b"{}")] * 4, reply())
    fields = (b"helicone-retry-enabled: true", b"helicone-retry-num: 3", b"helicone-retry-factor: 2", FALL)
    status, told, _, end = await ask(tmp_path, plan, *fields)
    assert [each["model"] for each in plan.asked] == ["a", "a", "a", "a", "b"]
    assert (status, told[b"helicone-fallback-index"], end.attempts) == (200, b"1", 5)
    assert 0.5 <= waits[0] <= 1 <= waits[1] <= 2 <= waits[2] <= 4 and len(waits) == 3


async def test_codes_say_when_to_go_on(tmp_path):
    entries = [
        {"target-url": "URL", "headers": {"api-key": "k"}, "onCodes": [401, {"from": 200, "to": 201}]},
        {"target-url": "URL", "headers": {"api-key": "k"}, "onCodes": [500]},
        {"target-url": "URL", "headers": {"api-key": "k"}},
    ]
    for pieces, status, asked, index in (
        ([reply(401, b"{}"), reply()], 200, 2, b"1"),
        ([reply(200), reply(429, b"{}")], 429, 2, b"1"),
        ([reply(500, b"{}")], 500, 1, b"0"),
        ([reply(401, b"{}"), reply(500, b"{}"), reply(418, b"{}")], 418, 3, b"2"),
    ):
        plan = Plan(*pieces)
        folder = tmp_path / str(status)
        folder.mkdir()
        async with Provider(plan) as provider, Proxy(folder, provider.url) as proxy:
            said = json.dumps(entries).replace("URL", provider.url).encode()
            field = b"helicone-fallbacks: " + said
            told, fields, _ = await proxy.call(post(BODY, field, path=b"/gateway/v1/chat/completions"))
            assert (told, len(plan.asked), fields[b"helicone-fallback-index"]) == (status, asked, index)


@pytest.mark.parametrize(
    "first",
    [
        SSE + ROLE,
        SSE,
        SSE[:-2] + b"content-length: 9999\r\n\r\n: hello\n\n" + ROLE,
        SSE + ROLE + b'data: {"error":{"message":"x","type":"server_error","code":null}}\n\n',
    ],
)
async def test_a_stream_that_fails_before_it_has_said_anything(tmp_path, first):
    plan = Plan(first, SSE + ROLE + SAID + DONE)
    status, _, body, end = await ask(tmp_path, plan, FALL, body=STREAMED)
    assert (status, body) == (200, ROLE + SAID + DONE)
    assert (end.attempts, end.fallback_index, end.error) == (2, 1, None)
    assert b"\r\naccept-encoding: identity" in plan.heads[0].lower()


async def test_a_preamble_is_held_until_content_and_the_rest_is_not(tmp_path):
    said, rest = asyncio.Event(), asyncio.Event()

    async def slow(wire):
        await wire.send(SSE + ROLE)
        await said.wait()
        await wire.send(SAID)
        await rest.wait()
        await wire.send(DONE)
        wire.close()

    async with Provider(Plan(slow)) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(post(STREAMED, FALL))
        head = asyncio.ensure_future(client.head())
        for _ in range(20):
            await asyncio.wait({head}, timeout=0.005)
        assert not head.done()
        said.set()
        assert (await head)[0] == 200
        async with asyncio.timeout(10):
            await client.reader.readuntil(SAID)
        rest.set()
        async with asyncio.timeout(10):
            await client.reader.readuntil(b"[DONE]")


async def test_nothing_is_repeated_after_the_first_content(tmp_path):
    plan = Plan(SSE[:-2] + b"content-length: 9999\r\n\r\n" + ROLE + SAID, SSE + ROLE + SAID + DONE)
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(post(STREAMED, *RETRY, FALL))
        told = await client.ended()
        assert SAID in told and DONE not in told
        end = await proxy.end()
    assert (end.error, end.attempts, end.tries, len(plan.asked)) == ("upstream_cut", 1, (), 1)


async def test_when_all_streams_fail_there_is_an_error_and_no_200(tmp_path):
    error = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    start = b'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":9}}}\n\n'
    plan = Plan(SSE + start + b"event: error\ndata: " + error + b"\n\n")
    status, fields, body, end = await ask(tmp_path, plan, FALL, body=STREAMED)
    assert (status, body, fields[b"content-type"]) == (529, error, b"application/json")
    assert (end.attempts, [each.status for each in end.tries]) == (2, [529, 529])
    assert start in end.tries[0].body


async def test_an_answer_that_breaks_off_is_repeated_whole(tmp_path):
    plan = Plan(reply(size=999)[:-5], reply())
    status, _, body, end = await ask(tmp_path, plan, *RETRY)
    assert (status, body, end.attempts) == (200, GOOD, 2)
    assert (end.tries[0].status, end.tries[0].error) == (200, "upstream_cut")


async def test_a_large_answer_is_passed_on_as_it_comes(tmp_path, monkeypatch):
    monkeypatch.setattr(module.preamble, "HELD_MAX", 1000)
    large = b'"' + b"x" * 100_000 + b'"'
    plan = Plan(reply(200, large, size=200_000))
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(post(BODY, *RETRY))
        assert (await client.ended()).endswith(b'x"')
        assert (await proxy.end()).error == "upstream_cut"


async def test_a_slow_body_of_an_error_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_ERROR_SECONDS", 0.02)

    async def slow(wire):
        await wire.send(reply(500, b"{}", size=99))
        await wire.gone()

    plan = Plan(slow, reply())
    status, _, _, end = await ask(tmp_path, plan, FALL)
    assert (status, end.attempts, end.tries[0].status) == (200, 2, 500)


async def test_silence_before_the_first_byte_is_given_up(tmp_path):
    async def silent(wire):
        await wire.gone()

    plan = Plan(silent, reply())
    timeouts = Timeouts(first_byte=0.01, idle=60)
    status, _, _, end = await ask(tmp_path, plan, FALL, timeouts=timeouts)
    assert (status, end.tries[0].error, end.tries[0].status) == (200, "idle_timeout", None)


@pytest.mark.parametrize("patient", [False, True])
async def test_a_call_that_asks_for_more_time_has_it(tmp_path, patient):
    asked, go = asyncio.Event(), asyncio.Event()

    async def slow(wire):
        asked.set()
        await go.wait()
        await wire.send(reply())

    async with Provider(Plan(slow)) as provider, Proxy(tmp_path, provider.url, timeouts=Timeouts(idle=30)) as proxy:
        client = await proxy.connect()
        await client.send(post(BODY, *([b"helicone-increase-timeout: true"] if patient else [])))
        await asyncio.wait_for(asked.wait(), 10)
        proxy.house.upstream._pool.sweep(monotonic() + 1700)
        go.set()
        assert (await client.answer())[0] == (200 if patient else 504)


@pytest.mark.parametrize("when", ["attempt", "wait"])
async def test_a_client_that_leaves_ends_it(tmp_path, when, monkeypatch):
    waiting = asyncio.Event()

    async def for_ever(seconds):
        waiting.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(module, "sleep", for_ever)

    async def silent(wire):
        waiting.set()
        await wire.gone()

    plan = Plan(reply(500, b"{}"), silent) if when == "wait" else Plan(silent)
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(post(BODY, *RETRY))
        await asyncio.wait_for(waiting.wait(), 10)
        client.close()
        end = await proxy.end()
        assert (end.error, end.attempts, len(plan.asked)) == ("client_closed", 1, 1)


async def test_a_model_that_fails_again_and_again_is_left_alone(tmp_path):
    settings = RetrySettings(breaker=2, breaker_seconds=3600)
    plan = Plan(reply(500, b"{}"), reply(), reply(500, b"{}"), reply())
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url, retrying=settings) as proxy:
        for _ in range(2):
            assert (await proxy.call(post(BODY, FALL)))[0] == 200
        assert [each["model"] for each in proxy.house.breaker.open()] == ["a"]
        status, fields, _ = await proxy.call(post(BODY, FALL))
        assert (status, fields[b"helicone-fallback-index"]) == (200, b"1")
        assert [each["model"] for each in plan.asked] == ["a", "b", "a", "b", "b"]
        end = (await proxy.ends(3))[-1]
        assert (end.attempts, end.fallback_index, [each.model for each in end.tries]) == (1, 1, ["b"])
        await proxy.call(post(BODY, *RETRY))
        assert plan.asked[-1]["model"] == "a", "without a fallback it is asked all the same"


async def test_calls_that_ask_for_nothing_are_counted_too(tmp_path):
    settings = RetrySettings(breaker=2, breaker_seconds=3600)
    plan = Plan(reply(429, b"{}"), None, reply(), reply())
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url, retrying=settings) as proxy:
        assert [(await proxy.call(post(BODY)))[0] for _ in range(2)] == [429, 502]
        assert [each["model"] for each in proxy.house.breaker.open()] == ["a"]
        assert (await proxy.call(post(BODY, FALL)))[0] == 200
        assert plan.asked[-1]["model"] == "b"
        [told] = (await proxy.ends(3))[-1].tries
        assert (told.place, told.model, told.message) == (1, "b", "a was left alone: it had failed again and again")
        assert (await proxy.call(post(BODY)))[0] == 200
        assert not proxy.house.breaker.counts, "it has answered"


async def test_a_callers_own_fault_is_no_failure_of_the_model(tmp_path):
    settings = RetrySettings(breaker=1, breaker_seconds=3600)
    plan = Plan(reply(401, b"{}"))
    entries = b'[{"target-url": "%b", "headers": {"api-key": "k"}, "onCodes": [401]}]'
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url, retrying=settings) as proxy:
        field = b"helicone-fallbacks: " + entries % provider.url.encode()
        assert (await proxy.call(post(BODY, field, path=b"/gateway/v1/chat/completions")))[0] == 401
        assert (await proxy.call(post(BODY)))[0] == 401
        assert (await proxy.call(post(b'{"model":""}')))[0] == 401
        assert not proxy.house.breaker.counts


@pytest.mark.parametrize("fields", [(), (FALL,)])
async def test_a_callers_own_fault_is_no_answer_of_the_model_either(tmp_path, fields):
    settings = RetrySettings(breaker=2, breaker_seconds=3600)
    plan = Plan(reply(500, b"{}"), reply(401, b"{}"), reply(500, b"{}"))
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url, retrying=settings) as proxy:
        assert [(await proxy.call(post(BODY, *each)))[0] for each in ((), fields, ())] == [500, 401, 500]
        assert [each["model"] for each in proxy.house.breaker.open()] == ["a"]


@pytest.mark.parametrize("fields", [(), (*RETRY, b"helicone-retry-num: 2")])
async def test_a_provider_that_breaks_off_has_read_the_request(tmp_path, fields):
    """A storm of such attempts is one on the budget too."""
    body = b'{"model":"a","max_tokens":100,"messages":[{"role":"user","content":"Hello there!"}]}'
    field = b"helicone-ratelimit-policy: 1000;w=3600;u=tokens"
    status, _, _, end = await ask(tmp_path, Plan(None), *fields, field, body=body)
    amounts = [charge.amount for charge in end.charges]
    assert (status, len(amounts)) == (502, end.attempts)
    assert all(0 < amount < 30 for amount in amounts), "what was asked, and not what was set aside for the answer"


async def test_each_attempt_passes_the_limits(tmp_path):
    plan = Plan(reply(500, b"{}"), reply(500, b"{}"), reply())
    field = b"helicone-ratelimit-policy: 2;w=3600"
    status, fields, body, end = await ask(tmp_path, plan, *RETRY, field)
    assert (status, len(plan.asked), fields[b"helicone-ratelimit-remaining"]) == (500, 2, b"0")
    assert sum(charge.amount for charge in end.charges) == 2
    assert fields[b"x-should-retry"] == b"false"


async def test_a_first_attempt_that_limits_refuse_is_refused(tmp_path):
    plan = Plan(reply())
    status, fields, _, end = await ask(tmp_path, plan, FALL, b"helicone-ratelimit-policy: 0;w=3600")
    assert (status, plan.asked, end.error, end.attempts) == (429, [], "refused_limit", 0)


async def test_another_models_answer_is_not_stored(tmp_path):
    good = b'{"model":"b","choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}'
    plan = Plan(reply(500, b"{}"), reply(200, good))
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url) as proxy:
        for _ in range(2):
            status, fields, _ = await proxy.call(post(BODY, FALL, b"helicone-cache-enabled: true"))
            assert (status, fields[b"helicone-cache-hit"]) == (200, b"false")
        assert len(plan.asked) == 3


async def test_a_body_too_large_to_be_held_is_asked_once(tmp_path, monkeypatch):
    from helicli.proxy import client

    monkeypatch.setattr(client, "BUFFER_BYTES", 1000)
    body = b'{"model":"a","x":"' + b"y" * 200_000 + b'"}'
    for fields, status in ((RETRY, 500), ((b'helicone-fallbacks: [{"target-url": "http://x.test"}]',), 413)):
        plan = Plan(reply(500, b"{}"), reply())
        folder = tmp_path / str(status)
        folder.mkdir()
        assert (await ask(folder, plan, *fields, body=body))[0] == status
        assert len(plan.asked) == (status == 500)


async def test_a_provider_that_will_not_be_asked_for_usage_is_asked_twice(tmp_path):
    no = b'{"error":{"message":"unknown field stream_options"}}'
    plan = Plan(reply(400, no), SSE + SAID + DONE)
    body = b'{"model":"a","stream":true,"messages":[]}'
    status, _, _, end = await ask(tmp_path, plan, body=body)
    assert (status, end.attempts, [each.status for each in end.tries], end.answered) == (200, 2, [400, 200], 1)


async def test_a_client_that_leaves_the_second_of_them_leaves_two_attempts(tmp_path):
    began = asyncio.Event()

    async def silent(wire):
        began.set()
        await wire.gone()

    plan = Plan(reply(400, b'{"error":{"message":"unknown field stream_options"}}'), silent)
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(post(b'{"model":"a","stream":true,"messages":[]}'))
        await asyncio.wait_for(began.wait(), 10)
        client.close()
        end = await proxy.end()
        assert [(each.status, each.error) for each in end.tries] == [(400, None), (None, "client_closed")]
        assert (end.attempts, end.answered) == (2, None)


async def test_the_log_has_the_key_that_each_target_was_asked_with(tmp_path):
    own, first, second = (provider_key([(b"authorization", b"Bearer " + key)]) for key in (b"own", b"one", b"two"))
    plan = Plan(reply(), reply(500, b"{}"), reply(), reply(500, b"{}"), reply())
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url, other=provider.url + "/x") as proxy:
        target = b'{"target-url": "%b", "onCodes": [500], "headers": {"Authorization": "Bearer %%b"}}' % (
            provider.url.encode()
        )
        whole = b"helicone-fallbacks: [%b, %b]" % (target % b"one", target % b"two")
        fall = b'helicone-fallback: [{"provider": "other", "headers": {"Authorization": "Bearer two"}}]'
        sent = b"authorization: Bearer own"
        for field, path in ((whole, b"/gateway/v1/x"), (whole, b"/gateway/v1/x"), (fall, b"/v1/x")):
            assert (await proxy.call(post(BODY, field, sent, path=path)))[0] == 200
        ends = await proxy.ends(3)
    assert [begin.provider_key for begin in proxy.begins()] == [first, first, own]
    assert [[each.provider_key for each in end.tries] for end in ends] == [[], [first, second], [own, second]]


async def test_keys_of_fallbacks_stay_out_of_the_journal(tmp_path):
    key = b"sk-fallback-0123456789"
    plan = Plan(reply(500, b'{"error":{"message":"bad key %b"}}' % key), reply())
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url, other=provider.url + "/x") as proxy:
        field = b'helicone-fallback: [{"provider": "other", "headers": {"Authorization": "Bearer %b"}}]' % key
        assert (await proxy.call(post(BODY, field)))[0] == 200
        await proxy.ends(1)
        broken = b'helicone-fallback: [{"headers": {"Authorization": "Bearer %b"}' % key
        assert (await proxy.call(post(BODY, broken)))[0] == 400
        await proxy.ends(2)
        assert key not in b"".join(path.read_bytes() for path in tmp_path.glob("*.calls"))
        assert key in plan.heads[1]
        [first, _] = proxy.begins()
        said = dict(first.headers)[b"helicone-fallback"]
        assert json.loads(said) == [{"provider": "other", "headers": {"Authorization": "***"}}]
        assert Kind.END
