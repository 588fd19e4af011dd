"""Tests of the table of providers."""

from __future__ import annotations

import pytest

from helicli.errors import UsageError
from helicli.providers.registry import Provider, build


def test_built_in_and_alias():
    providers = build({})
    assert providers == {
        "openai": Provider("openai", "https://api.openai.com", "openai", True),
        "oai": Provider("openai", "https://api.openai.com", "openai", True),
        "anthropic": Provider("anthropic", "https://api.anthropic.com", "anthropic", False),
    }


def test_url_of_a_built_in_is_replaced_and_nothing_else():
    providers = build({"oai": "http://127.0.0.1:9/x/", "anthropic": "http://[::1]:9"})
    assert providers["openai"] == providers["oai"] == Provider("openai", "http://127.0.0.1:9/x", "openai", True)
    assert providers["anthropic"] == Provider("anthropic", "http://[::1]:9", "anthropic", False)


def test_unknown_name_speaks_openai_and_is_not_asked():
    assert build({"my-box_2": "http://box.lan:8080/v1"})["my-box_2"] == Provider(
        "my-box_2", "http://box.lan:8080/v1", "openai", False
    )


@pytest.mark.parametrize("name", ["", "~x", "-x", "_x", "Big", "a/b", "a.b", "a b", "healthcheck", "ä", "a\n"])
def test_bad_name(name):
    with pytest.raises(UsageError) as raised:
        build({name: "http://h"})
    assert raised.value.fix


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:11434",
        "ftp://h",
        "http://",
        "http:///x",
        "http:h",
        "http://h?",
        "http://h/?a=1",
        "http://h/#",
        "http://u:p@h",
        "http://@h",
        "http://h:99999",
        "http://h:0",
        "http://h:",
        "http://h:x",
        "http://a b",
        "http://h/a b",
        "http://h\r\n",
        "http://[::1",
        "//h",
    ],
)
def test_bad_url(url):
    with pytest.raises(UsageError) as raised:
        build({"local": url})
    assert "local" in raised.value.message
    assert "http://" in raised.value.fix


@pytest.mark.parametrize("url", ["http://me:s3cret@h/p", "http://h/p?key=s3cret", "http://h/p#s3cret", "me:s3cret@h"])
def test_no_secret_of_a_bad_url_is_shown(url):
    with pytest.raises(UsageError) as raised:
        build({"local": url})
    assert "s3cret" not in raised.value.message
