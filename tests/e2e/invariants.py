"""What must hold in the store whatever was killed: read from rows and journals, not from what anybody says.

`now` holds at every moment, `history` of everything that has ever happened, `over` once all is done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import agent_states, agents, contacts, journal, offers, schema, works
from crm_store.contacts import Contact
from crm_store.journal import Entry
from crm_store.offers import Offer
from crm_store.works import Work

CLOCKS = timedelta(milliseconds=100)
"""By how much the clocks of two processes may differ where they go by the database's."""

UNHEARD = timedelta(seconds=2.5)
"""How long a leader may not know of work whose process died before it told: `routing.poll_seconds` and a
little."""

STAGES = {"offered": "offered", "connecting": "active", "active": "active", "wrap_up": "wrap_up"}
FREES = frozenset({"offer_declined", "offer_expired", "offer_revoked", "requeued", "wrapped_up"})
OFFER_ENDS = {"accepted": "offer_accepted", "declined": "offer_declined", "expired": "offer_expired",
              "revoked": "offer_revoked"}  # fmt: skip


@dataclass(frozen=True)
class Store:
    """Everything that the checks read, at one moment."""

    contacts: dict[str, Contact]
    journals: dict[str, list[Entry]]
    works: dict[str, Work]
    offers: list[Offer]
    states: dict[str, agent_states.AgentState]

    @classmethod
    def read(cls, connection: Connection) -> Store:
        if connection.dialect.name == "postgresql":  # whose default shows every statement another moment
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        ids = connection.execute(sa.select(schema.contacts.c.id)).scalars().all()
        found = {contact_id: contacts.get(connection, contact_id) for contact_id in ids}
        all_works = works.list_open(connection, works.STATES)
        return cls(
            contacts=found,
            journals={contact_id: journal.read(connection, contact_id) for contact_id in ids},
            works={work.id: work for work in all_works},
            offers=[offer for work in all_works for offer in offers.list_for_work(connection, work.id)],
            states={
                agent.id: agent_states.find(connection, agent.id) for agent in agents.list_agents(connection)
            },
        )

    def entries(self, *kinds: str) -> Iterator[Entry]:
        """Journal entries of these kinds, contact by contact."""
        for lines in self.journals.values():
            yield from (entry for entry in lines if entry.kind in kinds)


def now(store: Store, answered: Iterable[str] = ()) -> list[str]:
    """What is wrong at this moment. ``answered``: contacts whose callers were told that they wait."""
    return [
        *_lost(store, answered),
        *_torn_journals(store),
        *_contacts_without_work(store),
        *_offers_and_works_differ(store),
        *_agents_and_works_differ(store),
    ]


def history(store: Store) -> list[str]:
    """What was wrong at any time."""
    return [*offered_once(store), *_out_of_line(store), *_overfull(store), *_old_leaders(store)]


def offered_once(store: Store) -> list[str]:
    """What of `history` does not depend on when processes heard of what."""
    return [*_offered_to_two(store), *_places_lost(store)]


def over(store: Store) -> list[str]:
    """What is not over: a contact, a piece of work, an agent who still holds something."""
    return [
        *(
            f"{contact.id} is {contact.state}"
            for contact in store.contacts.values()
            if contact.state != "ended"
        ),
        *(f"{work.id} is {work.state}" for work in store.works.values() if work.state != "done"),
        *(f"{state.id} holds {sorted(state.holding)}" for state in store.states.values() if state.holding),
    ]


def _lost(store: Store, answered: Iterable[str]) -> Iterator[str]:
    """Every caller who got an answer is in the store."""
    for contact_id in answered:
        if contact_id not in store.contacts:
            yield f"{contact_id} got an answer and is not in the store"


def _torn_journals(store: Store) -> Iterator[str]:
    for contact in store.contacts.values():
        found = [entry.seq for entry in store.journals[contact.id]]
        if found != list(range(contact.journal_length)):
            yield f"{contact.id}: the journal of {contact.journal_length} entries has {found}"


def _contacts_without_work(store: Store) -> Iterator[str]:
    """Who waits has work in line, who talks has work with an agent, who is gone has none."""
    right = {"waiting": {"waiting", "offered", "connecting"}, "connected": {"active"}}
    of_contact: dict[str, list[Work]] = defaultdict(list)
    for work in store.works.values():
        if work.state not in ("done", "wrap_up") and work.contact_id is not None:
            of_contact[work.contact_id].append(work)
    for contact in store.contacts.values():
        found = [work.state for work in of_contact[contact.id]]
        wanted = right.get(contact.state, set())
        if len(found) != bool(wanted) or not set(found) <= wanted:
            yield f"{contact.id} is {contact.state} and has work that is {found or 'not there'}"


def _offers_and_works_differ(store: Store) -> Iterator[str]:
    pending: dict[str, list[Offer]] = defaultdict(list)
    for offer in store.offers:
        if offer.state == "pending":
            pending[offer.work_id].append(offer)
    for work in store.works.values():
        named = [work.offer_id] if work.state == "offered" else []
        found = [offer.id for offer in pending[work.id]]
        if found != named:
            yield f"{work.id} is {work.state} by {named} and has the pending offers {found}"


def _agents_and_works_differ(store: Store) -> Iterator[str]:
    """What an agent holds, and at which stage, is what the works say."""
    held: dict[str, dict[str, str]] = defaultdict(dict)
    for work in store.works.values():
        if work.agent_id is not None and work.state in STAGES:
            held[work.agent_id][work.id] = STAGES[work.state]
    for state in store.states.values():
        found = {work_id: holding.stage for work_id, holding in state.holding.items()}
        if found != held[state.id]:
            yield f"{state.id} holds {found} and the works say {held[state.id]}"


