"""Managed prompts on the road: what an id means, what goes up, what is refused, what the log keeps."""

from __future__ import annotations

import gzip
import json
import random
import threading
from urllib.parse import quote

import pytest

from helicli.call import Prompted
from helicli.prompts import File, Source
from helicli.proxy.prompts import Shelf
from helicli.store.encodings import decode
from helicli.store.prompts import StoredPrompt, Version
from tests.e2e.codings import encode
from tests.proxy.house import Proxy, post
from tests.proxy.wires import ANSWER, Provider

pytestmark = pytest.mark.anyio

ASK = [{"role": "user", "content": "{{q}}"}]


def prompt(name, *texts, **labels):
    sources = [Source(File(f"{name}.md", f"## system\n{text}\n\n## user\n{{{{q}}}}\n")) for text in texts]
    versions = [Version(at, each.hash, "", 0) for at, each in enumerate(sources, 1)]
    return StoredPrompt(name, tuple(versions), labels), {each.hash: each for each in sources}


def shelf(*prompts):
    return Shelf([each for each, _ in prompts], {hash: one for _, known in prompts for hash, one in known.items()})


SHELF = (
    prompt("support", "one", "two", "three", production=2, staging=3),
    prompt("chat", "first"),
    prompt("chat-v1", "exact"),
)


def packed(coding, body):
    """A body as several codings, one after the other, make it."""
    for name in filter(None, coding.split(", ")):
        body = encode(name, body)
    return body


class Road:
    """A proxy with stored prompts before a provider that keeps what it is sent."""

    def __init__(self, proxy, seen):
        self.proxy, self.seen = proxy, seen

    async def ask(self, body=None, prompt_id=None, values=None, path=b"/v1/chat/completions", *fields, raw=None):
        lines = [*fields]
        if prompt_id is not None:
            lines.append(b"helicone-prompt-id: " + prompt_id.encode())
        if values is not None:
            said = values if isinstance(values, bytes) else json.dumps(values).encode()
            lines.append(b"helicone-prompt-variables: " + said)
        sent = raw if raw is not None else json.dumps({"messages": ASK} if body is None else body).encode()
        return await self.proxy.call(post(sent, *lines, path=path))

    @property
    def sent(self):
        return json.loads(self.seen[-1].partition(b"\r\n\r\n")[2])


@pytest.fixture
async def road(tmp_path):
    seen = []

    async def provide(wire):
        while request := await wire.request():
            seen.append(request)
            await wire.send(ANSWER)

    async with Provider(provide) as provider, Proxy(tmp_path, provider.url) as proxy:
        proxy.house.shelf = shelf(*SHELF)
        yield Road(proxy, seen)


@pytest.mark.parametrize(
    ("said", "system", "version"),
    [
        ("support", "two", 2),
        ("support@1", "one", 1),
        ("support@v1", "one", 1),
        ("support-v3", "three", 3),
        ("support@staging", "three", 3),
        ("support@production", "two", 2),
        ("support@latest", "three", 3),
        ("chat", "first", 1),
        ("chat@production", "first", 1),
        ("chat-v1", "exact", 1),
    ],
)
async def test_what_an_id_means(road, said, system, version):
    status, fields, _ = await road.ask(prompt_id=said, values={"q": "Hi"})
    assert status == 200
    assert road.sent["messages"] == [{"role": "system", "content": system}, {"role": "user", "content": "Hi"}]
    assert fields[b"helicone-prompt-status"] == b"managed"
    assert fields[b"helicone-prompt-version"] == b"%d" % version
    end = await road.proxy.end()
    name = "chat-v1" if said == "chat-v1" else said.partition("@")[0].removesuffix("-v3")
    assert (end.prompted.name, end.prompted.version) == (name, version)
    assert json.loads(end.prompted.inputs) == {"q": "Hi"}
    assert json.loads(end.request) == road.sent, "the log keeps what went up"


