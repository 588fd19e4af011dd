"""The views of a call's bodies."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len

from helicli.query.reading import opened
from helicli.tui import one_call, views
from helicli.tui.views import broken
from tests.query import logs
from tests.view.payloads import WRITABLE


def one(path, **given):
    with opened(logs.write(path / "x.db", logs.call(1, **given))) as db:
        return next(one_call.read(db, 1))


def text(lines):
    return "\n".join("".join(part for part, _ in line) for line in lines)


def test_a_body_has_its_keys_one_below_another(tmp_path):
    told = text(views.view(one(tmp_path), "request", 80))
    assert '\n   "model": "gpt-4o",\n' in told
    assert json.loads(told)["model"] == "gpt-4o"


def test_headers_and_bytes(tmp_path):
    call = one(tmp_path, response=b"\x00\x01\xffabc")
    assert " content-type               application/json" in text(views.view(call, "headers", 80))
    raw = text(views.view(call, "raw", 80))
    assert '"messages"' in raw and "00 01 ff 61 62 63" in raw and "···abc" in raw


def test_what_is_not_there_is_said(tmp_path):
    call = one(
        tmp_path, request=None, request_size=99, request_missing="switched_off", response=b"", response_headers=[]
    )
    assert "99 bytes, not kept: serve --bodies" in text(views.view(call, "request", 80))
    assert "(nothing)" in text(views.view(call, "response", 80))
    assert "none were kept" in text(views.view(call, "headers", 80))


def test_lines_are_broken_at_words_and_nothing_is_lost():
    line = [("one two three ", "accent"), ("four" * 10, ""), (" 日本語" * 4, "dim")]
    for width in (1, 3, 8, 20, 200):
        rows = list(broken(line, width))
        assert text(rows).replace("\n", "") == text([line])
        assert all(sum(cell_len(part) for part, _ in row) <= max(2, width) for row in rows)
    assert text(broken([("one two three four", "")], 10)) == "one two \nthree four"


@pytest.mark.parametrize("payload", WRITABLE)
@pytest.mark.parametrize("name", ["request", "response", "headers", "raw"])
def test_text_from_elsewhere(tmp_path, payload, name):
    body = payload.encode()
    call = one(tmp_path, request=body, response=body, response_headers=[(b"x-a", body.replace(b"\0", b""))])
    for width in (0, 60):
        shown = text(views.view(call, name, width)).replace("\n", "")
        assert not [sign for sign in shown if ord(sign) < 32 or 127 <= ord(sign) < 160 or ord(sign) == 0x202E]


def test_the_difference_names_both_calls(tmp_path):
    (tmp_path / "b").mkdir()
    told = text(views.diff(one(tmp_path), one(tmp_path / "b", answer="Another answer."), 70))
    assert "- call 1" in told and "+ call 1" in told
    assert "- Open Settings" in told and "+ Another answer." in told
