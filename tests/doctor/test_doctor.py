"""The doctor finds what is wrong and says how to mend it."""

from __future__ import annotations

import json
import shutil
import socket
from base64 import b64encode
from collections import namedtuple
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner

from bot.embedded import SHIPPED_PROJECT
from contact_center.cli.doctor import doctor
from contact_center.clock import ManualClock
from contact_center.config import load
from contact_center.doctor import CHECKS, Finding, Patient, examine, inside, outside
from crm_store import migrate
from crm_store.store import Store

SID = "AC" + "0" * 32
Check = Callable[[Patient], Awaitable[Finding]]
Answer = Callable[[web.Request], web.Response]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


def patient(folder: Path, text: str = "", **environ: str) -> Patient:
    file = folder / "config.yaml"
    file.write_text(text)
    clock = ManualClock(datetime(2026, 3, 2, 10, tzinfo=UTC))
    return Patient(load(file, environ), clock, nonce="abc123", patience=5)


def with_store(folder: Path, url: str) -> Patient:
    return patient(folder, "store: {url: '${URL}'}", URL=url)


@asynccontextmanager
async def serving(port: int, answer: Answer) -> AsyncIterator[str]:
    """A web server that answers every GET with ``answer``; its URL."""

    async def handle(request: web.Request) -> web.Response:
        return answer(request)

    app = web.Application()
    app.add_routes([web.get("/{path:.*}", handle)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


def echo(request: web.Request) -> web.Response:
    """As /healthz of the running program."""
    return web.json_response({"status": "live", "nonce": request.query.get("nonce", "")})


def hello(_request: web.Request) -> web.Response:
    return web.Response(text="It works!")


# --- store --------------------------------------------------------------------------------------------


async def test_a_database_that_is_not_there_yet_is_well_and_not_made(tmp_path: Path) -> None:
    found = await inside.check_store(patient(tmp_path))
    assert (found.level, found.remedy) == ("ok", "")
    assert "first start" in found.what
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("kind", ["fresh_sqlite", "fresh_postgres"])
async def test_a_database_is_old_then_well(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(kind)
    with closing(Store(url)) as store:
        with store.reading():
            pass
        old = await inside.check_store(with_store(tmp_path, url))
        assert old.level == "warn"
        assert "serve" in old.remedy
        migrate.upgrade(store.engine)
    found = await inside.check_store(with_store(tmp_path, url))
    assert found.level == "ok"
    assert migrate.head() in found.what


async def test_a_database_that_is_out_of_reach(tmp_path: Path) -> None:
    url = "postgresql://cc:hunter2@127.0.0.1:1/cc"
    found = await inside.check_store(with_store(tmp_path, url))
    assert found.level == "fail"
    assert "hunter2" not in found.what + found.remedy
    assert "store.url" in found.remedy


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "cc.db").write_bytes(b"not a database, but long enough to look like one" * 100)
    found = await inside.check_store(patient(tmp_path, "store: {url: 'sqlite:///cc.db'}"))
    assert found.level == "fail"


# --- flows, bot, live, disk, clock ----------------------------------------------------------------------


async def test_the_shipped_flows_are_well(tmp_path: Path) -> None:
    found = await inside.check_flow_definitions(patient(tmp_path))
    assert (found.level, found.remedy) == ("ok", "")


@pytest.mark.parametrize(
    ("flow", "line", "part"),
    [
        ("flow: hello\n", "hello", "mistakes in"),
        (
            "flow: hello\nlanguages: [en]\nstart: bye\nperson: bye\n"
            "nodes: {bye: {kind: hang_up, text: Bye}}\n",
            "greeting",
            "does not have: front_door, greeting, ticket_hotline",
        ),
    ],
)
async def test_flows_that_do_not_run_or_are_missing(tmp_path: Path, flow: str, line: str, part: str) -> None:
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "hello.yaml").write_text(flow)
    found = await inside.check_flow_definitions(patient(tmp_path, f"flows: {{folder: flows, phone: {line}}}"))
    assert found.level == "fail"
    assert part in found.what
    assert found.remedy


async def test_the_bots_project(tmp_path: Path) -> None:
    assert (await inside.check_bot(patient(tmp_path))).level == "ok"
    copy = tmp_path / "project"
    shutil.copytree(SHIPPED_PROJECT, copy)
    (copy / "config.yml").write_text("pipelin: []\n")
    broken = await inside.check_bot(patient(tmp_path, "bot: {project: project}"))
    assert broken.level == "fail"
    assert "config.yml:1" in broken.what
    missing = await inside.check_bot(patient(tmp_path, "bot: {project: nowhere}"))
    assert missing.level == "fail"


async def test_live_state(tmp_path: Path, redis_url: str) -> None:
    assert (await inside.check_live(patient(tmp_path))).level == "ok"
    redis = "live: {redis_url: '${URL}'}"
    assert (await inside.check_live(patient(tmp_path, redis, URL=redis_url))).level == "ok"
    gone = await inside.check_live(patient(tmp_path, redis, URL="redis://:hunter2@127.0.0.1:1/0"))
    assert gone.level == "fail"
    assert "live.redis_url" in gone.remedy
    assert "hunter2" not in gone.what + gone.remedy


@pytest.mark.parametrize(("free", "level"), [(50e9, "ok"), (0.5e9, "warn"), (0.05e9, "fail")])
async def test_disk(tmp_path: Path, free: float, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(free))
    assert (await inside.check_disk(patient(tmp_path))).level == level


async def test_the_clock(tmp_path: Path, fresh_postgres: str) -> None:
    well = patient(tmp_path)
    assert (await inside.check_clock(well)).level == "ok"
    dead_battery = Patient(well.config, ManualClock(datetime(1970, 1, 1, tzinfo=UTC)), "n")
    assert (await inside.check_clock(dead_battery)).level == "fail"
    # The database server has the real time, which is past the patient's.
    found = await inside.check_clock(with_store(tmp_path, fresh_postgres))
    assert found.level == "warn"
    assert "NTP" in found.remedy


# --- port and public URL ----------------------------------------------------------------------------------


async def test_the_port(tmp_path: Path, port: int) -> None:
    server = patient(tmp_path, f"server: {{port: {port}}}")
    assert "is free" in (await outside.check_port(server)).what
    async with serving(port, echo):
        assert "is running" in (await outside.check_port(server)).what
    async with serving(port, hello):
        found = await outside.check_port(server)
    assert found.level == "fail"
    assert "server.port" in found.remedy


async def test_an_address_that_is_not_this_machines(tmp_path: Path) -> None:
    found = await outside.check_port(patient(tmp_path, "server: {host: 192.0.2.1}"))
    assert found.level == "fail"


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("http://calls.example.com", "is not https"),
        ("https://calls.invalid", "calls.invalid has no address"),
        ("https://127.0.0.1:1", "ClientConnector"),
    ],
)
async def test_a_public_url_that_leads_nowhere(tmp_path: Path, port: int, url: str, part: str) -> None:
    text = f"server: {{port: {port}, public_url: '{url}'}}"
    found = await outside.check_public_url(patient(tmp_path, text))
    assert found.level == "fail"
    assert part in found.what
    assert found.remedy


