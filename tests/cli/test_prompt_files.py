"""`helicli prompts push`, `pull` and `new`, without an engine."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_new_push_pull(console, here):
    done = console("prompts", "new", "support")
    assert (done.code, done.out) == (0, "prompts/support.md\n")
    assert console("prompts", "new", "support").code == 2
    first = (here / "prompts" / "support.md").read_text()
    done = console("prompts", "push", "-m", "begin", tty=True)
    assert done.code == 0 and done.lines == ["support  v1  new  +13 −0"]
    assert "in use when an engine runs" in done.err
    (here / "prompts" / "support.md").write_text(first.replace("helpful", "brief"))
    (here / "prompts" / "other.md").write_text("## user\nhi\n")
    dry = console("prompts", "push", "--dry-run", "--json")
    assert [(each["name"], each["version"], each["state"]) for each in json.loads(dry.out)] == [
        ("other", 1, "new"),
        ("support", 2, "new"),
    ]
    assert "nothing was stored" in dry.err
    assert json.loads(console("prompts", "list", "--json").out)[0]["versions"] == 1
    done = console("prompts", "push", "--label", "staging")
    assert done.out == "other\t1\tnew\t2\t0\t1\tstaging\nsupport\t2\tnew\t1\t1\t2\tstaging\n"
    again = console("prompts", "push", tty=True)
    assert again.lines == ["other    v1  unchanged", "support  v2  unchanged"]
    assert again.err == ""
    done = console("prompts", "pull", "support@1", "--dir", "old")
    assert done.out == "old/support.md\n" and (here / "old" / "support.md").read_text() == first
    assert console("prompts", "pull").out == ""
    (here / "prompts" / "other.md").write_text("mine")
    refused = console("prompts", "pull")
    assert refused.code == 2 and "other.md has changes that are not pushed" in refused.err
    assert console("prompts", "pull", "--force").out == "prompts/other.md\n"


def test_a_push_tells_which_version_stays_in_use(console, here):
    (here / "p.md").write_text("## user\none\n")
    console("prompts", "push", "p.md", "--label", "production")
    (here / "p.md").write_text("## user\ntwo\n")
    done = console("prompts", "push", "p.md", tty=True)
    assert done.lines == ["p  v2  new  +1 −1  label production stays at v1"]
    assert "see   helicli prompts diff p@1   use   helicli prompts label p@2 production" in done.err
    dry = console("prompts", "push", "p.md", "--dry-run", "--label", "production", "--json")
    assert json.loads(dry.out)[0]["used"] == 2
    (here / "p.md").write_text('+++\nlabels = ["production"]\n+++\n## user\nthree\n')
    dry = json.loads(console("prompts", "push", "p.md", "--dry-run", "--json").out)
    done = json.loads(console("prompts", "push", "p.md", "--json").out)
    assert dry == done and done[0]["used"] == 3
    assert "undo  helicli prompts rollback p" not in console("prompts", "push", "p.md", tty=True).err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "stands in no section"),
        ("## user\n{{a b}}", '"{{a b}}" in line 1 of ## user is no variable'),
        ("## user\n{{> tone}}", 'no partial "tone"'),
        ('+++\nname = "a/b"\n+++\n## user\nhi', '"a/b" cannot be the name of a prompt'),
    ],
)
def test_what_is_wrong_is_named_and_nothing_stored(console, here, text, said):
    (here / "prompts").mkdir()
    (here / "prompts" / "a.md").write_text("## user\nfine\n")
    (here / "prompts" / "b.md").write_text(text)
    done = console("prompts", "push")
    assert done.code == 2 and said in done.err and "b.md" in done.err and "fix:" in done.err
    assert console("prompts", "list", "--json").out == "[]\n"


def test_wrong_labels_and_versions(console, here):
    (here / "p.md").write_text("## user\none\n")
    assert console("prompts", "push", "p.md", "--label", "3").code == 2
    console("prompts", "push", "p.md")
    assert console("prompts", "pull", "p@7").code == 3
    assert console("prompts", "pull", "../p").code == 2
    assert console("prompts", "pull", "q").code == 3
