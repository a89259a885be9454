"""A contact's journal as a person would read it: when, how long after the beginning, and what happened.

Pure, in English and Chinese. It shows what the journal holds and adds nothing to it, so what a flow
calls sensitive stays masked here as it is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from contact_center.timeline_tellers import TELLERS
from contact_center.timeline_words import Teller
from contact_center.titles import Titles
from crm_store.journal import Entry


class Line(msgspec.Struct, frozen=True):
    """One thing that happened. ``seq`` is its entry in the journal (one entry may tell several things, or
    nothing that another entry does not tell better); ``offset`` is seconds since the contact began."""

    seq: int
    at: datetime
    offset: float
    kind: str
    text: str


def lines_of(
    entries: Sequence[Entry],
    language: str = "en",
    texts: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    titles: Titles | None = None,
) -> list[Line]:
    """The lines of a journal that is in order. ``language``: ``en`` or ``zh``, with or without a region.

    ``texts`` are the words of the contact's messages by id. They are shown only where no other entry
    shows the same words, because that one has them masked. ``names`` are the agents' by id; whose name is not
    there is shown by the id. ``titles`` say how queues, reasons, intents, flows and nodes are called; without
    them they are shown by their names, and so is an unknown kind.
    """
    if not entries:
        return []
    began = entries[0].at
    teller = Teller(language, texts or {}, names, titles)
    lines: list[Line] = []
    for number, entry in enumerate(entries):
        following = entries[number + 1] if number + 1 < len(entries) else None
        taken = following is not None and following.kind == "input" and following.at == entry.at
        data = {**entry.data, "taken": True} if taken else entry.data
        tell = TELLERS.get(entry.kind)
        told = tell(teller, data) if tell else [teller.say("other", kind=teller.word(entry.kind))]
        offset = (entry.at - began).total_seconds()
        lines += [Line(entry.seq, entry.at, offset, entry.kind, text) for text in told if text]
    return lines
