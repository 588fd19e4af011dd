"""Where things stand on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from helicli import paths


@pytest.mark.parametrize(
    ("env", "home"),
    [
        ({"XDG_DATA_HOME": "/data", "HOME": "/home/me"}, "/data/helicli"),
        ({"XDG_DATA_HOME": "relative", "HOME": "/home/me"}, "/home/me/.local/share/helicli"),
        ({"XDG_DATA_HOME": "", "HOME": "/home/me"}, "/home/me/.local/share/helicli"),
        ({"HOME": "/home/me"}, "/home/me/.local/share/helicli"),
    ],
)
def test_data_home(env, home):
    assert paths.data_home(env) == Path(home)


def test_the_database_is_the_one_chosen_or_the_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert paths.database({}, "b.db") == tmp_path / "b.db"
    for none in (None, ""):
        assert paths.database({"HOME": "/home/me"}, none) == Path("/home/me/.local/share/helicli/helicli.db")
    monkeypatch.setenv("HOME", "/home/me")
    assert paths.database({}, "~/c.db") == Path("/home/me/c.db")


def test_the_settings_are_the_options_then_the_environments_then_the_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    env = {"HELICLI_CONFIG": "/srv/a.toml", "HOME": "/home/me"}
    assert paths.config_file(env, "b.toml") == tmp_path / "b.toml"
    assert paths.config_file(env) == Path("/srv/a.toml")
    assert paths.config_file({"HOME": "/home/me"}) == Path("/home/me/.config/helicli/config.toml")
    assert paths.config_file({"XDG_CONFIG_HOME": "/c"}) == Path("/c/helicli/config.toml")
    assert paths.trust_file({"XDG_DATA_HOME": "/d"}) == Path("/d/helicli/trusted.json")


def test_what_belongs_to_a_database_stands_beside_the_real_file(tmp_path):
    real = tmp_path / "real.db"
    real.touch()
    link = tmp_path / "link.db"
    link.symlink_to(real)
    for db in (real, link):
        assert paths.journal_dir(db) == tmp_path / "real.db.calls"
        assert paths.lock_file(db) == tmp_path / "real.db.lock"


def test_the_control_socket_of_a_database_is_one_and_short(tmp_path):
    env = {"XDG_RUNTIME_DIR": "/run/user/1000"}
    one = paths.control_socket(env, tmp_path / "a.db", 1000)
    assert one.parent == Path("/run/user/1000/helicli")
    assert one == paths.control_socket(env, tmp_path / "x" / ".." / "a.db", 1000)
    assert one != paths.control_socket(env, tmp_path / "b.db", 1000)
    assert len(str(one)) < 104


@pytest.mark.parametrize("runtime", ["", "relative", "/" + "x" * 200])
def test_the_control_socket_without_a_runtime_folder(tmp_path, runtime):
    path = paths.control_socket({"XDG_RUNTIME_DIR": runtime}, tmp_path / "a.db", 1234)
    assert path.parent.name == "helicli-1234"
    assert path.is_absolute()


@pytest.mark.parametrize(
    ("path", "home", "written"),
    [
        ("/home/ada/x.db", "/home/ada", "~/x.db"),
        ("/home/ada/x.db", "/home/ada/", "~/x.db"),
        ("/home/adam/x.db", "/home/ada", "/home/adam/x.db"),
        ("/x.db", "/", "/x.db"),
        ("auto", "", "auto"),
    ],
)
def test_a_path_as_people_write_it(path, home, written):
    assert paths.homely(path, {"HOME": home}) == written
