"""Requests to the vendors that the fake upstream poses as, and their answers read as each client reads them."""

from __future__ import annotations

import json

from helicli.demo.routes import reply_to
from helicli.demo.seen import Seen
from helicli.demo.switches import Switches

KEYS = [(b"authorization", b"Bearer sk-demo"), (b"api-key", b"demo"), (b"x-goog-api-key", b"demo")]
HELLO = [{"role": "user", "content": "Hello!"}]
WEATHER = [{"role": "user", "content": "What is the weather in Oslo?"}]
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}]
OSLO = {"location": "Oslo", "unit": "celsius"}


def ask(path, body=None, *, keys=KEYS, **switches):
    """The reply to a request, POST where it has a body."""
    raw = json.dumps(body).encode() if body is not None else b""
    return reply_to(Seen("POST" if raw else "GET", path, list(keys), raw), Switches(**switches), "req_1")


def told(path, body=None, *, keys=KEYS, **switches):
    """The JSON of a reply."""
    return json.loads(ask(path, body, keys=keys, **switches).body)


def events(path, body, **switches):
    """The JSON of each event of a reply, without [DONE]."""
    lines = b"".join(ask(path, body, **switches).parts).replace(b"\r\n", b"\n").split(b"\n")
    data = [line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: ")]
    return [json.loads(each) for each in data if each != b"[DONE]"]


def spoken(chunks):
    """The text of chat chunks."""
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
