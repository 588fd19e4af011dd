"""What the names of header fields say."""

from __future__ import annotations

from helicli.proxy import names

FIELDS = [
    (b"host", b"one"),
    (b"authorization", b"Bearer x"),
    (b"helicone-user-id", b"u"),
    (b"accept%", b"a/b"),
    (b"connection", b"close"),
    (b"host", b"two"),
    (b"__helicone-mock-response", b"{}"),
]


def test_what_they_say():
    seen = names.of(FIELDS)
    assert seen.first == {
        b"host": 0,
        b"authorization": 1,
        b"helicone-user-id": 2,
        b"accept%": 3,
        b"connection": 4,
        b"__helicone-mock-response": 6,
    }
    assert (seen.twice, seen.own, seen.secret) == (True, (2, 6), (1,))
    assert (seen.up, seen.down) == ((1, 3, 6), (0, 1, 3, 5, 6))
    assert seen.lines % tuple(map(names.VALUE, FIELDS)) == b"".join(b"%b: %b\r\n" % field for field in FIELDS)
    assert seen.up_lines % (b"Bearer x", b"a/b", b"{}") == (
        b"authorization: Bearer x\r\naccept%: a/b\r\n__helicone-mock-response: {}\r\n"
    )


def test_the_last_of_a_name():
    assert names.of(FIELDS).last(b"host", FIELDS) == b"two"
    assert names.of(FIELDS[:2]).last(b"host", FIELDS) == b"one"
    assert names.of(FIELDS).last(b"x", FIELDS) == names.of([]).last(b"x", []) == b""


def test_the_same_names_are_looked_at_once_and_very_many_not_at_all_kept():
    assert names.of(FIELDS) is names.of([(name, b"other") for name, _ in FIELDS])
    many = [(b"x-%d" % number, b"") for number in range(200)]
    assert names.of(many) is not names.of(many)
    assert len(names.of(many).up) == 200
