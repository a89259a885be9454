"""Conversations with the shipped bot: forms, interruptions, handoff, languages, channels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.embedded import SHIPPED_PROJECT, EmbeddedBot
from bot.runtime import ActionResult, BotTurn, Message, SlotValue
from tests.bot.recording_actions import RecordingActions


class Talk:
    """A conversation whose state travels as text from turn to turn."""

    def __init__(self, bot: EmbeddedBot, language: str | None = None, channel: str = "web") -> None:
        self._bot = bot
        self._language = language
        self._channel = channel
        self.state = ""

    async def say(self, text: str, **context: object) -> BotTurn:
        message = Message("conversation-1", text, self._language, self._channel)
        turn = await self._bot.respond(message, self.state, context=context)
        self.state = turn.state
        return turn


def words(turn: BotTurn) -> str:
    return " ".join(reply.text for reply in turn.replies)


async def test_order_status_asks_looks_up_and_answers(bot: EmbeddedBot, actions: RecordingActions) -> None:
    talk = Talk(bot)
    assert "order number" in words(await talk.say("where is my order"))
    turn = await talk.say("A1001", customer_id="cu-1")
    assert words(turn).startswith("Order A1001 is on its way to you.")
    ((action, slots, context),) = actions.calls
    assert (action, slots["order_number"]) == ("action_order_status", "A1001")
    assert context == {
        "customer_id": "cu-1",
        "conversation_id": "conversation-1",
        "channel": "web",
        "language": "en",
        "turn": 2,
    }


async def test_a_number_told_at_once_is_not_asked_for(bot: EmbeddedBot) -> None:
    assert "CC-100234" in words(await Talk(bot).say("where is my order CC-100234"))


async def test_complaint_in_chinese_hands_its_answers_to_the_action(
    bot: EmbeddedBot, actions: RecordingActions
) -> None:
    talk = Talk(bot, "zh-CN")
    for text in ("我要投诉", "键盘质量太差了", "没有", "很严重"):
        await talk.say(text)
    turn = await talk.say("可以")
    assert "10023456" in words(turn)
    ((action, slots, _),) = actions.calls
    assert action == "action_open_complaint"
    told = {name: slots[name] for name in ("complaint_what", "order_number", "severity", "reach")}
    assert told == {
        "complaint_what": "键盘质量太差了",
        "order_number": "none",
        "severity": "high",
        "reach": "same",
    }
    assert "severity" not in turn.slots  # the next complaint is asked for anew


async def test_an_urgent_complaint_goes_on_to_a_person(bot: EmbeddedBot, actions: RecordingActions) -> None:
    talk = Talk(bot)
    for text in ("I want to complain", "the keyboard caught fire on my desk", "no", "urgent"):
        await talk.say(text)
    turn = await talk.say("yes")
    assert (turn.handoff, turn.handoff_reason) == (True, "urgent")
    assert "10023456" in words(turn)
    assert "caught fire" in str(turn.slots["handoff_summary"])


async def test_anger_at_the_service_goes_to_a_person(bot: EmbeddedBot) -> None:
    turn = await Talk(bot).say("this is useless, I am fed up with you")
    assert (turn.intent, turn.handoff_reason) == ("frustrated", "frustrated")
    assert turn.replies[0].text.startswith("I'm sorry")


async def test_a_frequent_question_is_answered_from_its_article(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    assert "free from 50 euros" in words(await talk.say("how much do you charge for delivery"))
    assert "三年" in words(await Talk(bot, "zh-CN").say("礼品卡的有效期是多长"))
    spoken = await Talk(bot, "en", "voice").say("how much is shipping")
    assert "fifty euros" in words(spoken)


async def test_a_second_complaint_is_asked_for_anew(bot: EmbeddedBot, actions: RecordingActions) -> None:
    talk = Talk(bot)
    answers = ("the keyboard is poor quality", "no", "serious", "yes")
    for text in ("I want to complain", *answers):
        await talk.say(text)
    assert "what went wrong" in words(await talk.say("I want to complain"))
    assert "Which order" in words(await talk.say("your driver was rude to me"))
    assert len(actions.calls) == 1


async def test_a_broken_parcel_is_not_asked_for_twice(bot: EmbeddedBot, actions: RecordingActions) -> None:
    talk = Talk(bot)
    assert "Which order" in words(await talk.say("my parcel arrived damaged"))
    for text in ("A1001", "serious", "yes"):
        await talk.say(text)
    assert actions.calls[0][1]["complaint_what"] == "my parcel arrived damaged"


async def test_an_answer_too_short_is_asked_for_again(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    await talk.say("I want to complain")
    turn = await talk.say("hm")
    assert "a little more" in turn.replies[0].text
    assert "what went wrong" in turn.replies[1].text
    assert not turn.understood
    assert "Which order" in words(await talk.say("the box was wet"))


async def test_a_question_in_between_comes_back_to_the_form(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    await talk.say("where is my order")
    turn = await talk.say("what are your opening hours")
    assert "Monday" in turn.replies[0].text
    assert "order number" in turn.replies[1].text


async def test_going_back_asks_the_question_before(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    for text in ("I want to complain", "the keyboard is poor quality", "A1001"):
        await talk.say(text)
    assert "Which order" in words(await talk.say("go back"))
    assert "How bad" in words(await talk.say("A1002"))


async def test_stopping_leaves_the_form_and_forgets_its_answers(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    for text in ("I want to complain", "the keyboard is poor quality"):
        await talk.say(text)
    turn = await talk.say("never mind")
    assert "stopped" in words(turn)
    assert "what went wrong" in words(await talk.say("I want to complain"))


async def test_yes_means_what_was_offered(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    await talk.say("I want a refund")
    await talk.say("say that again")
    turn = await talk.say("yes please")
    assert (turn.handoff, turn.handoff_reason) == (True, "requested")


async def test_an_offer_later_in_the_conversation_is_answered_too(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    for text in ("I want a refund", "no thanks", "cancel my order"):
        await talk.say(text)
    assert (await talk.say("yes please")).handoff


async def test_no_to_the_offer_goes_on_and_a_bare_yes_says_what_can_be_done(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    await talk.say("I want a refund")
    turn = await talk.say("no thanks")
    assert (turn.handoff, words(turn)) == (False, "Is there anything else I can do for you?")
    assert not (await talk.say("yes")).handoff


async def test_a_person_is_given_what_was_learnt(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    await talk.say("where is my order A1001")
    turn = await talk.say("talk to a person")
    assert (turn.handoff, turn.handoff_reason, turn.closed) == (True, "requested", False)
    assert turn.slots["order_number"] == "A1001"
    assert turn.slots["handoff_summary"] == (
        "wanted: order_status; language: en; order_number: A1001; order_lookup: found; order_state: shipped"
    )


async def test_a_person_can_be_asked_for_inside_a_form(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    await talk.say("我要投诉")
    assert (await talk.say("转人工")).handoff_reason == "requested"


async def test_two_misunderstandings_in_a_row_hand_over(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    assert not (await talk.say("blorp zzzz")).handoff
    assert (await talk.say("qqqq frump")).handoff_reason == "misunderstood"


async def test_a_misunderstanding_is_forgiven_once_understood(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    await talk.say("blorp zzzz")
    await talk.say("opening hours")
    assert not (await talk.say("qqqq frump")).handoff


async def test_answers_that_do_not_fit_a_form_count_as_misunderstandings(bot: EmbeddedBot) -> None:
    talk = Talk(bot)
    await talk.say("where is my order")
    first = await talk.say("yes")
    assert not first.handoff
    assert "order number" in first.replies[-1].text
    assert (await talk.say("okay")).handoff_reason == "misunderstood"


async def test_goodbye_closes(bot: EmbeddedBot) -> None:
    turn = await Talk(bot).say("bye bye")
    assert (turn.closed, turn.handoff) == (True, False)


LANGUAGES = [
    ("zh-CN", "A1001", "谢谢"),
    ("en", "A1001", "Thank you"),
    (None, "你好", "您好"),
    (None, "hello", "Hello"),
    ("en", "我的订单到哪了", "请问您的订单号"),
    ("zh-CN", "where is my order", "What is your order number"),
]


@pytest.mark.parametrize(("language", "text", "begins"), LANGUAGES)
async def test_language_follows_the_caller_and_the_writing(
    bot: EmbeddedBot, language: str | None, text: str, begins: str
) -> None:
    assert words(await Talk(bot, language).say(text)).startswith(begins)


async def test_a_language_that_was_asked_for_stays(bot: EmbeddedBot) -> None:
    talk = Talk(bot, "en")
    assert words(await talk.say("can we speak Chinese")).startswith("好的")
    assert words(await talk.say("opening hours")).startswith("人工客服")


async def test_speech_is_shorter_and_has_no_buttons(bot: EmbeddedBot) -> None:
    chat = (await Talk(bot, "en").say("hello")).replies[0]
    speech = (await Talk(bot, "en", "voice").say("hello")).replies[0]
    assert [button.payload for button in chat.buttons] == ["/order_status", "/complaint", "/human"]
    assert not speech.buttons
    assert len(speech.text) < len(chat.text)


async def test_buttons_do_what_they_say(bot: EmbeddedBot) -> None:
    talk = Talk(bot, "en")
    assert "what went wrong" in words(await talk.say("/complaint"))
    for text in ("the keyboard is poor quality", "A1001"):
        turn = await talk.say(text)
    severe = next(button for button in turn.replies[0].buttons if button.title == "Serious")
    turn = await talk.say(severe.payload)
    assert turn.slots["severity"] == "high"


@pytest.mark.parametrize("text", ["/nothing", '/inform{"x": "y"}', "/inform{", "/affirm{1}"])
async def test_what_is_no_payload_is_plain_text(bot: EmbeddedBot, text: str) -> None:
    turn = await Talk(bot).say(text)
    assert turn.confidence < 1.0
    assert turn.replies


async def test_an_unknown_action_is_answered_and_logged(
    model_cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bare = EmbeddedBot.load(SHIPPED_PROJECT, model_cache)
    await bare.start()
    turn = await Talk(bare).say("where is my order A1001")
    assert "cannot look that up" in words(turn)
    assert not turn.handoff
    assert "unknown to its runner" in caplog.text
    assert "A1001" not in caplog.text


class Failing:
    names = frozenset({"action_order_status"})

    async def run(
        self, action: str, slots: Mapping[str, SlotValue], context: Mapping[str, object]
    ) -> ActionResult:
        raise ConnectionError(f"no route for {slots['order_number']}")


async def test_a_failing_action_leads_to_a_person(
    model_cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = EmbeddedBot.load(SHIPPED_PROJECT, model_cache, Failing())
    await broken.start()
    turn = await Talk(broken).say("where is my order A1001")
    assert turn.handoff_reason == "action_failed"
    assert turn.replies
    assert "ConnectionError" not in words(turn)
    assert "A1001" not in caplog.text


async def test_an_order_of_somebody_else_is_not_told(model_cache: Path) -> None:
    class NotAllowed(Failing):
        async def run(
            self, action: str, slots: Mapping[str, SlotValue], context: Mapping[str, object]
        ) -> ActionResult:
            return ActionResult({"order_lookup": "not_allowed", "unknown_slot": "x"})

    careful = EmbeddedBot.load(SHIPPED_PROJECT, model_cache, NotAllowed())
    await careful.start()
    turn = await Talk(careful).say("where is my order A1001")
    assert words(turn).startswith("I may only tell the person who ordered")
    assert "unknown_slot" not in turn.slots


ORDER_STATES = ["placed", "paid", "packed", "shipped", "delivered", "canceled", "returned"]


@pytest.mark.parametrize("state", ORDER_STATES)
@pytest.mark.parametrize(("language", "fallback"), [("en", "Order A1001: "), ("zh-CN", "的状态：")])
async def test_each_state_of_an_order_has_words(
    model_cache: Path, state: str, language: str, fallback: str
) -> None:
    class InState(Failing):
        async def run(
            self, action: str, slots: Mapping[str, SlotValue], context: Mapping[str, object]
        ) -> ActionResult:
            return ActionResult({"order_lookup": "found", "order_state": state})

    bot = EmbeddedBot.load(SHIPPED_PROJECT, model_cache, InState())
    await bot.start()
    turn = await Talk(bot, language).say('/order_status{"order_number": "A1001"}')
    assert "A1001" in words(turn)
    assert fallback not in words(turn)
