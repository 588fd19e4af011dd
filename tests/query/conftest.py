"""A log of five calls, open for reading."""

from __future__ import annotations

import pytest

from helicli.query.reading import opened
from tests.query import logs


@pytest.fixture
def log(tmp_path):
    with opened(logs.sample(tmp_path / "x.db")) as db:
        yield db
