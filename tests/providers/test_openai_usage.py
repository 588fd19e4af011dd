"""Tests of usage objects of the openai dialect beyond the golden table: what a provider says a call cost."""

from __future__ import annotations

import json

import pytest
from msgspec import Raw

from helicli.providers.openai import read_request
from helicli.providers.openai_usage import usage_of


def usage(**said):
    return usage_of(Raw(json.dumps({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15} | said).encode()))


@pytest.mark.parametrize(
    ("said", "nano"),
    [
        ({}, None),
        ({"cost": 0}, 0),
        ({"cost": 0.1}, 100_000_000),
        ({"cost": 1.5e-9}, 2),
        ({"cost": 4e-10}, 0),
        ({"cost": "0.1"}, None),
        ({"cost": True}, None),
        ({"cost": -1}, None),
        ({"cost": 1e12}, None),
        ({"cost": {"total_cost": 0.005403}}, 5_403_000),
        ({"cost": {"input_tokens_cost": 1}}, None),
        ({"cost_in_usd_ticks": 37_756_000}, 3_775_600),
        ({"cost_in_usd_ticks": 5}, 1),
        ({"cost": 0.1, "is_byok": True}, 100_000_000),
        ({"cost": 0.1, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.2}}, 300_000_000),
        ({"cost": 0.1, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.2}}, 100_000_000),
    ],
)
def test_reported_cost(said, nano):
    assert usage(**said).reported_cost_nano == nano


def test_reasoning_is_never_more_than_the_output():
    apart = usage(completion_tokens_details={"reasoning_tokens": 100})
    assert (apart.output, apart.reasoning) == (105, 100)
    within = usage(completion_tokens_details={"reasoning_tokens": 3})
    assert (within.output, within.reasoning) == (5, 3)


def test_model_of_an_upload_in_parts():
    form = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n\xff\r\n--b\r\nContent-Disposition: form-data; '
    form += b'name="model"\r\n\r\nwhisper-1\r\n--b--\r\n'
    assert read_request("/v1/audio/transcriptions", form).model == "whisper-1"
    assert read_request("/v1/audio/transcriptions", form.replace(b'"model"', b'"language"')).model is None
