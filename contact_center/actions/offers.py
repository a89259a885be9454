"""Offers: an agent is asked, says yes or no, does not answer, or is asked no more. Each is a lease (D5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import msgspec

from contact_center import agent as agent_life
from contact_center import work as life
from contact_center.actions.act import Act
from contact_center.actions.connecting import begin, drop_legs
from contact_center.actions.presence import stop_responding
from contact_center.routing.model import Why
from crm_store import leases, offers, works
from crm_store.errors import Refused
from crm_store.offers import Offer
from crm_store.works import Work

LEADER: Final = "router"
"""The lease under which offers are made."""


def make_offer(act: Act, work_id: str, agent_id: str, why: Why, fence: int) -> Offer | None:
    """Ask the agent, if both are still as the router saw them; else None, and nothing has happened.

    ``fence``: of the leader's lease. A leader of yesterday is refused here, in the transaction itself
    (`Fenced`)."""
    leases.check_fence(act.connection, LEADER, fence)
    work = works.get(act.connection, work_id)
    state = act.state(agent_id)
    if work.state != life.WAITING or agent_life.refusal(state, act.capacity(agent_id), work.kind):
        return None
    policy = act.policy(work.queue)
    offer = Offer(
        id=act.ids.new("off"),
        work_id=work.id,
        agent_id=agent_id,
        queue=work.queue,
        state="pending",
        auto_accept=policy.auto_accept,
        offered_at=act.at,
        expires_at=act.at + timedelta(seconds=policy.offer_seconds),
        fence=fence,
    )
    offered = act.change_work(work, life.offered(agent_id, offer.id))
    offers.insert(act.connection, offer)
    act.change_agent(state, agent_life.take(state, work.id, work.kind, act.at))
    both_since = max(state.idle_since, state.since, work.entered_at)
    told = {
        "work_id": work.id,
        "offer_id": offer.id,
        "agent_id": agent_id,
        "queue": work.queue,
        "waited": _seconds(act.at - work.queued_at),
        "free_for": round(max(0.0, (act.at - both_since).total_seconds()), 3),
        "why": msgspec.to_builtins(why),
    }
    act.note(offered, "offered", told)
    delay = told["free_for"]
    act.told.counted.append(lambda metrics: metrics.make_offer(delay))
    act.told.notice(
        agent_id, "offer", {"offer": msgspec.to_builtins(offer), "work": msgspec.to_builtins(offered)}
    )
    if policy.auto_accept:
        accept_offer(act, offer.id, agent_id)
    return offer


def move_work(act: Act, work_id: str, to: str, reason: str, fence: int) -> Work | None:
    """The router moves waiting work to another queue (overflow); None where it waits no more."""
    leases.check_fence(act.connection, LEADER, fence)
    work = works.get(act.connection, work_id)
    if work.state != life.WAITING or work.queue == to:
        return None
    told = {"work_id": work.id, "from": work.queue, "to": to, "reason": reason}
    act.note(work, "moved", told, {"queue": to} if work.kind in ("call", "chat", "text") else None)
    return act.change_work(work, life.moved(to, act.at, wanted=work.wanted))


def accept_offer(act: Act, offer_id: str, agent_id: str) -> Work:
    """The agent says yes, and is brought together with the customer. Saying it twice is saying it once.

    Raises `Refused` where the offer is another agent's, was taken back or has run out.
    """
    offer = _own(act, offer_id, agent_id)
    work = works.get(act.connection, offer.work_id)
    if offer.state == "accepted" and work.offer_id == offer.id:
        return work
    if offer.state != "pending" or offer.expires_at <= act.at:
        raise Refused(
            f"this offer is over ({_ENDS.get(offer.state, 'it has run out')}); wait for the next one"
        )
    offers.end(act.connection, offer, "accepted", act.at)
    after = _seconds(act.at - offer.offered_at)
    act.told.counted.append(lambda metrics: metrics.end_offer("accepted"))
    act.note(work, "offer_accepted", _named(offer) | {"after": after})
    act.told.notice(agent_id, "offer_over", _named(offer) | {"reason": "accepted"})
    return begin(act, work)


def take_work(act: Act, work: Work, agent_id: str) -> Work:
    """An agent takes work out of the line by hand, whoever was being asked. Raises `Refused` where there is
    no room for it, and for work that somebody has.
    """
    if work.state == life.OFFERED and work.agent_id == agent_id:
        return accept_offer(act, work.offer_id or "", agent_id)
    if work.state not in (life.WAITING, life.OFFERED):
        raise Refused(f"this work is {work.state}; only what waits can be taken")
    require_another(act, work, agent_id)
    state = act.state(agent_id)
    if not agent_life.fits(act.capacity(agent_id), agent_life.load_of(state.holding), work.kind):
        raise Refused("there is no room for it: finish what is held first")
    revoke_offer(act, work, "taken")
    current = works.get(act.connection, work.id)
    taken = act.change_work(current, life.offered(agent_id, None) | {"wanted": ""})
    act.change_agent(state, agent_life.take(state, work.id, work.kind, act.at))
    act.note(taken, "taken", {"work_id": work.id, "agent_id": agent_id, "queue": work.queue})
    return begin(act, taken)


def require_another(act: Act, work: Work, agent_id: str) -> None:
    """Raise `Refused` where a consultation would go to whoever asks."""
    asked_for = None if work.for_work is None else works.find(act.connection, work.for_work)
    if asked_for is not None and asked_for.agent_id == agent_id:
        raise Refused("this agent asks the question; somebody else must answer it")


def decline_offer(act: Act, offer_id: str, agent_id: str, reason: str = "") -> Work:
    """The agent says no: the work goes back to its place and passes this agent for a while."""
    offer = _own(act, offer_id, agent_id)
    if offer.state != "pending":
        raise Refused(f"this offer is over ({_ENDS[offer.state]})")
    offers.end(act.connection, offer, "declined", act.at)
    return put_back(act, offer, "offer_declined", reason.strip()[:200])


def expire_offer(act: Act, offer_id: str) -> Work | None:
    """The agent did not answer in time (RONA): back in line, and the agent takes no more until they say so.

    None where the offer was answered after all, or has been given more time.
    """
    offer = offers.get(act.connection, offer_id)
    if offer.state != "pending" or offer.expires_at > act.at:
        return None
    offers.end(act.connection, offer, "expired", act.at)
    work = put_back(act, offer, "offer_expired", "no_answer")
    stop_responding(act, offer.agent_id, "no_answer")
    return work


def revoke_offer(act: Act, work: Work, reason: str) -> None:
    """Ask no more, whatever becomes of the work: the caller has gone, or a supervisor has taken it."""
    offer = offers.pending_for_work(act.connection, work.id)
    if offer is None:
        return
    offers.end(act.connection, offer, "revoked", act.at)
    act.told.counted.append(lambda metrics: metrics.end_offer("revoked"))
    act.change_held(offer.agent_id, lambda state: agent_life.release(state, work.id, act.at))
    act.note(work, "offer_revoked", _named(offer) | {"reason": reason})
    act.told.notice(offer.agent_id, "offer_over", _named(offer) | {"reason": reason})


def put_back(act: Act, offer: Offer, kind: str, reason: str) -> Work:
    """After an offer that came to nothing: the work has its old place in line, the agent is free of it."""
    work = works.get(act.connection, offer.work_id)
    act.change_held(offer.agent_id, lambda state: agent_life.release(state, work.id, act.at))
    act.note(work, kind, _named(offer) | ({"reason": reason} if reason else {}))
    over = "expired" if kind == "offer_expired" else "declined"
    act.told.counted.append(lambda metrics: metrics.end_offer(over))
    act.told.notice(offer.agent_id, "offer_over", _named(offer) | {"reason": over})
    return return_to_line(act, work, act.policy(work.queue).pass_seconds)


def return_to_line(act: Act, work: Work, pass_seconds: float | None) -> Work:
    """The work waits again. Who alone was wanted and did not come is not waited for: the queue's others may
    have it; without a queue (a consultation) nobody may, and it is over."""
    passing = None if pass_seconds is None else timedelta(seconds=pass_seconds)
    if work.kind == "consult" and not work.queue:
        drop_legs(act, work)
        over = act.change_work(work, life.done(act.at, "canceled"))
        tell_asker(act, over)
        return over
    changes = life.back_in_line(work, act.at, passing=passing)
    return act.change_work(work, changes | {"wanted": ""})


def tell_asker(act: Act, consult: Work) -> None:
    """Whoever asked hears that nobody is being asked any more."""
    asked_for = works.find(act.connection, consult.for_work or "")
    if asked_for is not None and asked_for.agent_id:
        act.told.notice(
            asked_for.agent_id, "consult_over", {"work_id": asked_for.id, "consult_id": consult.id}
        )


def _own(act: Act, offer_id: str, agent_id: str) -> Offer:
    offer = offers.get(act.connection, offer_id)
    if offer.agent_id != agent_id:
        raise Refused("this offer was made to another agent")
    return offer


_ENDS: Final = {
    "accepted": "it was accepted",
    "declined": "it was declined",
    "expired": "it was not answered in time",
    "revoked": "it was taken back",
}


def _named(offer: Offer) -> dict[str, Any]:
    return {"work_id": offer.work_id, "offer_id": offer.id, "agent_id": offer.agent_id}


def _seconds(delta: timedelta) -> float:
    return round(max(0.0, delta.total_seconds()), 3)
