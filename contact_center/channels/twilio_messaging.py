"""SMS and WhatsApp, through Twilio: messages as deliveries, composed messages as TwiML.

    incoming    a message comes in            -> MessageIn, opens a contact
    fallback    the same, after our failure   -> as incoming, with the same key
    status      what became of one of ours    -> MessageStatus

An incoming message is known by its MessageSid, not by Twilio's idempotency token: its retries and
the request to the fallback URL carry the same, so that a message that was taken the first time is not
taken again, and one that was not is not lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from contact_center.channels.base import (
    BadDelivery,
    Delivery,
    Inbound,
    Media,
    MessageIn,
    MessageStatus,
    NewContact,
    Outbound,
    OutMessage,
    Reply,
    Route,
)
from contact_center.channels.markup import attribute, element, text, without_forbidden
from contact_center.channels.opt_out import consent_of, known_to_carriers
from contact_center.channels.text_limits import sms_length, split_text
from contact_center.channels.twilio_request import Request, bounded, whole
from contact_center.channels.twilio_settings import TwilioSettings
from contact_center.channels.twilio_signature import TwilioSignature
from contact_center.channels.twiml import EMPTY, HEAD, MOST_BYTES, TAIL
from crm_store.addresses import Address, parse_address
from ivr_flows.session import Traits

LONGEST_BODY = 1_600
"""Of one message, as `sms_length` counts (Twilio error 21617)."""

MOST_MEDIA = 10

MESSAGE_STATUSES = {
    "accepted": "queued",
    "scheduled": "queued",
    "queued": "queued",
    "sending": "queued",
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "canceled": "failed",
    "undelivered": "undelivered",
}
OPTED_OUT = "21610"
"""Twilio refuses to write to somebody who has sent STOP."""

OUTSIDE_WINDOW = "63016"
"""WhatsApp: more than 24 hours since the customer's last message, only templates may be sent."""

_CONSENTS = {"STOP": "stop", "START": "start", "HELP": "help"}
_FACTS = {
    "ProfileName": "profile_name",
    "FromCountry": "country",
    "FromState": "state",
    "FromCity": "city",
    "MessagingServiceSid": "messaging_service",
    "ReferralSourceUrl": "referral",
    "ErrorCode": "error_code",
}
_LONGEST_KEY = 200


class TwilioMessaging:
    """See the module. Implements `contact_center.channels.base.Channel`."""

    name = "twilio_messaging"

    def __init__(self, settings: TwilioSettings) -> None:
        self.settings = settings
        self._signature = TwilioSignature(settings.auth_tokens, settings.public_url)
        self._status_url = f"{settings.root}/messaging/status"

    def routes(self) -> Sequence[Route]:
        """Every URL that Twilio calls for messages."""
        path = self.settings.base_path + "/messaging/"
        return tuple(Route(name, path + name) for name in ("incoming", "fallback", "status"))

    def traits(self, channel: str) -> Traits:
        """A written channel without buttons of our own: those of WhatsApp need approved templates."""
        return Traits(channel, speaks=False)

    def verify(self, inbound: Inbound) -> None:
        """Raise `Forged` unless Twilio signed it."""
        self._signature.verify(inbound, voice=False)

    def parse(self, inbound: Inbound) -> Delivery:
        """What the request means; raises `BadDelivery`, and `Forged` for another account's."""
        if inbound.route == "status":
            return self._status(Request(inbound, self.settings))
        if inbound.route in ("incoming", "fallback"):
            return self._incoming(Request(inbound, self.settings))
        raise BadDelivery("there is no such route", status=404)

    def render(self, reply: Reply, inbound: Inbound) -> Outbound:
        """The reply's messages; nothing for a status."""
        return Outbound(EMPTY if inbound.route == "status" else self._document(reply.messages))

    def apology(self, inbound: Inbound, language: str) -> Outbound:
        """Nothing is said: whether the customer wants messages cannot be known now. 503 makes Twilio
        ask the fallback URL, which takes the message once we can."""
        return Outbound(EMPTY, status=503)

    # --- parse ---------------------------------------------------------------------------------

    def _incoming(self, request: Request) -> Delivery:
        message = request.sid("MessageSid")
        sender, receiver = parse_address(request.get("From")), parse_address(request.get("To"))
        channel = "whatsapp" if sender.kind == "whatsapp" or _is_whatsapp(request.get("From")) else "sms"
        original = request.maybe_sid("OriginalRepliedMessageSid")
        event: MessageIn | MessageStatus
        if request.get("MessageType") == "reaction" and original:
            # A thumb under a message of ours says that it was read; it is no answer to a question.
            event, opens = MessageStatus(original, "read"), None
        else:
            answers = self.settings.twilio_answers_opt_out and channel == "sms"
            event, opens = _message(request, message, answers), _opens(request, channel, sender, receiver)
        return Delivery(
            key=f"twilio:message:{message}",
            channel=channel,
            open_key=_open_key(channel, sender, receiver),
            event=event,
            opens=opens,
        )

    def _status(self, request: Request) -> Delivery:
        message = request.sid("MessageSid")
        receiver, sender = parse_address(request.get("To")), parse_address(request.get("From"))
        word = request.get("MessageStatus") or request.get("SmsStatus")
        status = "read" if request.get("EventType") == "READ" else MESSAGE_STATUSES.get(word, "unknown")
        error = request.get("ErrorCode")[:20]
        channel = "whatsapp" if _is_whatsapp(request.get("To")) else "sms"
        event = MessageStatus(message, status, request.ours("m")[:40], error, opted_out=error == OPTED_OUT)
        return Delivery(
            key=request.key(message, word, request.get("EventType"), error),
            channel=channel,
            open_key=_open_key(channel, receiver, sender),
            event=event,
        )

    # --- render --------------------------------------------------------------------------------

    def _document(self, messages: Sequence[OutMessage]) -> str:
        parts, left = [], MOST_BYTES
        for message in messages:
            for element_ in self._elements(message):
                left -= len(element_.encode())
                if left < 0:
                    break
                parts.append(element_)
        return HEAD + "".join(parts) + TAIL

    def _elements(self, message: OutMessage) -> list[str]:
        """One <Message>, or several where the text is too long for one; the first has the media.

        ``statusCallback`` and not ``action``: Twilio takes the answer to an action for the next
        document of the session, and what follows the <Message> is then not sent.
        """
        attributes = []
        if message.id:
            url = f"{self._status_url}?m={quote(message.id, safe='', errors='replace')}"
            attributes.append(("statusCallback", attribute(url)))
        bodies = [f"<Body>{text(piece)}</Body>" for piece in _bodies(message.text)] or [""]
        media = "".join([f"<Media>{text(url)}</Media>" for url in message.media[:MOST_MEDIA] if url.strip()])
        contents = [bodies[0] + media, *bodies[1:]]
        return [element("Message", attributes, content) for content in contents if content]


