"""What is answered to a text message."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from twilio.twiml.messaging_response import Body, Media, Message, MessagingResponse

from contact_center.channels import TwilioMessaging
from contact_center.channels.base import OutMessage, Reply
from contact_center.channels.opt_out import consent_of
from contact_center.channels.text_limits import sms_length
from ivr_flows.instructions import HangUp, Say
from tests.channels.payloads import message, settings

CHANNEL = TwilioMessaging(settings())
STATUS = "https://calls.example.com/twilio/messaging/status?m="


def rendered(*messages: OutMessage, route: str = "incoming") -> str:
    reply = Reply("con_1", 3, "en", (Say("for the phone", "en"), HangUp()), messages)
    outbound = CHANNEL.render(reply, message(route=route))
    assert (outbound.status, outbound.content_type) == (200, "text/xml")
    return outbound.body


def same(ours: str, theirs: MessagingResponse) -> None:
    assert ET.canonicalize(ours) == ET.canonicalize(str(theirs))


def add(response: MessagingResponse, body: str, message_id: str, *media: str) -> None:
    made = Message(status_callback=STATUS + message_id)
    if body:
        made.append(Body(body))
    for url in media:
        made.append(Media(url))
    response.append(made)


def test_messages_with_and_without_media() -> None:
    theirs = MessagingResponse()
    add(theirs, 'Fish & chips <3 "now"\n二', "msg_1")
    add(theirs, "A picture", "msg_2", "https://example.com/a.png?x=1&y=2", "https://example.com/b.png")
    add(theirs, "", "msg_3", "https://example.com/c.png")
    ours = rendered(
        OutMessage("msg_1", 'Fish & chips <3 "now"\n二'),
        OutMessage("msg_2", "A picture", ("https://example.com/a.png?x=1&y=2", "https://example.com/b.png")),
        OutMessage("msg_3", "", ("https://example.com/c.png",)),
    )
    same(ours, theirs)


def test_a_message_that_nobody_follows_has_no_callback() -> None:
    assert "statusCallback" not in rendered(OutMessage("", "hello"))


@pytest.mark.parametrize("messages", [(), (OutMessage("m", ""),), (OutMessage("m", " \x07 "),)])
def test_nothing_to_say_is_an_empty_document(messages: tuple[OutMessage, ...]) -> None:
    same(rendered(*messages), MessagingResponse())


def test_instructions_alone_send_nothing_and_statuses_are_not_answered() -> None:
    same(rendered(), MessagingResponse())
    same(rendered(OutMessage("m", "hello"), route="status"), MessagingResponse())


@pytest.mark.parametrize("sentence", ["This is a sentence. ", "这是一个句子。", "Smile 😀! "])
def test_a_long_text_goes_out_in_several_messages(sentence: str) -> None:
    root = ET.fromstring(rendered(OutMessage("msg_1", sentence * 300, ("https://example.com/a.png",))))
    bodies = [body.text or "" for body in root.iter("Body")]
    assert len(bodies) > 1
    assert all(sms_length(body) <= 1600 and body.endswith(sentence.strip()[-1]) for body in bodies)
    assert "".join("".join(bodies).split()) == "".join((sentence * 300).split())
    assert len(root.findall("Message/Media")) == 1
    assert {each.get("statusCallback") for each in root} == {STATUS + "msg_1"}


def test_ten_files_at_most() -> None:
    media = tuple(f"https://example.com/{number}.png" for number in range(12))
    assert rendered(OutMessage("m", "x", media)).count("<Media>") == 10


def test_no_apology_goes_to_somebody_who_may_have_opted_out() -> None:
    outbound = CHANNEL.apology(message(), "en")
    assert outbound.status == 503
    same(outbound.body, MessagingResponse())


def test_the_account_may_leave_the_answers_to_us() -> None:
    ours = TwilioMessaging(settings(twilio_answers_opt_out=False))
    for channel, answered in ((CHANNEL, True), (ours, False)):
        event = channel.parse(message(Body="STOP")).event
        assert getattr(event, "provider_answers", None) is answered


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_it_is_written(channel: str) -> None:
    traits = CHANNEL.traits(channel)
    assert (traits.name, traits.speaks, traits.buttons) == (channel, False, False)


@pytest.mark.parametrize(
    ("text", "consent"),
    [
        *(
            (word, "stop")
            for word in ["STOP", "unsubscribe", "End", "QUIT", "StopAll", "revoke", "OptOut", "CANCEL"]
        ),
        *((word, "stop") for word in ("退订", " 退訂。", "取消订阅", "stop!", "ｓｔｏｐ")),
        *((word, "start") for word in ("START", "unstop", "恢复订阅", "重新订阅")),
        *((word, "help") for word in ("Help", "INFO", "帮助")),
        *(
            (word, "")
            for word in ("", "yes", "stop it", "don't stop", "我要退订", "stop start", "1", "?", "s" * 9999)
        ),
    ],
)
def test_words_of_consent(text: str, consent: str) -> None:
    assert consent_of(text) == consent


@effort(deadline=None)
@given(
    st.lists(
        st.builds(
            OutMessage,
            st.text(max_size=20),
            st.text(max_size=50) | st.integers(0, 60_000).map("字 & <".__mul__),
            st.lists(st.text(max_size=20), max_size=12).map(tuple),
        ),
        max_size=4,
    )
)
def test_any_messages_make_a_document_that_twilio_can_read(messages: list[OutMessage]) -> None:
    document = rendered(*messages)
    assert len(document.encode()) < 65_536
    for each in ET.fromstring(document):
        assert each.tag == "Message"
        assert [child.tag for child in each] == ["Body"] * len(each.findall("Body")) + ["Media"] * len(
            each.findall("Media")
        )
        assert len(each) > 0
        assert all(sms_length(body.text or "") <= 1600 for body in each.findall("Body"))
