"""What an agent may type at the desk in the terminal: each command as one small function, in one table."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from contact_center.cli.desk_screen import Ask, Item, Reaction, Screen

RINGING: Final = frozenset({"offered"})
TALKING: Final = frozenset({"active"})
ENDING: Final = frozenset({"active", "wrap_up"})
ANY: Final = frozenset({"offered", "connecting", "active", "wrap_up"})
WRITTEN: Final = frozenset({"chat", "text"})


class Command(NamedTuple):
    """``usage`` and ``summary`` are for help. Where no number says which work it is about, it is the newest
    in one of ``states`` and of one of ``kinds``; ``otherwise`` is for when there is none."""

    usage: str
    summary: str
    run: Callable[[Screen, Item, str], Reaction]
    states: frozenset[str] = TALKING
    kinds: frozenset[str] = frozenset()
    otherwise: Callable[[Screen], Reaction] | None = None


class Plain(NamedTuple):
    """A command that is about no work."""

    usage: str
    summary: str
    run: Callable[[Screen, str], Reaction]


def command(screen: Screen, line: str) -> Reaction:
    """Carry out a line that was typed: ``[NUMBER] COMMAND [WORDS]``; an empty one is nothing."""
    first, _, rest = line.strip().partition(" ")
    number = int(first) if first.isascii() and first.isdigit() and len(first) < 10 else None
    if number is not None:
        first, _, rest = rest.strip().partition(" ")
    if not first:
        return Reaction() if number is None else Reaction([f"What about {number}? {_HINT}"])
    first = ALIASES.get(first, first)
    known = COMMANDS.get(first)
    if known is None:
        return Reaction([f"There is no command '{first}'.{nearest(first, COMMANDS)} {_HINT}"])
    if isinstance(known, Plain):
        return known.run(screen, rest.strip())
    item = screen.newest(known.states, known.kinds) if number is None else screen.numbered(number)
    if item is None and number is not None:
        return Reaction([f"There is no {number}; `works` lists what you have."])
    if item is None and known.otherwise is not None:
        return known.otherwise(screen)
    if item is None:
        return Reaction([f"There is nothing for `{first}` to act on just now; `works` lists what you have."])
    return known.run(screen, item, rest.strip())


_HINT: Final = "`help` lists the commands."


def nearest(name: str, names: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` where something is near."""
    near = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""


# --- about work ----------------------------------------------------------------------------------------


def _post(item: Item, action: str, body: dict[str, object] | None = None) -> Reaction:
    path = f"/works/{item.work.id}/{action}"
    return Reaction(asks=[Ask(method="POST", path=path, body=body, then="work", work_id=item.work.id)])


def _answer(item: Item, action: str, body: dict[str, object]) -> Reaction:
    if item.offer is None or item.work.state != "offered":
        return Reaction([f"{item.number} is not offered to you any more."])
    path = f"/offers/{item.offer.id}/{action}"
    return Reaction(asks=[Ask(method="POST", path=path, body=body, then="work", work_id=item.work.id)])


def _accept(screen: Screen, item: Item, rest: str) -> Reaction:
    return _answer(item, "accept", {})


def _decline(screen: Screen, item: Item, rest: str) -> Reaction:
    return _answer(item, "decline", {"reason": rest})


def _hold(screen: Screen, item: Item, rest: str) -> Reaction:
    return _post(item, "hold", {"on": True})


def _back(screen: Screen, item: Item, rest: str) -> Reaction:
    return _post(item, "hold", {"on": False})


def _end(screen: Screen, item: Item, rest: str) -> Reaction:
    return _post(item, "end")


def _done(screen: Screen, item: Item, rest: str) -> Reaction:
    disposition, _, note = rest.partition(" ")
    return _post(item, "wrap-up", {"disposition": disposition, "note": note.strip()})


def _to_queue(screen: Screen, item: Item, rest: str) -> Reaction:
    return _post(item, "transfer", {"queue": rest}) if rest else Reaction(["To which queue? queue NAME"])


def _to_agent(screen: Screen, item: Item, rest: str) -> Reaction:
    return _with_agent(screen, item, rest, "transfer")


def _consult(screen: Screen, item: Item, rest: str) -> Reaction:
    return _with_agent(screen, item, rest, "consult")


def _with_agent(screen: Screen, item: Item, named: str, action: str) -> Reaction:
    by_email = {email.lower(): agent_id for agent_id, email in screen.emails.items()}
    agent_id = named if named in screen.emails else by_email.get(named.lower())
    if agent_id is None:
        near = nearest(named, by_email)
        return Reaction([f"There is no agent '{named}'.{near} `contact-center agents list` shows them."])
    return _post(item, action, {"agent_id": agent_id})


def _to_number(screen: Screen, item: Item, rest: str) -> Reaction:
    return _post(item, "transfer", {"number": rest}) if rest else Reaction(["To which number? number N"])