def _bodies(value: str) -> list[str]:
    """The text in pieces that can be sent, each with at least one character to see."""
    return split_text(without_forbidden(value), LONGEST_BODY, sms_length)


def _opens(request: Request, channel: str, sender: Address, receiver: Address) -> NewContact:
    facts = request.facts(_FACTS)
    if not sender.matchable:
        facts["address_kind"] = sender.kind
    return NewContact(
        channel=channel,
        from_address=sender.value,
        to_address=receiver.value,
        identity_kind=_identity_kind(sender),
        replyable=sender.textable,
        facts=facts,
    )


def _message(request: Request, sid: str, twilio_answers: bool) -> MessageIn:
    body = request.get("Body")
    picked = request.get("ButtonPayload") or request.get("ListId")
    shown = body or request.get("ButtonText") or request.get("ListTitle") or _place(request)
    told = _CONSENTS.get(request.get("OptOutType").upper(), "")
    consent = told or ("" if picked else consent_of(body))
    return MessageIn(
        shown,
        sid,
        _media(request),
        picked[:200],
        consent,
        provider_answers=bool(told) or (bool(consent) and twilio_answers and known_to_carriers(body)),
    )


def _media(request: Request) -> tuple[Media, ...]:
    count = min(whole(request.get("NumMedia")) or 0, MOST_MEDIA)
    found = [
        Media(request.get(f"MediaUrl{number}"), request.get(f"MediaContentType{number}")[:100])
        for number in range(count)
    ]
    return tuple(each for each in found if each.url.startswith("https://"))


def _place(request: Request) -> str:
    """A location that was shared, as text: what it is called, and a geo URI (RFC 5870)."""
    try:
        latitude, longitude = float(request.get("Latitude")), float(request.get("Longitude"))
    except ValueError:
        return ""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return ""
    named = (
        request.get("Label").strip(),
        request.get("Address").strip(),
        f"geo:{latitude:.6f},{longitude:.6f}",
    )
    return ", ".join([part for part in named if part])


def _identity_kind(sender: Address) -> str:
    return sender.kind if sender.matchable and sender.kind in ("phone", "whatsapp") else ""


def _is_whatsapp(address: str) -> bool:
    return address[:9].lower() == "whatsapp:"


def _open_key(channel: str, customer: Address, ours: Address) -> str:
    """One conversation at a time between two addresses."""
    return bounded(f"{channel}:{customer.value}>{ours.value}", _LONGEST_KEY)
