"""Files of settings, changed with their comments kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from helicli.cli import configfile
from helicli.errors import UsageError

FILE = Path("/a/config.toml")
SHARED = Path("/a/pyproject.toml")
TEXT = b"""\
# my settings

[serve]
port = 1  # the usual one
host = "127.0.0.1"

# mine
[providers.local]
base_url = "http://h:1"
"""


def test_comments_and_order_stay():
    new = configfile.with_value(FILE, TEXT, ("serve", "port"), 2)
    assert new == TEXT.replace(b"port = 1 ", b"port = 2 ")
    new = configfile.with_value(FILE, TEXT, ("serve", "bodies"), "off")
    assert new.replace(b'bodies = "off"\n', b"") == TEXT


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        (("serve", "allow_host"), ("a", "b"), b'[serve]\nallow_host = ["a", "b"]\n'),
        (("providers", "x", "ask_usage"), True, b"[providers.x]\nask_usage = true\n"),
        (("prices", "gpt-4.1"), {"input": 2}, b'[prices."gpt-4.1"]\ninput = 2\n'),
    ],
)
def test_a_new_file(key, value, text):
    assert configfile.with_value(FILE, b"", key, value) == text


def test_a_table_of_pyproject():
    held = b'[project]\nname = "x"  # keep\n'
    new = configfile.with_value(SHARED, held, ("serve", "port"), 2)
    assert new.startswith(held) and b"[tool.helicli.serve]\nport = 2\n" in new
    assert configfile.table(SHARED, new) == {"serve": {"port": 2}}
    assert configfile.table(SHARED, configfile.without(SHARED, new, ("serve", "port"))) == {}


def test_a_key_taken_out_takes_its_empty_tables_along():
    assert configfile.without(FILE, TEXT, ("serve", "port")) == TEXT.replace(b"port = 1  # the usual one\n", b"")
    assert b"providers" not in configfile.without(FILE, TEXT, ("providers", "local", "base_url"))
    commented = b"[serve]\n# why\nport = 1\n"
    assert configfile.without(FILE, commented, ("serve", "port")) == b"[serve]\n# why\n"


def test_what_would_not_be_read_back_is_refused():
    for text in (b"[serve", b"[serve]\nprot = 1", b'[providers.local]\nbase_url = "x"', b"\xff"):
        with pytest.raises(UsageError):
            configfile.check(FILE, text)