def _to_bot(screen: Screen, item: Item, rest: str) -> Reaction:
    return _post(item, "hand-back", {"note": rest})


def _join(screen: Screen, item: Item, rest: str) -> Reaction:
    return _post(item, "consult/join")


def _complete(screen: Screen, item: Item, rest: str) -> Reaction:
    return _post(item, "consult/complete")


def _cancel(screen: Screen, item: Item, rest: str) -> Reaction:
    return _post(item, "consult/cancel")


def _say(screen: Screen, item: Item, rest: str) -> Reaction:
    if not rest:
        return Reaction(["Say what? say TEXT"])
    if item.work.contact_id is None:
        return Reaction([f"{item.number} is a ticket; nobody reads messages there."])
    path = f"/contacts/{item.work.contact_id}/messages"
    return Reaction(asks=[Ask(method="POST", path=path, body={"text": rest}, work_id=item.work.id)])


def _why(screen: Screen, item: Item, rest: str) -> Reaction:
    if item.work.contact_id is None:
        return Reaction([f"{item.number} is a ticket; `contact-center tickets show` has its history."])
    return _ask_why(item.work.contact_id)


def _why_last(screen: Screen) -> Reaction:
    if not screen.last_contact:
        return Reaction(["Nothing has been offered to you yet."])
    return _ask_why(screen.last_contact)


def _ask_why(contact_id: str) -> Reaction:
    return Reaction(asks=[Ask(method="GET", path=f"/contacts/{contact_id}/why", then="why")])


# --- about the agent -----------------------------------------------------------------------------------


def presence(screen: Screen, wanted: str, reason: str = "", *, overtime: bool = False) -> Ask:
    """The request that makes the agent available, on a break or offline."""
    body: dict[str, object] = {"presence": wanted, "reason": reason, "overtime": overtime}
    return Ask(method="PUT", path=f"/agents/{screen.agent_id}/presence", body=body, then="state")


def _available(screen: Screen, rest: str) -> Reaction:
    return Reaction(asks=[presence(screen, "available", overtime=rest == "overtime")])


def _break(screen: Screen, rest: str) -> Reaction:
    return Reaction(asks=[presence(screen, "break", rest)])


def _offline(screen: Screen, rest: str) -> Reaction:
    return Reaction(asks=[presence(screen, "offline")])


def _works(screen: Screen, rest: str) -> Reaction:
    return Reaction(screen.listed())


def _help(screen: Screen, rest: str) -> Reaction:
    width = max(len(known.usage) for known in COMMANDS.values())
    lines = [f"  {known.usage:<{width}}  {known.summary}" for known in COMMANDS.values()]
    return Reaction(
        [*lines, "A command acts on your newest work, or on the one whose number stands before it: 2 end"]
    )


def _quit(screen: Screen, rest: str) -> Reaction:
    """Go; with work in hand only when it is said twice."""
    if screen.items and not screen.warned:
        screen.warned = True
        numbers = ", ".join(str(item.number) for item in screen.items.values())
        return Reaction([f"You still have {numbers}; `quit` again leaves all the same."])
    return Reaction(leave=True)


COMMANDS: Final[dict[str, Command | Plain]] = {
    "a": Command("a", "accept the offer", _accept, RINGING),
    "d": Command("d [REASON]", "decline the offer", _decline, RINGING),
    "hold": Command("hold", "put the customer on hold", _hold),
    "back": Command("back", "take the customer from hold", _back),
    "say": Command("say TEXT", "write to the customer of a chat or text message", _say, TALKING, WRITTEN),
    "end": Command("end", "end the conversation; the wrap-up begins", _end),
    "done": Command("done [DISPOSITION] [NOTE]", "finish it, written up", _done, ENDING),
    "queue": Command("queue NAME", "transfer to a queue", _to_queue),
    "agent": Command("agent EMAIL", "transfer to an agent", _to_agent),
    "number": Command("number N", "transfer a call to a telephone number", _to_number),
    "bot": Command("bot [NOTE]", "give the customer back to the bot", _to_bot),
    "consult": Command("consult EMAIL", "ask another agent; the customer is on hold", _consult),
    "join": Command("join", "let all three talk", _join),
    "complete": Command("complete", "leave the customer to whom you asked", _complete),
    "cancel": Command("cancel", "ask no more; the customer comes back", _cancel),
    "available": Plain(
        "available [overtime]", "take work; overtime: although your shift is over", _available
    ),
    "break": Plain("break [REASON]", "take no new work", _break),
    "offline": Plain("offline", "go home", _offline),
    "works": Plain("works", "list what you have", _works),
    "why": Command("why", "why it was offered to you", _why, ANY, otherwise=_why_last),
    "help": Plain("help", "this list", _help),
    "quit": Plain("quit", "go offline and leave", _quit),
}
"""Every command, in the order in which help lists them."""

ALIASES: Final = {"accept": "a", "decline": "d", "exit": "quit"}