async def test_no_public_url_matters_only_to_twilio(tmp_path: Path) -> None:
    assert (await outside.check_public_url(patient(tmp_path))).level == "ok"
    found = await outside.check_public_url(twilio(tmp_path, 1))
    assert (found.level, "server.public_url" in found.remedy) == ("fail", True)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (echo, "ours"),
        (lambda _: web.json_response({"status": "live"}), "alike"),
        (hello, "other"),
        (lambda _: web.Response(status=302, headers={"Location": "/"}), "302"),
        (lambda _: web.Response(status=502), "502"),
    ],
)
async def test_who_answers(tmp_path: Path, port: int, answer: Answer, expected: str) -> None:
    async with serving(port, answer) as url:
        assert await outside.who_answers(f"{url}/healthz", patient(tmp_path)) == expected


async def test_the_doctor_stands_in_for_a_program_that_is_not_running(tmp_path: Path, port: int) -> None:
    server = patient(tmp_path, f"server: {{port: {port}}}")
    async with outside.standing_in(server) as paths:
        assert await outside.who_answers(f"http://127.0.0.1:{port}/cc/healthz", server) == "ours"
    assert paths == ["/cc/healthz"]
    assert "is free" in (await outside.check_port(server)).what
    async with serving(port, hello) as url, outside.standing_in(server) as paths:
        assert await outside.who_answers(f"{url}/healthz", server) == "other"
    assert paths == []