def _offered_to_two(store: Store) -> Iterator[str]:
    """An offer of a piece of work ends before the next is made, and an agent's yes before another's."""
    open_: dict[str, str] = {}
    with_agent: dict[str, str] = {}
    for entry in store.entries("offered", "requeued", *OFFER_ENDS.values()):
        work_id = entry.data["work_id"]
        if entry.kind == "offered":
            if work_id in open_ or work_id in with_agent:
                busy = open_.get(work_id) or with_agent[work_id]
                yield f"{work_id} was offered while {busy} had it"
            open_[work_id] = entry.data["offer_id"]
        elif entry.kind == "requeued":
            with_agent.pop(work_id, None)
        else:
            if open_.pop(work_id, None) != entry.data["offer_id"]:
                yield f"{work_id}: {entry.kind} of an offer that was not open"
            if entry.kind == "offer_accepted":
                with_agent[work_id] = entry.data["agent_id"]
    ended = {entry.data["offer_id"]: entry.kind for entry in store.entries(*OFFER_ENDS.values())}
    for offer in store.offers:
        if ended.get(offer.id) != OFFER_ENDS.get(offer.state):
            yield f"{offer.id} is {offer.state} and its journal says {ended.get(offer.id)}"


def _places_lost(store: Store) -> Iterator[str]:
    """The place in line is the one that was given first, for ever."""
    for entry in store.entries("queued"):
        work = store.works.get(entry.data["work_id"])
        if work is None:
            yield f"{entry.data['work_id']} is in a journal and not in the store"
            continue
        given = datetime.fromisoformat(entry.data["queued_at"])
        contact = store.contacts[entry.contact_id]
        if not given == work.queued_at == contact.queued_at:
            yield f"{work.id} was given the place {given}, and has {work.queued_at}, {contact.queued_at}"


@dataclass
class _Wait:
    work_id: str
    queued_at: datetime
    begins: datetime
    ends: datetime
    passes: dict[str, datetime]


def _waits(store: Store) -> list[_Wait]:
    """Every stretch of time in which work waited in line, and whom it passed meanwhile."""
    found: list[_Wait] = []
    for lines in store.journals.values():
        wait: dict[str, _Wait] = {}
        passes: dict[str, datetime] = {}
        last = lines[-1].at if lines else None
        for entry in lines:
            work_id = entry.data.get("work_id", "")
            if entry.kind == "queued" or entry.kind in FREES - {"wrapped_up", "offer_revoked"}:
                if entry.kind != "queued" and entry.data.get("agent_id"):
                    passes = passes | {entry.data["agent_id"]: entry.at}
                place = store.works[work_id].queued_at
                wait[work_id] = _Wait(
                    work_id, place, entry.at, datetime.max.replace(tzinfo=entry.at.tzinfo), passes
                )
                found.append(wait[work_id])
            elif entry.kind == "offered" and work_id in wait:
                wait.pop(work_id).ends = entry.at
            elif entry.kind in ("queue_left", "contact_ended"):
                for stretch in wait.values():
                    stretch.ends = entry.at
                wait.clear()
        for stretch in wait.values():
            if last is not None and store.works[stretch.work_id].state == "done":
                stretch.ends = last
    return found


def _out_of_line(store: Store) -> Iterator[str]:
    """Nobody was offered to an agent while somebody before them waited whom that agent could have had."""
    waits = _waits(store)
    for entry in store.entries("offered"):
        place = store.works[entry.data["work_id"]].queued_at
        for wait in waits:
            if (
                wait.queued_at < place - CLOCKS
                and wait.begins < entry.at - UNHEARD
                and wait.ends > entry.at + UNHEARD
                and entry.data["agent_id"] not in wait.passes
            ):
                yield f"{entry.data['work_id']} was offered before {wait.work_id}, which stood before it"


def _overfull(store: Store) -> Iterator[str]:
    """No agent has had two calls at once."""
    marks: dict[str, list[tuple[datetime, int, str]]] = defaultdict(list)
    for lines in store.journals.values():
        having: dict[str, tuple[str, datetime]] = {}
        for entry in lines:
            work_id: Any = entry.data.get("work_id")
            if entry.kind == "offered":
                having[work_id] = (entry.data["agent_id"], entry.at)
            elif entry.kind in FREES and work_id in having:
                agent_id, since = having.pop(work_id)
                if entry.at - since > 2 * CLOCKS:
                    marks[agent_id] += [(since + CLOCKS, 1, work_id), (entry.at - CLOCKS, -1, work_id)]
        for work_id, (agent_id, since) in having.items():
            if store.works[work_id].state != "done":
                marks[agent_id].append((since + CLOCKS, 1, work_id))
    for agent_id, events in marks.items():
        held = 0
        for at, change, work_id in sorted(events):
            held += change
            if held > 1:
                yield f"{agent_id} had {held} calls at {at} ({work_id})"


def _old_leaders(store: Store) -> Iterator[str]:
    """No leader makes an offer once another has made one."""
    newest, since = 0, None
    for offer in sorted(store.offers, key=lambda offer: offer.offered_at):
        if offer.fence > newest:
            newest, since = offer.fence, offer.offered_at
        elif offer.fence < newest and since is not None and offer.offered_at > since + CLOCKS:
            yield f"{offer.id} was made under the fence {offer.fence} after one under {newest}"


def explain(store: Store, work_id: str) -> str:
    """The journal of a piece of work, for a test's message."""
    work = store.works[work_id]
    lines = store.journals.get(work.contact_id or "", [])
    return "\n".join(f"{entry.at:%H:%M:%S.%f} {entry.kind} {entry.data}" for entry in lines)
