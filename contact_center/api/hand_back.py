"""Giving a customer back to the bot over the API: by work, or where an agent only wrote by the contact."""

from __future__ import annotations

from contact_center.actions import talk
from contact_center.actions.act import Act
from contact_center.actions.hand_back import hand_back, hand_contact_back
from contact_center.api.endpoint import Call, Endpoint, Note, Nothing
from contact_center.api.models import contacts as contact_shapes
from contact_center.api.models import works as shapes
from contact_center.api.works import shown, whose
from crm_store import contacts
from crm_store.errors import Refused
from crm_store.works import Work


async def hand_back_work(call: Call[Nothing, shapes.HandBack]) -> shapes.Work:
    work_id, agent_id = call.path["work_id"], whose(call)
    note, company = call.body.note, call.room.company

    def action(deed: Act) -> Work:
        return hand_back(deed, talk.own_work(deed, work_id, agent_id, talk.TALKING), note, company)

    return await shown(call, await call.act(action, Note("work.handed_back", work_id)))


async def hand_back_contact(call: Call[Nothing, shapes.HandBack]) -> contact_shapes.Contact:
    contact_id, agent_id = call.path["contact_id"], whose(call)
    note, company = call.body.note, call.room.company

    def action(deed: Act) -> None:
        contact = deed.contact(contact_id)
        if agent_id is not None and contact.owner == "agent" and contact.agent_id != agent_id:
            raise Refused("another agent has this conversation")
        hand_contact_back(deed, contact, note, company)

    await call.act(action, Note("contact.handed_back", contact_id))
    call.changed.append(contact_id)
    return contact_shapes.Contact.model_validate(
        await call.read(lambda connection: contacts.get(connection, contact_id))
    )


ENDPOINTS = (
    Endpoint(
        "POST",
        "/works/{work_id}/hand-back",
        "agent",
        "Give the customer back to the bot; the wrap-up begins",
        hand_back_work,
        shapes.Work,
        body=shapes.HandBack,
        refusals=("not_found", "refused", "conflict"),
        description="The bot goes on with all that it knew, and is told the note.",
    ),
    Endpoint(
        "POST",
        "/contacts/{contact_id}/hand-back",
        "agent",
        "Give the customer of a contact back to the bot",
        hand_back_contact,
        contact_shapes.Contact,
        body=shapes.HandBack,
        refusals=("not_found", "refused", "conflict"),
        description="Also for an agent who has only written, and so has no work: the bot was silent since.",
    ),
)
