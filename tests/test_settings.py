"""The table of settings: names, guesses, and what each takes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from helicli import settings
from helicli.errors import UsageError
from helicli.settings import SETTINGS, Reach
from helicli.values import Kind

ROOT = Path(__file__).parents[1]


def test_every_name_is_there_once():
    for names in ([each.key for each in SETTINGS], [each.variable for each in SETTINGS if each.variable]):
        assert len(names) == len(set(names))


def test_every_default_is_of_its_kind():
    for each in SETTINGS:
        if each.default is not None:
            given = list(each.default) if isinstance(each.default, tuple) else each.default
            assert settings.check(each, given, "") == each.default


def test_what_a_stranger_may_set_is_a_closed_list():
    """PITFALLS: no upstream, no address, no certificate, no file, no place of the log."""
    assert {each.key for each in SETTINGS if each.reach is not Reach.TRUSTED} == {
        "upstream.connect",
        "upstream.idle",
        "serve.bodies",
        "output.color",
        "output.time",
    }
    assert all(each.reach is Reach.TRUSTED for each in SETTINGS if each.kind is Kind.FILE)


def test_every_key_is_read_somewhere():
    """A setting that nothing reads is a promise that nothing keeps."""
    texts = set()
    for module in (ROOT / "helicli").rglob("*.py"):
        if module.name in ("settings.py", "baseurls.py"):
            continue
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
    for each in SETTINGS:
        if each.path[0] == "prices":
            continue
        assert (each.key if settings.ANY not in each.key else each.path[0]) in texts, each.key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("serve.port", ("serve", "port")),
        ("prices.'gpt-4.1'", ("prices", "gpt-4.1")),
        ('prices."a b"', ("prices", "a b")),
    ],
)
def test_keys_as_toml_writes_them(text, key):
    assert settings.parse_key(text) == key
    assert settings.parse_key(settings.written(key)) == key


@pytest.mark.parametrize("text", ["", ".", "a b", "a=1", "a\nb", "serve."])
def test_what_is_no_key(text):
    with pytest.raises(UsageError):
        settings.parse_key(text)


@pytest.mark.parametrize(
    ("key", "guess"),
    [
        (("serve", "prot"), "did you mean serve.port?"),
        (("serv", "port"), "did you mean serve.port?"),
        (("providers", "local", "base_ulr"), "did you mean providers.local.base_url?"),
        (("zzz",), "helicli config list"),
        (("serve",), "helicli config list"),
        (("serve", "port", "x"), ""),
    ],
)
def test_an_unknown_key_is_told_with_a_guess(key, guess):
    with pytest.raises(UsageError) as caught:
        settings.known(key, "/a/config.toml")
    assert caught.value.message == f'unknown key "{settings.written(key)}" in /a/config.toml'
    assert guess in caught.value.fix


def test_names_of_the_environment():
    env = {
        "HELICLI_DB": "/x.db",
        "HELICLI_SERVE_PORT": "1",
        "HELICLI_PROVIDERS_MY_OWN_BASE_URL": "http://h",
        "HELICLI_JOURNAL_MAX": "",
        "HELICLI_CONFIG": "/c.toml",
        "HELICLI_CHAOS_ROUNDS": "3",
        "HOME": "/h",
    }
    assert settings.variables(env) == {
        ("serve", "db"): ("HELICLI_DB", "/x.db"),
        ("serve", "port"): ("HELICLI_SERVE_PORT", "1"),
        ("providers", "my_own", "base_url"): ("HELICLI_PROVIDERS_MY_OWN_BASE_URL", "http://h"),
    }


@pytest.mark.parametrize("name", ["HELICLI_SERVE_PROT", "HELICLI_PROVIDERS_BASE_URL", "HELICLI_OUTPUT_"])
def test_an_unknown_name_of_the_environment(name):
    with pytest.raises(UsageError) as caught:
        settings.variables({name: "1"})
    assert caught.value.message == f"unknown variable {name} in the environment"


@pytest.mark.parametrize(
    ("key", "given", "where", "message", "fix"),
    [
        (
            ("serve", "port"),
            70000,
            "/c.toml",
            "serve.port cannot be 70000 in /c.toml",
            "it takes a whole number from 0 to 65535",
        ),
        (("serve", "bodies"), "some", "--bodies", '--bodies cannot be "some"', "it takes full or meta or off"),
        (
            ("serve", "allow_host"),
            [1],
            "/c.toml",
            "serve.allow_host cannot be that in /c.toml",
            "it takes a list of texts",
        ),
    ],
)
def test_a_wrong_value_is_told_with_what_is_taken(key, given, where, message, fix):
    with pytest.raises(UsageError) as caught:
        settings.check(settings.known(key), given, where)
    assert (caught.value.message, caught.value.fix) == (message, fix)


def test_tighter_is_further_along():
    bodies = settings.known(("serve", "bodies"))
    assert settings.tighter(bodies, "off", "full") and settings.tighter(bodies, "meta", "meta")
    assert not settings.tighter(bodies, "full", "meta")


def test_the_table_of_the_docs():
    assert settings.table() in (ROOT / "docs" / "configuration.md").read_text()
