"""The actions that need nothing but the conversation: table by table, without any runtime."""

from __future__ import annotations

from typing import Any

import pytest

from bot.actions import ACTIONS, CHECKS, ActionCall, Resources
from bot.articles import Article, Articles
from bot.embedded import SHIPPED_PROJECT
from bot.embedded.load_project import load_project
from bot.runtime import HANDOFF_REASONS, Reply

ARTICLE = Article(
    "shipping",
    ("How much is shipping?", "运费多少"),
    {"en": "Shipping is 4.90.", "zh": "运费 4.90。"},
    {"en": "Four ninety."},
)
RESOURCES = Resources(Articles([ARTICLE]))
FORM = {"form": "f", "required": ("first", "second", "third")}


def call(**given: Any) -> ActionCall:
    return ActionCall(**{"action": "a", "slots": {}, **given})


def test_every_action_of_the_domain_is_here_or_the_applications() -> None:
    domain = load_project(SHIPPED_PROJECT).domain
    application = {"action_order_status", "action_ticket_status", "action_open_complaint"}
    assert domain.actions == ACTIONS.keys() | CHECKS.keys() | application


def test_responses_that_actions_name_are_in_the_shipped_project() -> None:
    responses = load_project(SHIPPED_PROJECT).domain.responses
    calls = [call(), call(intent="out_of_scope"), call(**FORM), call(text="x", intent="faq")]
    named = {
        response
        for one in calls
        for action in ACTIONS.values()
        for response in action(one, RESOURCES).responses
    }
    named |= set(CHECKS["validate_complaint_form"](call(), {"complaint_what": "x"}).responses)
    assert named
    assert named <= responses.keys()


@pytest.mark.parametrize(("intent", "reason"), [("human", "requested"), ("frustrated", "frustrated")])
def test_handing_over_says_why_and_what_is_known(intent: str, reason: str) -> None:
    slots = {"order_number": "A1", "misunderstandings": 1.0, "date": None, "closed": True}
    result = ACTIONS["action_handoff"](
        call(intent=intent, slots=slots, recent=("refund", "order_status")), RESOURCES
    )
    assert result.handoff == reason
    assert reason in HANDOFF_REASONS
    assert result.leave_form
    assert result.slots["handoff_summary"] == "wanted: refund, order_status; order_number: A1"
    assert result.slots["misunderstandings"] is None


def test_the_second_misunderstanding_in_a_row_hands_over() -> None:
    misunderstood = ACTIONS["action_misunderstood"]
    first = misunderstood(call(turn=4), RESOURCES)
    assert (first.responses, first.handoff, first.misunderstood) == (("utter_rephrase",), None, True)
    next_turn = misunderstood(call(turn=5, slots=first.slots), RESOURCES)
    assert (next_turn.handoff, next_turn.misunderstood) == ("misunderstood", True)
    later = misunderstood(call(turn=6, slots=first.slots), RESOURCES)
    assert later.handoff is None


def test_out_of_scope_is_said_as_such() -> None:
    result = ACTIONS["action_misunderstood"](call(intent="out_of_scope"), RESOURCES)
    assert result.responses == ("utter_out_of_scope",)


def test_what_was_not_understood_but_surely_is_an_article_is_answered() -> None:
    misunderstood = ACTIONS["action_misunderstood"]
    result = misunderstood(call(text="how much is shipping"), RESOURCES)
    assert result.replies == (Reply("Shipping is 4.90."),)
    assert not result.misunderstood
    in_a_form = misunderstood(call(text="how much is shipping", **FORM), RESOURCES)
    assert in_a_form.misunderstood


@pytest.mark.parametrize(
    ("language", "channel", "text"),
    [
        ("en", "web", "Shipping is 4.90."),
        ("en", "voice", "Four ninety."),
        ("zh", "web", "运费 4.90。"),
        ("zh", "voice", "运费 4.90。"),
        ("fr", "web", "Shipping is 4.90."),
    ],
)
def test_articles_speak_the_language_and_the_channel(language: str, channel: str, text: str) -> None:
    asked = call(text="how much is shipping", language=language, channel=channel)
    assert ACTIONS["action_answer_question"](asked, RESOURCES).replies == (Reply(text),)


def test_a_question_without_an_article_is_not_answered_with_another() -> None:
    result = ACTIONS["action_answer_question"](call(text="do penguins fly"), RESOURCES)
    assert result.responses == ("utter_faq_unknown",)


def test_a_fallback_inside_a_form_is_a_misunderstanding() -> None:
    assert ACTIONS["action_fallback"](call(), RESOURCES).responses == ("utter_default",)
    assert ACTIONS["action_fallback"](call(**FORM), RESOURCES).misunderstood


def test_repeating_says_what_was_said_and_leaves_a_form_its_question() -> None:
    repeat = ACTIONS["action_repeat"]
    said = (Reply("one"), Reply("two"))
    assert repeat(call(said=said), RESOURCES).replies == said
    assert repeat(call(), RESOURCES).responses == ("utter_nothing_to_repeat",)
    assert repeat(call(said=said, **FORM), RESOURCES).replies == ()


@pytest.mark.parametrize(
    ("requested", "emptied"),
    [("third", {"second": None}), ("second", {"first": None}), ("first", {}), ("", {})],
)
def test_going_back_empties_the_answer_before(requested: str, emptied: dict[str, None]) -> None:
    assert ACTIONS["action_go_back"](call(requested=requested, **FORM), RESOURCES).slots == emptied


def test_going_back_outside_a_form_says_what_can_be_done() -> None:
    assert ACTIONS["action_go_back"](call(), RESOURCES).responses == ("utter_default",)


def test_the_end_closes() -> None:
    assert ACTIONS["action_end_conversation"](call(), RESOURCES).closed


def test_a_noted_complaint_is_forgotten_and_no_order_is_no_order() -> None:
    done = ACTIONS["action_complaint_done"]
    slots = {
        "complaint_what": "wet",
        "severity": "high",
        "order_number": "none",
        "complaint_result": "opened",
    }
    result = done(call(slots=slots), RESOURCES)
    assert result.handoff is None
    assert {name for name, value in result.slots.items() if value is None} == {
        "complaint_what", "severity", "reach", "complaint_result", "order_number",
    }  # fmt: skip
    kept = done(call(slots={**slots, "order_number": "A1"}), RESOURCES)
    assert "order_number" not in kept.slots


def test_an_urgent_complaint_goes_to_a_person_but_not_one_that_was_stopped() -> None:
    done = ACTIONS["action_complaint_done"]
    noted = done(call(slots={"severity": "urgent", "complaint_result": "opened"}), RESOURCES)
    assert noted.handoff == "urgent"
    assert noted.slots["severity"] is None
    assert done(call(slots={"severity": "urgent"}), RESOURCES).handoff is None


@pytest.mark.parametrize("text", ["hm", "...", "坏了", ""])
def test_a_short_complaint_is_asked_for_again_once(text: str) -> None:
    check = CHECKS["validate_complaint_form"]
    first = check(call(turn=2), {"complaint_what": text})
    assert first.slots["complaint_what"] is None
    assert first.misunderstood
    again = check(call(turn=3, slots=first.slots), {"complaint_what": text})
    assert again.slots == {}


@pytest.mark.parametrize(
    "told", [{"complaint_what": "it is broken"}, {"complaint_what": "东西坏了"}, {"reach": "same"}]
)
def test_what_says_something_is_accepted(told: dict[str, Any]) -> None:
    assert CHECKS["validate_complaint_form"](call(), told).slots == {}
