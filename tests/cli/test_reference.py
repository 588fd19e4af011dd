"""Commands and topics as text, as Markdown and for man."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from helicli.cli.main import COMMANDS, help_page
from helicli.cli.reference import man, markdown_commands, markdown_page, text
from helicli.cli.topics import TOPICS, Section, Topic
from helicli.cli.tree import tree

ROOT = tree(COMMANDS)
TOPIC = Topic("a sentence", lambda: (Section("Part", ("Some words to be read.",), (("a|b", "what * it is"),)),))


def test_a_topic_as_text():
    assert text("x", TOPIC, 80) == [
        "helicli help x — a sentence", "", "Part", "", "Some words to be read.", "", "  a|b  what * it is",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [1, 40, 80, 300])
@pytest.mark.parametrize("name", TOPICS)
def test_text_keeps_to_its_width(name, width):
    assert max(map(len, text(name, TOPICS[name], width)[1:])) <= max(60, min(width, 110))


def test_a_topic_as_markdown():
    assert markdown_page("exit-codes", TOPIC, "note") == (
        "<!-- note -->\n# Exit codes\n\nA sentence.\n\n## Part\n\nSome words to be read.\n\n"
        "|  |  |\n|---|---|\n| `a\\|b` | what \\* it is |\n"
    )


def test_the_reference_has_every_command_option_and_example():
    page = markdown_commands(ROOT, TOPICS, "note")
    for command in ROOT.every()[1:]:
        assert f"\n## {command.path}\n" in page
        assert all(example in page for example in command.examples)
        assert all(name in page for option in command.options for name in option.names)
    links = set(re.findall(r"\(#([\w-]+)\)", page))
    heads = {head.lower().replace(" ", "-") for head in re.findall(r"^## (.+)$", page, re.MULTILINE)}
    assert links <= heads


@pytest.mark.skipif(shutil.which("man") is None, reason="no man on this system")
def test_man_can_read_its_page(tmp_path):
    file = tmp_path / "helicli.1"
    file.write_text(man(ROOT, TOPICS, help_page()))
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MANWIDTH": "100"}
    done = subprocess.run(["man", "--warnings", "-l", file], capture_output=True, text=True, env=env, check=True)
    assert done.stderr == ""
    shown = re.sub(".\b", "", done.stdout)
    assert "--user ID" in shown and "helicli db info" in shown and "exit-codes" not in done.stderr
