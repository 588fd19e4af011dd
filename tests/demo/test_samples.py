"""Finished calls of a demo, as a recorder would have written them."""

from __future__ import annotations

from helicli.demo.samples import finished

AT = 1_795_269_791_204


def test_the_same_seed_gives_the_same_calls():
    assert list(finished(40, 7, AT)) == list(finished(40, 7, AT))
    assert list(finished(40, 8, AT)) != list(finished(40, 7, AT))


def test_they_are_priced_and_some_fail():
    calls = list(finished(400, 7, AT))
    assert {call.plain.status for call in calls} == {200, 429, 500, 529}
    assert {call.words.error for call in calls} == {None, "upstream_cut"}
    priced = [call for call in calls if call.plain.cost_nano]
    assert len(priced) > 300
    unpriced = {
        call.words.requested_model for call in calls if call.plain.cost_nano is None and call.plain.input_tokens
    }
    assert unpriced <= {"ft:gpt-4o-mini:example"}
    assert len({call.words.requested_model for call in calls}) >= 8
    assert any(call.plain.ttft_us for call in calls)


def test_they_hold_no_key_and_nothing_that_steers_the_fake_provider():
    for call in finished(60, 7, AT):
        kept = dict(call.request_headers)
        assert not any(name.startswith((b"x-fake-", b"helicone-user")) for name in kept)
        assert b"sk-demo" not in b"".join(kept.values())
