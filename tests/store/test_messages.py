from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_store import messages, schema
from crm_store.errors import NotFound
from crm_store.messages import Media, Message, StatusReport
from crm_store.store import Store
from tests.store.making import AT, add_contact

LATER = AT + timedelta(seconds=5)
OURS = Message(
    id="msg_1", contact_id="con_1", direction="outbound", author="flow", text="您好", status="queued", at=AT
)


@pytest.fixture
def sent(store: Store) -> Store:
    """A store with one message of ours whose provider id is not known yet."""
    with store.writing() as connection:
        add_contact(connection)
        connection.execute(schema.messages.insert(), messages.outbound_row(OURS))
    return store


def _report(store: Store, *reports: StatusReport) -> list[str]:
    with store.writing() as connection:
        return [messages.apply_status(connection, report, LATER).outcome for report in reports]


def _now(store: Store) -> Message:
    with store.reading() as connection:
        return messages.get(connection, "msg_1")


def test_messages_come_back_as_they_were_written_oldest_first(sent: Store) -> None:
    photo = Media("https://example.com/1.jpg", "image/jpeg")
    row = messages.inbound_row("msg_0", "con_1", "坏了", LATER, ref="SM0", media=(photo,))
    with sent.writing() as connection:
        connection.execute(schema.messages.insert(), row)
    with sent.reading() as connection:
        first, second = messages.list_for_contact(connection, "con_1")
        assert first == OURS
        assert (second.direction, second.author, second.status) == ("inbound", "customer", "received")
        assert (second.text, second.media, second.at) == ("坏了", (photo,), LATER)
        assert messages.get_by_provider_ref(connection, "SM0") == second
        assert messages.get_by_provider_ref(connection, "SM9") is None
        assert messages.list_for_contact(connection, "con_2") == []
        with pytest.raises(NotFound, match="msg_9"):
            messages.get(connection, "msg_9")


def test_two_messages_without_a_provider_id_do_not_collide(sent: Store) -> None:
    with sent.writing() as connection:
        for number in (2, 3):
            row = messages.inbound_row(f"msg_{number}", "con_1", "hi", AT, ref="")
            connection.execute(schema.messages.insert(), row)


def test_a_message_of_ours_cannot_be_the_customers() -> None:
    with pytest.raises(ValueError, match="outbound"):
        messages.outbound_row(msgspec.structs.replace(OURS, direction="inbound"))


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        (["sent"], "sent"),
        (["sent", "delivered", "read"], "read"),
        (["delivered", "sent"], "delivered"),
        (["read", "delivered", "sent", "queued"], "read"),
        (["failed", "sent"], "failed"),
        (["sent", "undelivered"], "undelivered"),
        (["undelivered", "queued", "sent"], "undelivered"),
        (["undelivered", "delivered"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["unknown"], "queued"),
        (["received"], "queued"),
    ],
)
def test_what_says_more_stays(sent: Store, reports: list[str], status: str) -> None:
    _report(sent, *(StatusReport(status=report, message_id="msg_1") for report in reports))
    assert _now(sent).status == status


def test_a_report_says_whether_it_changed_anything(sent: Store) -> None:
    delivered = StatusReport(status="delivered", message_id="msg_1")
    late = StatusReport(status="sent", message_id="msg_1")
    assert _report(sent, delivered, delivered, late) == ["changed", "unchanged", "unchanged"]
    assert _now(sent).status_at == LATER


def test_a_report_that_names_our_id_teaches_the_providers(sent: Store) -> None:
    early = StatusReport(status="sent", provider_ref="SM1")
    named = StatusReport(status="queued", provider_ref="SM1", message_id="msg_1")
    assert _report(sent, early, named, early) == ["not_found", "unchanged", "changed"]
    assert (_now(sent).provider_ref, _now(sent).status) == ("SM1", "sent")


def test_a_report_for_an_id_that_is_not_ours_is_found_by_the_providers(sent: Store) -> None:
    with sent.writing() as connection:
        messages.set_provider_ref(connection, "msg_1", "SM1")
        with pytest.raises(NotFound):
            messages.set_provider_ref(connection, "msg_9", "SM2")
    stray = StatusReport(status="sent", provider_ref="SM1", message_id="msg_of_another_system")
    nobody = StatusReport(status="sent", message_id="msg_9")
    assert _report(sent, stray, nobody, StatusReport(status="sent")) == ["changed", "not_found", "not_found"]


def test_an_error_is_kept_with_a_failure_only(sent: Store) -> None:
    _report(sent, StatusReport(status="undelivered", message_id="msg_1", error="30003"))
    assert _now(sent).error == "30003"
    _report(sent, StatusReport(status="delivered", message_id="msg_1", error="1"))
    assert (_now(sent).status, _now(sent).error) == ("delivered", "")


@pytest.mark.parametrize("status", ["received", "blocked"])
def test_what_came_in_or_never_left_has_no_status_to_change(store: Store, status: str) -> None:
    message = msgspec.structs.replace(OURS, status=status)
    with store.writing() as connection:
        add_contact(connection)
        connection.execute(schema.messages.insert(), messages.outbound_row(message))
    assert _report(store, StatusReport(status="delivered", message_id="msg_1")) == ["unchanged"]
    assert _now(store).status == status


REPORTS = st.builds(
    StatusReport,
    status=st.sampled_from([*messages.STATUSES, "unknown"]),
    message_id=st.just("msg_1"),
    provider_ref=st.sampled_from(["", "SM1"]),
    error=st.sampled_from(["", "30003", "30008"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reports=st.lists(REPORTS, min_size=1, max_size=6), data=st.data())
def test_any_order_with_duplicates_ends_in_the_same_state(
    sent: Store, reports: list[StatusReport], data: st.DataObject
) -> None:
    other_order = data.draw(st.permutations(reports + data.draw(st.lists(st.sampled_from(reports)))))
    ends = []
    for order in (reports, other_order):
        with sent.writing() as connection:
            again = {"status": "queued", "error": "", "provider_ref": None, "status_at": None}
            connection.execute(schema.messages.update().values(again))
            for report in order:
                messages.apply_status(connection, report, LATER)
            ends.append(messages.get(connection, "msg_1"))
    assert ends[0] == ends[1]
