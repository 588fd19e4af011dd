"""The full screen beside a real engine: a log that comes, an engine killed and started anew, a file replaced."""

from __future__ import annotations

import os
import sys

import httpx2

from tests.terminal import Terminal

ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "How do I reset my password?"}]}
SECONDS = 60


def call(engine, user):
    sent = {"Authorization": "Bearer sk-1", "Helicone-User-Id": user}
    answer = httpx2.post(f"{engine.url}/v1/chat/completions", json=ASKED, headers=sent, timeout=SECONDS)
    assert answer.status_code == 200


def test_whatever_becomes_of_the_engine_and_its_log_is_told(make_engine):
    engine = make_engine()
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "TERM": "xterm-256color", "TZ": "UTC"}
    command = (sys.executable, "-m", "helicli", "--db", engine.db, "tui")
    with Terminal(*command, env=env, columns=120, lines=36) as shown:

        def told(text):
            shown.until(text, SECONDS, since=told.since)
            told.since = len(shown.seen)

        told.since = 0
        told("There is no log yet")
        engine.start()
        told("live")
        call(engine, "first-user")
        told("first-user")
        engine.kill_all()
        told("no engine")
        engine.start()
        told("live")
        call(engine, "second-user")
        told("second-user")
        for file in engine.db.parent.glob("helicli.db*"):
            if file.is_file() and file.suffix != ".lock":
                file.unlink()
        call(engine, "third-user")
        told("third-user")
        shown.type("2")
        told("cost by model")
        assert engine.stop()[0] == 0
        told("no engine")
        shown.type("1")
        told("third-user")
        shown.type("q")
        code, text = shown.end(SECONDS)
    assert code == 0
    assert "Traceback" not in text and "Error" not in text