@pytest.mark.parametrize(
    ("prefix", "answer", "paths", "level", "part"),
    [
        ("", "ours", ["/healthz"], "ok", "leads here"),
        ("/cc", "ours", ["/healthz"], "ok", "leads here"),
        ("/cc", "ours", ["/cc/healthz"], "fail", "remove that path"),
        ("", "alike", [], "warn", "run the doctor again"),
        ("", "other", [], "fail", "point the proxy"),
        ("", "308", [], "fail", "redirects"),
        ("", "502", [], "fail", "check the proxy"),
    ],
)
def test_what_an_answer_means(prefix: str, answer: str, paths: list[str], level: str, part: str) -> None:
    found = outside.judge(f"https://a.example{prefix}", prefix, answer, paths)
    assert found.level == level
    assert part in f"{found.what} {found.remedy}"


NUMBERS = "# HELP cc_open Contacts\n# TYPE cc_open gauge\ncc_open 1.0\n"
METRICS_TOKEN = "hunter2-hunter2-hunter2"


@pytest.mark.parametrize(
    ("settings", "host", "level", "part"),
    [
        ("{enabled: false, open: true}", "0.0.0.0", "ok", "not served"),
        ("{}", "0.0.0.0", "ok", "this machine"),
        ("{token: '${TOKEN}'}", "0.0.0.0", "ok", "metrics.token"),
        ("{open: true}", "0.0.0.0", "warn", "set metrics.token"),
        ("{open: true}", "127.0.0.1", "ok", "127.0.0.1"),
    ],
)
async def test_who_may_read_the_metrics(
    tmp_path: Path, settings: str, host: str, level: str, part: str
) -> None:
    text = f"{{metrics: {settings}, server: {{host: {host}}}}}"
    found = await outside.check_metrics(patient(tmp_path, text, TOKEN=METRICS_TOKEN))
    assert found.level == level
    assert part in f"{found.what} {found.remedy}"
    assert METRICS_TOKEN not in f"{found.what} {found.remedy}"


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (lambda _: web.Response(text=NUMBERS), "fail"),
        (lambda _: web.Response(text=NUMBERS, status=401), "ok"),
        (hello, "ok"),
        (lambda _: web.Response(status=302, headers={"Location": "/"}), "ok"),
    ],
)
async def test_metrics_that_the_proxy_shows_to_the_world(
    tmp_path: Path, port: int, answer: Answer, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "is_own_host", lambda host: False)  # the test's world is this machine
    async with serving(port, answer) as url:
        found = await outside.check_metrics(patient(tmp_path, f"server: {{public_url: '{url}'}}"))
    assert found.level == level
    nobody = await outside.check_metrics(patient(tmp_path, f"server: {{public_url: '{url}'}}"))
    assert nobody.level == "ok"


# --- Twilio -----------------------------------------------------------------------------------------------


def twilio(folder: Path, port: int, more: str = "") -> Patient:
    text = (
        f"twilio: {{enabled: true, account_sid: {SID}, auth_token: '${{TOKEN}}', timeout_seconds: 5, "
        f"api_base_url: 'http://127.0.0.1:{port}'{more}}}"
    )
    return patient(folder, text, TOKEN="t0ken", KEY_SECRET="s3cret")


def account(status: str) -> Answer:
    def answer(request: web.Request) -> web.Response:
        assert request.path == f"/2010-04-01/Accounts/{SID}.json"
        return web.json_response({"sid": SID, "status": status})

    return answer


def refusal(_request: web.Request) -> web.Response:
    return web.json_response({"code": 20003, "message": "Authenticate", "status": 401}, status=401)


