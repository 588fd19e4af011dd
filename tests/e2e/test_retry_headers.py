"""The fields of retries, fallbacks and long requests with both SDKs, streamed and not: each right, missing and wrong.

And an upstream that counts: how often it is asked, and how long it is left alone in between.
"""

from __future__ import annotations

import json
import time
from email.utils import formatdate

import anthropic
import openai
import pytest

from helicli.demo.upstream import FakeUpstream
from tests.e2e.caller import call, reply, request
from tests.e2e.engine import Engine
from tests.home import move_in

pytestmark = pytest.mark.filterwarnings("ignore:The model 'claude:DeprecationWarning")

KEY = "sk-demo-000111222"
RETRY = {"Helicone-Retry-Enabled": "true", "Helicone-Retry-Min-Timeout": "10"}
GOOD = b'{"model":"gpt-4o","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}'
CONFIG = """
[prices]
"claude-short" = { input = 1, output = 1, context_window = 1000 }
"gpt-short" = { input = 1, output = 1, context_window = 1000 }
"""

WAYS = [(sdk, stream) for sdk in ("openai", "anthropic") for stream in (False, True)]
WRONG = {
    "Helicone-Retry-Enabled": ["perhaps", "1", ""],
    "Helicone-Retry-Num": ["many", "-1", "1.5", "101", ""],
    "Helicone-Retry-Factor": ["0", "two", "-2", "1e9"],
    "Helicone-Retry-Min-Timeout": ["1s", "-1", "3600001"],
    "Helicone-Retry-Max-Timeout": ["-1", "never"],
    "Helicone-Fallback": ["gpt-4o-mini", "[]", "[{}]", '{"model": "m"}', '[{"model": ""}]', '[{"model": 4}]'],
    "Helicone-Fallbacks": ["[{]", '[{"target-url": 1}]', '[{"target-url": "http://h", "onCodes": ["500"]}]'],
    "Helicone-Increase-Timeout": ["yes", "30"],
    "Helicone-Token-Limit-Exception-Handler": ["cut", ""],
    "__helicone-mock-response": ["{", "mocked"],
}
RIGHT = {
    "Helicone-Retry-Enabled": ["true", "TRUE", "false"],
    "Helicone-Retry-Num": ["0", "3", "100"],
    "Helicone-Retry-Factor": ["1", "2", "1.5"],
    "Helicone-Retry-Min-Timeout": ["0", "1000"],
    "Helicone-Retry-Max-Timeout": ["0", "10000"],
    "Helicone-Fallback": ['[{"model": "gpt-4o-mini"}]', '[ {"model":"a", "temperature":0 } , {"provider":"OpenAI"} ]'],
    "Helicone-Increase-Timeout": ["true", "False"],
    "Helicone-Token-Limit-Exception-Handler": ["truncate", "Middle-Out", "fallback"],
}


class Asker:
    """Both SDKs before one engine. Each question is another, so that the fake upstream counts it by itself."""

    def __init__(self, engine, upstream) -> None:
        self.engine, self.upstream = engine, upstream
        self.oai = openai.OpenAI(api_key=KEY, base_url=f"{engine.url}/v1", max_retries=2)
        self.claude = anthropic.Anthropic(api_key=KEY, base_url=engine.url, max_retries=2)
        self._asked = 0
        self._before = 0

    def ask(self, sdk, stream, headers=None, text=None, **more):
        """What was said, and the header fields. Raises what the SDK raises."""
        self._asked += 1
        self._before = len(self.upstream.seen)
        given = {
            "messages": [{"role": "user", "content": text or f"Question {self._asked}?"}],
            "extra_headers": headers,
        }
        given |= {"max_tokens": 64}
        given |= {"stream": stream, "model": self.model(sdk), **more}
        if sdk == "openai":
            raw = self.oai.chat.completions.with_raw_response.create(**given)
            if not stream:
                return raw.parse().choices[0].message.content, raw.headers
            return "".join(each.choices[0].delta.content or "" for each in raw.parse() if each.choices), raw.headers
        raw = self.claude.messages.with_raw_response.create(**given)
        if not stream:
            return raw.parse().content[0].text, raw.headers
        deltas = (each.delta for each in raw.parse() if each.type == "content_block_delta")
        return "".join(each.text for each in deltas), raw.headers

    @staticmethod
    def model(sdk):
        return "gpt-4o" if sdk == "openai" else "claude-sonnet-4-20250514"

    @property
    def models(self):
        """The models that the last question has reached."""
        return [json.loads(seen.body)["model"] for seen in self.upstream.seen[self._before :]]

    def row(self, headers):
        """The row of the call that was answered so."""
        return self.engine.wait_rows(1, f"id = '{headers['helicone-id'].replace('-', '')}'")[0]

    def close(self):
        self.oai.close()
        self.claude.close()


