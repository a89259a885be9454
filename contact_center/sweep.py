"""The sweep: looks at contacts that have been silent too long, and throws away what nobody reads any more.

A call whose end is never reported, and a conversation that nobody goes on with, are closed and say
so (`closed_by_sweep`); a written contact that waited in line too long goes on as its flow says.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import structlog

from contact_center import contact as life
from contact_center.channels.base import Reply, compose
from contact_center.conductor import Conductor
from contact_center.events import hang_up
from contact_center.room import Room
from contact_center.scene import Scene
from contact_center.texting import opted_out, send_row, write
from contact_center.turns import run_turn
from crm_store import bot_reviews, contacts, customers, deliveries, messages, outbox, sessions
from crm_store.contacts import Contact
from crm_store.customers import Recognised
from crm_store.errors import Conflict, StoreError
from ivr_flows.inputs import Silent
from ivr_flows.session import Traits

log = structlog.get_logger(__name__)

AT_A_TIME = 100


class Sweep:
    """`run` goes round until it is cancelled; `once` is one round, for tests and `contact-center`."""

    def __init__(self, room: Room, conductor: Conductor) -> None:
        self.room = room
        self.conductor = conductor

    async def run(self) -> None:
        """A round every `limits.sweep_seconds`."""
        while True:
            await asyncio.sleep(self.room.config.limits.sweep_seconds)
            try:
                await self.once()
                await self.prune()
            except StoreError as error:
                log.warning("the sweep could not reach the store and tries again", why=str(error))
            except Exception as error:
                log.exception("the sweep failed and tries again", error=type(error).__name__)

    async def once(self) -> int:
        """Look at every contact that is due; how many were changed."""
        swept = 0
        while True:
            at = self.room.clock.now()
            found = await self.room.store.read(partial(contacts.due, at=at, limit=AT_A_TIME))
            changed = sum([await self._looked_at(contact) for contact in found])
            swept += changed
            if len(found) < AT_A_TIME or not changed:  # what stays due is for the next round
                return swept

    async def _looked_at(self, contact: Contact) -> int:
        """As `_look_at`; a contact that cannot be read must not keep the others from being looked at."""
        try:
            return await self._look_at(contact)
        except StoreError:
            raise
        except Exception as error:
            log.exception("a contact could not be swept", contact_id=contact.id, error=type(error).__name__)
            return 0

    async def _look_at(self, contact: Contact) -> int:
        customer: Recognised | None = None
        if contact.customer_id:
            customer_id = contact.customer_id
            customer = await self.room.store.read(
                lambda connection: customers.recognise_by_id(connection, customer_id)
            )
        held = await self.conductor.holding.decoded(contact, customer)
        spoken = contact.channel in life.SPOKEN_CHANNELS
        buttons = contact.channel in life.BUTTON_CHANNELS
        scene = Scene(held, Traits(contact.channel, speaks=spoken, buttons=buttons), self.room.clock.now())
        if contact.owner == "agent" and not spoken:
            await self._look_at_talk(scene)
        elif contact.state == life.WAITING and not spoken:
            await self._wait_is_over(scene)
        else:
            await self._close(scene, spoken)
        try:
            await self.room.store.commit(scene.unit("", Reply()))
        except Conflict:
            return 0  # something has just happened to it after all
        finally:
            self.conductor.holding.forget(contact.open_key or "")
        for function in scene.after_commit:
            function()
        return 1

    async def _close(self, scene: Scene, spoken: bool, outcome: str = "unknown") -> None:
        since = scene.contact.due_at or scene.at
        scene.journal("closed_by_sweep", {"due_at": since})
        reason = "no_end_reported" if spoken else "customer_silent"
        await hang_up(scene, reason, self.room, outcome=outcome)

    async def _look_at_talk(self, scene: Scene) -> None:
        """A written conversation with an agent: the flow is silent; it is over when neither side writes."""
        contact_id, limit = scene.contact.id, self.room.connected_limit
        written = await self.room.store.read(
            lambda connection: messages.list_for_contact(connection, contact_id)
        )
        last = max((message.at for message in written), default=scene.contact.started_at)
        if scene.at - last < limit:
            scene.change({"due_at": last + limit})
        else:
            await self._close(scene, spoken=False, outcome="answered")

    async def _wait_is_over(self, scene: Scene) -> None:
        said = await run_turn(scene, Silent(), self.room)
        text = compose(said, buttons=scene.contact.channel in life.BUTTON_CHANNELS)
        if not text:
            return
        blocked = await opted_out(scene, self.room)
        message = write(scene, text, self.room, blocked=blocked)
        if not blocked:
            scene.insert("outbox", send_row(message.id, scene.contact.id, scene.at, self.room.ids))

    async def prune(self) -> None:
        """Forget old deliveries and finished outbox rows (`retention` in the configuration)."""
        keep = self.room.config.retention
        now = self.room.clock.now()
        for forget, hours in (
            (deliveries.prune, keep.deliveries_hours),
            (outbox.prune, keep.outbox_hours),
            (sessions.prune, keep.outbox_hours),
            (bot_reviews.prune, 24 * keep.bot_reviews_days),
        ):
            before = now - timedelta(hours=hours)
            more = True
            while more:
                more = await self.room.store.write(partial(forget, before=before)) >= 1000
