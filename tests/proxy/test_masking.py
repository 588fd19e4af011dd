"""Secrets taken out of what is kept."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from helicli import headers as h
from helicli import journal
from helicli.call import Begin, Tags
from helicli.proxy import masking

KEY = b"sk-proj-0123456789abcdef"


@pytest.mark.parametrize("name", sorted(h.SECRETS))
def test_no_secret_field_keeps_its_value(name):
    fields = [(name, b"Bearer " + KEY), (b"x-other", b"kept"), (name, KEY), (name, b"")]
    assert masking.mask_headers(fields) == [
        (name, b"Bearer ***" if name in h.SCHEMED else b"***"),
        (b"x-other", b"kept"),
        (name, b"***"),
        (name, b"***"),
    ]


@pytest.mark.parametrize(
    "value", [b"Bearer sk-a, Bearer sk-helicone-b", b"Basic dXNlcjpwYXNz", b" sk-a", b"Bearer\tsk-a", b"sk-a sk-b"]
)
def test_of_a_value_only_its_scheme_stays(value):
    ((_, masked),) = masking.mask_headers([(b"authorization", value)])
    assert masked in (b"***", b"Bearer ***", b"Basic ***")


@pytest.mark.parametrize(
    ("path", "masked"),
    [
        ("/v1/models?key=abc&x=1", "/v1/models?key=***&x=1"),
        ("/v1/models?x=1&API_KEY=abc#f", "/v1/models?x=1&API_KEY=***#f"),
        ("/v1?key=&sig=a=b", "/v1?key=***&sig=***"),
        ("/v1/monkey=1?donkey=2", "/v1/monkey=1?donkey=2"),
        ("/sk-helicone-abc/v1/x", "/***/v1/x"),
        ("/pk-helicone-abc?x=1", "/***?x=1"),
        ("/openai/sk-helicone-a/v1", "/openai/***/v1"),
        ("/v1/plain", "/v1/plain"),
    ],
)
def test_paths(path, masked):
    assert masking.mask_path(path) == masked


@pytest.mark.parametrize(
    ("path", "masked"),
    [
        ("/v1/models/sk-proj-0123456789abcdef", "/v1/models/***"),
        ("/v1/models/sk-proj-0123456789abcdef?key=abc&x=sk-proj-0123456789abcdef", "/v1/models/***?key=***&x=***"),
        ("/v1/models/sk-proj-another", "/v1/models/sk-proj-another"),
    ],
)
def test_a_path_that_repeats_a_secret_of_its_call(path, masked):
    assert masking.mask_path(path, [KEY]) == masked


def test_tags_that_repeat_a_secret_of_their_call():
    key = KEY.decode()
    tags = Tags(user=f"u-{key}", session_path=f"/{key}/x", name="plain", properties={"a": key, key: "b", "c": "d"})
    masked = masking.mask_tags(tags, [KEY])
    assert masked == Tags(
        user="u-***", session_path="/***/x", name="plain", properties={"a": "***", "***": "b", "c": "d"}
    )
    assert masking.mask_tags(masked, [KEY]) is masked


def test_a_begin_without_a_secret_is_known_by_its_bytes():
    key = KEY.decode()
    fields = [(b"authorization", b"Bearer ***"), (b"x", b"y")]
    plain = Begin(b"0" * 16, 1, "openai", "openai", "POST", "/v1/x", "abcd1234", fields, Tags(user="u"))
    assert not masking.stands_in(journal.encode(plain), [KEY])
    assert not masking.stands_in(journal.encode(plain), [])
    for changed in (
        replace(plain, path=f"/v1/{key}"),
        replace(plain, tags=Tags(properties={key: "x"})),
        replace(plain, headers=[*fields, (b"x", b"u-" + KEY)]),
    ):
        assert masking.stands_in(journal.encode(changed), [b"other-secret", KEY])
        masked = masking.mask_begin(changed, [KEY])
        assert KEY not in journal.encode(masked)
        assert masked.headers[:2] == fields
    for other in ("schlüssel-1".encode("latin-1"), b"sk-%C3%BC-12345"):
        assert masking.stands_in(journal.encode(plain), [other]), "it may be spelled otherwise"


def test_fields_that_repeat_a_secret_of_their_call():
    fields = [(b"authorization", b"Bearer " + KEY), (b"helicone-user-id", b"u-" + KEY), (b"x", b"y")]
    masked = [(b"authorization", b"Bearer ***"), (b"helicone-user-id", b"u-***"), (b"x", b"y")]
    assert masking.mask_headers(fields, [KEY]) == masked


def test_a_secret_that_begins_another_leaves_nothing_of_it():
    fields = [(b"authorization", b"Bearer abcdefgh"), (b"x-api-key", b"abcdefghREST")]
    secrets = masking.secrets_of(fields, "/v1")
    assert masking.mask_body(b"it is abcdefghREST, not abcdefgh", secrets) == b"it is ************, not ********"


def test_the_secrets_of_a_call():
    fields = [
        (b"authorization", b"Bearer " + KEY + b", Bearer sk-helicone-xyz"),
        (b"x-api-key", b"short"),
        (b"cookie", b"session=0123456789"),
        (b"user-agent", b"something long enough"),
    ]
    assert masking.secrets_of(fields, "/v1?key=abcdefgh&x=0123456789&token=abc") == [
        KEY,
        b"sk-helicone-xyz",
        b"abcdefgh",
    ]
    assert masking.secrets_of([], "/v1") == []


def test_bodies_keep_their_length():
    body = b'{"echo":"' + KEY + b'","again":"' + KEY + b'"}'
    masked = masking.mask_body(body, [b"nothing-of-it", KEY])
    assert masked == body.replace(KEY, b"*" * len(KEY))
    assert masking.mask_body(body, [b"nothing-of-it"]) is body
    assert masking.mask_body(body, []) is body


def test_the_keys_hash_is_the_same_in_every_field():
    digest = sha256(KEY).hexdigest()[:8]
    assert masking.provider_key([(b"authorization", b"Bearer " + KEY)]) == digest
    assert masking.provider_key([(b"x-api-key", KEY)]) == digest
    assert masking.provider_key([(b"x-api-key", b"other"), (b"authorization", b"Bearer " + KEY)]) == digest
    assert masking.provider_key([(b"cookie", KEY)]) is None


def _kept(secrets, pieces):
    """What a side is at each moment, and at its end."""
    masker, kept, moments = masking.Masker(secrets), b"", []

    def tell(told):
        return kept[: len(kept) - len(told)] + told

    for piece in pieces:
        told, masked = masker.feed(piece)
        kept = tell(told) + masked
        moments.append(kept)
    return moments, tell(masker.flush()), masker.redacted


@pytest.mark.parametrize("cut", range(1, len(KEY)))
def test_a_secret_that_two_pieces_share(cut):
    moments, kept, redacted = _kept([KEY], [b"a " + KEY[:cut], KEY[cut:] + b" b"])
    assert moments[0] == b"a " + b"*" * cut
    assert kept == b"a " + b"*" * len(KEY) + b" b"
    assert redacted
    moments, kept, redacted = _kept([KEY], [b"a " + KEY[:cut], b"!"])
    assert moments[0] == b"a " + b"*" * cut
    assert (kept, redacted) == (b"a " + KEY[:cut] + b"!", False)


def test_what_may_begin_a_secret_at_the_end_is_none():
    assert _kept([KEY], [b"a " + KEY[:5]])[1:] == (b"a " + KEY[:5], False)


@given(
    st.lists(st.text("ab", min_size=1, max_size=6).map(str.encode), min_size=1, max_size=3, unique=True),
    st.lists(st.text("abc", max_size=5).map(str.encode), max_size=12),
)
def test_no_secret_is_ever_kept_however_it_is_cut(secrets, pieces):
    secrets.sort(key=len, reverse=True)
    whole = b"".join(pieces)
    moments, kept, redacted = _kept(secrets, pieces)
    assert len(kept) == len(whole)
    assert all(k in (w, ord("*")) for k, w in zip(kept, whole, strict=True))
    assert redacted == any(secret in whole for secret in secrets)
    assert redacted or kept == whole
    for moment in [*moments, kept]:
        assert not any(secret in moment for secret in secrets)
    for moment in moments:
        assert not any(moment.endswith(secret[:size]) for secret in secrets for size in range(1, len(secret)))
