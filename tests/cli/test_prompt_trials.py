"""Where a trial asks, and with which key; the calls themselves stand in tests/e2e/test_prompt_trials.py."""

from __future__ import annotations

import signal
import socket
import threading

import pytest
from msgspec.structs import replace

from helicli.cli.prompt_trials import ask, target
from helicli.errors import UsageError
from helicli.prompts import Compiled, Message, Prompt
from helicli.providers.registry import BUILT_IN

ENV = {"OPENAI_API_KEY": "sk-1", "ANTHROPIC_API_KEY": " sk-2 ", "MINE": "sk-3", "EMPTY": ""}
ELSEWHERE = {**BUILT_IN, "openai": replace(BUILT_IN["openai"], base_url="http://127.0.0.1:9")}


@pytest.mark.parametrize(
    ("model", "provider", "asked"),
    [
        ("gpt-4o", "openai", "gpt-4o"),
        ("claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
        ("groq/llama-3.3-70b", "groq", "llama-3.3-70b"),
        ("openrouter/openai/gpt-4o", "openrouter", "openai/gpt-4o"),
        ("meta-llama/Llama-3", "openai", "meta-llama/Llama-3"),
    ],
)
def test_who_serves_a_model(model, provider, asked):
    found = target(model, BUILT_IN, {}, None)
    assert (found.provider.name, found.model, dict(found.fields).get("authorization")) == (provider, asked, None)


def test_a_key_goes_to_its_providers_own_address_alone():
    assert target("gpt-4o", BUILT_IN, ENV, None).fields == {"authorization": "Bearer sk-1"}
    assert target("claude-x", BUILT_IN, ENV, None).fields["x-api-key"] == "sk-2"
    assert target("gpt-4o", ELSEWHERE, ENV, None).fields == {}
    assert target("gpt-4o", ELSEWHERE, ENV, "MINE").fields == {"authorization": "Bearer sk-3"}


def test_it_is_said_why_no_key_was_sent():
    assert target("gpt-4o", BUILT_IN, ENV, None).note == ""
    assert target("gpt-4o", BUILT_IN, {}, None).note == "no key was sent to openai: export OPENAI_API_KEY=…"
    assert target("gpt-4o", ELSEWHERE, {}, None).note.endswith("--key VARIABLE names the one that holds it")
    assert target("gpt-4o", ELSEWHERE, ENV, None).note == (
        "OPENAI_API_KEY was not sent: http://127.0.0.1:9 is not openai's own address   --key OPENAI_API_KEY sends it"
    )


def test_an_interrupt_ends_calls_that_are_not_answered():
    """A provider that takes minutes does not hold the command."""
    prompt = Compiled(Prompt(name="p", messages=(Message("user", "Hi"),)), {}, "p@1")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def interrupt():
            taken, _ = server.accept()
            with taken:
                taken.recv(65536)
                signal.raise_signal(signal.SIGINT)
                # Open until the other side leaves.
                while taken.recv(65536):
                    pass

        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        thread = threading.Thread(target=interrupt, daemon=True)
        thread.start()
        try:
            with pytest.raises(KeyboardInterrupt):
                address = f"http://127.0.0.1:{server.getsockname()[1]}"
                ask(address, "s", [prompt], [target("gpt-4o", BUILT_IN, {}, None)], [{}], lambda share: None)
        finally:
            signal.signal(signal.SIGINT, before)
        thread.join(10)
        assert not thread.is_alive()


def test_what_cannot_be_asked():
    for model in ("google/gemini-2.5-flash", "ollama/llama3"):
        with pytest.raises(UsageError, match="cannot be asked"):
            target(model, BUILT_IN, {}, None)
    for variable in ("NOPE", "EMPTY"):
        with pytest.raises(UsageError, match="no variable"):
            target("gpt-4o", BUILT_IN, ENV, variable)


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["support", "--var", "user_input=x"], 5, "no engine runs"),
        (["support", "--against", "@9", "--var", "user_input=x"], 3, "support has no version 9"),
        (["support"], 2, "support@2 needs 1 variable: user_input"),
        (["classify", "--recorded", "3"], 3, "no call of classify has recorded values"),
        (["nope"], 3, 'no prompt "nope"'),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_asked(prompted, args, code, said):
    done = prompted("prompts", "test", *args)
    assert done.code == code and said in done.err