async def test_an_id_that_names_nothing_only_tags(road):
    status, fields, _ = await road.ask(prompt_id="other-v2", values={"q": "Hi {{q}}"})
    assert (status, fields[b"helicone-prompt-status"]) == (200, b"unmanaged")
    assert b"helicone-prompt-version" not in fields
    assert road.sent == {"messages": [{"role": "user", "content": "Hi {{q}}"}]}
    raw = b'{ "messages": [{"role":"user","content":"{{q}} {{ x }}"}] }'
    status, fields, _ = await road.ask(raw=raw, prompt_id="../x")
    assert (status, fields[b"helicone-prompt-status"]) == (200, b"unmanaged")
    assert road.seen[-1].endswith(raw), "without variables nothing is touched"
    ends = await road.proxy.ends(2)
    assert [each.prompted for each in ends] == [Prompted(None, None, b'{"q":"Hi {{q}}"}'), None]
    assert [each.tags.prompt for each in road.proxy.begins()] == ["other-v2", "../x"]


@pytest.mark.parametrize(("said", "system"), [("other", []), ("support@1", ["one"])])
@pytest.mark.parametrize("coding", ["", "gzip"])
async def test_the_marks_of_helicones_older_formatters_are_taken_off(road, said, system, coding):
    value = '<helicone-prompt-input key="q" >té\n</helicone-prompt-input>'
    text = f"<helicone-prompt-static>Be brief.</helicone-prompt-static> On {value}"
    body = {"messages": [{"role": "user", "content": text}, {"role": "user", "content": "a < b"}]}
    field = (b"content-encoding: " + coding.encode(),) if coding else ()
    raw = packed(coding, json.dumps(body).encode())
    status, fields, _ = await road.ask(None, said, None, b"/v1/chat/completions", *field, raw=raw)
    if system:
        # The version asks for {{q}}, which is not given: a mark is no variable.
        assert (status, road.seen) == (400, [])
        status, fields, _ = await road.ask(None, said, {"q": "x"}, b"/v1/chat/completions", *field, raw=raw)
    assert status == 200
    before = [*system, "x"] if system else []
    assert [each["content"] for each in road.sent["messages"]] == [*before, "Be brief. On té\n", "a < b"]
    end = (await road.proxy.ends(2 if system else 1))[-1]
    assert json.loads(end.prompted.inputs) == {"q": "x" if system else "té\n"}
    road.seen.clear()
    await road.ask(raw=json.dumps(body).encode())
    assert road.seen[-1].endswith(json.dumps(body).encode()), "without an id they are texts"


async def test_variables_alone_fill_the_messages(road):
    status, fields, _ = await road.ask(values={"q": "Hi"})
    assert (status, road.sent["messages"][0]["content"]) == (200, "Hi")
    assert b"helicone-prompt-status" not in fields


@pytest.mark.parametrize(
    ("said", "values", "status", "message"),
    [
        ("support", {}, 400, 'support@2 needs 1 variable: q; write "q": "…"'),
        ("support", {"q": None}, 400, "support@2 needs 1 variable: q"),
        (
            "support@9",
            {"q": "x"},
            404,
            "support has no version 9; it has versions 1 to 3 and labels production, staging",
        ),
        ("support-v9", {"q": "x"}, 404, "support has no version 9"),
        ("support@producton", {"q": "x"}, 404, "did you mean support@production?"),
        ("support", b"{", 400, 'Helicone-Prompt-Variables is no JSON object; write {"q": "…"}'),
        ("support@9", b"[1]", 400, 'Helicone-Prompt-Variables is no JSON object; write {"question": "…"}'),
        ("other", b"[1]", 400, 'Helicone-Prompt-Variables is no JSON object; write {"question": "…"}'),
        ("other", {}, 400, "the request needs 1 variable: q"),
    ],
)
async def test_what_is_wrong_is_refused_and_named(road, said, values, status, message):
    got, fields, body = await road.ask(prompt_id=said, values=values)
    assert got == status
    assert message in json.loads(body)["message"]
    assert json.loads(body)["error"]["code"] == "bad_request"
    assert road.seen == [], "nothing goes up"
    end = await road.proxy.end()
    assert (end.status, end.error, end.prompted) == (status, "bad_request", None)
    assert json.loads(end.request) == {"messages": ASK}, "the log keeps what came"


