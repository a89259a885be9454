"""Every channel against the kit (STYLE habit 10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.channels import CHANNELS
from contact_center.channels.base import BadDelivery, Channel, Delivery, Forged, Inbound, Reply
from tests.channels import console_kit, messaging_kit, payloads, voice_kit, webchat_kit
from tests.channels.kit import Bad, Good, Kit, Pair, read

KITS: dict[str, Kit] = {
    "twilio_voice": voice_kit.KIT,
    "twilio_messaging": messaging_kit.KIT,
    "console": console_kit.KIT,
    "webchat": webchat_kit.KIT,
}


def cases(kind: str) -> list[Any]:
    """The cases of one kind of all channels, as parameters."""
    return list(_cases(kind))


def _cases(kind: str) -> Iterator[Any]:
    for name, kit in KITS.items():
        for index, case in enumerate(getattr(kit, kind)):
            title = case[0] if isinstance(case, tuple) else case.name
            yield pytest.param(kit.channel, case, id=f"{name}-{index}-{title}")


def test_every_channel_has_a_kit() -> None:
    assert KITS.keys() == CHANNELS.keys()
    assert all(kit.channel.name == name and type(kit.channel) is CHANNELS[name] for name, kit in KITS.items())


@pytest.mark.parametrize("kit", KITS.values(), ids=KITS)
def test_routes_are_named_once_and_lie_under_one_path(kit: Kit) -> None:
    routes = kit.channel.routes()
    assert len({route.name for route in routes}) == len({route.path for route in routes}) == len(routes)
    assert all(route.path.startswith("/") and not route.path.endswith("/") for route in routes)
    tested = {case.inbound.route for case in kit.good}
    assert tested == {route.name for route in routes}


@pytest.mark.parametrize(("channel", "case"), cases("good"))
def test_good(channel: Channel, case: Good) -> None:
    delivery = read(channel, case.inbound)
    assert isinstance(delivery, Delivery)
    assert delivery.event == case.event
    for name, value in case.fields.items():
        assert getattr(delivery, name) == value, name
    if case.opens is None:
        assert delivery.opens is None or case.fields.get("opens", delivery.opens) == delivery.opens
    else:
        assert delivery.opens is not None
        for name, value in case.opens.items():
            found = getattr(delivery.opens, name)
            assert found == value if name != "facts" else found.items() >= value.items(), name
    rows = [delivery.key, delivery.open_key]
    assert all(len(row) <= 200 for row in rows)
    assert len(delivery.provider_ref) <= 80
    assert delivery == msgspec.json.decode(msgspec.json.encode(delivery), type=Delivery)


@pytest.mark.parametrize(("channel", "case"), cases("bad"))
def test_bad(channel: Channel, case: Bad) -> None:
    refusal = read(channel, case.inbound)
    assert isinstance(refusal, BadDelivery)
    assert refusal.status == case.status


@pytest.mark.parametrize(("channel", "case"), cases("forged"))
def test_forged(channel: Channel, case: tuple[str, Inbound]) -> None:
    assert isinstance(read(channel, case[1]), Forged)


@pytest.mark.parametrize(("channel", "case"), cases("pairs"))
def test_duplicates_and_order(channel: Channel, case: Pair) -> None:
    one, other = read(channel, case.one), read(channel, case.other)
    assert isinstance(one, Delivery)
    assert isinstance(other, Delivery)
    assert one.key
    assert other.key
    assert (one.key == other.key) is case.same


@pytest.mark.parametrize("kit", KITS.values(), ids=KITS)
def test_no_refusal_holds_what_somebody_sent(kit: Kit) -> None:
    requests = [case.inbound for case in kit.bad] + [inbound for _, inbound in kit.forged]
    told = " ".join(str(read(kit.channel, inbound)) for inbound in requests)
    assert len(told) > 100
    assert not [secret for secret in kit.secrets if secret in told]


@pytest.mark.parametrize("kit", KITS.values(), ids=KITS)
def test_settings_do_not_show_their_secrets(kit: Kit) -> None:
    shown = repr(vars(kit.channel).get("settings"))
    assert payloads.TOKEN not in shown
    assert console_kit.SECRET not in shown


words = st.text(max_size=30) | st.sampled_from(["", "0", "9" * 30, "-1", "nan", "STOP", "\x00", "\ud800"])
PARAMETERS = """
AccountSid CallSid ParentCallSid From To CallStatus Digits SpeechResult Confidence QueueResult DialCallStatus
RecordingSid RecordingUrl RecordingDuration RecordingStatus TranscriptionEvent TranscriptionData MessageSid
Body NumMedia MediaUrl0 MessageType OriginalRepliedMessageSid Latitude Longitude c t l page n m p session
ConferenceSid FriendlyName SequenceNumber StatusCallbackEvent ParticipantLabel Hold Muted AnsweredBy
ReasonParticipantLeft ParticipantCallStatus
digits text confidence turn as from seconds
"""
names = st.text(max_size=10) | st.sampled_from(PARAMETERS.split())


def parsed(channel: Channel, inbound: Inbound) -> Delivery | None:
    """The delivery, None where it is refused as it may be."""
    try:
        return channel.parse(inbound)
    except (BadDelivery, Forged):
        return None


pairs = st.lists(st.tuples(names, words), max_size=8)


@pytest.mark.parametrize("kit", KITS.values(), ids=KITS)
@settings(deadline=None)
@given(data=st.data(), query=pairs, form=pairs, body=st.just(b"") | st.binary(max_size=40))
def test_nothing_but_a_refusal_comes_of_arbitrary_requests(
    kit: Kit, data: st.DataObject, query: list[tuple[str, str]], form: list[tuple[str, str]], body: bytes
) -> None:
    route = data.draw(st.sampled_from([*(route.name for route in kit.channel.routes()), "nowhere"]))
    known = [("AccountSid", payloads.ACCOUNT), ("CallSid", payloads.CALL), ("MessageSid", payloads.MESSAGE)]
    try:
        inbound = kit.random(route, query, known + form if data.draw(st.booleans()) else form, body)
    except (UnicodeEncodeError, msgspec.ValidationError):
        return  # the kit's own JSON cannot hold it
    delivery = parsed(kit.channel, inbound)
    if delivery is None:
        return
    assert len(delivery.key) <= 200
    assert len(delivery.open_key) <= 200
    assert "\x00" not in repr(delivery.event)
    for outbound in (kit.channel.render(Reply("con_1", 1), inbound), kit.channel.apology(inbound, "en")):
        assert outbound.body
        assert outbound.status in (200, 503)
