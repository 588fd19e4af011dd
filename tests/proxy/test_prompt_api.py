"""Helicone's prompt API over the shelf, and at the proxy's own port."""

from __future__ import annotations

import json

import pytest

from helicli.prompts import File, Source
from helicli.proxy.prompt_api import answer
from helicli.proxy.prompts import Shelf
from helicli.store.prompts import StoredPrompt, Version
from tests.proxy.house import HOST, Proxy, post

FIRST = Source(File("support.md", "## user\n{{a}}\n"))
SECOND = Source(
    File(
        "support.md",
        """+++
model = "gpt-4o"
[parameters]
temperature = 0.5
seed = "{{seed:number}}"
[[tools]]
name = "find"
+++
## system
{{> tone}} \\{{x}}
## user
{{question:string}} {{when}}
""",
    ),
    (File("_tone.md", "Be {{how}}."),),
)
VERSIONS = (Version(1, FIRST.hash, "begin", 0), Version(2, SECOND.hash, "more", 1000))
SHELF = Shelf(
    [
        StoredPrompt("support", VERSIONS, {"production": 1, "staging": 2}),
        StoredPrompt("other", (Version(1, FIRST.hash, "", 0),), {}),
    ],
    {FIRST.hash: FIRST, SECOND.hash: SECOND},
)


def ask(path, method="POST", **given):
    status, body = answer(SHELF, method, f"/v1/prompt-2025/{path}", json.dumps(given).encode(), "http://here")
    return status, json.loads(body)


def data(path, method="POST", **given):
    status, said = ask(path, method, **given)
    assert (status, said["error"]) == (200, None)
    return said["data"]


def test_versions():
    assert data("query/production-version", promptId="support")["id"] == "support@1"
    assert data("query/environment-version", promptId="support", environment="staging") == {
        "id": "support@2",
        "model": "gpt-4o",
        "prompt_id": "support",
        "major_version": 2,
        "minor_version": 0,
        "commit_message": "more",
        "environments": ["staging"],
        "created_at": "1970-01-01T00:00:01.000Z",
        "s3_url": "http://here/v1/prompt-2025/body/support@2",
    }
    assert data("query/version", promptVersionId="support@2")["major_version"] == 2
    assert [each["id"] for each in data("query/versions", promptId="support")] == ["support@2", "support@1"]
    assert [each["id"] for each in data("query/versions", promptId="support", majorVersion=1)] == ["support@1"]


def test_lists():
    assert [each["name"] for each in data("query")] == ["other", "support"]
    assert [each["name"] for each in data("query", search="SUP")] == ["support"]
    assert [each["name"] for each in data("query", page=1, pageSize=1)] == ["support"]
    assert data("id/support", "GET")["id"] == "support"
    assert data("tags", "GET") == []


def test_a_body_has_helicones_tags():
    assert ask("body/support@2", "GET") == (
        200,
        {
            "model": "gpt-4o",
            "messages": [
                {"role": "system", "content": "Be {{hc:how:any}}. {{x}}"},
                {"role": "user", "content": "{{hc:question:string}} {{hc:when:any}}"},
            ],
            "temperature": 0.5,
            "seed": "{{hc:seed:number}}",
            "tools": [
                {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {}}}}
            ],
        },
    )


@pytest.mark.parametrize(
    ("path", "given", "status", "said"),
    [
        (
            "query/production-version",
            {"promptId": "suport"},
            404,
            'no prompt "suport" is stored; there are other, support',
        ),
        ("query/production-version", {}, 400, "promptId is missing"),
        ("query/version", {"promptVersionId": "support@9"}, 404, "support has no version 9"),
        ("query/version", {"promptVersionId": "../x"}, 400, "cannot be the name"),
        ("query/environment-version", {"promptId": "other", "environment": "x"}, 404, "other has no label x"),
        ("query", {"page": "x"}, 400, "page and pageSize are whole numbers"),
        ("update", {"promptId": "support"}, 501, "helicli prompts push"),
        ("", {"name": "x"}, 501, "helicli prompts push"),
    ],
)
def test_what_is_not_there_is_named(path, given, status, said):
    got, body = ask(path, **given)
    assert got == status and body["data"] is None and said in body["error"]


@pytest.mark.anyio
async def test_at_the_proxys_port_without_a_call(tmp_path):
    async with Proxy(tmp_path, "http://127.0.0.1:9") as proxy:
        proxy.house.shelf = SHELF
        asked = post(b'{"promptId": "support"}', path=b"/v1/prompt-2025/query/production-version")
        status, _, body = await proxy.call(asked)
        assert (status, json.loads(body)["data"]["s3_url"]) == (200, "http://localhost/v1/prompt-2025/body/support@1")
        status, _, body = await proxy.call(b"GET /v1/prompt-2025/body/support@1 HTTP/1.1\r\n" + HOST + b"\r\n")
        assert json.loads(body) == {"messages": [{"role": "user", "content": "{{hc:a:any}}"}]}
        status, _, body = await proxy.call(post(b"[", path=b"/v1/prompt-2025/query"))
        assert (status, json.loads(body)["error"][:27]) == (400, "the body is no JSON object;")
        status, _, body = await proxy.call(b"GET /v1/prompt-2025/tags HTTP/1.1\r\nhost: evil.example\r\n\r\n")
        assert status == 403
        assert proxy.begins() == []
