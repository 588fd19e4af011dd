"""What the caller asks of helicli."""

from __future__ import annotations

import pytest

from helicli.call import Tags
from helicli.proxy import directives
from helicli.proxy.directives import Directives


def test_without_own_fields_there_are_none():
    assert directives.read([(b"authorization", b"Bearer x"), (b"x-helicone-user-id", b"no")]) == Directives(Tags())


def test_tags_are_kept_as_they_came():
    fields = [
        (b"helicone-auth", b"Bearer sk-helicone-x"),
        (b"helicone-user-id", b"M%C3%BCller"),
        (b"helicone-session-id", b"s 1"),
        (b"helicone-session-path", b"parent/child"),
        (b"helicone-session-name", "Größe".encode()),
        (b"helicone-request-name", b"ticket"),
        (b"helicone-prompt-id", b"support-v2"),
        (b"helicone-property-environment", b"Production"),
        (b"helicone-property-f%C3%BC", b""),
        (b"helicone-unheard-of", b"x"),
    ]
    read = directives.read(fields)
    assert read.tags == Tags(
        "Müller", "s 1", "/parent/child", "Größe", "ticket", "support-v2", None, {"environment": "Production", "fü": ""}
    )
    assert (read.answer_id, read.target_url) == (None, None)


def test_what_a_run_says_holds_where_the_call_says_nothing():
    run = Tags(user="ada", session="s", properties={"a": "1", "b": "2"}, run="run-1")
    assert directives.read([], run).tags is run
    read = directives.read([(b"helicone-user-id", b"linus"), (b"helicone-property-b", b"3")], run)
    assert read.tags == Tags(user="linus", session="s", properties={"a": "1", "b": "3"}, run="run-1")
    assert run.properties == {"a": "1", "b": "2"}


@pytest.mark.parametrize(("path", "kept"), [(b"/a/b", "/a/b"), (b"a", "/a"), (b"", ""), (b"/", "/")])
def test_session_paths_begin_with_a_slash(path, kept):
    assert directives.read([(b"helicone-session-path", path)]).tags.session_path == kept


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        (b"3F2504E0-4F89-41D3-9A0C-0305E82C3301", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
        (b"my-request-7", None),
        (b"", None),
    ],
)
def test_only_a_uuid_is_answered(given, answered):
    read = directives.read([(b"helicone-request-id", given)])
    assert read.answer_id == answered
    assert read.tags.request_id == given.decode()


def test_the_last_of_several_counts():
    assert directives.read([(b"helicone-user-id", b"a"), (b"helicone-user-id", b"b")]).tags.user == "b"


@pytest.mark.parametrize(
    ("value", "omitted"),
    [(b"true", True), (b" True ", True), (b"TRUE", True), (b"false", False), (b"1", False), (b"", False)],
)
def test_bodies_that_are_not_to_be_kept(value, omitted):
    tags = directives.read([(b"helicone-omit-request", value)]).tags
    assert (tags.omit_request, tags.omit_response) == (omitted, False)
    tags = directives.read([(b"helicone-omit-response", value)]).tags
    assert (tags.omit_request, tags.omit_response) == (False, omitted)


def test_the_target():
    assert directives.read([(b"helicone-target-url", b"https://x.example")]).target_url == "https://x.example"


def test_the_model_a_call_is_priced_by():
    read = directives.read([(b"helicone-model-override", b"gpt-4o")])
    assert read.tags.model_override == "gpt-4o"
    assert read.tags.properties == {"model_override": "gpt-4o"}
    own = directives.read([(b"helicone-model-override", b"gpt-4o"), (b"helicone-property-model_override", b"mine")])
    assert own.tags.properties == {"model_override": "mine"}


TRACE = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize("value", [TRACE, b"cc" + TRACE[2:], b"cc" + TRACE[2:] + b"-what-comes-later"])
def test_the_callers_trace(value):
    read = directives.read([(b"traceparent", value), (b"tracestate", b"a=b")])
    assert read.tags == Tags(properties={"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7"})


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"00",
        TRACE.upper(),
        TRACE[:-1],
        TRACE + b"0",
        TRACE + b"-more",
        b"cc" + TRACE[2:] + b"more",
        b"ff" + TRACE[2:],
        TRACE.replace(b"4bf92f3577b34da6a3ce929d0e0e4736", b"0" * 32),
        TRACE.replace(b"00f067aa0ba902b7", b"0" * 16),
        TRACE.replace(b"4bf9", b"4bg9"),
    ],
)
def test_a_trace_that_is_none_is_ignored(value):
    assert directives.read([(b"traceparent", value)]) == Directives(Tags())


def test_two_traces_are_none_and_the_callers_own_properties_win():
    assert directives.read([(b"traceparent", TRACE)] * 2) == Directives(Tags())
    read = directives.read([(b"helicone-property-trace_id", b"mine"), (b"traceparent", TRACE)])
    assert read.tags.properties == {"trace_id": "mine", "span_id": "00f067aa0ba902b7"}
