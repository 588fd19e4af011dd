"""The house of the stations: the parts that they share, and that do I/O or remember.

Owns no more than the list of them. One per proxy.
"""

from __future__ import annotations

from collections.abc import Mapping

from helicli.providers.registry import Provider
from helicli.proxy.admission import Admission
from helicli.proxy.breaker import Breaker
from helicli.proxy.cache import Cache
from helicli.proxy.doors import Doors
from helicli.proxy.journal import Journal
from helicli.proxy.prompts import Shelf
from helicli.proxy.runs import Runs
from helicli.proxy.upstream import Upstream
from helicli.proxy.usage import UsageAsking
from helicli.rates import Rates
from helicli.retrying import RetrySettings


class House:
    """What the stations share. `rates` and `shelf` are snapshots, put in place whole when there is something new."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        doors: Doors,
        journal: Journal,
        upstream: Upstream,
        cache: Cache | None = None,
        retrying: RetrySettings | None = None,
    ) -> None:
        self.providers = providers
        self.doors = doors
        self.journal = journal
        self.upstream = upstream
        self.cache = cache or Cache()
        self.retrying = retrying or RetrySettings()
        self.breaker = Breaker(self.retrying.breaker, self.retrying.breaker_seconds)
        self.usage = UsageAsking()
        self.runs = Runs()
        self.rates = Rates({})
        self.shelf = Shelf()
        self.admission = Admission(lambda: self.rates)
