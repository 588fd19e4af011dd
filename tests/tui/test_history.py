"""Filters that were used."""

from __future__ import annotations

from helicli.tui.history import MOST, History


def test_back_and_forth(tmp_path):
    history = History()
    for text in ("a", "b", "a", "c"):
        history.add(text)
    assert [history.older(), history.older(), history.older(), history.older()] == ["c", "a", "b", None]
    assert [history.newer(), history.newer(), history.newer()] == ["a", "c", None]
    assert history.older() == "c"


def test_those_that_begin_so():
    history = History()
    for text in ("user:ada", "model:x", "user:linus"):
        history.add(text)
    assert [history.older("user"), history.older("user"), history.older("user")] == ["user:linus", "user:ada", None]


def test_they_are_kept_for_this_user_alone(tmp_path):
    file = tmp_path / "new" / "history"
    History(file).add("user:ada")
    assert file.stat().st_mode & 0o777 == 0o600
    assert History(file).older() == "user:ada"
    again = History(file)
    for number in range(MOST + 5):
        again.add(f"seq:{number}")
    assert len(file.read_text().splitlines()) == MOST


def test_what_cannot_be_kept_is_done_without(tmp_path):
    (tmp_path / "file").write_text("")
    history = History(tmp_path / "file" / "history")
    history.add("a")
    assert history.older() == "a"
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    assert History(tmp_path / "bytes").older() is None
