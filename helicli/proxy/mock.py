"""The answer that a caller brings along, in the form that its call wants.

Pure. JSON as it came; where the call asks for a stream and the JSON is an answer of its dialect, that stream. What can
not be told so goes out as it came.
"""

from __future__ import annotations

from helicli.caching import JSON
from helicli.call import Headers
from helicli.providers import replay
from helicli.providers.questions import form, kind_of
from helicli.proxy.client import BUFFER_BYTES
from helicli.proxy.route import Route
from helicli.store.encodings import content_encoding, decode


def told(mock: bytes, found: Route, fields: Headers, body: bytes) -> tuple[bytes, bytes]:
    """Content type and body of the answer."""
    kind = kind_of(found.provider.dialect, found.path)
    plain = decode(content_encoding(fields), body, BUFFER_BYTES) if kind else None
    wanted = form(kind, found.url, plain) if kind and plain else None
    if kind and wanted is not None and wanted[0] != JSON:
        stream = replay.streamed(kind, mock, *wanted)
        if stream is not None:
            return replay.content_type(wanted[0]), stream
    return replay.content_type(JSON), mock
