"""Who may hear a recording, and that it is noted who did."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from contact_center.room import Room
from crm_store import audit, recordings, schema, works
from crm_store.audit import AuditFilter
from crm_store.recordings import RecordingReport
from crm_store.store import Store
from crm_store.works import Work
from tests.api.conftest import AT, Api

SID = "RE" + "1" * 32


@pytest.fixture
def sound(room: Room, tmp_path: Path) -> bytes:
    """The sound of the recording, where the API looks for it."""
    room.recordings = tmp_path
    (tmp_path / f"{SID}.webm").write_bytes(b"sound")
    return b"sound"


async def record(api: Api, store: Store, purpose: str, status: str = "completed") -> str:
    def work(connection: Connection) -> str:
        report = RecordingReport(
            contact_id=api.samples.call, provider_ref=SID, status=status, purpose=purpose, seconds=7
        )
        return recordings.upsert(connection, report, AT, api.room.ids).id

    return await store.write(work)


async def had(api: Api, store: Store, how: str) -> None:
    agent, call = api.samples.agent, api.samples.call

    def work(connection: Connection) -> None:
        if how == "has":
            connection.execute(
                schema.contacts.update().where(schema.contacts.c.id == call).values(agent_id=agent)
            )
        if how in ("had", "offered"):
            works.insert(
                connection,
                Work(
                    id="wrk_1",
                    kind="call",
                    queue="sales",
                    contact_id=call,
                    agent_id=agent,
                    state="done" if how == "had" else "offered",
                    queued_at=AT,
                    entered_at=AT,
                    accepted_at=AT if how == "had" else None,
                ),
            )

    await store.write(work)


@pytest.mark.parametrize(
    ("purpose", "how", "role", "may"),
    [
        ("voicemail", "", "agent", True),
        ("conversation", "", "agent", False),
        ("conversation", "offered", "agent", False),
        ("conversation", "had", "agent", True),
        ("conversation", "has", "agent", True),
        ("conversation", "", "supervisor", True),
        ("conversation", "", "administrator", True),
    ],
)
async def test_conversations_are_heard_by_those_who_had_them_and_by_supervisors(
    api: Api, store: Store, sound: bytes, purpose: str, how: str, role: str, may: bool
) -> None:
    recording = await record(api, store, purpose)
    await had(api, store, how)
    (told,) = (await api.get(f"/contacts/{api.samples.call}", role=role))["recordings"]
    assert (told["id"], told["audible"]) == (recording, may)
    answer = await api.ask("GET", f"/recordings/{recording}/audio", role=role)
    assert answer.status == (200 if may else 403)
    if may:
        assert (answer.content_type, await answer.read()) == ("audio/webm", sound)
    noted = await store.read(
        lambda connection: audit.list_entries(connection, AuditFilter(action="recording.heard"))
    )
    assert [entry.subject for entry in noted.items] == ([recording] if may else [])


async def test_what_is_not_complete_is_not_to_be_heard(api: Api, store: Store) -> None:
    await record(api, store, "conversation", "in_progress")
    (told,) = (await api.get(f"/contacts/{api.samples.call}"))["recordings"]
    assert told["audible"] is False


async def test_a_recording_without_sound_is_told_as_such(api: Api, store: Store) -> None:
    recording = await record(api, store, "voicemail")
    problem = await api.problem(404, "GET", f"/recordings/{recording}/audio")
    assert "no sound" in problem["detail"]
    await api.problem(404, "GET", "/recordings/rec_none/audio")
