"""Contacts over the API: lists, one with all that belongs to it, timeline, notes, replay, why."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from contact_center import why
from contact_center.api.endpoint import Call, Endpoint, Note, Nothing
from contact_center.api.models import contacts as shapes
from contact_center.api.models import works as work_shapes
from contact_center.api.models.common import Page
from contact_center.api.problems import Problem
from contact_center.api.recordings import may_hear
from contact_center.api.views import contact_detail, contact_filter, timeline, titles
from crm_store import contacts, journal, recordings
from crm_store.journal import NewEntry


async def list_contacts(call: Call[shapes.ContactQuery, Nothing]) -> Page[shapes.Contact]:
    asked = call.params
    found = await call.read(
        lambda connection: contacts.list_contacts(
            connection, contact_filter(asked), asked.cursor, asked.limit
        )
    )
    return Page[shapes.Contact].model_validate(found)


async def get_contact(call: Call[shapes.ContactParameters, Nothing]) -> shapes.ContactDetail:
    def read(connection: Connection) -> shapes.ContactDetail:
        found = contact_detail(connection, call.path["contact_id"], call.params.language)
        heard = [
            told.model_copy(
                update={
                    "audible": told.status == "completed" and may_hear(connection, call.caller, recording)
                }
            )
            for told, recording in zip(
                found.recordings, recordings.list_for_contact(connection, found.id), strict=True
            )
        ]
        return found.model_copy(update={"recordings": heard})

    return await call.read(read)


async def get_timeline(call: Call[shapes.TimelineQuery, Nothing]) -> shapes.Timeline:
    return await call.read(
        lambda connection: timeline(
            connection, call.path["contact_id"], call.params.language, titles(connection, call.room)
        )
    )


async def add_contact_note(call: Call[Nothing, shapes.NewNote]) -> shapes.JournalEntry:
    contact_id = call.path["contact_id"]
    entry = NewEntry(call.at, "note", {"actor": call.caller.actor, "text": call.body.text})

    def work(connection: Connection) -> shapes.JournalEntry:
        journal.append(connection, contact_id, [entry])
        return shapes.JournalEntry.model_validate(journal.read(connection, contact_id)[-1])

    written = await call.write(work, Note("contact.noted", contact_id))
    call.changed.append(contact_id)
    return written


async def replay_contact(call: Call[Nothing, Nothing]) -> shapes.Replay:
    contact_id = call.path["contact_id"]
    await call.read(lambda connection: contacts.get(connection, contact_id))
    if call.replay is None:
        raise Problem("refused", "Replay is not part of this installation.")
    return shapes.Replay.model_validate(await call.replay(call.room, contact_id))


async def get_why(call: Call[shapes.WhyQuery, Nothing]) -> work_shapes.Explanation:
    found, called = await call.read(
        lambda connection: (
            why.explain(connection, call.path["contact_id"]),
            titles(connection, call.room),
        )
    )
    told = why.tell(found, call.params.language, called)
    lines = [line for _, some in told for line in some]
    return work_shapes.Explanation.model_validate(msgspec.to_builtins(found) | {"lines": lines})


ENDPOINTS = (
    Endpoint(
        "GET",
        "/contacts",
        "agent",
        "List contacts, newest first",
        list_contacts,
        Page[shapes.Contact],
        params=shapes.ContactQuery,
    ),
    Endpoint(
        "GET",
        "/contacts/{contact_id}",
        "agent",
        "Get a contact with its tickets, recordings, surveys and callbacks, and what the bot has handed over",
        get_contact,
        shapes.ContactDetail,
        params=shapes.ContactParameters,
        refusals=("not_found",),
    ),
    Endpoint(
        "GET",
        "/contacts/{contact_id}/timeline",
        "agent",
        "Read what happened in a contact, in words and as it is stored",
        get_timeline,
        shapes.Timeline,
        params=shapes.TimelineQuery,
        refusals=("not_found",),
    ),
    Endpoint(
        "POST",
        "/contacts/{contact_id}/notes",
        "agent",
        "Write a note into a contact's journal",
        add_contact_note,
        shapes.JournalEntry,
        body=shapes.NewNote,
        status=201,
        refusals=("not_found", "conflict"),
    ),
    Endpoint(
        "GET",
        "/contacts/{contact_id}/replay",
        "supervisor",
        "Run a contact's journal through its flow again and compare",
        replay_contact,
        shapes.Replay,
        refusals=("not_found", "refused"),
    ),
    Endpoint(
        "GET",
        "/contacts/{contact_id}/why",
        "agent",
        "Read why a contact went to whom",
        get_why,
        work_shapes.Explanation,
        params=shapes.WhyQuery,
        refusals=("not_found",),
    ),
)
