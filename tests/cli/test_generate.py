"""What is generated against what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from helicli.cli.generate import generated, write

ROOT = Path(__file__).parents[2]
FILES = generated()


@pytest.mark.parametrize("name", FILES)
def test_no_file_has_drifted(name):
    assert (ROOT / name).read_text() == FILES[name], "run make generate"


def test_nothing_else_stands_with_the_completions():
    assert {f"completions/{file.name}" for file in (ROOT / "completions").iterdir()} < set(FILES)


def test_writing_makes_the_folders(tmp_path):
    write(tmp_path)
    assert {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()} == set(FILES)
