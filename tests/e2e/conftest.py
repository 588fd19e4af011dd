"""The fixtures of the end-to-end tests: the fake upstream and a real engine before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from helicli.demo.upstream import FakeUpstream
from tests.e2e.engine import Engine
from tests.e2e.stage import Stage
from tests.home import move_in


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
        engine = Engine(folder or tmp_path, upstream.url, options)
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.kill_all()


@pytest.fixture
def engine(make_engine):
    """A running engine."""
    return make_engine().start()


@pytest.fixture(scope="module")
def stage():
    """An upstream that plays what the tests of a module have written."""
    with Stage() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def house(tmp_path_factory, stage):
    """One running engine for all tests of a module; every provider it is asked for is the stage."""
    names = ("google", "ollama", "cohere", "mistral")
    options = [word for name in names for word in ("--upstream", f"{name}={stage.url}")]
    engine = Engine(tmp_path_factory.mktemp("house"), stage.url, options)
    with pytest.MonkeyPatch.context() as environment:
        move_in(tmp_path_factory.mktemp("home"), environment)
        engine.start()
    yield engine
    engine.kill_all()