@pytest.fixture(scope="module")
def asker(tmp_path_factory, stage):
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("house")
    (home / "config.toml").write_text(CONFIG)
    with FakeUpstream() as upstream, pytest.MonkeyPatch.context() as environment:
        move_in(home, environment)
        environment.setenv("HELICLI_CONFIG", str(home / "config.toml"))
        engine = Engine(folder, upstream.url, ["--upstream", f"stage={stage.url}"]).start()
        made = Asker(engine, upstream)
        yield made
        made.close()
        engine.kill_all()


@pytest.mark.parametrize(("sdk", "stream"), WAYS)
def test_what_is_wrong_is_refused_by_name_and_reaches_nobody(asker, sdk, stream):
    refused = openai.BadRequestError if sdk == "openai" else anthropic.BadRequestError
    for name, values in WRONG.items():
        for value in values:
            with pytest.raises(refused, match="(?i)" + name) as raised:
                asker.ask(sdk, stream, {name: value})
            assert "write " in str(raised.value), name
            assert asker.models == []
    row = asker.row(raised.value.response.headers)
    assert (row["attempts"], row["error"], row["cost_usd"]) == (0, "bad_request", 0)


@pytest.mark.parametrize(("sdk", "stream"), WAYS)
def test_what_is_right_is_taken_and_not_needed(asker, sdk, stream):
    missing, fields = asker.ask(sdk, stream)
    assert missing and "x-should-retry" not in fields and "helicone-fallback-index" not in fields
    for name, values in RIGHT.items():
        # A stream takes the same way: one value of each is enough there.
        for value in values[:1] if stream else values:
            said, fields = asker.ask(sdk, stream, {name: value})
            assert said and asker.models == [asker.model(sdk)], (name, value)
            assert fields.get("helicone-fallback-index") == ("0" if name == "Helicone-Fallback" else None)
            assert not [field for field, _ in asker.upstream.seen[-1].headers if field.startswith(b"helicone-")]


@pytest.mark.parametrize(("sdk", "stream"), WAYS)
def test_retries(asker, sdk, stream):
    """Repeated as often as asked, and not by the SDK besides; switched off the SDK does it by itself."""
    failed = (openai if sdk == "openai" else anthropic).InternalServerError
    said, fields = asker.ask(sdk, stream, {**RETRY, "x-fake-status": "500", "x-fake-times": "2"})
    assert said and len(asker.models) == 3
    assert asker.row(fields)["attempts"] == 3
    with pytest.raises(failed) as raised:
        asker.ask(sdk, stream, {**RETRY, "Helicone-Retry-Num": "1", "x-fake-status": "500"})
    assert raised.value.response.headers["x-should-retry"] == "false" and len(asker.models) == 2
    off = {**RETRY, "Helicone-Retry-Enabled": "false", "x-fake-status": "500", "x-fake-times": "1"}
    said, fields = asker.ask(sdk, stream, off)
    assert said and len(asker.models) == 2 and asker.row(fields)["attempts"] == 1


@pytest.mark.parametrize(("sdk", "stream"), WAYS)
def test_program_5(asker, sdk, stream):
    """Four calls with growing gaps, then the fallback."""
    model = asker.model(sdk)
    fake = {"x-fake-status": "500", "x-fake-only": model}
    more = {"Helicone-Retry-Num": "3", "Helicone-Retry-Factor": "2", "Helicone-Retry-Min-Timeout": "40"}
    other = '[{"model": "gpt-4o-mini", "max_tokens": 32}]'
    said, fields = asker.ask(sdk, stream, {**RETRY, **more, "Helicone-Fallback": other, **fake})
    assert said and fields["helicone-fallback-index"] == "1"
    assert asker.models == [model] * 4 + ["gpt-4o-mini"]
    assert json.loads(asker.upstream.seen[-1].body)["max_tokens"] == 32
    at = [seen.received_at for seen in asker.upstream.seen[-5:-1]]
    assert all(b - a >= least for a, b, least in zip(at, at[1:], (0.02, 0.04, 0.08), strict=False))
    row = asker.row(fields)
    assert (row["attempts"], row["fallback_index"], row["requested_model"]) == (5, 1, model)
    assert row["model"].startswith("gpt-4o-mini") and (sdk == "anthropic" or row["cost_usd"] > 0)


