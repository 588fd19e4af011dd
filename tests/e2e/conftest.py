"""The fixtures of the end-to-end tests: the fake upstream and a real engine before it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from helicli.demo.upstream import FakeUpstream

_spec = importlib.util.spec_from_file_location("helicli_e2e_engine", Path(__file__).parent / "engine.py")
assert _spec is not None and _spec.loader is not None
engine_module = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = engine_module
_spec.loader.exec_module(engine_module)


@pytest.fixture
def upstream():
    """A fake provider on a free port."""
    with FakeUpstream() as fake:
        yield fake


@pytest.fixture
def make_engine(tmp_path, upstream):
    """Makes engines in the test's folder; all of them end with the test."""
    made = []

    def make(*options: str, folder: Path | None = None):
        engine = engine_module.Engine(folder or tmp_path, upstream.url, options)
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.kill_all()


@pytest.fixture
def engine(make_engine):
    """A running engine."""
    return make_engine().start()
