"""Usage asked of a provider's streams, and remembered where a provider refuses to be asked.

The one exception to "the client's bytes go up unchanged". An answer to an asked stream is wanted uncompressed, because
the usage event has to be taken out of it again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from helicli.call import Headers
from helicli.providers import asking
from helicli.providers.registry import Provider, asks_usage
from helicli.proxy.handoff import SMALL
from helicli.proxy.upstream import Answer
from helicli.store.encodings import content_encoding, decode

_ACCEPT = b"accept-encoding"


class UsageAsking:
    """Which providers are asked: those known to understand, less those that have refused."""

    def __init__(self) -> None:
        self._refused_by: set[str] = set()

    def asked(self, provider: Provider, path: str, body: bytes) -> bytes | None:
        """A whole body as it asks for usage, None where it is not to ask. `path` is the upstream's, with its query."""
        if body.find(b'"stream"') >= 0 and asks_usage(provider, path) and provider.base_url not in self._refused_by:
            return asking.ask(body)
        return None

    async def send(
        self,
        provider: Provider,
        fields: Headers,
        body: bytes,
        asked: bytes,
        send: Callable[[Headers, bytes], Awaitable[Answer]],
    ) -> tuple[Answer, bool]:
        """The answer to a body that was `asked` for usage, and whether a usage event must be hidden."""
        answer = await send([*[f for f in fields if f[0] != _ACCEPT], (_ACCEPT, b"identity")], asked)
        if not await self._refused(provider, answer):
            return answer, answer.status == 200 and not content_encoding(answer.headers)
        return await send(fields, body), False

    async def _refused(self, provider: Provider, answer: Answer) -> bool:
        """Whether an answer refuses the asking; then it is thrown away and the provider not asked again."""
        if answer.status not in (400, 422):
            return False
        try:
            text, _ = await answer.read(SMALL)
        except BaseException:
            answer.release()
            raise
        if not asking.refused_asking(answer.status, decode(content_encoding(answer.headers), text, SMALL) or text):
            answer.unread(text)
            return False
        answer.release()
        self._refused_by.add(provider.base_url)
        return True
