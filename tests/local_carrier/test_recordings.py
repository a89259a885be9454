"""Conversations are recorded by the agent's browser: who records, pauses, pieces, keys, and what is told."""

from __future__ import annotations

from pathlib import Path

from contact_center.config.phone import Phone as PhoneSettings
from crm_store.recordings import Recording
from tests.app.floor import AISHA, GRACE
from tests.local_carrier.company import Company, open_company
from tests.local_carrier.phone import phone
from tests.local_carrier.test_calls_with_agents import Talk, talking


async def recorded(talk: Talk) -> list[Recording]:
    return await talk.company.recordings(await talk.contact())


async def begin(talk: Talk) -> dict[str, str]:
    """Record from now on; where the desk's browser sends its pieces."""
    await talk.company.does(GRACE, talk.work, "record", {"what": "start"})
    line = await talk.desk.talk(lambda line: line["record"])
    found: dict[str, str] = line["recording"]
    return found


async def test_a_conversation_is_recorded(company: Company, tmp_path: Path) -> None:
    async with talking(company) as talk:
        to = await begin(talk)
        assert not any(line.get("record") or line.get("recording") for line in talk.caller.lines)
        assert await company.upload(to, 0, b"one") == 204
        assert await company.upload(to, 0, b"one") == 204, "the answer to the first may have been lost"
        assert await company.upload(to, 2, b"three") == 409
        assert await company.upload(to, 1, b"two") == 204
        company.centre.clock.advance(42)
        await talk.caller.hang_up()
        await talk.caller.ended()
        await company.told()
        await talk.desk.ended()
        assert await company.upload(to, 2, b"three", last="1") == 204
        await company.finished(to)
        await company.told()
        [found] = await recorded(talk)
        assert (found.status, found.seconds, found.purpose) == ("completed", 42, "conversation")
        assert found.provider_ref == to["id"]
        assert (tmp_path / "recordings" / f"{to['id']}.webm").read_bytes() == b"onetwothree"
        company.centre.room.recordings = tmp_path / "recordings"
        url = f"{company.url}/api/v1/recordings/{found.id}/audio"
        async with company.http.get(url) as refused:
            assert refused.status == 401
        headers = {"Authorization": f"Bearer {await company.token(GRACE)}"}
        async with company.http.get(url, headers=headers) as answer:
            assert (answer.content_type, await answer.read()) == ("audio/webm", b"onetwothree")
        assert await company.upload(to, 3, b"late") == 404


async def test_nobody_sends_pieces_without_the_key(company: Company) -> None:
    async with talking(company) as talk:
        to = await begin(talk)
        assert await company.upload(to | {"key": "0" * 48}, 0, b"x") == 404
        assert await company.upload(to | {"id": "RE" + "0" * 32}, 0, b"x") == 404
        assert await company.upload(to, 0, b"x" * 1_000_001) == 413
        assert await company.upload(to, 0, b"fine") == 204


async def test_a_pause_is_not_recorded(company: Company) -> None:
    async with talking(company) as talk:
        to = await begin(talk)
        company.centre.clock.advance(10)
        await company.does(GRACE, talk.work, "record", {"what": "pause"})
        paused = await talk.desk.talk()
        assert (paused["record"], paused["recording"]) == (False, to)
        company.centre.clock.advance(100)
        await company.does(GRACE, talk.work, "record", {"what": "resume"})
        assert (await talk.desk.talk())["record"] is True
        company.centre.clock.advance(5)
        assert await company.upload(to, 0, b"one", last="1") == 204
        await company.does(GRACE, talk.work, "record", {"what": "stop"})
        assert (await talk.desk.talk())["recording"] is None
        await company.finished(to)
        await company.told()
        [found] = await recorded(talk)
        assert found.seconds == 15


async def test_a_pause_outlives_the_agent_who_asked_for_it(company: Company) -> None:
    """Whoever takes over does not record what must not be recorded."""
    async with talking(company) as talk, phone(company.url, await company.token(AISHA)) as other:
        await begin(talk)
        await company.does(GRACE, talk.work, "record", {"what": "pause"})
        aisha = await company.available(AISHA)
        await company.does(GRACE, talk.work, "consult", {"agent_id": aisha})
        await company.step()
        await company.accepts(AISHA)
        await other.answer()
        await company.settle()
        await company.does(GRACE, talk.work, "consult/complete")
        taken = await other.talk(lambda line: line["recording"] is not None)
        assert taken["record"] is False
        assert not any(line.get("record") for line in other.lines)


async def test_a_browser_that_sends_nothing(company: Company) -> None:
    async with talking(company) as talk:
        to = await begin(talk)
        await talk.caller.hang_up()
        await talk.caller.ended()
        await company.told()
        await talk.desk.ended()
        await company.timers.pass_by(10)
        await company.finished(to)
        await company.told()
        [found] = await recorded(talk)
        assert found.status == "absent"
        headers = {"Authorization": f"Bearer {await company.token(GRACE)}"}
        url = f"{company.url}/api/v1/recordings/{found.id}/audio"
        async with company.http.get(url, headers=headers) as answer:
            assert answer.status == 404


async def test_a_message_left_by_a_customer(company: Company, tmp_path: Path) -> None:
    async with phone(company.url) as caller:
        await caller.dial("1001", "+12025550177")
        await caller.until("listen")
        await caller.press("3")
        await caller.hear("Speak after the tone.")
        await caller.until("record")
        await caller.send("recorded", call=caller.call, seconds=8, data="c291bmQ=")
        await caller.hear("We have your message.")
        await caller.ended()
        await company.told()
        [found] = await company.recordings(await company.newest())
        assert (found.status, found.purpose) == ("completed", "voicemail")
        assert (tmp_path / "recordings" / f"{found.provider_ref}.webm").read_bytes() == b"sound"


async def test_where_every_conversation_is_recorded(seeded: Path, tmp_path: Path) -> None:
    settings = PhoneSettings(record=True)
    async with open_company(seeded, tmp_path, settings) as company, talking(company) as talk:
        to = talk.desk.lines[-1]["recording"]
        assert talk.desk.lines[-1]["record"] is True
        await company.upload(to, 0, b"one", last="1")
        await company.does(GRACE, talk.work, "end")
        await company.finished(to)
        [found] = await recorded(talk)
        assert (found.status, found.purpose) == ("completed", "conversation")


async def test_a_message_that_nobody_asked_for(company: Company, tmp_path: Path) -> None:
    async with talking(company) as talk:
        await talk.caller.send("recorded", call=talk.caller.call, seconds=8, data="c291bmQ=")
        await talk.caller.send("recorded", call=talk.caller.call, seconds=8, data="no base64!")
        assert "base64" in (await talk.caller.until("error"))["text"]
        assert not (tmp_path / "recordings").exists()
