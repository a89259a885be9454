"""TwiML of arbitrary instructions: always a document that Twilio can read."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.channels import TwilioVoice
from contact_center.channels.base import Reply
from contact_center.channels.twiml import VoiceTwiml
from ivr_flows.instructions import (
    Connect,
    HangUp,
    Instruction,
    Listen,
    Option,
    Pause,
    Play,
    RecordMessage,
    Say,
    Talk,
    WaitInQueue,
)
from tests.channels import payloads


def writer() -> VoiceTwiml:
    account = payloads.settings()
    return VoiceTwiml(account, {route.name: route.path for route in TwilioVoice(account).routes()})


anything = st.text(max_size=40) | st.sampled_from(["]]>", "<!--", "&amp;", '"', "\x0b", "\ud800", "￾", "🌍"])
urls = anything | st.just("https://example.com/a.mp3")
small = st.integers(-5, 10**6)
prompts = st.lists(
    st.builds(Say, anything, anything) | st.builds(Play, urls, anything, anything) | st.builds(Pause, small),
    max_size=4,
).map(tuple)
instructions = (
    st.builds(Say, st.integers(0, 40_000).map("长 & ".__mul__) | anything, st.sampled_from(["en", "zh"]))
    | st.builds(
        Listen,
        anything,
        prompts,
        st.lists(st.builds(Option, anything, anything, anything), max_size=3).map(tuple),
        small,
        small,
        anything,
        st.booleans(),
        st.lists(anything, max_size=5).map(tuple),
        st.floats(),
    )
    | st.builds(RecordMessage, anything, anything, prompts, small, small, anything, st.booleans())
    | st.builds(
        WaitInQueue,
        anything,
        anything,
        small,
        prompts,
        urls,
        small,
        st.dictionaries(anything, anything, max_size=3),
    )
    | st.builds(
        Connect, st.sampled_from(["number", "sip", "client", "?"]), anything, anything, small, st.booleans()
    )
    | st.builds(Talk, anything, anything, anything, st.booleans())
    | st.builds(HangUp, anything, st.booleans())
    | st.builds(Pause, small)
)

VERBS = {
    "Say",
    "Play",
    "Pause",
    "Gather",
    "Redirect",
    "Record",
    "Enqueue",
    "Dial",
    "Hangup",
    "Reject",
    "Leave",
}


@settings(deadline=None)
@given(
    contact=anything,
    turn=st.integers(0, 10**9),
    items=st.lists(instructions, max_size=4).map(tuple),
    number=st.integers(0, 10**9),
)
def test_any_instructions_make_a_document_that_twilio_can_read(
    contact: str, turn: int, items: tuple[Instruction, ...], number: int
) -> None:
    reply = Reply(contact, turn, "en", items)
    for document in (writer().document(reply, shown=contact), writer().wait_page(reply, number)):
        assert len(document.encode()) < 65_536
        root = ET.fromstring(document)
        assert {child.tag for child in root} <= VERBS
        assert all(say.text and say.text.strip() and len(say.text) < 3000 for say in root.iter("Say"))
        assert {child.tag for gather in root.iter("Gather") for child in gather} <= {"Say", "Play", "Pause"}
        assert root[-1].tag in {"Redirect", "Hangup", "Reject", "Leave", "Enqueue", "Dial"}
