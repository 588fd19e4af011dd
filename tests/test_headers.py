"""Header names, and header values as text."""

from __future__ import annotations

import msgspec
import pytest

from helicli import headers
from helicli.call import Tags


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"", ""),
        (b"plain", "plain"),
        (b"100%", "100%"),
        (b"a%20b", "a%20b"),
        (b"M%C3%BCnchen", "München"),
        (b"M%fcnchen", "M%fcnchen"),
        ("München".encode(), "München"),
        (b"M\xfcnchen", "München"),
        ("日本".encode(), "日本"),
        (b"%E6%97%A5%E6%9C%AC", "日本"),
    ],
)
def test_values_as_text(value, text):
    assert headers.text(value) == text


def test_every_tag_is_a_field_of_tags():
    fields = {field.name for field in msgspec.structs.fields(Tags)}
    assert {*headers.TAG_FIELDS.values(), *headers.OMIT_FIELDS.values()} == fields - {"properties", "run"}


def test_names_are_as_they_arrive():
    names = [
        *headers.TAG_FIELDS,
        *headers.HOP_BY_HOP,
        *headers.SECRETS,
        *headers.PROVIDER_KEYS,
        headers.PROPERTY_PREFIX,
        headers.TARGET_URL,
    ]
    assert all(name == name.lower() and b"_" not in name for name in names)
    assert all(name.startswith(headers.PREFIX) for name in headers.TAG_FIELDS)
    assert set(headers.PROVIDER_KEYS) <= headers.SECRETS


def test_what_carries_a_key_is_a_secret():
    for name in (b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key", b"cookie", b"helicone-auth"):
        assert name in headers.SECRETS


def test_every_field_of_helicone_is_explained():
    names = {value for value in vars(headers).values() if isinstance(value, bytes) and value.startswith(headers.PREFIX)}
    names |= {*headers.TAG_FIELDS, *headers.OMIT_FIELDS}
    assert {*headers.REQUEST_DOCS, *headers.ANSWER_DOCS} == {*names, headers.MOCK_RESPONSE} - {headers.PREFIX}
    docs = [*headers.REQUEST_DOCS.values(), *headers.ANSWER_DOCS.values()]
    assert all(doc.endswith(".") and len(doc) < 100 for doc in docs)
