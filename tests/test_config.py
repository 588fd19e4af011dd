"""Where settings come from, which of them wins, and what a stranger's file may do."""

from __future__ import annotations

import pytest

from helicli import config, paths, trust
from helicli.config import Layer
from helicli.errors import UsageError

HOSTILE = """
[serve]
host = "0.0.0.0"
port = 1
db = "stolen.db"
ca_file = "evil.pem"
allow_host = ["evil.test"]
bodies = "meta"
[upstream]
idle = "5m"
[journal]
max = 0
[providers.openai]
base_url = "http://evil.test"
[prices.gpt-4o]
input = 0
"""


class Place:
    """A home with a project in it."""

    def __init__(self, home):
        self.env = {"HOME": str(home)}
        self.user = home / ".config" / "helicli" / "config.toml"
        self.project = home / "project" / "helicli.toml"
        self.folder = home / "project" / "deep" / "er"
        self.folder.mkdir(parents=True)
        self.user.parent.mkdir(parents=True)

    def load(self, **flags):
        return config.load(self.env, self.folder, None, {key.replace("__", "."): each for key, each in flags.items()})


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_nothing_set_is_the_defaults(place):
    found = place.load()
    assert (found.number("serve.port"), found.text("serve.host"), found.words("serve.allow_host")) == (
        8787,
        "127.0.0.1",
        (),
    )
    assert found.file("serve.db") == paths.database(place.env, None)
    assert (found.project, found.ignored, found.named("providers"), found.tables("prices")) == (None, (), {}, {})
    assert {each.winner.layer for each in found.found.values()} == {Layer.DEFAULT}


def test_flags_go_before_environment_before_project_before_user_before_default(place):
    place.user.write_text('[upstream]\nidle = "1m"')
    place.project.write_text('[upstream]\nidle = "2m"')
    place.env["HELICLI_UPSTREAM_IDLE"] = "3m"
    said = place.load(upstream__idle="4m").found["upstream", "idle"]
    assert [(each.value, each.layer, each.name) for each in (said.winner, *said.losers)] == [
        ("4m", Layer.FLAG, "--idle-timeout"),
        ("3m", Layer.ENVIRONMENT, "HELICLI_UPSTREAM_IDLE"),
        ("2m", Layer.PROJECT, str(place.project)),
        ("1m", Layer.USER, str(place.user)),
        ("10m", Layer.DEFAULT, ""),
    ]


def test_the_tables_of_the_users_own(place):
    place.user.write_text(
        '[providers.local]\nbase_url = "http://h:1"\nask_usage = true\n'
        '[prices."gpt-4.1"]\ninput = 2\n[prices.x.deep]\na = 1'
    )
    found = place.load()
    assert found.named("providers") == {"local": {"base_url": "http://h:1", "ask_usage": True}}
    assert found.tables("prices") == {"gpt-4.1": {"input": 2}, "x": {"deep": {"a": 1}}}


def test_a_file_is_named_from_where_it_is_named(place):
    place.user.write_text('[serve]\nca_file = "ca.pem"\ndb = "/abs.db"')
    found = place.load()
    assert found.file("serve.ca_file") == place.user.parent / "ca.pem"
    assert str(found.file("serve.db")) == "/abs.db"


def test_a_stranger_sets_only_what_cannot_harm(place):
    place.project.write_text(HOSTILE)
    found = place.load()
    assert {".".join(key) for key in found.ignored} == {
        "serve.host",
        "serve.port",
        "serve.db",
        "serve.ca_file",
        "serve.allow_host",
        "journal.max",
        "providers.openai.base_url",
        "prices.gpt-4o",
    }
    changed = {".".join(key) for key, each in found.found.items() if each.winner.layer is not Layer.DEFAULT}
    assert changed == {"upstream.idle", "serve.bodies"}
    assert (found.named("providers"), found.tables("prices"), found.trusted) == ({}, {}, False)


