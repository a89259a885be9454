"""The two servers: started, found by the engine, watched, and stopped; played by a small program."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.embedded import SHIPPED_PROJECT
from contact_center.rasa_env import serving
from contact_center.rasa_env.environment import Environment
from contact_center.rasa_env.errors import RasaEnvError
from contact_center.rasa_env.found import RunningServer, find_server, is_alive, remove_server, write_server
from contact_center.rasa_env.workshop import Workshop

CODE = SHIPPED_PROJECT.parent

FAKE = """#!{python}
import http.server, json, os, signal, sys
arguments = sys.argv[1:]
with open(os.environ["RECORD"], "a") as record:
    record.write(json.dumps([arguments, os.getcwd(), {{n: os.environ.get(n) for n in
        ("RASA_TOKEN", "PYTHONPATH", "CC_ENGINE_URL", "CC_ENCODER", "RASA_TELEMETRY_ENABLED")}},
        os.getpid()]) + "\\n")
if "train" in arguments:
    print("INFO  rasa.engine.training.hooks  - Starting to train component 'RulePolicy'.")
    if os.environ.get("FAILS"):
        print("contradicting rules found"); sys.exit(1)
    name = arguments[arguments.index("--fixed-model-name") + 1]
    open(os.path.join(arguments[arguments.index("--out") + 1], name + ".tar.gz"), "w").close()
elif "run" in arguments or "rasa_sdk" in arguments:
    if os.environ.get("DIES") in arguments:
        print("cannot start: no model"); sys.exit(3)
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = "Bearer " + os.environ["RASA_TOKEN"]
            known = self.path == "/health" or self.headers["Authorization"] == wanted
            self.send_response(200 if known else 401); self.end_headers()
            self.wfile.write(b'{{"status": "ok"}}')
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(0))
    http.server.HTTPServer(("127.0.0.1", int(arguments[arguments.index("-p") + 1])), Handler).serve_forever()
"""


class Site:
    """A data folder whose environment's Python is the small program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        lock = folder / "lock.txt"
        lock.write_text("rasa==1 \\\n    --hash=sha256:aa\n")
        self.environment = Environment(folder, lock)
        self.environment.python.parent.mkdir(parents=True)
        self.environment.python.write_text(FAKE.format(python=sys.executable))
        self.environment.python.chmod(self.environment.python.stat().st_mode | stat.S_IXUSR)
        self.record = folder / "record"
        self.said: list[str] = []
        self.variables = {**os.environ, "RECORD": str(self.record), "PYTHONPATH": "/elsewhere"}

    def workshop(self, project: Path = SHIPPED_PROJECT, config: str = "config.yml") -> Workshop:
        return Workshop(self.folder, self.environment, project, CODE, "multilingual", config)

    def ran(self) -> list[tuple[list[str], str, dict[str, str], int]]:
        return [json.loads(line) for line in self.record.read_text().splitlines()]

    def serve(self, until: Iterator[bool], **variables: str) -> None:
        serving.serve(
            self.workshop(),
            self.folder,
            self.folder / "model.tar.gz",
            engine_url="http://127.0.0.1:8080",
            token="",
            ports=(0, 0),
            say=self.said.append,
            environment={**self.variables, **variables},
            until=lambda: next(until),
        )


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(serving, "_PAUSE", 0.01)
    return Site(tmp_path)


def test_both_are_started_found_by_the_engine_and_stopped(site: Site) -> None:
    found: list[RunningServer] = []

    def until() -> Iterator[bool]:
        while True:
            server = find_server(site.folder)
            if server:
                found.append(server)
                assert stat.S_IMODE((site.folder / "server.json").stat().st_mode) == 0o600
                assert serving.answers(f"{server.url}/webhooks/engine/", server.token)
                assert not serving.answers(f"{server.url}/webhooks/engine/", "wrong")
            yield server is not None

    site.serve(until())
    (server,) = found
    assert server.pid == os.getpid()
    assert server.model == "model.tar.gz"
    assert len(server.token) > 30
    assert find_server(site.folder) is None
    actions, rasa = sorted(site.ran(), key=lambda ran: "run" in ran[0])
    assert "bot.rasa_project.actions" in actions[0]
    endpoints = (site.folder / "endpoints.yml").read_text()
    assert f"http://127.0.0.1:{actions[0][-1]}/webhook" in endpoints
    assert "bot.rasa_components.EngineResponses" in endpoints
    for _, folder, variables, pid in (actions, rasa):
        assert folder == str(SHIPPED_PROJECT)
        assert variables["RASA_TOKEN"] == server.token
        assert variables["PYTHONPATH"] == str(site.folder / "code")
        assert variables["RASA_TELEMETRY_ENABLED"] == "false"
        assert not is_alive(pid)
    assert sorted(path.name for path in (site.folder / "code").iterdir()) == ["bot"]


