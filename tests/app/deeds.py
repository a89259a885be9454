"""What can happen in a `tests.app.commotion`: each deed picks whom it concerns by the numbers it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy.engine import Connection

from contact_center.actions import offers, presence, talk, tickets, transfer
from contact_center.actions.act import Act
from contact_center.actions.hand_back import hand_back
from contact_center.channels.base import CallStatus, Delivery, MessageIn, NewContact, Take
from contact_center.dispatcher import Dispatcher
from contact_center.outbox_worker import OutboxWorker
from contact_center.tickets import Deed, claim_ticket, reassign_ticket, resolve_ticket
from crm_store import desks, ticket_numbers
from crm_store import tickets as ticket_rows
from crm_store.errors import Refused
from crm_store.leases import Fenced
from crm_store.offers import Offer
from crm_store.tickets import NewTicket
from crm_store.works import Work
from ivr_flows.inputs import Keys, Started
from tests.app.commotion import TRAITS, Commotion

QUEUES = ("general", "vip", "complaints")
PRESENCES = ("available", "available", "available", "available", "break", "offline")
SECONDS = (0, 0, 0, 1, 3, 6, 21, 61, 130)


async def call_comes(at: Commotion, who: int, how: int) -> None:
    number = at.next()
    ref, caller = f"CA{number:032d}", f"+1202555{100 + number % 100:04d}"
    opens = NewContact("phone", caller, "+12025550199", "phone", provider_ref=ref)
    delivery = Delivery(f"k{ref}", "phone", f"phone:{ref}", Take(Started()), provider_ref=ref, opens=opens)
    await at.centre.conductor.handle(delivery, TRAITS["phone"])


async def text_comes(at: Commotion, who: int, how: int) -> None:
    number = at.next()
    caller = f"+1202555{100 + who % 4:04d}"
    opens = NewContact("sms", caller, "+12025550199", "phone")
    event = MessageIn("hello", f"SM{number}")
    delivery = Delivery(f"k{number}", "sms", f"sms:{caller}", event, provider_ref=f"SM{number}", opens=opens)
    await at.centre.conductor.handle(delivery, TRAITS["sms"])


async def hangs_up(at: Commotion, who: int, how: int) -> None:
    contact = await at.contact(who, "phone")
    if contact is not None:
        await at.deliver(contact, CallStatus("completed", final=True))


async def presses(at: Commotion, who: int, how: int) -> None:
    contact = await at.contact(who, "phone")
    if contact is not None:
        await at.deliver(contact, Take(Keys(str(1 + how % 3))))


async def texts(at: Commotion, who: int, how: int) -> None:
    contact = await at.contact(who, "sms")
    if contact is not None:
        await at.deliver(contact, MessageIn(("1", "2", "wait", "end", "bot")[how % 5], f"SM{at.next()}"))


async def sets_presence(at: Commotion, who: int, how: int) -> None:
    agent_id, wanted = at.agent(who), PRESENCES[how % len(PRESENCES)]
    await at.act(f"agent:{agent_id}", lambda deed: presence.set_presence(deed, agent_id, wanted))


async def time_passes(at: Commotion, who: int, how: int) -> None:
    at.centre.clock.advance(SECONDS[how % len(SECONDS)])
    await at.centre.dispatcher.step()
    await at.check()
    await at.check_router()


async def accepts(at: Commotion, who: int, how: int) -> None:
    offer = await at.offer(who)
    if offer is not None:
        await _accept(at, offer)


async def _accept(at: Commotion, offer: Offer) -> None:
    await at.act(f"agent:{offer.agent_id}", lambda deed: offers.accept_offer(deed, offer.id, offer.agent_id))


async def declines(at: Commotion, who: int, how: int) -> None:
    offer = await at.offer(who)
    if offer is not None:
        await at.act(
            f"agent:{offer.agent_id}", lambda deed: offers.decline_offer(deed, offer.id, offer.agent_id)
        )


async def takes(at: Commotion, who: int, how: int) -> None:
    agent_id = at.agent(how)
    states = ("waiting", "offered")
    await at.on_work(who, states, lambda deed, work: offers.take_work(deed, work, agent_id))


async def ends(at: Commotion, who: int, how: int) -> None:
    await at.on_work(who, ("active",), talk.end_talk)
    if how % 2:
        await carries_out(at, who, how)


async def wraps_up(at: Commotion, who: int, how: int) -> None:
    await at.on_work(
        who, ("active", "wrap_up"), lambda deed, work: talk.wrap_up(deed, work, "resolved", "done")
    )


async def to_queue(at: Commotion, who: int, how: int) -> None:
    queue = QUEUES[how % len(QUEUES)]
    await at.on_work(who, ("active",), lambda deed, work: transfer.to_queue(deed, work, queue))


async def to_agent(at: Commotion, who: int, how: int) -> None:
    agent_id = at.agent(how)
    await at.on_work(who, ("active",), lambda deed, work: transfer.to_agent(deed, work, agent_id))


async def consults(at: Commotion, who: int, how: int) -> None:
    """Somebody who is free is asked, or whoever a queue finds; and soon offered the question."""
    free = await at.free_agents()
    agent_id, queue = (free[how % len(free)], "") if free and how % 4 else ("", "vip")

    def ask(deed: Act, work: Work) -> None:
        transfer.consult(deed, talk.hold(deed, work, True), agent_id=agent_id, queue=queue)

    await at.on_work(who, ("active",), ask)
    await time_passes(at, 0, 0)
    if how % 3 == 0:
        await hangs_up(at, who, how)


async def consults_and_is_answered(at: Commotion, who: int, how: int) -> None:
    await consults(at, who, how)
    asked = {work.id for work in await at.works("offered") if work.kind == "consult"}
    for offer in await at.offers():
        if offer.work_id in asked:
            await _accept(at, offer)


async def consult_goes_on(at: Commotion, who: int, how: int) -> None:
    what = (transfer.complete, transfer.complete, transfer.join, transfer.cancel_consult)[how % 4]
    await at.on_work(who, ("active",), what)


async def requeues(at: Commotion, who: int, how: int) -> None:
    await at.on_work(who, ("active",), lambda deed, work: talk.requeue(deed, work, "agent"))


async def hands_back(at: Commotion, who: int, how: int) -> None:
    """To a bot that never answers, so that who says something to it waits in line again."""
    await at.on_work(who, ("active",), lambda deed, work: hand_back(deed, work, "", at.centre.room.company))


async def reassigns(at: Commotion, who: int, how: int) -> None:
    queue = QUEUES[how % 3] if how % 2 else ""
    agent_id = at.agent(how // 2) if not queue or how % 5 == 0 else ""
    states = ("waiting", "offered", "active")
    await at.on_work(
        who, states, lambda deed, work: transfer.reassign(deed, work, agent_id=agent_id, queue=queue)
    )


async def desk_opens(at: Commotion, who: int, how: int) -> None:
    agent_id, desk_id = at.agent(who), f"dsk_{at.agent(who)}_{how % 2}"
    await at.act("desk", lambda deed: presence.open_desk(deed, agent_id, desk_id, "node"))


async def desk_leaves(at: Commotion, who: int, how: int) -> None:
    agent_id, desk_id = at.agent(who), f"dsk_{at.agent(who)}_{how % 2}"
    await at.act("desk", lambda deed: presence.close_desk(deed, desk_id, agent_id))


async def desk_is_seen(at: Commotion, who: int, how: int) -> None:
    desk_id, now = f"dsk_{at.agent(who)}_{how % 2}", at.centre.clock.now()
    await at.centre.room.store.write(lambda connection: desks.seen(connection, [desk_id], now))


async def restarts(at: Commotion, who: int, how: int) -> None:
    at.centre = at.centre.restarted()
    at.centre.clock.advance(6)


async def carries_out(at: Commotion, who: int, how: int) -> None:
    await OutboxWorker(at.centre.room, at.centre.talks.handlers()).drain()


async def another_leads(at: Commotion, who: int, how: int) -> None:
    """A process of which the first one does not know; when its lease is over, the first one leads again."""
    other = Dispatcher(at.centre.room, f"other{at.next()}")
    try:
        await other.step()
    except Fenced:
        return
    at.centre.clock.advance(6)


async def sweeps(at: Commotion, who: int, how: int) -> None:
    at.centre.clock.advance(700 if how % 4 == 0 else 0)
    await at.centre.sweep.once()


async def ticket_opens(at: Commotion, who: int, how: int) -> None:
    room, now = at.centre.room, at.centre.clock.now()
    new = NewTicket(
        category="complaint", subject=f"It is broken {at.next()}", severity="normal", priority=3,
        queue="general", opened_at=now, due_at=now + timedelta(hours=8),
    )  # fmt: skip

    def work(deed: Act) -> None:
        draw = lambda: ticket_numbers.draw(room.random)  # noqa: E731
        ticket, _ = ticket_rows.open_or_join(deed.connection, new, now, room.ids, draw)
        tickets.follow(deed, ticket)

    await at.act("agent:1", work)


async def ticket_changes(at: Commotion, who: int, how: int) -> None:
    ticket = await at.ticket(who)
    if ticket is None:
        return
    by, agent_id = Deed("agent:1", at.centre.clock.now()), at.agent(how)
    changes: tuple[Callable[[Connection], Any], ...] = (
        lambda connection: claim_ticket(connection, ticket.id, agent_id, by),
        lambda connection: resolve_ticket(connection, ticket.id, by),
        lambda connection: reassign_ticket(connection, ticket.id, by, agent_id=None, queue=QUEUES[how % 3]),
        lambda connection: reassign_ticket(connection, ticket.id, by, agent_id=agent_id),
    )
    change = changes[how % len(changes)]
    await at.act("agent:1", lambda deed: tickets.changing(deed, ticket.id, lambda: change(deed.connection)))


Deeds = Callable[[Commotion, int, int], Awaitable[None]]

DEEDS: tuple[tuple[str, Deeds], ...] = tuple(
    (deed.__name__, deed)
    for deed in (
        *[time_passes] * 4, *[accepts] * 4, *[sets_presence] * 2, *[call_comes] * 2, text_comes, texts, texts,
        hangs_up, hangs_up, presses, declines, takes, ends, ends, wraps_up, wraps_up, to_queue, to_agent,
        consults, consults,
        *[consults_and_is_answered] * 3, *[consult_goes_on] * 3, requeues, hands_back, hands_back,
        reassigns, reassigns, desk_opens, desk_leaves, desk_is_seen, restarts, carries_out, carries_out,
        another_leads, sweeps, ticket_opens, ticket_changes,
    )
)  # fmt: skip
"""What can happen; what happens more often in life is named more often."""


async def busy(at: Commotion) -> None:
    """Everybody is at work, some talk already, and one more waits."""
    for who in range(len(at.agent_ids)):
        await sets_presence(at, who, 0)
    for deed in (call_comes, text_comes, call_comes, ticket_opens):
        await deed(at, 0, 0)
    await time_passes(at, 0, 0)
    while await at.offers():
        await accepts(at, 0, 0)


async def do(at: Commotion, what: int, who: int, how: int) -> str:
    """One deed by its number; its name. What the rules refuse is no deed."""
    name, deed = DEEDS[what % len(DEEDS)]
    try:
        await deed(at, who, how)
    except Refused:
        return f"{name} (refused)"
    return name