async def test_a_version_in_a_field_of_its_own(road):
    fields = b"helicone-prompt-version: 1"
    assert (await road.ask(None, "support", {"q": "x"}, b"/v1/chat/completions", fields))[0] == 200
    assert road.sent["messages"][0]["content"] == "one"
    await road.ask(None, "support@3", {"q": "x"}, b"/v1/chat/completions", fields)
    assert road.sent["messages"][0]["content"] == "three"


@pytest.mark.parametrize(
    ("more", "system"),
    [
        ({}, "two"),
        ({"version_id": 1}, "one"),
        ({"version_id": "v3"}, "three"),
        ({"version_id": "support@1"}, "one"),
        ({"environment": "staging", "version_id": 1}, "three"),
        ({"environment": "production"}, "two"),
    ],
)
async def test_the_body_names_it_too(road, more, system):
    body = {"model": "m", "prompt_id": "support", "inputs": {"q": "Hi"}, **more}
    status, fields, _ = await road.ask(body)
    assert (status, fields[b"helicone-prompt-status"]) == (200, b"managed")
    assert road.sent["messages"][0]["content"] == system
    assert set(road.sent) == {"model", "messages"}


async def test_the_body_goes_before_the_fields_and_inputs_are_joined(road):
    body = {"prompt_id": "chat", "inputs": {"q": "body"}, "messages": [{"role": "user", "content": "{{r}}"}]}
    await road.ask(body, "support", {"q": "field", "r": "too"})
    assert [each["content"] for each in road.sent["messages"]] == ["first", "body", "too"]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"prompt_id": "suport"}, 404, 'no prompt "suport" is stored; there are chat, chat-v1, support; did you mean'),
        ({"prompt_id": "../x"}, 404, 'no prompt "../x" is stored'),
        ({"prompt_id": "naïve/ü"}, 404, "is stored"),
        ({"prompt_id": 3}, 400, "prompt_id and environment are texts"),
        ({"prompt_id": "support", "inputs": "x"}, 400, "inputs is an object"),
        ({"prompt_id": "support", "environment": "nowhere"}, 404, "support has no label nowhere"),
        ({"prompt_id": "support", "version_id": "a b"}, 400, "cannot be a label"),
        ({"prompt_id": "support", "inputs": {"q": 1}, "messages": 3}, 400, "the messages are no list"),
    ],
)
async def test_a_body_that_is_wrong_is_refused(road, body, status, message):
    got, _, answer = await road.ask(body)
    assert (got, road.seen) == (status, [])
    assert message in json.loads(answer)["message"]


async def test_a_body_that_is_no_json_is_refused(road):
    status, _, answer = await road.ask(raw=b'{"messages": [', prompt_id="support", values={"q": 1})
    assert (status, road.seen) == (400, [])
    assert "the body is no JSON object" in json.loads(answer)["message"]


async def test_only_conversations_are_filled(road):
    raw = b'{"input": "{{q}}", "prompt_id": "support"}'
    status, fields, _ = await road.ask(None, "support", {"q": "x"}, b"/v1/embeddings", raw=raw)
    assert (status, fields[b"helicone-prompt-status"]) == (200, b"unmanaged")
    assert road.seen[-1].endswith(raw)
    status, fields, _ = await road.proxy.call(
        b"GET /v1/models HTTP/1.1\r\nhost: localhost\r\nhelicone-prompt-id: support\r\n\r\n"
    )
    assert (status, fields[b"helicone-prompt-status"]) == (200, b"unmanaged")


async def test_a_call_without_a_prompt_keeps_its_bytes(road):
    raw = b'{ "messages": [{"role":"user","content":"say \\"prompt_id\\": {{q}}"}], "n": 1.0 }'
    status, fields, _ = await road.ask(raw=raw)
    assert status == 200 and road.seen[-1].endswith(raw)
    assert b"helicone-prompt-status" not in fields


async def test_where_nothing_is_stored_no_body_is_looked_into(road):
    road.proxy.house.shelf = Shelf()
    raw = b'{ "prompt_id": "support" }'
    status, fields, _ = await road.ask(raw=raw)
    assert (status, b"helicone-prompt-status" in fields) == (200, False)
    assert road.seen[-1].endswith(raw)