@pytest.mark.parametrize(
    ("answer", "more", "level", "part"),
    [
        (account("active"), ", messaging_sender: '+15550100'", "ok", "is active"),
        (account("active"), "", "warn", "twilio.messaging_sender"),
        (account("suspended"), "", "fail", "is suspended"),
        (refusal, "", "fail", "error 20003"),
        (lambda _: web.Response(status=500), "", "fail", "HTTP 500"),
        (hello, "", "fail", "does not answer as it should"),
    ],
)
async def test_twilio(
    tmp_path: Path, port: int, answer: Answer, more: str, level: str, part: str
) -> None:  # fmt: skip
    async with serving(port, answer):
        found = await outside.check_twilio(twilio(tmp_path, port, more))
    assert found.level == level
    assert part in f"{found.what} {found.remedy}"
    assert "t0ken" not in f"{found.what} {found.remedy}"


async def test_twilio_out_of_reach_and_not_enabled(tmp_path: Path, port: int) -> None:
    assert (await outside.check_twilio(twilio(tmp_path, port))).level == "fail"
    assert (await outside.check_twilio(patient(tmp_path))).what == "not enabled"


def standard_key(request: web.Request) -> web.Response:
    assert request.path == f"/2010-04-01/Accounts/{SID}/Conferences.json"
    assert request.headers["Authorization"] == f"Basic {b64encode(f'{KEY}:s3cret'.encode()).decode()}"
    return web.json_response({"conferences": [], "page_size": 1, "next_page_uri": None})


KEY = f"SK{'0' * 32}"
WITH_KEY = f", api_key_sid: {KEY}, api_key_secret: '${{KEY_SECRET}}'"


@pytest.mark.parametrize(
    ("answer", "more", "level", "part"),
    [
        (standard_key, WITH_KEY, "ok", "knows the API key"),
        (hello, "", "warn", "twilio.api_key_sid"),
        (refusal, WITH_KEY, "fail", "standard key of this very account"),
        (lambda _: web.Response(status=500), WITH_KEY, "fail", "HTTP 500"),
        (hello, WITH_KEY, "fail", "does not answer as it should"),
    ],
)
async def test_the_desk_phone(
    tmp_path: Path, port: int, answer: Answer, more: str, level: str, part: str
) -> None:
    async with serving(port, answer):
        found = await outside.check_desk_phone(twilio(tmp_path, port, more))
    assert (found.name, found.level) == ("desk phone", level)
    assert part in f"{found.what} {found.remedy}"
    assert "s3cret" not in f"{found.what} {found.remedy}"


async def test_the_desk_phone_is_no_matter_of_twilio_where_that_is_not_enabled(tmp_path: Path) -> None:
    assert (await outside.check_desk_phone(patient(tmp_path))).level == "ok"


# --- all of it --------------------------------------------------------------------------------------------


async def test_a_configuration_that_cannot_be_used_is_all_there_is_to_say(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("server: {prot: 1}\nlog: {level: loud}\n")
    found = await examine(file, {})
    assert [(f.name, f.level) for f in found] == [("configuration", "fail")] * 2
    assert "config.yaml line 1: server.prot" in found[0].what
    assert "docs/configuration.md" in found[0].remedy


async def test_a_check_that_fails_itself_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: object) -> None:
        raise ZeroDivisionError("+8613800138000")

    monkeypatch.setattr(shutil, "disk_usage", broken)
    found = {finding.name: finding for finding in await examine(tmp_path / "config.yaml", {})}
    assert found["disk"].level == "fail"
    assert "ZeroDivisionError" in found["disk"].what
    assert "+86" not in found["disk"].what
    assert len(found) == len(CHECKS) + 1


def test_the_command_prints_findings_and_remedies(tmp_path: Path, port: int) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"server: {{port: {port}, public_url: 'http://calls.example.com'}}")
    ran = CliRunner().invoke(doctor, ["--config", str(file)])
    assert ran.exit_code == 1
    assert "ok    configuration" in ran.output
    assert "fail  public url     http://calls.example.com is not https\n" in ran.output
    assert "→ put a proxy with TLS in front of it" in ran.output
    assert "1 to mend" in ran.output


def test_the_command_as_json(tmp_path: Path, port: int) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"server: {{port: {port}}}")
    ran = CliRunner().invoke(doctor, ["--config", str(file), "--json"])
    assert ran.exit_code == 0
    findings = json.loads(ran.output)
    assert findings[0] == {
        "name": "configuration",
        "level": "ok",
        "what": f"{file} and the environment are valid",
        "remedy": "",
    }
