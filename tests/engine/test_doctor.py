"""What the doctor finds, each in a place where it is so."""

from __future__ import annotations

import os
import socket
from collections import namedtuple

import pytest

from helicli import paths
from helicli.engine import doctor as module
from helicli.engine.doctor import CHECKS, Patient, State, examine
from helicli.engine.lock import Holder, Lock
from helicli.errors import UsageError
from helicli.journal import Kind, pack
from tests.query import logs

Room = namedtuple("Room", "f_bavail f_frsize f_blocks")


@pytest.fixture
def patient(tmp_path):
    """A healthy one with five calls; `port` is any."""
    database = logs.sample(tmp_path / "x.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Patient({}, database, "127.0.0.1", port, lambda: "defaults", logs.T0 / 1000 + 3600)


def found(patient, name):
    (finding,) = [each for each in examine(patient) if each.name == name]
    assert bool(finding.fix) is (finding.state is not State.OK)
    return finding


def changed(patient, **given):
    return Patient(**{name: given.get(name, getattr(patient, name)) for name in Patient.__struct_fields__})


def test_all_is_well(patient):
    findings = list(examine(patient))
    assert [each.name for each in findings] == list(CHECKS)
    assert {each.state for each in findings} == {State.OK}, findings
    assert "5 calls" in found(patient, "database").text


def test_a_database_that_is_not_there(patient, tmp_path):
    nothing = changed(patient, database=tmp_path / "deep" / "none.db")
    assert {each.state for each in examine(nothing)} == {State.OK}
    assert not (tmp_path / "deep").exists()


def test_a_database_that_cannot_be_read(patient):
    patient.database.write_bytes(b"something else altogether" * 1000)
    assert found(patient, "database").state is State.BAD


def test_settings_that_cannot_be(patient):
    def fail():
        raise UsageError("config.toml line 3 is not TOML", "helicli config edit", "a quote")

    finding = found(changed(patient, settings=fail), "settings")
    assert (finding.state, finding.text) == (State.BAD, "config.toml line 3 is not TOML (a quote)")


def test_calls_that_wait(patient):
    logs.segment(patient.database, 3, 1, pack(1, Kind.BEGIN, b"x" * 5000))
    finding = found(patient, "journal")
    assert (finding.state, finding.fix) == (State.WARN, "helicli serve")
    (paths.journal_dir(patient.database) / "bad").mkdir()
    assert found(patient, "journal").state is State.WARN
    (paths.journal_dir(patient.database) / "bad" / "1").touch()
    assert "could not be read" in found(patient, "journal").text


HEALTH = {
    "recorder": {"state": "ok", "message": ""},
    "journal": {"dropped_calls": 0, "dropped_bodies": 0, "failure": ""},
}


@pytest.mark.parametrize(
    ("health", "state", "text"),
    [
        (HEALTH, State.OK, "http://127.0.0.1:1"),
        ({}, State.BAD, "does not answer"),
        ({**HEALTH, "recorder": {"state": "full", "message": "disk"}}, State.BAD, "full: disk"),
        ({**HEALTH, "journal": {**HEALTH["journal"], "dropped_calls": 3}}, State.WARN, "3 calls"),
        ({**HEALTH, "journal": {**HEALTH["journal"], "failure": "no space"}}, State.WARN, "no space"),
    ],
)
def test_an_engine(patient, monkeypatch, health, state, text):
    lock = Lock.try_take(paths.lock_file(patient.database))
    lock.write(Holder(41, "http://127.0.0.1:1", "/c.sock", "1.0"))
    monkeypatch.setattr(module.client, "ask", lambda path, do: health)
    finding = found(patient, "engine")
    lock.release()
    assert finding.state is state
    assert text in finding.text


def test_an_engine_that_is_just_starting(patient):
    lock = Lock.try_take(paths.lock_file(patient.database))
    assert found(patient, "engine").state is State.WARN
    lock.release()
    assert found(patient, "engine").state is State.OK


def test_a_port_that_is_taken(patient):
    with socket.create_server((patient.host, patient.port)):
        assert found(patient, "port").state is State.WARN
    assert found(changed(patient, host="no.such.host.invalid"), "port").state is State.BAD


@pytest.mark.parametrize(("free", "state"), [(50, State.BAD), (500, State.WARN), (5000, State.OK)])
def test_room(patient, monkeypatch, free, state):
    monkeypatch.setattr(module.os, "statvfs", lambda place: Room(free, 1_000_000, 100_000))
    assert found(patient, "disk").state is state


def test_files_that_others_can_read(patient):
    os.chmod(patient.database, 0o644)  # noqa: PTH101
    finding = found(patient, "modes")
    assert finding.state is State.BAD
    assert finding.fix.startswith(f"chmod go= {patient.database}")
    for path in patient.database.parent.iterdir():
        path.chmod(0o600)
    assert found(patient, "modes").state is State.OK


def test_certificates_that_are_not_there(patient):
    finding = found(changed(patient, env={"SSL_CERT_FILE": "/no/such.pem"}), "trust")
    assert (finding.state, finding.fix) == (State.BAD, "unset SSL_CERT_FILE")


@pytest.mark.parametrize(
    ("env", "state"),
    [
        ({"https_proxy": "http://house:3128"}, State.WARN),
        ({"HTTPS_PROXY": "http://house:3128", "NO_PROXY": "127.0.0.1"}, State.OK),
        ({"HTTPS_PROXY": "http://house:3128", "no_proxy": "*"}, State.OK),
    ],
)
def test_a_proxy_of_the_house(patient, env, state):
    assert found(changed(patient, env=env), "proxies").state is state


@pytest.mark.parametrize(("now", "state"), [(1e9, State.BAD), (logs.T0 / 1000 - 3600, State.WARN)])
def test_a_clock_that_is_wrong(patient, now, state):
    assert found(changed(patient, now=now), "clock").state is state


@pytest.mark.parametrize("running", [True, False])
def test_programs_that_are_sent_here(patient, monkeypatch, running):
    monkeypatch.setattr(module.client, "answers", lambda control: running)
    assert found(patient, "programs").text.startswith("no base URL is set here")
    here = {"OPENAI_BASE_URL": f"http://localhost:{patient.port}/openai/v1"}
    finding = found(
        changed(patient, env={**here, "OLLAMA_HOST": "127.0.0.1:11434", "GROQ_BASE_URL": "http://[x"}), "programs"
    )
    if running:
        assert finding.text == "OPENAI_BASE_URL at helicli; OLLAMA_HOST at 127.0.0.1:11434; GROQ_BASE_URL at http://[x"
    else:
        assert finding.state is State.WARN and "where no engine" in finding.text and "env --unset" in finding.fix
        assert "OLLAMA_HOST" not in finding.text
