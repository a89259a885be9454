"""Text channels: what the flow says as one message, and the customer's word on whether we may write at all.

No message leaves to an address that has opted out, whoever asks for it: the conductor's answers pass
`answer`, an agent's pass the API's check, and the outbox looks once more before it sends.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from contact_center import contact as life
from contact_center.announcing import Told
from contact_center.channels.base import MessageIn, OutMessage, compose
from contact_center.channels.twilio_settings import HELP_TEXTS, by_language
from crm_store import consents, messages, outbox
from crm_store.ids import Ids
from crm_store.messages import Message
from ivr_flows.instructions import Instruction, Say

if TYPE_CHECKING:
    from contact_center.room import Room
    from contact_center.scene import Scene

WELCOME_BACK = {
    "en": "You will get our messages again. Reply STOP at any time to end them.",
    "zh": "您将重新收到我们的消息。随时回复“退订”即可停止。",
}

SEND = "message.send"
"""The outbox's topic of a message that answers no webhook."""


async def opted_out(scene: Scene, room: Room) -> bool:
    """Whether the customer's address wants no messages."""
    contact = scene.contact
    if contact.channel not in consents.KINDS:
        return False
    return await room.store.read_quick(
        lambda connection: consents.is_opted_out(connection, contact.channel, contact.from_address)
    )


async def answer(scene: Scene, said: tuple[Instruction, ...], room: Room) -> None:
    """Compose what was said into the reply's message, unless the customer wants none."""
    text = compose(said, buttons=scene.contact.channel in life.BUTTON_CHANNELS)
    if not text:
        return
    blocked = await opted_out(scene, room)
    message = write(scene, text, room, blocked=blocked)
    if not blocked:
        scene.messages.append(OutMessage(message.id, text))


def write(scene: Scene, text: str, room: Room, *, blocked: bool = False, author: str = "flow") -> Message:
    """Note a message of ours with the scene: its row, and the journal's line."""
    message = Message(
        id=room.ids.new("msg"),
        contact_id=scene.contact.id,
        direction="outbound",
        author="bot" if scene.contact.owner == "bot" and author == "flow" else author,
        text=scene.mask(text),
        status="blocked" if blocked else "queued",
        error="the customer has opted out" if blocked else "",
        at=scene.at,
    )
    scene.insert("messages", messages.outbound_row(message))
    data: dict[str, Any] = {"message_id": message.id, "author": message.author}
    if blocked:
        data["blocked"] = "opted_out"
    scene.journal("message_out", data)
    return message


def tell_agent(scene: Scene, room: Room, message_id: str, text: str) -> None:
    """Show a message of the customer's on the desks of the agent who has the contact."""
    agent_id = scene.contact.agent_id
    if agent_id is None:
        return
    told = Told()
    data = {
        "contact_id": scene.contact.id,
        "message_id": message_id,
        "text": text,
        "at": scene.at.isoformat(),
    }
    told.notice(agent_id, "message", data)
    scene.after_commit.append(lambda: room.announcer.tell(told))


async def take_from_agent(scene: Scene, room: Room) -> None:
    """What the agent has written since, on a channel where the customer comes for it (the terminal's
    chat).
    """
    contact_id, at = scene.contact.id, scene.at
    written = await room.store.read_quick(
        lambda connection: messages.list_for_contact(connection, contact_id)
    )
    waiting = [each for each in written if each.author == "agent" and each.status == "queued"]
    if not waiting:
        return
    scene.messages += [OutMessage(each.id, each.text) for each in waiting]
    taken = tuple(each.id for each in waiting)
    scene.call(lambda connection: messages.mark_taken(connection, taken, at))


def send_row(message_id: str, contact_id: str, at: datetime, ids: Ids) -> dict[str, Any]:
    """The outbox's row that has a message of ours sent (see `contact_center.sending`)."""
    return outbox.row(ids.new("out"), SEND, {"message_id": message_id}, at, contact_id)


async def consent(event: MessageIn, scene: Scene, room: Room) -> tuple[Instruction, ...]:
    """STOP, START or HELP: obeyed, written to the customer, and answered where the provider does not."""
    contact = scene.contact
    if event.consent != "help":
        stop = event.consent == "stop"
        kind, address, at = contact.channel, contact.from_address, scene.at
        change = consents.opt_out if stop else consents.opt_in
        scene.call(
            lambda connection: change(
                connection, kind, address, "keyword", at=at, ids=room.ids, actor="customer"
            )
        )
        scene.journal("consent", {"kind": kind, "opted_out": stop, "source": "keyword"})
        if stop:
            return ()
    if event.provider_answers:
        return ()
    texts = HELP_TEXTS if event.consent == "help" else WELCOME_BACK
    sentence = by_language(texts, contact.language)
    said: tuple[Instruction, ...] = (Say(sentence, contact.language),) if sentence else ()
    if said and not (event.consent == "help" and await opted_out(scene, room)):
        message = write(scene, sentence, room, author="system")
        scene.messages.append(OutMessage(message.id, sentence))
    return said