@pytest.mark.parametrize(("standing", "wanted", "held"), [("meta", "full", "meta"), ("meta", "off", "off")])
def test_a_stranger_keeps_no_more_than_the_user_does(place, standing, wanted, held):
    place.user.write_text(f'[serve]\nbodies = "{standing}"')
    place.project.write_text(f'[serve]\nbodies = "{wanted}"')
    assert place.load().text("serve.bodies") == held


def test_a_trusted_project_sets_everything_until_it_changes(place):
    place.project.write_text(HOSTILE)
    trust.trust(paths.trust_file(place.env), place.project, place.project.read_bytes())
    found = place.load()
    assert (found.trusted, found.ignored, found.text("serve.host")) == (True, (), "0.0.0.0")
    assert found.file("serve.db") == place.project.parent / "stolen.db"
    place.project.write_text(HOSTILE.replace("evil.test", "worse.test"))
    assert not place.load().trusted
    assert place.load().named("providers") == {}


def test_pyproject(place):
    shared = place.project.with_name("pyproject.toml")
    shared.write_text('[project]\nname = "x"\n[tool.helicli]\nupstream.idle = "5m"\nserve.port = 1\n')
    found = place.load()
    assert (found.project, found.text("upstream.idle"), found.ignored) == (shared, "5m", (("serve", "port"),))
    trust.trust(paths.trust_file(place.env), shared, config.read(shared).content)
    shared.write_text(shared.read_text().replace('"x"', '"y"'))
    assert place.load().trusted, "only what helicli reads of it counts"
    place.project.write_text("")
    assert place.load().project == place.project


@pytest.mark.parametrize("content", ["", '[tool.black]\nx = "helicli"', '[project]\ndependencies = ["helicli"]'])
def test_a_pyproject_without_settings_is_none(place, content):
    place.project.with_name("pyproject.toml").write_text(content)
    assert place.load().project is None


def test_the_search_ends_at_the_repository(place):
    place.project.write_text("")
    assert place.load().project == place.project
    (place.folder.parent / ".git").mkdir()
    assert place.load().project is None


def test_the_search_ends_at_home(place, tmp_path):
    (tmp_path.parent / "helicli.toml").touch()
    try:
        assert place.load().project is None
        assert config.find_project(place.folder, None) is None, "outside of both only the folder itself counts"
        (place.folder / "helicli.toml").touch()
        assert config.find_project(place.folder, None) == place.folder / "helicli.toml"
    finally:
        (tmp_path.parent / "helicli.toml").unlink()


def test_a_file_named_by_hand_must_be_there(place):
    with pytest.raises(UsageError) as caught:
        config.load(place.env, place.folder, str(place.folder / "none.toml"))
    assert "none.toml is not there" in caught.value.message
    place.env["HELICLI_CONFIG"] = str(place.project)
    place.project.write_text("[serve]\nport = 1")
    found = place.load()
    assert (found.number("serve.port"), found.user, found.project) == (1, place.project, None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[serve]\nprot = 1", 'unknown key "serve.prot" in {}'),
        ("[serve]\nport = 'x'", 'serve.port cannot be "x" in {}'),
        ("serve = 1", 'unknown key "serve" in {}'),
        ("[serv]\nport = 1", 'unknown key "serv.port" in {}'),
        ("[providers]\nlocal = 1", 'unknown key "providers.local" in {}'),
        ("[serve", "{} is not TOML"),
        ("\x00", "{} is not TOML"),
    ],
)
def test_a_wrong_file_is_told_by_its_name_and_key(place, content, message):
    place.user.write_text(content)
    with pytest.raises(UsageError) as caught:
        place.load()
    assert caught.value.message == message.format(place.user)
    assert caught.value.fix


def test_a_wrong_variable_is_told_by_its_name(place):
    place.env["HELICLI_SERVE_PORT"] = "x"
    with pytest.raises(UsageError) as caught:
        place.load()
    assert caught.value.message == 'serve.port cannot be "x" in HELICLI_SERVE_PORT'


def test_a_file_that_cannot_be_read(place):
    place.user.mkdir()
    assert place.load().number("serve.port") == 8787
