"""Header fields written as what is different from others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.store import fields as module
from helicli.store.connect import open_writer
from helicli.store.fields import Templates, fields_from
from helicli.store.parts import Parts, part_of


class Memory:
    """Parts in a dictionary."""

    def __init__(self):
        self.texts = {}
        self.uses = {}

    def use(self, text):
        known = next((part for part, found in self.texts.items() if found == text), len(self.texts) + 1)
        self.texts[known] = text
        self.use_again(known)
        return known

    def use_again(self, part):
        self.uses[part] = self.uses.get(part, 0) + 1


def answer(number, **more):
    fields = {"date": f"Fri, 21 Nov 2025 10:00:{number:02} GMT", "server": "cloudflare", "x-id": f"req_{number}"}
    fields |= {"content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox", **more}
    return [(name.encode(), value.encode()) for name, value in fields.items()]


def test_only_the_difference_is_written(tmp_path):
    db = open_writer(tmp_path / "db")
    templates = Templates(Parts(db, bytes))
    first, nothing = templates.compare(answer(1))
    assert nothing == b""
    again, different = templates.compare(answer(2))
    assert again == first
    assert different == b"\x00\x1dFri, 21 Nov 2025 10:00:02 GMT" + b"\x02\x05req_2"
    assert db.execute("SELECT uses FROM parts").fetchall() == [(2,)]
    expected = [(name.decode(), value.decode()) for name, value in answer(2)]
    assert fields_from(part_of(db, first), different) == expected
    db.close()


def test_other_names_are_another_list():
    templates = Templates(Memory())
    parts = {templates.compare(fields)[0] for fields in (answer(1), answer(1)[::-1], answer(1) + answer(1), [])}
    assert len(parts) == 4


def test_what_is_mostly_different_is_compared_with_something_else():
    memory = Memory()
    templates = Templates(memory)
    clients = [answer(n, agent=str(n) * 200) for n in range(9)]
    for _ in range(3):
        for fields in clients:
            templates.compare(fields)
    assert len(memory.texts) == 4
    assert templates.compare(clients[2])[1] == b""


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "_SHAPES", 3)
    templates = Templates(Memory())
    for number in range(10):
        templates.compare([(b"n%d" % number, b"v")])
    assert len(templates._known) <= 3


pairs = st.lists(st.tuples(st.sampled_from([b"a", b"b", b"\xff", b""]), st.binary(max_size=40)), max_size=4)


@given(st.lists(pairs, max_size=8))
def test_fields_keep_order_duplicates_and_bytes(lists):
    memory = Memory()
    templates = Templates(memory)
    for fields in lists:
        part, different = templates.compare(fields)
        found = fields_from(memory.texts[part], different)
        assert [(name.encode("latin-1"), value.encode("latin-1")) for name, value in found] == fields
    assert sum(memory.uses.values()) == len(lists)


@pytest.mark.parametrize("size", [127, 128, 70_000])
def test_long_values(size):
    memory = Memory()
    templates = Templates(memory)
    templates.compare([(b"same", b"s" * 200_000), (b"x", b"1")])
    part, different = templates.compare([(b"same", b"s" * 200_000), (b"x", b"v" * size)])
    assert fields_from(memory.texts[part], different)[1] == ("x", "v" * size)
