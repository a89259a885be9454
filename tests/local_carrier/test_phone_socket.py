"""Who may be a telephone, and what a telephone may do: identity, origin, numbers, limits, signals."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from contact_center.bucket import Bucket
from contact_center.config import Config
from contact_center.config.phone import Phone as PhoneSettings
from contact_center.config.sections import Server
from contact_center.local_carrier.account import open_account
from contact_center.local_carrier.ice import ice_servers
from contact_center.local_carrier.messages import Error
from contact_center.local_carrier.wiring import may_choose_number
from tests.app.centre import MONDAY
from tests.app.floor import GRACE
from tests.local_carrier.company import Company, open_company
from tests.local_carrier.phone import PATIENCE, phone
from tests.local_carrier.test_calls_with_agents import in_line, talking

CALLER = "+12025550177"
NOT_LET_IN: list[Any] = [
    {"type": "hello", "as": "agent"},
    {"type": "hello", "as": "somebody"},
    {"type": "hello"},
    {"type": "dial", "to": "1001"},
    {"type": "hello", "as": "customer", "number": "911"},
    {"type": "hello", "as": "customer", "number": "+1 202 555 0177"},
    "no json",
    "[1, 2]",
]
NO_NUMBERS = ["", "sip:a@b", "client:agt_1", "1001;rm", "１００１", "+" * 30]


async def first_words(company: Company, hello: Any, **options: Any) -> dict[str, Any]:
    """What the server says first to a browser that says that first."""
    async with company.http.ws_connect(f"{company.url}/phone/socket", **options) as socket:
        await (socket.send_str(hello) if isinstance(hello, str) else socket.send_json(hello))
        line: dict[str, Any] = await socket.receive_json(timeout=PATIENCE)
        return line


async def test_who_is_there(company: Company) -> None:
    ready = await first_words(company, {"type": "hello", "as": "customer"})
    assert ready.pop("samples")
    assert len(ready.pop("resume")) == 48
    assert ready == {
        "type": "ready",
        "identity": "customer",
        "ice": [],
        "numbers": ["1001", "1002"],
        "choose": True,
        "grace": 15.0,
        "resumed": False,
        "heard": 0,
    }
    token = await company.token(GRACE)
    as_agent = {"type": "hello", "as": "agent"}
    for options in (
        {"headers": {"Authorization": f"Bearer {token}"}},
        {"protocols": ("contact-center", f"bearer.{token}")},
    ):
        ready = await first_words(company, as_agent, **options)
        assert ready["identity"] == f"client:{await company.id_of(GRACE)}"


async def test_who_is_not_let_in(company: Company) -> None:
    for hello in NOT_LET_IN:
        assert (await first_words(company, hello))["type"] == "error", hello
    assert list(company.carrier.exchange.phones) == []


async def test_a_page_of_another_site_is_not_let_in(company: Company) -> None:
    port = company.url.rpartition(":")[2]
    good = [company.url, f"http://localhost:{port}"]
    hello = {"type": "hello", "as": "customer"}
    for origin in good:
        host = origin.removeprefix("http://")
        assert (await first_words(company, hello, headers={"Origin": origin, "Host": host}))[
            "type"
        ] == "ready"
    for origin in ("https://evil.example.com", "null", f"http://evil.example.com:{port}"):
        headers = {"Origin": origin, "Host": origin.removeprefix("http://")}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await first_words(company, hello, headers=headers)
        assert refused.value.status == 403


@pytest.mark.parametrize(
    ("server", "chosen", "may"),
    [
        (Server(), "local", True),
        (Server(host="::1"), "local", True),
        (Server(host="0.0.0.0"), "local", False),
        (Server(public_url="https://cc.example.com"), "local", False),
        (Server(host="0.0.0.0"), "always", True),
        (Server(), "never", False),
    ],
)
def test_where_a_number_may_be_chosen(server: Server, chosen: Any, may: bool) -> None:
    assert may_choose_number(Config(server=server), PhoneSettings(choose_number=chosen)) is may


@pytest.fixture
async def strict(seeded: Path, tmp_path: Path) -> AsyncIterator[Company]:
    """One where nobody chooses a number, and an address has one call."""
    settings = PhoneSettings(choose_number="never", max_calls_per_address=1)
    async with open_company(seeded, tmp_path, settings) as opened:
        yield opened


async def test_without_a_choice_callers_are_anonymous(strict: Company) -> None:
    async with phone(strict.url) as caller:
        await caller.send("dial", to="1001", **{"from": CALLER})
        assert "cannot choose your number" in (await caller.until("error"))["text"]
        await caller.dial("1001")
        await caller.hear("For orders press 1")
        contact = await strict.newest()
        assert (contact.from_address, contact.customer_id) == ("", None)


async def test_an_address_has_so_many_calls(strict: Company) -> None:
    async with phone(strict.url) as first, phone(strict.url) as second:
        await first.dial("1001")
        await second.send("dial", to="1001")
        assert "calling already" in (await second.until("error"))["text"]
        await first.hang_up()
        await first.ended()
        await second.dial("1001")


async def test_what_is_no_number(company: Company) -> None:
    async with phone(company.url) as caller:
        for to in NO_NUMBERS:
            await caller.send("dial", to=to)
            assert "no number" in (await caller.until("error"))["text"]
        assert company.carrier.exchange.calls == {}


async def test_an_agents_telephone_calls_nobody(company: Company) -> None:
    async with phone(company.url, await company.token(GRACE)) as desk:
        await desk.send("dial", to="1001")
        assert "calls nobody" in (await desk.until("error"))["text"]


async def test_calls_of_others_cannot_be_touched(company: Company) -> None:
    async with talking(company) as talk, phone(company.url) as stranger:
        for call in (talk.caller.call, talk.desk.call):
            for kind in ("hang_up", "answer", "decline"):
                await stranger.send(kind, call=call)
            await stranger.send("keys", call=call, digits="1")
            await stranger.send("signal", call=call, peer="x", data={})
            await stranger.send("recorded", call=call, seconds=3)
        await stranger.send("hello", **{"as": "customer"})
        assert (await stranger.until("error"))["text"] == "Hello was said already."
        assert [line["type"] for line in stranger.lines] == ["ready", "error"]
        assert await talk.state() == "active"


async def test_signals_pass_inside_one_conversation_only(company: Company) -> None:
    async with talking(company) as talk, phone(company.url) as stranger:
        mine = talk.caller.lines[-1]["peers"][0]["peer"]
        theirs = talk.desk.lines[-1]["peers"][0]["peer"]
        await talk.caller.send("signal", call=talk.caller.call, peer=mine, data={"sdp": "offer"})
        line = await talk.desk.until("signal")
        assert (line["data"], line["peer"], line["call"]) == ({"sdp": "offer"}, theirs, talk.desk.call)
        await stranger.dial("1001")
        await stranger.send("signal", call=stranger.call, peer=mine, data={"sdp": "evil"})
        await talk.caller.send("signal", call=talk.caller.call, peer=theirs, data={"to": "myself"})
        await talk.caller.send("signal", call=talk.caller.call, peer=mine, data={"ice": 1})
        assert (await talk.desk.until("signal"))["data"] == {"ice": 1}
        assert "signal" not in [line["type"] for line in talk.caller.lines]


async def test_no_other_ids_are_told(company: Company) -> None:
    """Ends are known to each other by names of their own, not by their calls."""
    async with talking(company) as talk:
        told = json.dumps(talk.caller.lines)
        contact = await talk.contact()
        assert talk.desk.call not in told
        assert contact.id not in told
        assert (contact.agent_id or "none") not in told


async def test_lines_that_are_none(company: Company) -> None:
    async with phone(company.url) as caller:
        for text in ("{", '{"type": "sing"}', '{"type": "keys", "call": 1}'):
            await caller.socket.send_str(text)
            assert "none that a telephone says" in (await caller.until("error"))["text"]
        await caller.send("signal", call="CA", peer="x", data="y" * 70_000)
        assert "too long" in (await caller.until("error"))["text"]


async def test_too_many_lines(company: Company) -> None:
    async with phone(company.url) as caller:
        for _ in range(300):
            await caller.send("keys", call="CA", digits="1")
        assert (await caller.until("error"))["text"] == "Too many lines at once."


def test_a_limit_of_lines() -> None:
    bucket = Bucket(60)
    assert [bucket.take(100.0) for _ in range(21)] == [True] * 20 + [False]
    assert bucket.take(101.0)
    assert not bucket.take(101.0)


async def test_a_browser_that_takes_nothing_is_let_go(company: Company) -> None:
    async with phone(company.url) as caller:
        [there] = company.carrier.exchange.phones
        for _ in range(501):
            there.tell(Error("x"))
        assert there.gone
        await caller.until("error")


def test_passwords_for_turn_expire() -> None:
    settings = PhoneSettings(
        ice_servers=("stun:stun.example.com", "turn:turn.example.com"), turn_secret=SecretStr("north")
    )
    stun, turn = ice_servers(settings, MONDAY)
    assert stun == {"urls": ["stun:stun.example.com"]}
    assert turn["username"] == str(int(MONDAY.timestamp()) + 6 * 3600)
    assert turn["credential"] == "CvfrEBl8/RGbtrBkaObn/yUksng="
    with pytest.raises(ValueError, match="turn_secret"):
        PhoneSettings(ice_servers=("turn:turn.example.com",))


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    account = open_account(tmp_path / "var")
    assert open_account(tmp_path / "var") == account
    assert (tmp_path / "var" / "local_carrier.secret").stat().st_mode & 0o777 == 0o600
    assert account.token not in repr(account)


async def test_calls_that_a_process_lost_are_reported_by_the_next(company: Company) -> None:
    async with phone(company.url) as caller:
        await in_line(company, caller)
        assert (await company.newest()).state == "waiting"
        company.carrier.exchange.calls.clear()  # as after a crash
        await company.carrier.report_lost_calls()
        await company.settle()
        contact = await company.newest()
        assert (contact.state, contact.outcome) == ("ended", "abandoned")
