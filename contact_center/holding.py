"""What is known of open contacts between deliveries: found, begun, recognised, kept and forgotten.

A cache before the store and nothing more: every entry can be dropped at any time, because the
contact's version is checked at each commit (DESIGN D1).
"""

from __future__ import annotations

from collections import OrderedDict

import msgspec
from sqlalchemy.engine import Connection

from contact_center import contact as life
from contact_center.channels.base import Delivery, NewContact
from contact_center.flows import Loaded
from contact_center.people import for_templates
from contact_center.room import Room
from contact_center.scene import Held, Scene
from crm_store import contacts, customers, flow_sources
from crm_store.contacts import Contact
from crm_store.customers import Recognised
from crm_store.errors import NotFound
from ivr_flows import begin
from ivr_flows.session import Session

MOST_HELD = 50_000
"""Contacts kept in memory, a few kilobytes each."""


class Holding:
    """See the module."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._keys: dict[str, str] = {}  # contact's id -> its open key, for those held

    async def find(self, delivery: Delivery) -> Held | None:
        """The contact that ``delivery`` belongs to, None where there is none (yet)."""
        held = self._held.get(self._keys.get(delivery.contact_id, delivery.open_key))
        if held is not None:
            return held

        def read(connection: Connection) -> tuple[Contact, Recognised | None] | None:
            found = contacts.find(connection, delivery.contact_id) if delivery.contact_id else None
            if found is None and delivery.open_key:
                found = contacts.get_by_open_key(connection, delivery.open_key)
            if found is None and delivery.provider_ref and delivery.channel in life.TEXT_CHANNELS:
                found = contacts.get_by_provider_ref(connection, delivery.channel, delivery.provider_ref)
            if found is None:
                return None
            customer = customers.recognise_by_id(connection, found.customer_id) if found.customer_id else None
            return found, customer

        row = await self.room.store.read_quick(read)
        return None if row is None else await self.decoded(*row)

    async def decoded(self, contact: Contact, customer: Recognised | None) -> Held:
        """A contact's row with its session and the flows it runs on."""
        flows = self.room.library.known(contact.flow_digest)
        if flows is None:
            flows = await self._older_flows(contact.flow_digest)
        session = msgspec.json.decode(contact.session, type=Session)
        return Held(msgspec.structs.replace(contact, session=""), session, flows, customer)

    async def _older_flows(self, digest: str) -> Loaded:
        """The flows an open contact began on; where they were never kept, today's take over."""
        try:
            sources = await self.room.store.read_quick(
                lambda connection: flow_sources.get(connection, digest)
            )
        except NotFound:
            return self.room.library.current
        return self.room.library.learn(digest, sources)

    async def recognise(self, held: Held, opens: NewContact) -> None:
        """Find the customer by the address, where the address is evidence at all (DESIGN D9)."""
        if not opens.identity_kind:
            return
        customer = await self.room.store.read_quick(
            lambda connection: customers.recognise(connection, opens.identity_kind, opens.from_address)
        )
        if customer is None:
            return
        held.customer = customer
        language = customer.language or held.contact.language
        held.contact = msgspec.structs.replace(
            held.contact, customer_id=customer.customer_id, language=language
        )
        held.session = self._session(held.flows, held.contact.flow, language)

    def begin(self, opens: NewContact, open_key: str) -> Held:
        """A contact that starts now, not yet written."""
        library = self.room.library
        flows = library.current
        flow = library.line(opens.channel, opens.to_address)
        language = opens.language
        session = self._session(flows, flow, language)
        contact = Contact(
            id=self.room.ids.new("con"),
            channel=opens.channel,
            direction=opens.direction,
            open_key=open_key,
            provider_ref=opens.provider_ref or None,
            from_address=opens.from_address,
            to_address=opens.to_address,
            language=session.language,
            flow=flow,
            flow_digest=flows.flows.digest,
            session="",
            state=life.IN_FLOW,
            owner="flow",
            customer_id=None,
            started_at=self.room.clock.now(),
        )
        return Held(contact, session, flows, None)

    def _session(self, flows: Loaded, flow: str, language: str) -> Session:
        return begin(flows.flows, flow, language)

    def introduce(self, scene: Scene, delivery: Delivery) -> None:
        """The first lines of a contact's journal: how it came, and whom we know it to be from."""
        opens = delivery.opens
        assert opens is not None
        contact = scene.contact
        scene.journal(
            "contact_started",
            {
                "channel": contact.channel,
                "direction": contact.direction,
                "from": contact.from_address,
                "to": contact.to_address,
                "flow": contact.flow,
                "digest": contact.flow_digest,
                "language": scene.session.language,
                "replyable": opens.replyable,
                "facts": opens.facts,
            },
        )
        if scene.customer is not None:
            scene.journal("customer_recognised", for_templates(scene.customer) | {"by": opens.identity_kind})
        scene.change(life.next_look(contact, scene.at, self.room.silent_limit))
        self.room.metrics.start_contact(contact.channel)

    def keep(self, open_key: str, held: Held) -> None:
        """Remember a contact as it was just committed; an ended one is not worth the room."""
        self.forget(open_key)
        if held.contact.state == life.ENDED or not open_key:
            return
        self._held[open_key] = held
        self._keys[held.contact.id] = open_key
        if len(self._held) > MOST_HELD:
            self.forget(next(iter(self._held)))

    def forget(self, open_key: str) -> None:
        """Read it from the store next time."""
        held = self._held.pop(open_key, None)
        if held is not None:
            self._keys.pop(held.contact.id, None)

    def forget_contact(self, contact_id: str) -> None:
        """As `forget`, where only the contact's id is known (changed by the API, the sweep, a merge)."""
        self.forget(self._keys.get(contact_id, ""))

    def __len__(self) -> int:
        return len(self._held)