@pytest.mark.parametrize(("sdk", "stream"), WAYS)
def test_nothing_is_repeated_once_something_was_said(asker, sdk, stream):
    """A stream that is cut after its first content is the client's to see; of a JSON answer nothing was said yet."""
    fake = {"x-fake-cut": "4" if stream else "60", "x-fake-times": "1"}
    if not stream:
        said, fields = asker.ask(sdk, stream, {**RETRY, **fake})
        assert said and asker.row(fields)["attempts"] == 2
        return
    with pytest.raises(Exception, match="peer closed|incomplete|Connection"):
        asker.ask(sdk, stream, {**RETRY, "Helicone-Request-Id": f"cut-{sdk}", **fake})
    assert len(asker.models) == 1
    row = asker.engine.row_of(f"cut-{sdk}")
    assert (row["error"], row["attempts"], row["status"]) == ("upstream_cut", 1, 200)


@pytest.mark.parametrize(("sdk", "stream"), WAYS)
def test_long_requests(asker, sdk, stream):
    short, words = ("gpt-short" if sdk == "openai" else "claude-short"), " ".join(f"word{n}" for n in range(2000))
    for handler in ("truncate", "middle-out"):
        headers = {"Helicone-Token-Limit-Exception-Handler": handler}
        said, fields = asker.ask(sdk, stream, headers, words, model=short)
        [sent] = json.loads(asker.upstream.seen[-1].body)["messages"]
        assert said and 500 < len(sent["content"]) < len(words) // 2
        row = asker.row(fields)
        told = row["properties"]
        assert told["token_limit_handler"] == handler
        assert int(told["token_limit_input"]) - int(told["token_limit_cut"]) <= 1000 - 64
        said, fields = asker.ask(sdk, stream, headers, "Short.", model=short)
        assert said and "token_limit_handler" not in asker.row(fields)["properties"]
    headers = {"Helicone-Token-Limit-Exception-Handler": "fallback"}
    for text, chosen in (("Short.", short), (words, "large-model")):
        said, fields = asker.ask(sdk, stream, headers, text, model=f"{short}, large-model")
        assert said and asker.models == [chosen]
    assert asker.row(fields)["properties"]["token_limit_handler"] == "fallback"


@pytest.mark.parametrize(("sdk", "stream"), WAYS)
def test_a_mock_is_told_in_the_form_that_is_asked_for(asker, sdk, stream):
    message = {"id": "x", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn"}
    message |= {"content": [{"type": "text", "text": "mocked"}], "usage": {"input_tokens": 9, "output_tokens": 9}}
    chat = {"id": "x", "object": "chat.completion", "created": 1, "model": "m"}
    chat["choices"] = [{"index": 0, "message": {"role": "assistant", "content": "mocked"}, "finish_reason": "stop"}]
    mock = json.dumps(chat if sdk == "openai" else message)
    said, fields = asker.ask(sdk, stream, {"__helicone-mock-response": mock})
    assert said == "mocked" and asker.models == []
    row = asker.row(fields)
    assert (row["attempts"], row["cost_usd"], row["status"], row["error"]) == (0, 0, 200, None)


class InTurn:
    """Answers of a play, one for each time it is played, the last for ever; and when each was asked for."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self.at: list[float] = []

    def __iter__(self):
        self.at.append(time.monotonic())
        yield self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.mark.parametrize(
    ("form", "field", "least"),
    [
        ("seconds", lambda: (b"Retry-After", b"0.3"), 0.3),
        ("date", lambda: (b"Retry-After", formatdate(time.time() + 2, usegmt=True).encode()), 0.9),
        ("milliseconds", lambda: (b"Retry-After-Ms", b"300"), 0.3),
        ("longest", lambda: (b"Retry-After", b"3600"), 0.5),
        ("none", lambda: (b"X-None", b""), 0.25),
    ],
)
def test_what_a_provider_asks_for_is_waited(asker, stage, form, field, least):
    """Up to the longest wait. Without a word of the provider's the wait would be another."""
    otherwise = b"60000" if form not in ("longest", "none") else b"500"
    turns = InTurn(reply(b"{}", [field()], b"429 Too Many Requests"), reply(GOOD))
    stage.plays[form] = [turns]
    fields = [(b"x-play", form.encode()), (b"Helicone-Retry-Enabled", b"true"), (b"Authorization", b"Bearer x")]
    fields += [(b"Helicone-Retry-Min-Timeout", otherwise), (b"Helicone-Retry-Max-Timeout", otherwise)]
    answer = call(asker.engine.url, request("/stage/v1/chat/completions", b'{"model":"gpt-4o"}', fields))
    assert (answer.status, answer.body, len(turns.at)) == (200, GOOD, 2)
    assert turns.at[1] - turns.at[0] >= least
