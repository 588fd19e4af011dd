"""The table of providers: where each is reached and which dialect it speaks.

Owns the built-in names, their aliases and the check of `--upstream NAME=URL`. A base URL never ends in a slash and
never carries a query, a fragment or a user. Never looks anything up on the network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from helicli.errors import UsageError


class Provider(Struct, frozen=True):
    """One upstream. `ask_usage` says that it understands `stream_options.include_usage`."""

    name: str
    base_url: str
    dialect: str
    ask_usage: bool


BUILT_IN: Final[Mapping[str, Provider]] = {
    "openai": Provider("openai", "https://api.openai.com", "openai", True),
    "anthropic": Provider("anthropic", "https://api.anthropic.com", "anthropic", False),
}

ALIASES: Final[Mapping[str, str]] = {"oai": "openai"}

RESERVED: Final = frozenset({"healthcheck"})
"""First path segments that are helicli's own and so cannot name a provider."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9a-f:.]+(?:%25[A-Za-z0-9._-]+)?")
_PATH = re.compile(r"[!$&-;=A-Z_a-z~%]*")
_EXAMPLE = "write it as --upstream local=http://127.0.0.1:11434"


def build(upstreams: Mapping[str, str]) -> dict[str, Provider]:
    """The providers by name and by alias, `upstreams` (name to URL) laid over the built-in ones.

    A URL for a built-in name replaces only the address. A new name speaks the openai dialect and is not asked for
    usage, since an unknown host may not understand it. Raises UsageError for a bad name or URL.
    """
    providers = dict(BUILT_IN)
    for given, url in upstreams.items():
        name = ALIASES.get(given, given)
        _check_name(name)
        base = _base_url(name, url)
        known = BUILT_IN.get(name)
        providers[name] = replace(known, base_url=base) if known else Provider(name, base, "openai", False)
    for alias, name in ALIASES.items():
        providers[alias] = providers[name]
    return providers


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of an upstream",
            "use lower-case letters, digits, - and _, beginning with a letter or digit, as in --upstream local=URL",
        )
    if name in RESERVED:
        raise UsageError(f"{name!r} is a path of helicli's own", "choose another name for this upstream")


def _base_url(name: str, url: str) -> str:
    trouble = _trouble(url)
    if trouble:
        raise UsageError(f"the URL of upstream {name!r} {trouble}: {_shown(url)!r}", _EXAMPLE)
    return url.rstrip("/")


def _shown(url: str) -> str:
    """The URL without what could be a secret: user info, query, fragment."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = re.split(r"[?#]", rest if mark else url)[0].partition("/")
    return (scheme + mark if mark else "") + host.rpartition("@")[2] + slash + path


def _trouble(url: str) -> str:
    """What is wrong with a base URL, as the end of a sentence; empty when nothing is."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    # urlsplit takes line ends out without a word.
    if not url.isascii() or not url.isprintable():
        return "holds signs that no URL has"
    if parts.scheme not in ("http", "https") or not url.lower().startswith(parts.scheme + "://"):
        return "does not begin with http:// or https://"
    for wrong, trouble in (("?", "has a query"), ("#", "has a fragment")):
        if wrong in url:
            return trouble
    if "@" in parts.netloc:
        return "carries a user or password"
    if not host:
        return "has no host"
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path) or port == 0 or parts.netloc.endswith(":"):
        return "is not a URL"
    return ""
