"""Live calls: what commits have asked of the carrier is done, and what the carrier tells is taken in.

The outbox's handlers of `contact_center.actions.connecting`'s topics. Each looks first at how things stand:
what was asked may be out of date by now. What the carrier will not do is made good in the state:
the caller is put back in line and the agent is told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

import structlog
from sqlalchemy.engine import Connection

from contact_center import contact as contact_life
from contact_center import leg as leg_life
from contact_center import work as life
from contact_center.actions.act import Act, act
from contact_center.actions.calls import heed, leg_failed, leg_placed
from contact_center.actions.connecting import CONTINUE, DIAL, DROP, END_ROOM, FETCH_AGAIN, HOLD
from contact_center.actions.talk import requeue
from contact_center.announcing import Told
from contact_center.carriers.base import CallCarrier, CarrierFailed, CarrierRefused, Dial, Party
from contact_center.channels.base import Delivery, LegEvent, Take
from contact_center.conductor import Conductor
from contact_center.outbox_worker import Handler, Undeliverable
from contact_center.room import Room
from contact_center.texting import send_row
from crm_store import contacts, legs, schema, works
from crm_store.contacts import Contact
from crm_store.legs import Leg
from crm_store.outbox import OutboxItem
from ivr_flows.inputs import QueueLeft
from ivr_flows.session import Traits

log = structlog.get_logger(__name__)


class Talks:
    """See the module."""

    def __init__(self, room: Room, conductor: Conductor) -> None:
        self.room = room
        self.conductor = conductor
        conductor.leg_event = self.leg_event

    def handlers(self) -> Mapping[str, Handler]:
        """The outbox's topics, those of a carrier only where there is one."""
        found: dict[str, Handler] = {CONTINUE: self.go_on}
        if self.room.calls is not None:
            found |= {
                DIAL: self.dial,
                DROP: self.drop,
                FETCH_AGAIN: self.fetch_again,
                END_ROOM: self.end_room,
                HOLD: self.hold,
            }
        return found

    @property
    def _carrier(self) -> CallCarrier:
        assert self.room.calls is not None
        return self.room.calls

    async def leg_event(self, contact_id: str, event: LegEvent) -> None:
        """The carrier tells of a leg, or of a whole conversation."""
        await act(self.room, "carrier", lambda deed: heed(deed, contact_id, event))

    # --- what commits have asked for -----------------------------------------------------------------

    async def dial(self, item: OutboxItem) -> None:
        """Call a leg into the conversation; asked twice, the carrier calls once (the leg's id is its
        label).
        """
        leg_id = str(item.payload["leg_id"])
        leg, contact = await self.room.store.read_quick(
            lambda connection: _leg_and_contact(connection, leg_id)
        )
        if leg.state != "placing" or leg.provider_ref is not None:
            return
        try:
            ref = await self._carrier.dial(await self._to_dial(leg, contact))
        except (CarrierRefused, CarrierFailed) as error:
            reason = f"carrier_{error.code}" if isinstance(error, CarrierRefused) else "carrier"
            log.warning("a leg could not be called", role=leg.role, why=str(error))
            await act(self.room, "carrier", lambda deed: leg_failed(deed, leg_id, reason))
            return
        await act(self.room, "carrier", lambda deed: leg_placed(deed, leg_id, ref))

    async def _to_dial(self, leg: Leg, contact: Contact) -> Dial:
        settings = self.room.config
        agent = leg.role in ("agent", "consulted")
        shown = settings.twilio.caller_id or _our_number(contact)
        coaches = await self._coached(leg) if leg.role == "supervisor" and leg.mode == "whisper" else ""
        return Dial(
            contact_id=contact.id,
            room=contact.id,
            leg_id=leg.id,
            party=Party(leg.party, leg.address),
            shown=shown,
            timeout=round(settings.routing.connect_seconds),
            detect_machine=agent and leg.party == "phone",
            muted=leg.role == "supervisor" and leg.mode == "listen",
            coaches=coaches,
            ends_room=leg.role == "customer",
            record=leg.role == "agent" and self._is_recorded(contact),
        )

    def _is_recorded(self, contact: Contact) -> bool:
        policy = self.room.policies.get(contact.queue or "")
        return self.room.config.record_calls or (policy is not None and policy.record)

    async def _coached(self, leg: Leg) -> str:
        def read(connection: Connection) -> str:
            found = legs.list_for_contact(connection, leg.contact_id)
            talking = [other for other in found if other.role == "agent" and leg_life.talks(other)]
            return talking[0].provider_ref or "" if talking else ""

        return await self.room.store.read(read)

    async def drop(self, item: OutboxItem) -> None:
        """End a leg."""
        leg_id = str(item.payload["leg_id"])
        leg = await self.room.store.read(lambda connection: legs.get(connection, leg_id))
        if leg.provider_ref is None:
            if item.attempts < 3:
                raise CarrierFailed("the leg's call is just being placed; its name is not known yet")
            return
        await self._ended(
            self._carrier.drop(leg.contact_id, leg.provider_ref, answered=bool(item.payload["answered"]))
        )

    async def fetch_again(self, item: OutboxItem) -> None:
        """Have the customer's call ask what it shall do now; if it cannot be made to, it waits in line again.

        What may have been done is not done again: a second redirect would take the customer out of the very
        conversation that the first has led to. Out of a queue the next page of it leads the same way.
        """
        contact_id = str(item.payload["contact_id"])
        contact = await self.room.store.read_quick(lambda connection: contacts.get(connection, contact_id))
        if contact.state == contact_life.ENDED or contact.turn != item.payload["turn"]:
            return
        try:
            await self._carrier.fetch_again(contact.provider_ref or "", contact.id, contact.turn)
        except CarrierRefused as refused:
            if not refused.gone:
                await self._take_back(contact)
            raise Undeliverable(str(refused)) from None
        except CarrierFailed as failed:
            if failed.unsure:
                return
            if item.attempts < 3:
                raise
            await self._take_back(contact)

    async def _take_back(self, contact: Contact) -> None:
        """The caller hears music still: the agent is told and freed, and the caller keeps the place in
        line.
        """

        def work(deed: Act) -> None:
            found = works.open_for_contact(deed.connection, contact.id)
            if found is not None and found.state == life.ACTIVE and found.agent_id:
                deed.told.notice(found.agent_id, "trouble", {"work_id": found.id, "reason": "carrier"})
                requeue(deed, found, "carrier")

        await act(self.room, "carrier", work)

    async def end_room(self, item: OutboxItem) -> None:
        """End a conversation for everybody: the customer's call goes on in the flow."""
        await self._ended(self._carrier.end_room(str(item.payload["contact_id"])))

    async def hold(self, item: OutboxItem) -> None:
        """Let the customer hear music, or bring them back."""
        contact_id, on = str(item.payload["contact_id"]), bool(item.payload["on"])
        ref = await self.customer_ref(contact_id)
        if ref:
            await self._ended(self._carrier.hold(contact_id, ref, on, self.room.config.twilio.hold_music))

    async def customer_ref(self, contact_id: str) -> str:
        """The carrier's name of the customer's own call; '' where there is none."""

        def read(connection: Connection) -> str:
            return contacts.get(connection, contact_id).provider_ref or ""

        return await self.room.store.read(read)

    async def _ended(self, work: Awaitable[None]) -> None:
        try:
            await work
        except CarrierRefused as refused:
            if not refused.gone:
                raise Undeliverable(str(refused)) from None

    async def go_on(self, item: OutboxItem) -> None:
        """The conversation is over and the customer goes on in the flow, where no provider will ask for
        it.
        """
        contact_id, turn = str(item.payload["contact_id"]), item.payload["turn"]
        contact = await self.room.store.read_quick(lambda connection: contacts.get(connection, contact_id))
        if contact.open_key is None:
            return
        spoken = contact.channel in contact_life.SPOKEN_CHANNELS
        delivery = Delivery(
            key=f"continue:{item.id}",
            channel=contact.channel,
            open_key=contact.open_key,
            event=Take(QueueLeft(str(item.payload["reason"]))),
            provider_ref=contact.provider_ref or "",
            turn=turn,
        )
        traits = Traits(contact.channel, speaks=spoken, buttons=contact.channel in ("web", "console_chat"))
        reply = await self.conductor.handle(delivery, traits)
        if contact.channel in contact_life.SENT_CHANNELS and reply.messages:
            await self._send([message.id for message in reply.messages], contact.id)

    async def _send(self, message_ids: list[str], contact_id: str) -> None:
        at, ids = self.room.clock.now(), self.room.ids
        rows = [send_row(message_id, contact_id, at, ids) for message_id in message_ids]
        await self.room.store.write(lambda connection: connection.execute(schema.outbox.insert(), rows))
        self.room.announcer.tell(Told(outbox=True))


def _leg_and_contact(connection: Connection, leg_id: str) -> tuple[Leg, Contact]:
    leg = legs.get(connection, leg_id)
    return leg, contacts.get(connection, leg.contact_id)


def _our_number(contact: Contact) -> str:
    number = contact.to_address if contact.direction == "inbound" else contact.from_address
    return number if number.startswith("+") else ""
