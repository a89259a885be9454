"""What belongs to another agent, visitor or caller: not read, not acted on, whatever the role allows."""

from __future__ import annotations

from typing import Any

import pytest
from yarl import URL

from crm_store import recordings, visitors, works
from crm_store.recordings import RecordingReport
from tests.api.at_work import Job
from tests.security.office import Office

MINE, REFUSED = "agent", {401, 403, 404, 409}


async def status(office: Office, method: str, path: str, body: Any = None, role: str = MINE) -> int:
    async with await office.api.ask(method, path, body, role=role) as response:
        return response.status


@pytest.fixture
async def adas(office: Office) -> Job:
    """A chat that Ada has, and about which nobody has asked Wang Fang."""
    return await office.take("ada")


ACTS: dict[str, Any] = {
    "hold": {"on": True},
    "mute": {"on": True},
    "record": {"what": "pause"},
    "end": None,
    "requeue": {},
    "transfer": {"queue": "sales"},
    "consult": {"queue": "sales"},
    "consult/cancel": None,
    "consult/join": None,
    "consult/complete": None,
    "wrap-up": {"disposition": "resolved"},
    "hand-back": {},
    "take": {},
}


async def test_nobody_acts_on_a_colleagues_work(office: Office, adas: Job) -> None:
    before = await office.state()
    for act, body in ACTS.items():
        assert await status(office, "POST", f"/works/{adas.id}/{act}", body) in REFUSED, act
        assert await office.state() == before, act


async def test_nobody_looks_at_a_colleagues_work_but_a_supervisor(office: Office, adas: Job) -> None:
    assert await status(office, "GET", f"/works/{adas.id}") == 403
    assert await status(office, "GET", f"/works/{adas.id}", role="supervisor") == 200
    assert await status(office, "GET", f"/works/{adas.id}", role="ada") == 200
    for role, seen in ((MINE, False), ("nobody", False), ("ada", True), ("supervisor", True)):
        for asked in ("", f"?agent_id={office.floor.ada}", "?state=active"):
            found = await office.api.get(f"/works{asked}", role=role)
            assert (adas.id in {work["id"] for work in found["items"]}) == seen, (role, asked)


async def test_an_agent_sees_who_waits_and_their_own(office: Office) -> None:
    found = {work["id"] for work in (await office.api.get("/works", role=MINE))["items"]}
    assert {office.ids["work_id"], office.ids["waiting"]} <= found


async def test_whom_an_agent_asks_both_see(office: Office) -> None:
    floor = office.floor
    await floor.go(floor.ada)
    await floor.post(f"/works/{office.ids['work_id']}/consult", {"agent_id": floor.ada})
    [consult] = await office.room.store.read(
        lambda connection: works.consults_of(connection, office.ids["work_id"])
    )
    asked = await floor.offered(Job(consult.id, office.ids["contact_id"]), floor.ada)
    await floor.post(f"/offers/{asked.offer_id}/accept", role="ada")
    assert await status(office, "GET", f"/works/{consult.id}") == 200
    assert await status(office, "GET", f"/works/{office.ids['work_id']}", role="ada") == 200
    assert await status(office, "GET", f"/works/{office.ids['work_id']}", role="nobody") == 403


async def test_an_offer_is_only_for_who_is_asked(office: Office) -> None:
    path, before = f"/offers/{office.ids['offer_id']}", await office.state()
    for role in ("ada", "nobody"):
        assert await status(office, "GET", path, role=role) == 403
        for answer in ("accept", "decline"):
            body = {"agent_id": office.floor.wang}
            assert await status(office, "POST", f"{path}/{answer}", body, role=role) == 403
            if role == "ada":
                assert await status(office, "POST", f"{path}/{answer}", {}, role=role) == 409
    assert await office.state() == before
    assert await status(office, "GET", path) == 200


async def test_presence_is_ones_own(office: Office) -> None:
    before = await office.state()
    path = f"/agents/{office.floor.ada}/presence"
    assert await status(office, "PUT", path, {"presence": "break"}) == 403
    assert await office.state() == before


async def test_what_colleagues_have_in_hand_is_not_told(office: Office, adas: Job) -> None:
    ada = office.floor.ada
    for path in ("/states", f"/agents/{ada}/state"):
        assert adas.id not in str(await office.api.get(path, role=MINE))
        assert adas.id in str(await office.api.get(path, role="supervisor"))
        assert adas.id in str(await office.api.get(path, role="ada"))


async def test_nobody_writes_to_a_colleagues_customer(office: Office, adas: Job) -> None:
    before = await office.state()
    path = f"/contacts/{adas.contact_id}"
    assert await status(office, "POST", f"{path}/messages", {"text": "hello"}) == 409
    assert await status(office, "POST", f"{path}/hand-back", {}) == 409
    assert await status(office, "POST", f"{path}/typing") == 204  # and nobody is shown it
    assert await office.state() == before


async def test_nobody_sends_a_file_to_a_colleagues_customer(office: Office, adas: Job) -> None:
    before = await office.state()
    path = f"/chat/contacts/{adas.contact_id}/files"
    for name in ("agent's token", "agent's page", "nobody", "an agent's cookie alone"):
        headers = dict(office.knock(name).headers) | {"Content-Type": "text/plain"}
        response = await office.client.post(path, data=b"hello", headers=headers)
        assert response.status in REFUSED, name
    assert await office.state() == before


async def test_a_conversation_is_heard_by_who_had_it(office: Office, adas: Job) -> None:
    room = office.room
    report = RecordingReport(
        contact_id=adas.contact_id, provider_ref="RE" + "b" * 32, status="completed", purpose="conversation"
    )
    made = await room.store.write(
        lambda connection: recordings.upsert(connection, report, room.clock.now(), room.ids)
    )
    (office.folder / "recordings" / f"RE{'b' * 32}.webm").write_bytes(b"canary-sound")
    before = await office.state()
    for role in (MINE, "nobody"):
        assert await status(office, "GET", f"/recordings/{made.id}/audio", role=role) == 403
    assert await office.state() == before
    for role in ("ada", "supervisor"):
        assert await status(office, "GET", f"/recordings/{made.id}/audio", role=role) == 200


async def test_a_file_has_no_name_but_its_own(office: Office) -> None:
    headers = {"Authorization": f"ChatSession {office.ids['visit']}"}
    for name in ("..%2f..%2fstore.db", "canary_stored_as", "x", "%00", "%2e%2e"):
        response = await office.client.get(URL(f"/chat/files/{name}", encoded=True), headers=headers)
        assert response.status == 404, name


async def test_a_visitors_file_is_theirs_and_the_centres(office: Office) -> None:
    room, at = office.room, office.room.clock.now()
    other = await room.store.write(
        lambda connection: visitors.open_anonymous(connection, at=at, ids=room.ids, language="en")
    )
    path = f"/chat/files/{office.ids['file']}"
    for proof, expected in (
        (f"ChatSession {office.ids['visit']}", 200),
        (f"ChatSession {other.secret}", 404),
        ("ChatSession x", 404),
        ("ChatToken x.y.z", 404),
        (f"Bearer {office.api.secrets['agent']}", 200),
        (f"Bearer {office.ids['visit']}", 401),
    ):
        response = await office.client.get(path, headers={"Authorization": proof})
        assert response.status == expected, proof
