"""The template language: what is a tag, what stays text, what comes back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helicli.errors import UsageError
from helicli.prompts.template import (
    ANY,
    TYPES,
    Include,
    Inputs,
    Tag,
    Template,
    as_text,
    escaped,
    expand,
    in_json,
    parse,
    typed,
    written,
)

NAMES = st.from_regex(r"[a-z_][a-z0-9_-]{0,8}", fullmatch=True)
BRACED = st.text(st.sampled_from("{}\\:> ahc1\n"), max_size=30)
TEXTS = st.one_of(BRACED, st.text(max_size=40))
TAGS = st.builds(Tag, NAMES, st.sampled_from([*TYPES, "date", "customer"]))
PIECES = st.lists(st.one_of(TAGS, st.builds(Include, NAMES), TEXTS.filter(bool)), max_size=6)


def template_of(pieces):
    joined = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return Template(tuple(joined))


def filled(text, strict=True, **values):
    inputs = Inputs(values)
    got = inputs.fill(parse(text, strict=strict))
    inputs.check("it", "fix")
    return got


@settings(deadline=None)
@given(TEXTS)
def test_escaped_text_comes_back(text):
    assert filled(escaped(text)) == text


@settings(deadline=None)
@given(PIECES)
def test_what_is_written_reads_as_the_same(pieces):
    template = template_of(pieces)
    assert parse(written(template)) == template


@settings(deadline=None)
@given(TEXTS)
def test_text_without_a_tag_stays_where_nothing_is_strict(text):
    template = parse(text, strict=False)
    if not any(template.tags) and not any(template.includes) and "\\{{" not in text:
        assert "".join(template.pieces) == text


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_values_never_expand(value, other):
    assert filled("a {{x}} b {{y}}", x=value, y=other) == f"a {value} b {other}"
    assert filled("{{x}}{{x}}", strict=False, x=value) == value * 2


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hi {{name}}", ("Hi ", Tag("name"))),
        ("{{ n : number }}", (Tag("n", "number"),)),
        ("{{hc:name:string}}", (Tag("name", "string"),)),
        ("{{ hc : when : date }}", (Tag("when", "date"),)),
        ("{{> tone}}", (Include("tone"),)),
        (r"\{{name}}", ("{{name}}",)),
        (r"\\{{name}}", ("\\", Tag("name"))),
        (r"\\\{{name}}", (r"\{{name}}",)),
        ('{"a": {{{n}}}}', ('{"a": {', Tag("n"), "}}")),
        (r"\{{% if %}}", ("{{% if %}}",)),
        ("", ()),
    ],
)
def test_forms(text, pieces):
    assert parse(text).pieces == pieces


@pytest.mark.parametrize(
    "text", ["{{", "{{}}", "{{a b}}", "{{n:nubmer}}", "{{#if x}}", "{{hc:x}}", "{{café}}", "{{a.b}}"]
)
def test_what_is_no_tag_is_wrong_where_it_is_strict_and_text_elsewhere(text):
    with pytest.raises(UsageError, match="line 2 is no variable"):
        parse("one\n" + text)
    assert parse(text, strict=False).pieces == (text,)


def test_an_escape_counts_only_before_a_tag_where_nothing_is_strict():
    assert filled(r"\{{name}} \{{ \\{{name}} \\{{", strict=False, name="x") == r"{{name}} \{{ \x \\{{"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("string", "a", "a"),
        ("number", 3, "3"),
        ("number", 0, "0"),
        ("number", "-3.50", "-3.50"),
        ("number", 1.5, "1.5"),
        ("boolean", False, "false"),
        ("boolean", "Yes", "true"),
        (ANY, "", ""),
        (ANY, False, "false"),
        (ANY, {"a": [1]}, '{"a":[1]}'),
        ("date", "tomorrow", "tomorrow"),
        ("date", 7, "7"),
    ],
)
def test_values_as_text(kind, value, text):
    assert as_text(kind, value) == text


@pytest.mark.parametrize(
    ("kind", "value"),
    [("string", 3), ("number", "three"), ("number", True), ("number", "1_000"), ("boolean", 1), ("boolean", "maybe")],
)
def test_what_does_not_fit(kind, value):
    with pytest.raises(ValueError, match=kind):
        as_text(kind, value)


def test_the_type_of_a_value_that_is_not_text():
    assert [typed("number", "3"), typed("number", "1e3"), typed("boolean", "no"), typed(ANY, [1])] == [
        3,
        1000.0,
        False,
        [1],
    ]
    assert parse("{{n:number}}").whole == Tag("n", "number")
    assert parse("{{n}}!").whole is None


def test_all_that_is_missing_is_told_at_once():
    inputs = Inputs({"b": 1, "n": None})
    inputs.fill(parse("{{a}} {{b}} {{n}} {{a}}"))
    with pytest.raises(UsageError) as raised:
        inputs.check("support@3", in_json)
    assert raised.value.message == "support@3 needs 2 variables: a, n"
    assert raised.value.fix == 'write "a": "…", "n": "…"'
    inputs = Inputs({"n": "x", "ok": 1}, {"ok": "boolean"})
    inputs.fill(parse("{{n:number}} {{ok}}"))
    with pytest.raises(UsageError, match="it: n is to be a number, ok is to be true or false"):
        inputs.check("it", in_json)
    with pytest.raises(UsageError) as raised:
        inputs.check("it", lambda names: str(dict(names)))
    assert raised.value.fix == "{'n': '3', 'ok': 'true'}"


def test_partials():
    parts = {"tone": parse("be {{how}}{{> end}}"), "end": parse("."), "loop": parse("{{> loop}}")}
    assert expand(parse("Please {{> tone}} Yes"), parts).pieces == ("Please be ", Tag("how"), ". Yes")
    with pytest.raises(UsageError, match='no partial "tune"'):
        expand(parse("{{> tune}}"), parts)
    with pytest.raises(UsageError, match="stands in itself"):
        expand(parse("{{> loop}}"), parts)