async def test_the_other_dialects(road):
    await road.ask({"model": "m", "messages": ASK}, "support", {"q": "Hi"}, b"/v1/messages")
    assert road.sent == {"model": "m", "system": "two", "messages": [{"role": "user", "content": "Hi"}]}
    await road.ask({"model": "m", "input": "{{q}}"}, "support", {"q": "Hi"}, b"/v1/responses")
    assert road.sent == {"model": "m", "instructions": "two", "input": [{"role": "user", "content": "Hi"}]}
    status, _, answer = await road.ask({"messages": []}, "support", {}, b"/v1/messages")
    assert (status, json.loads(answer)["type"]) == (400, "error")


async def test_values_that_are_encoded_or_large(road):
    text = "Grüße \n{{q}} 100%25"
    await road.ask(None, "chat", quote(json.dumps({"q": text})).encode())
    assert road.sent["messages"][1]["content"] == text
    large = "{{q}}" * 200_000
    await road.ask({"prompt_id": "chat", "inputs": {"q": large}})
    assert road.sent["messages"][1]["content"] == large


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, zstd"])
async def test_a_packed_body_names_its_prompt_too(road, coding):
    field = b"content-encoding: " + coding.encode()
    body = {"prompt_id": "support", "version_id": 1, "inputs": {"q": "Hi"}}
    status, fields, _ = await road.ask(
        None, None, None, b"/v1/chat/completions", field, raw=packed(coding, json.dumps(body).encode())
    )
    assert (status, fields[b"helicone-prompt-version"]) == (200, b"1")
    assert [each["content"] for each in road.sent["messages"]] == ["one", "Hi"]
    assert b"content-encoding" not in road.seen[-1]
    wrong = packed(coding, json.dumps({**body, "prompt_id": "suport"}).encode())
    status, _, answer = await road.ask(None, None, None, b"/v1/chat/completions", field, raw=wrong)
    assert status == 404 and "did you mean support" in json.loads(answer)["message"] and len(road.seen) == 1
    plain = packed(coding, json.dumps({"messages": ASK}).encode())
    assert (await road.ask(None, None, None, b"/v1/chat/completions", field, raw=plain))[0] == 200
    assert road.seen[-1].endswith(plain), "one that names none keeps its bytes"


async def test_what_is_packed_in_an_unknown_way_goes_up_as_it_is(road):
    field = b"content-encoding: odd"
    assert (await road.ask(None, None, None, b"/v1/chat/completions", field, raw=b"xyz"))[0] == 200
    assert road.seen[-1].endswith(b"xyz")


async def test_a_packed_body_goes_up_unpacked(road):
    given = gzip.compress(json.dumps({"model": "m", "messages": ASK}).encode())
    await road.ask(None, "support", {"q": "Hi"}, b"/v1/chat/completions", b"content-encoding: gzip", raw=given)
    assert road.sent["messages"][1]["content"] == "Hi"
    assert b"content-encoding" not in road.seen[-1]
    fields = b"content-encoding: gzip"
    status, _, _ = await road.ask(None, "other", None, b"/v1/chat/completions", fields, raw=given)
    assert status == 200 and road.seen[-1].endswith(given), "an id that only tags looks into no body"
    body = gzip.compress(json.dumps({"prompt_id": "chat", "inputs": {"q": "Hi"}}).encode())
    await road.ask(None, "support", None, b"/v1/chat/completions", fields, raw=body)
    assert [each["content"] for each in road.sent["messages"]] == ["first", "Hi"]
    status, _, answer = await road.ask(
        None, "support", {"q": "Hi"}, b"/v1/chat/completions", b"content-encoding: odd", raw=b"xyz"
    )
    assert status == 415 and "a body that is packed as odd" in json.loads(answer)["message"]


async def test_a_body_that_is_not_held_whole_cannot_be_filled(road, monkeypatch):
    monkeypatch.setattr("helicli.proxy.client.BUFFER_BYTES", 1000)
    large = json.dumps({"messages": [{"role": "user", "content": "x" * 3_000_000}]}).encode()
    status, _, answer = await road.ask(None, "support", {"q": "Hi"}, raw=large)
    assert status == 413 and "too large" in json.loads(answer)["message"]
    assert road.seen == []


