"""Whole calls over the built-in phone, with the real engine: queue, agent, hold, transfer, the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from crm_store import desks, legs
from crm_store.contacts import Contact
from crm_store.legs import Leg
from tests.app.floor import AISHA, GRACE, TOM
from tests.local_carrier.company import Company
from tests.local_carrier.phone import TestPhone, ends, phone

BOTH = (True, True)
NEITHER = (False, False)


@dataclass
class Talk:
    """A customer and an agent who talk."""

    company: Company
    caller: TestPhone
    desk: TestPhone
    work: dict[str, Any]

    async def contact(self) -> Contact:
        return (await self.company.centre.contacts())[0]

    async def leg(self, role: str = "agent") -> Leg:
        contact = await self.contact()
        found = await self.company.read(lambda connection: legs.list_for_contact(connection, contact.id))
        return [leg for leg in found if leg.role == role][-1]

    async def state(self) -> str:
        return (await self.company.work(self.work["id"])).state


async def in_line(company: Company, caller: TestPhone, number: str = "+12025550177") -> None:
    """The caller stands in line for the queue vip."""
    await caller.dial("1001", number)
    await caller.hear("For orders press 1")
    await caller.press("1")
    await caller.hear("Please hold for the first line.")


async def connected(*phones: TestPhone, among: int = 2) -> list[dict[str, Any]]:
    """Until every one of them is in a conversation of so many; how it is for each."""
    return [await one.talk(lambda line: len(line["peers"]) == among - 1) for one in phones]


@asynccontextmanager
async def talking(company: Company) -> AsyncIterator[Talk]:
    async with phone(company.url) as caller, phone(company.url, await company.token(GRACE)) as desk:
        await in_line(company, caller)
        await company.available(GRACE)
        work = await company.accepts(GRACE)
        await desk.answer()
        await company.settle()
        assert [ends(line) for line in await connected(caller, desk)] == [[BOTH], [BOTH]]
        yield Talk(company, caller, desk, work)


async def test_a_customer_calls_and_talks_with_an_agent(company: Company) -> None:
    async with phone(company.url) as caller, phone(company.url, await company.token(GRACE)) as desk:
        await in_line(company, caller)
        assert (await company.newest()).state == "waiting"
        agent_id = await company.available(GRACE)
        work = await company.accepts(GRACE)
        assert work["state"] == "connecting"
        ring = await desk.until("ring")
        assert (ring["contact"], ring["to"]) == ((await company.newest()).id, f"client:{agent_id}")
        assert desk.identity == f"client:{agent_id}"
        assert (await company.newest()).state == "waiting", (
            "the caller keeps the place until somebody is there"
        )
        await desk.send("answer", call=desk.call)
        assert (await desk.talk())["peers"] == []
        await company.settle()
        theirs, ours = await connected(caller, desk)
        assert {peer["polite"] for line in (theirs, ours) for peer in line["peers"]} == {True, False}
        contact = await company.newest()
        assert (contact.state, contact.owner, contact.from_address) == ("connected", "agent", "+12025550177")
        assert contact.to_address == "1001"


async def test_the_customer_hangs_up(company: Company) -> None:
    async with talking(company) as talk:
        await talk.caller.hang_up()
        assert await talk.caller.ended() == "hung_up"
        await company.told()
        assert await talk.desk.ended() == "ended"
        contact = await talk.contact()
        assert (contact.state, contact.outcome, contact.end_reason) == ("ended", "answered", "customer")
        assert (await talk.state(), (await talk.leg()).state) == ("wrap_up", "left")


async def test_the_agent_ends_it_and_the_flow_goes_on(company: Company) -> None:
    async with talking(company) as talk:
        await company.does(GRACE, talk.work, "end")
        assert await talk.desk.ended() in ("conversation_over", "ended")
        over = await talk.caller.talk()
        assert over["peers"] == []
        await talk.caller.hear("That was your colleague.")
        await talk.caller.hear("Press 1 for the menu")
        await talk.caller.press("2")
        await talk.caller.hear("Goodbye.")
        assert await talk.caller.ended() == "completed"
        assert await talk.state() == "wrap_up"


async def test_the_agent_hangs_up_at_the_telephone(company: Company) -> None:
    async with talking(company) as talk:
        await talk.desk.hang_up()
        assert await talk.desk.ended() == "hung_up"
        await company.settle()
        await talk.caller.hear("That was your colleague.")
        assert (await talk.state(), (await talk.leg()).reason) == ("wrap_up", "hung_up")


async def test_the_agents_browser_is_gone_and_the_customer_waits_again(company: Company) -> None:
    async with talking(company) as talk:
        agent_id = await company.id_of(GRACE)
        await company.centre.room.store.write(lambda connection: desks.close(connection, f"dsk_{agent_id}"))
        await talk.desk.gone()
        await talk.caller.talk(lambda line: not line["peers"])
        await company.settle()
        await talk.caller.hear("Please hold")
        assert (await talk.contact()).state == "waiting"


async def test_the_customers_browser_is_gone(company: Company) -> None:
    async with talking(company) as talk:
        await talk.caller.gone()
        await talk.desk.talk(lambda line: not line["peers"])
        await company.told()
        assert await talk.desk.ended() == "ended"
        assert ((await talk.contact()).state, await talk.state()) == ("ended", "wrap_up")


async def test_hold_and_back(company: Company) -> None:
    async with talking(company) as talk:
        await company.does(GRACE, talk.work, "hold", {"on": True})
        held = await talk.caller.talk()
        assert (held["hold"], ends(held)) == (True, [NEITHER])
        music = await talk.caller.hear_music()
        assert ends(await talk.desk.talk()) == [NEITHER]
        assert (await talk.leg()).held is False
        await company.does(GRACE, talk.work, "hold", {"on": False})
        back = await talk.caller.talk()
        assert (back["hold"], ends(back)) == (False, [BOTH])
        assert (await talk.caller.until("stop"))["seq"] == music["seq"]


async def test_mute(company: Company) -> None:
    async with talking(company) as talk:
        await company.does(GRACE, talk.work, "mute", {"on": True})
        muted = await talk.desk.talk()
        assert (muted["muted"], ends(muted)) == (True, [(False, True)])
        assert ends(await talk.caller.talk()) == [(True, False)]
        assert (await talk.leg()).muted is True


async def test_a_warm_transfer(company: Company) -> None:
    async with talking(company) as talk, phone(company.url, await company.token(AISHA)) as other:
        aisha = await company.available(AISHA)
        await company.does(GRACE, talk.work, "consult", {"agent_id": aisha})
        await talk.caller.hear_music()
        await company.step()
        await company.accepts(AISHA)
        await other.answer()
        await company.settle()
        asked = (await connected(other, among=3))[0]
        assert ends(asked) == [NEITHER, BOTH], "she hears the colleague, and not the customer on hold"
        await company.does(GRACE, talk.work, "consult/complete")
        assert await talk.desk.ended() in ("ended", "hung_up")
        await other.talk(lambda line: ends(line) == [BOTH])
        await talk.caller.talk(lambda line: ends(line) == [BOTH] and not line["hold"])
        taken = await company.work(talk.work["id"])
        assert (taken.state, taken.agent_id, taken.held_at) == ("active", aisha, None)


async def test_a_conference_of_three(company: Company) -> None:
    async with talking(company) as talk, phone(company.url, await company.token(AISHA)) as other:
        aisha = await company.available(AISHA)
        await company.does(GRACE, talk.work, "consult", {"agent_id": aisha})
        await company.step()
        await company.accepts(AISHA)
        await other.answer()
        await company.settle()
        await company.does(GRACE, talk.work, "consult/join")
        for one in (talk.caller, talk.desk, other):
            await one.talk(lambda line: ends(line) == [BOTH, BOTH])
        await other.hang_up()
        for one in (talk.caller, talk.desk):
            await one.talk(lambda line: ends(line) == [BOTH])
        await company.settle()
        assert await talk.state() == "active"


async def test_a_transfer_to_a_queue(company: Company) -> None:
    async with talking(company) as talk:
        await company.does(GRACE, talk.work, "transfer", {"queue": "general"})
        assert await talk.desk.ended() in ("conversation_over", "ended")
        await talk.caller.hear("Please hold")
        contact = await talk.contact()
        assert (contact.state, contact.queue) == ("waiting", "general")


async def test_a_transfer_to_a_telephone_elsewhere(company: Company) -> None:
    async with talking(company) as talk, phone(company.url, number="+12025550145") as outside:
        await company.does(GRACE, talk.work, "transfer", {"number": "+12025550145"})
        await outside.answer()
        await company.settle()
        await talk.caller.talk(lambda line: ends(line) == [BOTH] and not line["hold"])
        assert await talk.state() == "wrap_up"
        await outside.hang_up()
        await outside.ended()
        await company.settle()
        await talk.caller.hear("That was your colleague.")


async def test_with_the_customer_the_call_elsewhere_is_over(company: Company) -> None:
    async with talking(company) as talk, phone(company.url, number="+12025550145") as outside:
        await company.does(GRACE, talk.work, "transfer", {"number": "+12025550145"})
        await outside.answer()
        await company.settle()
        await outside.talk(lambda line: ends(line) == [BOTH])
        assert await talk.state() == "wrap_up"
        await talk.caller.hang_up()
        await talk.caller.ended()
        await company.told()
        assert await outside.ended() == "ended"
        assert (await talk.leg("outside")).reason == "by_us"


async def test_a_supervisor_listens_whispers_and_barges(company: Company) -> None:
    async with talking(company) as talk, phone(company.url, await company.token(TOM, "supervisor")) as boss:
        await company.does(TOM, talk.work, "supervise", {"mode": "listen"})
        await boss.answer()
        await company.settle()
        assert ends((await connected(boss, among=3))[0]) == [(False, True), (False, True)]
        for one in (talk.caller, talk.desk):
            assert ends(await one.talk()) == [(True, False), BOTH]
        await company.does(TOM, talk.work, "supervise", {"mode": "whisper"})
        await boss.talk(lambda line: ends(line) == [(False, True), BOTH])
        await talk.desk.talk(lambda line: ends(line) == [BOTH, BOTH])
        await company.does(TOM, talk.work, "supervise", {"mode": "barge"})
        await talk.caller.talk(lambda line: ends(line) == [BOTH, BOTH])
        seen = [ends(line) for line in talk.caller.lines if line["type"] == "talk"]
        assert seen.count([BOTH, BOTH]) == 1, "the customer never heard a whisper"
        await boss.hang_up()
        await talk.caller.talk(lambda line: ends(line) == [BOTH])
        await company.settle()
        assert await talk.state() == "active"