@pytest.mark.parametrize("word", ["run", "rasa_sdk"])
def test_one_that_ends_takes_the_other_with_it_and_tells_its_last_words(site: Site, word: str) -> None:
    with pytest.raises(RasaEnvError, match=r"status 3(?s:.*)cannot start: no model"):
        site.serve(iter(lambda: False, True), DIES=word)
    assert not any(is_alive(ran[3]) for ran in site.ran())
    assert find_server(site.folder) is None


def test_told_to_stop_while_starting_it_stops(site: Site) -> None:
    site.serve(iter([True]))
    assert site.said[-1] == "stopping"
    assert not (site.folder / "server.json").exists()


def test_a_second_one_for_the_same_folder_is_refused(site: Site) -> None:
    def until() -> Iterator[bool]:
        while find_server(site.folder) is None:
            yield False
        with pytest.raises(RasaEnvError, match="already runs"):
            site.serve(iter([True]))
        yield True

    site.serve(until())


def test_a_port_that_is_given_must_be_free_and_the_usual_one_need_not() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RasaEnvError, match=f"Port {port} is taken"):
            serving.free_port(port, 5005)
        assert serving.free_port(0, port) != port


def test_a_note_of_a_process_that_is_gone_is_no_server(tmp_path: Path) -> None:
    assert find_server(tmp_path) is None
    (tmp_path / "server.json").write_text("{")
    assert find_server(tmp_path) is None
    gone = RunningServer("http://127.0.0.1:1", "t", 2**22 + 1, "m", "now")
    write_server(tmp_path, gone)
    assert find_server(tmp_path) is None
    write_server(tmp_path, RunningServer("http://127.0.0.1:1", "t", os.getpid(), "m", "now"))
    remove_server(tmp_path, os.getpid() + 1)
    assert find_server(tmp_path) is not None
    remove_server(tmp_path, os.getpid())
    assert not (tmp_path / "server.json").exists()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    for file, text in {"config.yml": "a", "domain.yml": "b", "data/nlu.yml": "c"}.items():
        (folder / file).write_text(text)
    return folder


def test_it_trains_when_the_content_changed_and_only_then(site: Site, project: Path) -> None:
    workshop = site.workshop(project)
    model, trained = workshop.train(site.said.append, site.variables)
    assert trained
    assert model.is_file()
    assert "  RulePolicy" in site.said
    assert workshop.train(site.said.append, site.variables) == (model, False)
    assert len(site.ran()) == 1
    (project / "data/nlu.yml").write_text("changed")
    other, trained = workshop.train(site.said.append, site.variables)
    assert trained
    assert other != model
    (project / "data/nlu.yml").write_text("c")
    assert workshop.train(site.said.append, site.variables) == (model, False)


def test_old_models_go(site: Site, project: Path) -> None:
    workshop = site.workshop(project)
    for number in range(5):
        (project / "data/nlu.yml").write_text(str(number))
        workshop.train(site.said.append, site.variables)
    assert len(list(workshop.models.iterdir())) == 3


def test_a_training_that_fails_tells_rasas_last_words(site: Site, project: Path) -> None:
    workshop = site.workshop(project)
    with pytest.raises(RasaEnvError, match="contradicting rules found"):
        workshop.train(site.said.append, {**site.variables, "FAILS": "1"})
    assert not workshop.model().exists()


def test_a_configuration_that_is_not_there_lists_those_that_are(site: Site) -> None:
    with pytest.raises(RasaEnvError, match=r"config\.yml, config_diet\.yml"):
        site.workshop(config="config_died.yml").model()
