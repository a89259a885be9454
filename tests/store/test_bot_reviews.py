"""The review list of the bot: one row a wording, counted; settled by people; forgotten in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from crm_store import audit, bot_reviews
from crm_store.audit import AuditFilter
from crm_store.bot_reviews import BotReview, ReviewFilter, Unsure
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.store import Store, Unit

HOUR = timedelta(hours=1)


@pytest.fixture
def by(at: datetime, ids: Ids) -> dict[str, Any]:
    return {"at": at, "ids": ids, "actor": "agt_super"}


def _message(text: str = "my kettle sings", **more: Any) -> Unsure:
    usual: dict[str, Any] = {
        "language": "en",
        "channel": "web",
        "intent": "complaint",
        "confidence": 0.31,
        "runner_up": "joke",
        "runner_up_confidence": 0.25,
        "contact_id": "con_1",
    }
    return Unsure(text=text, **(usual | more))


def _all(connection: Connection, **which: Any) -> list[BotReview]:
    return list(bot_reviews.list_reviews(connection, ReviewFilter(**which)).items)


def test_a_message_comes_back_as_noted(connection: Connection, at: datetime, ids: Ids) -> None:
    bot_reviews.note(connection, _message(), at, ids)
    (found,) = _all(connection)
    assert found == BotReview(
        id=found.id,
        text="my kettle sings",
        language="en",
        channel="web",
        intent="complaint",
        confidence=0.31,
        runner_up="joke",
        runner_up_confidence=0.25,
        understood=False,
        times=1,
        contact_id="con_1",
        status="open",
        label="",
        reviewed_by="",
        reviewed_at=None,
        first_seen_at=at,
        last_seen_at=at,
    )
    assert bot_reviews.get(connection, found.id) == found


def test_the_same_words_count_up_and_tell_of_the_last_time(
    connection: Connection, at: datetime, ids: Ids
) -> None:
    bot_reviews.note(connection, _message("My kettle sings!"), at, ids)
    again = _message("my  kettle, sings", channel="sms", intent="joke", understood=True, contact_id="con_2")
    bot_reviews.note(connection, again, at + HOUR, ids)
    bot_reviews.note(connection, _message("my kettle sang"), at, ids)
    sang, sings = sorted(_all(connection), key=lambda one: one.times)
    assert (sang.times, sings.times) == (1, 2)
    assert (sings.channel, sings.intent, sings.understood, sings.contact_id) == ("sms", "joke", True, "con_2")
    assert (sings.first_seen_at, sings.last_seen_at) == (at, at + HOUR)


def test_what_was_settled_stays_settled_when_it_is_said_again(
    connection: Connection, at: datetime, ids: Ids, by: dict[str, Any]
) -> None:
    for text in ("one", "two"):
        bot_reviews.note(connection, _message(text), at, ids)
    one, two = sorted(_all(connection), key=lambda row: row.text)
    bot_reviews.label(connection, one.id, "inform", **by)
    bot_reviews.dismiss(connection, two.id, **by)
    for text in ("one", "two"):
        bot_reviews.note(connection, _message(text), at + HOUR, ids)
    assert [(row.text, row.status, row.label, row.times) for row in _all(connection, status="labelled")] == [
        ("one", "labelled", "inform", 2)
    ]
    assert [(row.text, row.times) for row in _all(connection, status="dismissed")] == [("two", 2)]
    assert _all(connection, status="open") == []


def test_the_last_word_on_a_row_counts_and_each_is_in_the_audit_trail(
    connection: Connection, at: datetime, ids: Ids, by: dict[str, Any]
) -> None:
    bot_reviews.note(connection, _message(), at, ids)
    (row,) = _all(connection)
    bot_reviews.label(connection, row.id, "joke", **by)
    bot_reviews.dismiss(connection, row.id, **by)
    done = bot_reviews.label(connection, row.id, "complaint", **(by | {"at": at + HOUR}))
    assert (done.status, done.label, done.reviewed_by, done.reviewed_at) == (
        "labelled", "complaint", "agt_super", at + HOUR,
    )  # fmt: skip
    told = audit.list_entries(connection, AuditFilter(subject=row.id)).items
    assert sorted((entry.action, entry.data["label"]) for entry in told) == [
        ("bot_review.dismissed", ""),
        ("bot_review.labelled", "complaint"),
        ("bot_review.labelled", "joke"),
    ]


def test_what_cannot_be_is_refused(
    connection: Connection, at: datetime, ids: Ids, by: dict[str, Any]
) -> None:
    bot_reviews.note(connection, _message(), at, ids)
    (row,) = _all(connection)
    for bad in ("", "two words", " joke", "x" * 81, "jo\0ke"):
        with pytest.raises(Refused):
            bot_reviews.label(connection, row.id, bad, **by)
    with pytest.raises(NotFound):
        bot_reviews.label(connection, "rev_none", "joke", **by)
    with pytest.raises(NotFound):
        bot_reviews.dismiss(connection, "rev_none", **by)
    with pytest.raises(NotFound):
        bot_reviews.get(connection, "rev_none")
    assert bot_reviews.get(connection, row.id) == row


@pytest.mark.parametrize(
    ("which", "has"),
    [
        ({"status": "open"}, {}),
        ({"language": "zh"}, {"language": "zh"}),
        ({"intent": "refund"}, {"intent": "refund"}),
    ],
    ids=lambda value: next(iter(value), "-"),
)
def test_each_filter_lets_pass_what_has_it_and_nothing_else(
    connection: Connection, at: datetime, ids: Ids, by: dict[str, Any], which: Any, has: Any
) -> None:
    bot_reviews.note(connection, _message("wanted", **has), at, ids)
    bot_reviews.note(connection, _message("other"), at, ids)
    other = next(row for row in _all(connection) if row.text == "other")
    bot_reviews.label(connection, other.id, "joke", **by)
    assert [row.text for row in _all(connection, **which)] == ["wanted"]
    assert [row.text for row in _all(connection, label="joke")] == ["other"]


def test_a_list_goes_by_how_often_or_how_lately_in_pages(
    connection: Connection, at: datetime, ids: Ids
) -> None:
    for number, text in enumerate(["a", "b", "c", "b", "b", "a"]):
        bot_reviews.note(connection, _message(text), at + number * HOUR, ids)
    every = ReviewFilter()
    first = bot_reviews.list_reviews(connection, every, limit=2)
    rest = bot_reviews.list_reviews(connection, every, first.next_cursor, limit=2)
    assert [(row.text, row.times) for row in (*first.items, *rest.items)] == [("b", 3), ("a", 2), ("c", 1)]
    assert rest.next_cursor is None
    newest = bot_reviews.list_reviews(connection, every, order="newest")
    assert [row.text for row in newest.items] == ["a", "b", "c"]
    with pytest.raises(Refused):
        bot_reviews.list_reviews(connection, every, "nonsense")


def test_labelled_rows_come_by_intent(
    connection: Connection, at: datetime, ids: Ids, by: dict[str, Any]
) -> None:
    for text, intent in (("x", "refund"), ("y", "joke"), ("z", "refund")):
        bot_reviews.note(connection, _message(text), at, ids)
        row = next(one for one in _all(connection) if one.text == text)
        bot_reviews.label(connection, row.id, intent, **by)
    bot_reviews.note(connection, _message("open"), at, ids)
    found = [(row.label, row.text) for row in bot_reviews.labelled(connection)]
    assert found == [("joke", "y"), ("refund", "x"), ("refund", "z")]


def test_old_rows_are_forgotten_and_said_again_they_stay(
    connection: Connection, at: datetime, ids: Ids
) -> None:
    for text in ("a", "b", "c"):
        bot_reviews.note(connection, _message(text), at, ids)
    bot_reviews.note(connection, _message("b"), at + HOUR, ids)
    assert bot_reviews.prune(connection, at, 1000) == 0
    assert bot_reviews.prune(connection, at + HOUR, 1) == 1
    assert bot_reviews.prune(connection, at + HOUR, 1000) == 1
    assert [row.text for row in _all(connection)] == ["b"]


@pytest.mark.parametrize("text", ["", "x" * 2000, "nul \0 in it", "half a pair \ud800", "你好" * 400])
def test_any_text_can_be_noted(connection: Connection, at: datetime, ids: Ids, text: str) -> None:
    bot_reviews.note(connection, _message(text), at, ids)
    bot_reviews.note(connection, _message(text), at, ids)
    (row,) = _all(connection)
    assert row.times == 2
    assert len(row.text) <= 500


async def test_it_commits_with_the_unit_of_its_turn_or_not_at_all(
    store: Store, at: datetime, ids: Ids
) -> None:
    message = _message()

    def unit(broken: bool) -> Unit:
        made = Unit(quick=True)
        made.call(lambda connection: bot_reviews.note(connection, message, at, ids))
        if broken:
            made.update("contacts", "con_none", 1, {"reason": "x"})
        return made

    with pytest.raises(Exception, match="changed by somebody else"):
        await store.commit(unit(broken=True))
    await store.commit(unit(broken=False))
    with store.reading() as connection:
        assert [row.times for row in _all(connection)] == [1]


@given(st.text(), st.text(alphabet=" ,.!?，。！？-\t\n"))
def test_what_stands_between_the_words_is_no_other_wording(text: str, between: str) -> None:
    assert bot_reviews.wording(f"{between}{text}{between}") == bot_reviews.wording(text)
    assert bot_reviews.wording(text + "x") != bot_reviews.wording(text)
