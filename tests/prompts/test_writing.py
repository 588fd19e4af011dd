"""A prompt written is a prompt read."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from helicli.prompts import ROLES, File, Message, Prompt
from helicli.prompts.files import read
from helicli.prompts.writing import written

NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,12}", fullmatch=True)
WORDS = st.from_regex(r"[a-z][a-z_-]{0,12}", fullmatch=True).filter(lambda word: word != "latest")
LINES = st.one_of(
    st.sampled_from(["## user", "\\## System ", "### user", "+++", "## other", "{{x}}", "  ", "##user"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20),
)
TEXTS = st.lists(LINES, max_size=6).map("\n".join).map(lambda text: text.strip("\n"))
STRINGS = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), STRINGS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(STRINGS.filter(bool), inner, max_size=3)),
    max_leaves=6,
)
TABLES = st.dictionaries(STRINGS.filter(bool), VALUES, max_size=3)
PROMPTS = st.builds(
    Prompt,
    name=NAMES,
    model=STRINGS,
    description=STRINGS,
    labels=st.lists(WORDS, max_size=2).map(tuple),
    parameters=TABLES,
    defaults=TABLES,
    tools=st.lists(TABLES, max_size=2).map(tuple),
    messages=st.lists(st.builds(Message, st.sampled_from(ROLES), TEXTS), min_size=1, max_size=4).map(tuple),
)


@settings(deadline=None)
@given(PROMPTS)
def test_it_reads_as_the_same(prompt):
    assert read(File("other.md", written(prompt))) == prompt


def test_it_reads_well():
    prompt = Prompt(
        name="p", parameters={"temperature": 0.2}, messages=(Message("system", "Be."), Message("user", "{{q}}"))
    )
    assert written(prompt) == (
        '+++\nname = "p"\n\n[parameters]\ntemperature = 0.2\n+++\n\n## system\nBe.\n\n## user\n{{q}}\n'
    )
