"""What goes on the review list: masked, in the turn's own unit, and only what a person should look at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from bot.runtime import BotTurn
from contact_center.bot_lab.noting import REVIEW_BELOW, note_for_review
from contact_center.channels.base import Reply
from contact_center.flows import Loaded
from contact_center.scene import Held, Scene
from crm_store import bot_reviews, migrate
from crm_store.bot_reviews import BotReview, ReviewFilter
from crm_store.customers import Recognised
from crm_store.ids import Ids
from crm_store.store import Store, open_engine
from ivr_flows import FlowSet, begin
from ivr_flows.session import Traits
from tests.store.making import a_contact

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HELLO = """
flow: hello
title: Hello
languages: [en]
start: greet
nodes:
  greet: {kind: hang_up, text: Hello}
"""
LI = Recognised("cus_1", "王芳", "王芳", "zh", "gold", (), "", "", "Example Trading", "", "", is_key=False)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path: Path = tmp_path_factory.mktemp("noting") / "store.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def store(migrated: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(migrated, tmp_path / "store.db")
    opened = Store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


@pytest.fixture
def room() -> Any:
    """All of the room that noting needs."""
    return SimpleNamespace(ids=Ids(lambda: AT, Random(1)))


def turn(**more: Any) -> BotTurn:
    """A turn in which the bot was at a loss."""
    usual: dict[str, Any] = {
        "replies": (),
        "intent": "nlu_fallback",
        "confidence": 0.31,
        "slots": {},
        "handoff": False,
        "handoff_reason": None,
        "closed": False,
        "state": "",
        "alternatives": (("joke", 0.31), ("complaint", 0.25), ("refund", 0.1)),
        "understood": False,
    }
    return BotTurn(**(usual | more))


def scene(customer: Recognised | None = None, **more: Any) -> Scene:
    flows = Loaded.of(FlowSet.from_texts({"hello": HELLO}))
    held = Held(a_contact(channel="web", **more), begin(flows.flows, "hello", "en"), flows, customer)
    return Scene(held, Traits("web", speaks=False), AT, new=True)


async def noted(store: Store, of: Scene) -> list[BotReview]:
    """The review list once the scene is committed."""
    await store.commit(of.unit("", Reply()))
    with store.reading() as connection:
        return list(bot_reviews.list_reviews(connection, ReviewFilter()).items)


async def test_what_was_not_understood_is_noted_with_its_guesses(store: Store, room: Any) -> None:
    of = scene()
    note_for_review(of, room, turn(), "sing to my kettle")
    (row,) = await noted(store, of)
    assert (row.text, row.language, row.channel, row.contact_id) == (
        "sing to my kettle",
        "en",
        "web",
        "con_1",
    )
    assert (row.intent, row.confidence, row.runner_up, row.runner_up_confidence) == (
        "joke", 0.31, "complaint", 0.25,
    )  # fmt: skip
    assert (row.understood, row.times, row.status, row.last_seen_at) == (False, 1, "open", AT)


async def test_numbers_addresses_and_names_are_masked(store: Store, room: Any) -> None:
    of = scene(LI)
    said = "我是王芳，电话 13800138000，邮箱 li@example.com，Example Trading 的订单 CC-100234"
    note_for_review(of, room, turn(slots={"language": "zh"}), said)
    (row,) = await noted(store, of)
    assert row.language == "zh"
    assert row.text == "我是 <name> ,电话 <phone> ,邮箱 <email> , <name> 的订单 <order_number>"


async def test_what_the_flow_calls_sensitive_is_kept_nowhere(store: Store, room: Any) -> None:
    of = scene()
    of.masked = True
    note_for_review(of, room, turn(), "my password is swordfish")
    assert await noted(store, of) == []


HUM = "hum a tune"
SURE = (("joke", REVIEW_BELOW), ("complaint", 0.2))
UNSURE = (("joke", REVIEW_BELOW - 0.01), ("complaint", 0.2))
CASES = [
    ("understood and sure", {"understood": True, "alternatives": SURE}, 0),
    ("understood and unsure", {"understood": True, "alternatives": UNSURE}, 1),
    ("sure and yet at a loss", {"alternatives": SURE}, 1),
    ("a button", {"alternatives": ()}, 0),
    ("no runner-up", {"alternatives": (("joke", 0.3),)}, 1),
    ("the answer to a form", {"understood": True, "alternatives": UNSURE, "slots": {"what": HUM}}, 0),
    ("an answer that the form refused", {"alternatives": UNSURE, "slots": {"what": HUM}}, 1),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "rows"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_only_what_a_person_should_look_at(
    store: Store, room: Any, fields: dict[str, Any], rows: int
) -> None:
    of = scene()
    note_for_review(of, room, turn(**fields), HUM)
    assert len(await noted(store, of)) == rows


@pytest.mark.parametrize("text", ["CC-100234", "13800138000", "???", "", "  "])
async def test_what_has_no_words_left_teaches_nothing(store: Store, room: Any, text: str) -> None:
    of = scene()
    note_for_review(of, room, turn(), text)
    assert await noted(store, of) == []


async def test_a_long_text_is_cut(store: Store, room: Any) -> None:
    of = scene()
    note_for_review(of, room, turn(), "la " * 600)
    (row,) = await noted(store, of)
    assert len(row.text) <= 500


async def test_a_turn_that_is_taken_back_notes_nothing(store: Store, room: Any) -> None:
    of = scene()
    before = of.mark()
    note_for_review(of, room, turn(), "sing to my kettle")
    of.undo(before)
    assert await noted(store, of) == []


async def test_the_same_words_of_another_contact_count_up(store: Store, room: Any) -> None:
    for contact_id in ("con_1", "con_2"):
        of = scene(id=contact_id, open_key=None, provider_ref=contact_id)
        note_for_review(of, room, turn(), "Sing to my kettle!")
        (row,) = await noted(store, of)
    assert (row.times, row.contact_id) == (2, "con_2")
