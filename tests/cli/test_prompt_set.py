"""Folders of prompts: what a push reads, what a pull writes, and that one undoes the other."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helicli.cli.prompt_set import source, sources, write
from helicli.errors import HelicliError, NotFoundError, UsageError
from helicli.prompts import File, Ref, Source
from helicli.query.prompts import stored, version
from helicli.query.reading import opened
from helicli.store import prompts
from helicli.store.connect import open_writer
from helicli.store.prompts import Push

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NAME = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)
BODY = TEXT.map(lambda text: text.replace("{{", "(").replace("## ", "# "))
FILES = st.dictionaries(
    NAME, st.tuples(st.sampled_from(["## user\n", "## system\r\n", "\ufeff## user\n"]), BODY), max_size=4
)


def put(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name.replace("__", ".")).write_bytes(text.encode())
    return folder


@settings(deadline=None, max_examples=30)
@given(FILES.filter(bool), TEXT.map(lambda text: text.replace("{{", "(")))
def test_a_pull_writes_what_was_pushed_byte_for_byte(files, tone):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "prompts"
        texts = {f"{each}__md": head + text + "\n{{> tone}}" for each, (head, text) in files.items()}
        put(folder, _tone__md=tone, **texts)
        with closing(open_writer(Path(name) / "x.db")) as db:
            prompts.change(db, Push(tuple(sources([], Path(name)))))
        with opened(Path(name) / "x.db") as db:
            found = [version(db, Ref(each.name))[2] for each in stored(db)]
        pulled = Path(name) / "pulled"
        write(found, pulled, (), force=False)
        assert {each.name: each.read_bytes() for each in pulled.iterdir()} == {
            each.name: each.read_bytes() for each in folder.iterdir()
        }


def test_which_files_are_prompts(tmp_path):
    folder = put(
        tmp_path / "prompts",
        a__md="## user\n{{> tone}}{{> deep}}",
        b__prompt="hi {{>tone}}",
        c__prompty="user:\nhi",
        _tone__md="kind",
        _tone__prompt="other",
        _deep__md="{{> tone}}",
        _unused__md="{{> nothing}}",
        README__md="not one",
        notes__txt="not one",
        __hidden__md="not one",
    )
    (folder / "more.md").mkdir()
    found = {each.file.name: [one.name for one in each.partials] for each in sources([], tmp_path)}
    assert found == {"a.md": ["_deep.md", "_tone.md"], "b.prompt": ["_tone.prompt"], "c.prompty": []}
    assert [each.file.name for each in sources(["prompts/a.md", "prompts"], tmp_path)] == [
        "a.md",
        "b.prompt",
        "c.prompty",
    ]


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(NotFoundError, match="no folder prompts/ here"):
        sources([], tmp_path)
    put(tmp_path / "prompts")
    with pytest.raises(NotFoundError, match="no prompts in prompts"):
        sources([], tmp_path)
    with pytest.raises(NotFoundError, match="no file or folder"):
        sources(["nope.md"], tmp_path)
    (tmp_path / "bad.md").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="is no UTF-8"):
        source(tmp_path / "bad.md")
    (tmp_path / "large.md").write_bytes(b"x" * (4 * 1024 * 1024 + 1))
    with pytest.raises(UsageError, match="too large"):
        source(tmp_path / "large.md")


OLD, NEW = Source(File("a.md", "old")), Source(File("a.md", "new"), (File("_t.md", "t"),))


def test_what_is_not_pushed_is_not_written_over(tmp_path):
    assert [each.name for each in write([NEW], tmp_path / "p", (), force=False)] == ["a.md", "_t.md"]
    assert write([NEW], tmp_path / "p", (), force=False) == []
    with pytest.raises(UsageError, match="a.md has changes that are not pushed"):
        write([OLD], tmp_path / "p", ("other",), force=False)
    assert [each.name for each in write([OLD], tmp_path / "p", ("new",), force=False)] == ["a.md"]
    assert [each.name for each in write([NEW], tmp_path / "p", (), force=True)] == ["a.md"]
    assert sorted(each.name for each in (tmp_path / "p").iterdir()) == ["_t.md", "a.md"]


def test_nothing_is_written_where_two_want_different_partials(tmp_path):
    other = Source(File("b.md", "x"), (File("_t.md", "other"),))
    with pytest.raises(HelicliError, match="two of these prompts have a _t.md"):
        write([NEW, other], tmp_path / "p", (), force=True)
    assert not (tmp_path / "p").exists()


def test_a_link_leads_nowhere(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("old")
    folder = put(tmp_path / "p")
    (folder / "a.md").symlink_to(secret)
    write([NEW], folder, ("old",), force=False)
    assert secret.read_text() == "old"
    assert (folder / "a.md").read_text() == "new" and not (folder / "a.md").is_symlink()
