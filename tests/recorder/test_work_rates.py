"""Rates and the calls priced by them: stored in one commit, looked up once, kept for as long as the log."""

from __future__ import annotations

import pytest

from helicli.rates import UserPrice, make_tier
from helicli.recorder import pricelist
from helicli.recorder.work import Recorder
from helicli.store.rates import RateWriter
from tests.recorder.scene import ANSWER


@pytest.fixture
def asked(monkeypatch):
    """The models that genai-prices was asked for."""
    seen: list[str] = []
    real = pricelist.look_up
    monkeypatch.setattr(pricelist, "look_up", lambda provider, model: seen.append(model) or real(provider, model))
    return seen


def priced(scene):
    """Each call's name with the model, source and input price of the rate it was priced by."""
    return [
        tuple(row)
        for row in scene.ask(
            "SELECT (SELECT word FROM words WHERE id = c.name), r.model, r.source, r.input"
            " FROM calls c LEFT JOIN rates r ON r.id = c.rate ORDER BY c.seq"
        )
    ]


def test_a_model_is_looked_up_when_it_is_first_met(scene, asked):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.drain()
    first = recorder.last_rate
    proxy.small("b")
    scene.drain(recorder)
    assert asked == ["gpt-4o"]
    assert priced(scene) == [(name, "gpt-4o", pricelist.source(), 2_500_000) for name in "ab"]
    assert 0 < recorder.last_rate == first
    stored = {row["mode"] for row in scene.ask("SELECT mode FROM rates")}
    assert stored == {rate.mode for rate in pricelist.look_up("openai", "gpt-4o")}


def test_the_next_recorder_asks_no_more(scene, asked):
    proxy = scene.proxy()
    proxy.small("a")
    scene.drain().close()
    rows = len(scene.ask("SELECT id FROM rates"))
    proxy.small("b")
    again = scene.drain()
    assert asked == ["gpt-4o"]
    assert len(scene.ask("SELECT id FROM rates")) == rows
    assert again.last_rate == rows


def test_another_version_of_the_list_is_asked_and_stored_beside(scene, asked, monkeypatch):
    proxy = scene.proxy()
    proxy.small("a")
    scene.drain().close()
    monkeypatch.setattr(pricelist, "source", lambda: "genai-prices 99")
    proxy.small("b")
    scene.drain()
    assert asked == ["gpt-4o", "gpt-4o"]
    assert [source.split()[1] == "99" for _, _, source, _ in priced(scene)] == [False, True]


def test_a_commit_that_failed_leaves_neither(scene, monkeypatch):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.recorder()
    with monkeypatch.context() as patch:
        patch.setattr(RateWriter, "_find_or_add", lambda self, rate, tier: self._db.execute("SELECT nonsense"))
        assert not recorder.step()
    assert recorder.state == "failing"
    assert scene.ask("SELECT id FROM rates") == scene.ask("SELECT seq FROM calls") == []
    scene.drain(recorder)
    assert [name for name, _, source, _ in priced(scene) if source] == ["a"]


def test_a_database_that_was_deleted_gets_them_again(scene, asked):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.drain()
    for path in scene.database.parent.glob("db*"):
        if path.is_file():
            path.unlink()
    proxy.small("b")
    scene.drain(recorder)
    assert priced(scene) == [("b", "gpt-4o", pricelist.source(), 2_500_000)]
    assert asked == ["gpt-4o"]


def test_a_users_price(scene, asked):
    scene.proxy().small("a")
    given = UserPrice("gpt-*", make_tier(-1, {"input": 7_000_000, "output": 1_000_000}))
    recorder = Recorder(scene.database, scene.directory, "box", "full", (given,))
    scene.drain(recorder).close()
    assert asked == []
    assert priced(scene) == [("a", "gpt-4o", "config", 7_000_000)]
    row = scene.row("a")
    assert (row["price_source"], row["cost_usd"]) == ("config", 0.000075)


def test_a_users_context_window_stores_the_list_as_it_is(scene, asked):
    proxy = scene.proxy()
    given = (UserPrice("gpt-4o", None, 5),)
    flex = ANSWER.replace(b'"choices"', b'"service_tier":"priority","choices"')
    proxy.small("a", response=flex)
    scene.drain(Recorder(scene.database, scene.directory, "box", "full", given)).close()
    proxy.small("b")
    scene.drain(Recorder(scene.database, scene.directory, "box", "full", given)).close()
    stored = {(row["mode"], row["context_window"]) for row in scene.ask("SELECT mode, context_window FROM rates")}
    assert stored == {(rate.mode, rate.context_window) for rate in pricelist.look_up("openai", "gpt-4o")}
    assert asked.count("gpt-4o") == 2, "once by the recorder, once by this test"
    assert scene.row("b")["cost_usd"] == 0.000075


def test_what_has_no_price_has_no_rate(scene):
    scene.proxy().small("a", response=ANSWER.replace(b"gpt-4o", b"zonk-9"), request=b'{"model":"zonk-9"}')
    scene.drain()
    assert priced(scene) == [("a", None, None, None)]
    assert scene.row("a")["cost_usd"] is None
