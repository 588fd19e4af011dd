"""Which projects' settings are trusted."""

from __future__ import annotations

import pytest

from helicli import trust
from helicli.errors import HelicliError


@pytest.fixture
def store(tmp_path):
    return tmp_path / "data" / "trusted.json"


def test_a_file_is_trusted_as_it_stood(store, tmp_path):
    file = tmp_path / "helicli.toml"
    assert not trust.trusted(store, file, b"a")
    trust.trust(store, file, b"a")
    assert trust.trusted(store, file, b"a")
    assert not trust.trusted(store, file, b"b")
    assert not trust.trusted(store, tmp_path / "other.toml", b"a")
    assert (store.stat().st_mode & 0o777, store.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_trust_is_taken_back(store, tmp_path):
    one, other = tmp_path / "1.toml", tmp_path / "2.toml"
    trust.trust(store, one, b"a")
    trust.trust(store, other, b"a")
    assert trust.untrust(store, one)
    assert not trust.untrust(store, one)
    assert (trust.trusted(store, one, b"a"), trust.trusted(store, other, b"a")) == (False, True)


def test_a_list_that_others_can_write_is_not_believed(store, tmp_path):
    trust.trust(store, tmp_path / "x", b"a")
    store.chmod(0o666)
    assert not trust.trusted(store, tmp_path / "x", b"a")


def test_a_broken_list_trusts_nobody(store, tmp_path):
    store.parent.mkdir()
    for content in (b"", b"{", b"[1]"):
        store.write_bytes(content)
        store.chmod(0o600)
        assert not trust.trusted(store, tmp_path / "x", b"a")


def test_a_file_is_replaced_as_a_whole(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    trust.replace(link, b"new")
    assert (real.read_bytes(), link.is_symlink()) == (b"new", True)
    assert real.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


def test_a_file_that_cannot_be_written(tmp_path):
    (tmp_path / "folder").write_bytes(b"")
    with pytest.raises(HelicliError) as caught:
        trust.replace(tmp_path / "folder" / "x", b"new")
    assert "cannot be written" in caught.value.message
