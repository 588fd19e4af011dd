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
        ({"estimated_cost": 8.775e-06}, 8_775),
        ({"estimated_cost": None}, None),
        ({"cost": 0, "estimated_cost": 0.1}, 0),
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


def realtime(text, audio, image, cached, details=None):
    read = {"text_tokens": text, "audio_tokens": audio, "image_tokens": image, "cached_tokens": cached}
    more = {"cached_tokens_details": details} if details else {}
    found = usage(prompt_tokens=text + audio + image, input_token_details=read | more)
    return found.input_audio, found.input_image, found.cache_read_audio, found.cache_read_image


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ((100, 50, 0, 0), (50, 0, 0, 0)),
        ((100, 50, 30, 0), (50, 30, 0, 0)),
        ((300, 600, 0, 500, {"text_tokens": 200, "audio_tokens": 300}), (300, 0, 300, 0)),
        ((10, 60, 10, 40, {"text_tokens": 5, "audio_tokens": 30, "image_tokens": 5}), (30, 5, 30, 5)),
        # Nothing is said of the cache: it holds text as far as that can be.
        ((100, 50, 0, 100), (50, 0, 0, 0)),
        ((100, 50, 0, 120), (30, 0, 20, 0)),
        ((100, 0, 50, 120), (0, 30, 0, 20)),
        ((0, 50, 50, 100), (0, 0, 50, 50)),
        # More than there is.
        ((10, 5, 0, 5, {"audio_tokens": 100}), (0, 0, 5, 0)),
    ],
)
def test_media_that_were_read(said, found):
    assert realtime(*said) == found


def test_media_never_are_more_than_the_whole():
    found = usage(
        prompt_tokens_details={"audio_tokens": 99, "image_tokens": 99, "cached_tokens": 2},
        completion_tokens_details={"audio_tokens": 99, "image_tokens": 99, "reasoning_tokens": 2},
    )
    assert (found.input, found.input_audio, found.input_image) == (8, 8, 0)
    assert (found.cache_read, found.cache_read_audio, found.cache_read_image) == (2, 2, 0)
    assert (found.output, found.reasoning, found.output_audio, found.output_image) == (5, 2, 3, 0)
