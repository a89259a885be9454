from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_store import recordings, schema
from crm_store.errors import NotFound
from crm_store.ids import Ids
from crm_store.recordings import Recording, RecordingReport
from crm_store.store import Store
from tests.store.making import AT, add_contact

LATER = AT + timedelta(seconds=40)


@pytest.fixture
def called(store: Store) -> Store:
    with store.writing() as connection:
        add_contact(connection)
    return store


def _tell(store: Store, ids: Ids, **said: object) -> Recording:
    report = msgspec.convert({"contact_id": "con_1", "provider_ref": "RE1"} | said, RecordingReport)
    with store.writing() as connection:
        return recordings.upsert(connection, report, LATER, ids)


def test_a_recording_grows_with_what_is_told_of_it(called: Store, ids: Ids) -> None:
    begun = _tell(called, ids, purpose="conversation")
    assert (begun.status, begun.started_at, begun.completed_at) == ("in_progress", LATER, None)
    done = _tell(called, ids, status="completed", url="https://example.com/RE1", seconds=12.5)
    assert done.id == begun.id
    assert (done.status, done.purpose, done.completed_at) == ("completed", "conversation", LATER)
    assert (done.url, done.seconds) == ("https://example.com/RE1", 12.5)
    written = _tell(called, ids, transcript="你好")
    assert (written.transcript, written.status) == ("你好", "completed")
    with called.reading() as connection:
        assert recordings.get(connection, begun.id) == written
        assert recordings.list_for_contact(connection, "con_1") == [written]


def test_a_transcript_may_come_first(called: Store, ids: Ids) -> None:
    _tell(called, ids, transcript="hello")
    assert _tell(called, ids, status="completed", seconds=2).transcript == "hello"


def test_a_late_beginning_does_not_undo_the_end(called: Store, ids: Ids) -> None:
    _tell(called, ids, status="absent")
    assert _tell(called, ids, status="in_progress").status == "absent"
    assert _tell(called, ids, status="paused").status == "absent"


def test_what_is_not_there_is_not_found(called: Store) -> None:
    with called.reading() as connection:
        assert recordings.get_by_provider_ref(connection, "RE9") is None
        with pytest.raises(NotFound, match="rec_9"):
            recordings.get(connection, "rec_9")


REPORTS = st.builds(
    RecordingReport,
    contact_id=st.just("con_1"),
    provider_ref=st.just("RE1"),
    status=st.sampled_from([*recordings.STATUSES, "unknown"]),
    purpose=st.sampled_from(["voicemail", "conversation"]),
    url=st.sampled_from(["", "https://example.com/a", "https://example.com/b"]),
    seconds=st.sampled_from([0.0, 3.0, 4.5]),
    transcript=st.sampled_from(["", "你好", "hi", "hello"]),
    started_at=st.sampled_from([None, AT, AT + timedelta(seconds=1)]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reports=st.lists(REPORTS, min_size=1, max_size=5), data=st.data())
def test_any_order_with_duplicates_ends_in_the_same_recording(
    called: Store, ids: Ids, reports: list[RecordingReport], data: st.DataObject
) -> None:
    other_order = data.draw(st.permutations(reports + data.draw(st.lists(st.sampled_from(reports)))))
    ends = []
    for order in (reports, other_order):
        with called.writing() as connection:
            connection.execute(schema.recordings.delete())
            for report in order:
                end = recordings.upsert(connection, report, LATER, ids)
            ends.append(msgspec.structs.replace(end, id="", completed_at=None))
    assert ends[0] == ends[1]
