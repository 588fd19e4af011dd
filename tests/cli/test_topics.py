"""Topics against the code they tell of."""

from __future__ import annotations

import re
from pathlib import Path

import helicli
from helicli.cli.topics import ENVIRONMENT, TOPICS
from helicli.columns import COLUMNS
from helicli.errors import EXIT_CODES
from helicli.policy import CALENDAR, SEGMENTS, UNITS, parse_all

PACKAGE = Path(helicli.__file__).parent


def rows(name):
    return dict(row for section in TOPICS[name].sections() for row in section.rows)


def test_tables_are_those_of_the_code():
    assert list(rows("columns")) == [column.name for column in COLUMNS]
    assert rows("exit-codes") == {str(code): doc for code, doc in EXIT_CODES}
    assert "Helicone-Property-<Name>" in rows("headers") and "Helicone-Id" in rows("headers")


def test_the_words_of_policies_are_those_of_the_grammar():
    told = " ".join(f"{word} {doc}" for word, doc in rows("policies").items())
    assert {*UNITS, *SEGMENTS, *CALENDAR} <= set(re.findall(r"[a-z]+", told))
    for words in rows("policies"):
        for part in words.split():
            parse_all(
                part
                if part[0].isdigit() and ";" in part
                else f"{part};w=60"
                if part[0].isdigit()
                else f"1;{part}"
                if part.startswith("w=")
                else f"1;w=60;{part}"
            )


def test_every_variable_that_is_read_is_told():
    told = {name for names, _ in ENVIRONMENT for name in names.split(", ")}
    read = set()
    for file in PACKAGE.rglob("*.py"):
        read |= set(re.findall(r"env(?:iron)?(?:\.get\(|\[)\"([A-Z_]+)\"", file.read_text()))
    assert read - told <= {"HOME", "TMPDIR", "LESS"}
    assert all(sentence for topic in TOPICS.values() for sentence in (topic.sentence,))
