"""Who may come in: the checks that keep web pages and other machines away from a proxy that holds keys.

Pure. A page that a browser shows can reach a port on this machine; it gives itself away by its Host (DNS rebinding) or
by its Origin. A refused call goes no further and is logged.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from helicli.call import Headers
from helicli.proxy.names import Names, of
from helicli.proxy.refusal import Refusal

_REMEMBERED = 1024


class Doors:
    """The hosts this proxy answers to: local names, loopback addresses, its own address and those configured."""

    def __init__(self, own_host: str, allowed: frozenset[str]) -> None:
        self._allowed = allowed | {own_host.lower()}
        self._known: dict[tuple[bytes, str], bool] = {}

    def check(self, headers: Headers, local_address: str, names: Names | None = None) -> None:
        """Raise Refusal for a call from a foreign page or for a foreign name."""
        names = names or of(headers)
        if b"origin" in names.first or b"sec-fetch-site" in names.first:
            self._check_page(headers, local_address)
        host = names.last(b"host", headers)
        known = self._known.get((host, local_address))
        if known is None:
            known = self._answers_to(host.decode("latin-1"), local_address)
            if len(self._known) < _REMEMBERED:
                self._known[host, local_address] = known
        if not known:
            raise Refusal(403, "refused_door", "helicli does not answer to this Host; allow it with serve --allow-host")

    def _check_page(self, headers: Headers, local_address: str) -> None:
        for name, value in headers:
            if name == b"origin":
                self._check_origin(value, local_address)
            elif name == b"sec-fetch-site" and value.strip().lower() == b"cross-site":
                raise Refusal(403, "refused_door", "helicli does not answer pages of other sites (Sec-Fetch-Site)")

    def _check_origin(self, value: bytes, local_address: str) -> None:
        _, _, netloc = value.decode("latin-1").partition("://")
        if not netloc or not self._answers_to(netloc, local_address):
            raise Refusal(403, "refused_door", "helicli does not answer pages of other sites (Origin)")

    def _answers_to(self, netloc: str, local_address: str) -> bool:
        try:
            name = (urlsplit(f"//{netloc}").hostname or "").rstrip(".")
        except ValueError:
            return False
        if name in self._allowed or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or name == local_address


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