@pytest.mark.parametrize("coding", ["", "gzip"])
async def test_a_body_that_is_not_held_whole_is_refused_where_it_names_a_prompt(road, monkeypatch, coding):
    monkeypatch.setattr("helicli.proxy.client.BUFFER_BYTES", 1000)
    field = (b"content-encoding: " + coding.encode(),) if coding else ()
    noise = random.Random(7).randbytes(1_500_000).hex()
    tool = {"tools": [{"prompt_id": 1}], "messages": [{"role": "user", "content": f'"prompt_id": {noise}'}]}

    async def ask(body):
        sent = packed(coding, json.dumps(body).encode())
        status, _, answer = await road.ask(None, None, None, b"/v1/chat/completions", *field, raw=sent)
        return status, answer

    status, answer = await ask({"prompt_id": "support", **tool})
    assert status == 413 and "too large" in json.loads(answer)["message"] and road.seen == []
    assert (await ask(tool))[0] == 200, "the key of a tool is none of the body"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
async def test_a_body_that_unfolds_to_more_than_is_held_is_one_that_is_not_whole(road, monkeypatch, coding):
    monkeypatch.setattr("helicli.proxy.prompts.BUFFER_BYTES", 300_000)
    field = b"content-encoding: " + coding.encode()

    async def ask(body, prompt_id=None):
        sent = packed(coding, json.dumps(body).encode())
        status, _, answer = await road.ask(None, prompt_id, None, b"/v1/chat/completions", field, raw=sent)
        return status, answer, sent

    large = {"messages": [{"role": "user", "content": "x" * 400_000}]}
    for body, prompt_id in (({"prompt_id": "chat", **large}, None), (large, "support")):
        status, answer, _ = await ask(body, prompt_id)
        assert status == 413 and "too large" in json.loads(answer)["message"] and road.seen == []
    status, _, sent = await ask(large)
    assert status == 200 and road.seen[-1].endswith(sent), "one that names none keeps its bytes"
    status, _, _ = await ask({"prompt_id": "chat", "inputs": {"q": "x" * 280_000}})
    assert status == 200 and len(road.sent["messages"][1]["content"]) == 280_000, "one that fits is filled"


async def test_much_is_unpacked_beside_the_loop(road, monkeypatch):
    threads = []

    def noted(encoding, body, limit, **how):
        threads.append((limit, threading.current_thread() is threading.main_thread()))
        return decode(encoding, body, limit, **how)

    monkeypatch.setattr("helicli.proxy.prompts.decode", noted)
    field = b"content-encoding: gzip"
    for count in (10, 1_000_000):
        body = gzip.compress(json.dumps({"messages": [{"role": "user", "content": "x" * count}]}).encode())
        assert (await road.ask(None, None, None, b"/v1/chat/completions", field, raw=body))[0] == 200
    (first, *_), (again, *_), (last, beside) = threads
    assert first == again <= 256 * 1024 < last and threads[0][1] and not beside


@pytest.mark.parametrize("nothing", [None, ""])
async def test_a_key_that_names_nothing_is_taken_off(road, nothing):
    body = {"model": "m", "messages": ASK, "prompt_id": nothing, "inputs": {"q": 1}, "version_id": None}
    status, fields, _ = await road.ask(body)
    assert status == 200 and b"helicone-prompt-status" not in fields
    assert road.sent == {"model": "m", "messages": ASK}
    await road.ask(body, "support", {"q": "Hi"})
    assert [each["content"] for each in road.sent["messages"]] == ["two", "Hi"], "the header's is used"


async def test_secrets_are_masked_in_the_values(road):
    key = b"authorization: Bearer sk-secret-000111"
    await road.ask(None, "support", {"q": "my sk-secret-000111"}, b"/v1/chat/completions", key)
    end = await road.proxy.end()
    assert b"sk-secret" not in end.prompted.inputs + end.request and end.redacted


def test_what_is_ready_stays_ready_where_it_is_the_same():
    before = shelf(prompt("a", "one", "two"), prompt("b", "one"))
    first, other = before.get("a", 1), before.get("b", 1)
    after = shelf(prompt("a", "one", "two", "three"), prompt("b", "changed"))
    after.take_over(before)
    assert after.get("a", 1) is first
    assert after.get("b", 1) is not other
    assert after.get("a", 1) is after.get("a", 1)
