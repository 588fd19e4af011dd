"""A call as curl, read by a shell."""

from __future__ import annotations

import gzip
import subprocess

import pytest
from msgspec.structs import replace

from helicli.errors import NotFoundError
from helicli.query.calls import by_seq
from helicli.query.reading import opened
from helicli.query.wire import Side
from helicli.view.curl import curl
from tests.query import logs

PROMPT = (("Helicone-Prompt-Id", "support"), ("helicone-prompt-version", "3"), ("Helicone-Prompt-Variables", "{}"))
BODY = b'{"model":"gpt-4o","messages":[{"role":"user","content":"it\'s $HOME `x` \\u001b[2J\\n"}]}'


@pytest.fixture
def one(tmp_path):
    with opened(logs.write(tmp_path / "x.db", logs.call(1))) as db:
        return by_seq(db, [1])[0]


def side(body: bytes = BODY, *more: tuple[str, str]) -> Side:
    fields = [("host", "127.0.0.1:8787"), ("content-length", "9"), ("content-type", "application/json"), *more]
    return Side(fields, body, len(body))


def read(command: str, **env: str) -> list[str]:
    """The arguments that a shell hands to curl."""
    done = subprocess.run(
        ["/bin/sh", "-c", 'curl() { for each; do printf "%s\\0" "$each"; done; }; ' + command],
        capture_output=True,
        env=env,
        check=True,
    )
    return done.stdout.decode().split("\0")[:-1]


def test_what_was_sent_is_sent_again(one):
    masked = ("authorization", "Bearer ***")
    told = curl(one, side(BODY, masked, ("Helicone-User-Id", "it's ada")), "http://0.0.0.0:9/", "helicli show 1")
    assert read(told, OPENAI_API_KEY="sk-1", HOME="/no") == [
        "http://127.0.0.1:9/openai/v1/chat/completions",
        "-H", "content-type: application/json",
        "-H", "authorization: Bearer sk-1",
        "-H", "Helicone-User-Id: it's ada",
        "--data-binary", BODY.decode(),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"\xff\x00", b"a\x1b[201~b", b"@/etc/passwd", b"x" * 20_001])
def test_a_body_that_cannot_be_pasted_is_handed_over(one, body):
    told = curl(one, side(body), "http://127.0.0.1:9", "helicli show 1")
    assert told.startswith("helicli show 1 --request --raw | curl ") and told.endswith("--data-binary @-")


def test_other_secrets_and_control_characters_are_left_out(one):
    told = curl(one, side(b"", ("cookie", "***"), ("helicone-auth", "Bearer ***"), ("x-a", "\x1b[2J")), "http://a", "")
    assert read(told)[1:] == ["-H", "content-type: application/json"]


def test_what_was_not_kept_cannot_be_sent(one):
    with pytest.raises(NotFoundError) as caught:
        curl(one, Side([], None, 7), "http://a", "helicli show 1")
    assert "7 bytes, not kept" in caught.value.message


def test_a_prompt_that_was_put_in_is_not_put_in_again(one):
    assert curl(one, side(BODY, *PROMPT), "http://a", "").lower().count("helicone-prompt-") == 3
    told = curl(replace(one, prompt="support", prompt_version=3), side(BODY, *PROMPT), "http://a", "")
    assert "helicone-prompt" not in told.lower()


@pytest.mark.parametrize(("body", "told"), [(BODY, False), (gzip.compress(BODY), True)])
def test_an_encoding_is_told_of_a_body_that_has_it(one, body, told):
    assert ("Content-Encoding" in curl(one, side(body, ("Content-Encoding", "gzip")), "http://a", "show")) is told
