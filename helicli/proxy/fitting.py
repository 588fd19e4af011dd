"""Requests that are too long for their model, before they are asked: cut, or sent to a model that reads more.

Owns the sum: the window of the model less the answer it is to have room for. A model whose window is not known is asked
as it stands. What was cut is told as properties of the call; the log keeps the request as it came.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from msgspec import Struct

from helicli.providers import ceiling, rewriting, shortening
from helicli.providers.read import model_in_path
from helicli.proxy.admission import Admission
from helicli.proxy.retry_terms import MIDDLE_OUT, OTHER_MODEL
from helicli.proxy.route import Route

_LARGE: Final = 8 * 1024
"""A body that takes so long to read that other calls must not wait for it."""

_ANSWER_SHARE: Final = 10
"""The part of a window that is left for an answer of which nothing is said: a tenth."""


_ROUNDS: Final = 4


class Fitted(Struct, frozen=True):
    """The body to send, and what was done, as properties."""

    body: bytes
    labels: dict[str, str]


async def fit(handler: str, found: Route, body: bytes, admission: Admission, at_ms: int) -> Fitted:
    """The request made to fit by a handler's word; the very bytes where it fits, or cannot be made to."""
    models = rewriting.listed_models(body)
    model = models[0] if models else rewriting.model_of(body) or model_in_path(found.path)
    window = await admission.window(found.provider.name, model, at_ms) if model else None
    if window is None:
        return Fitted(body, {})
    work = partial(_fitted, handler, found, body, models, window)
    return (await asyncio.to_thread(work) if len(body) > _LARGE else work()) or Fitted(body, {})


def _fitted(handler: str, found: Route, body: bytes, models: list[str], window: int) -> Fitted | None:
    dialect, path = found.provider.dialect, found.path
    output = ceiling.most_output(dialect, path, body)
    most = window - (window // _ANSWER_SHARE if output is None else output)
    now = ceiling.estimated_input(dialect, path, body)
    if handler == OTHER_MODEL:
        chosen = models[0 if now <= most else 1] if len(models) > 1 else None
        told = rewriting.with_keys(body, {"model": rewriting.text(chosen)}) if chosen is not None else None
        left = now
    elif now <= most:
        return None
    else:
        cut = shortening.middle_out if handler == MIDDLE_OUT else shortening.truncate
        aim, left, told = most, now, None
        for _ in range(_ROUNDS):
            told = cut(body, now, aim)
            left = ceiling.estimated_input(dialect, path, told) if told is not None else now
            if left <= most:
                break
            # Of long texts only a sample is counted; what is left of them is another.
            aim -= left - most
    if told is None:
        return None
    labels = {"token_limit_handler": handler, "token_limit_input": str(now)}
    if left != now:
        labels["token_limit_cut"] = str(now - left)
    return Fitted(told, labels if handler != OTHER_MODEL or now > most else {})
