"""What a desk needs when it begins, and the replies that an agent keeps there."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from contact_center.api.endpoint import Call, Endpoint, Note, Nothing
from contact_center.api.models import desk as shapes
from contact_center.api.problems import Problem
from contact_center.channels.webchat import MOST_FILES
from contact_center.desk import lists
from contact_center.desk.names import names
from crm_store import queues, replies
from crm_store.replies import Reply


def _own(call: Call[Any, Any]) -> str:
    if call.caller.agent_id is None:
        raise Problem("forbidden", "Replies are an agent's own; this token belongs to none.")
    return call.caller.agent_id


async def get_desk(call: Call[Nothing, Nothing]) -> shapes.DeskSetup:
    config, agent_id = call.room.config, call.caller.agent_id
    own = (
        await call.read(lambda connection: replies.list_of(connection, agent_id))
        if agent_id is not None
        else []
    )
    desk, chat = config.desk, config.webchat
    return shapes.DeskSetup.model_validate(
        {
            "company": {language: config.company.name_in(language) for language in config.company.languages},
            "dispositions": lists.dispositions(desk),
            "other_dispositions": desk.other_dispositions,
            "break_reasons": lists.break_reasons(desk),
            "other_break_reasons": desk.other_break_reasons,
            "replies": lists.replies(desk),
            "own_replies": own,
            "files": {"types": chat.file_types, "bytes": chat.max_file_bytes, "most": MOST_FILES},
            "names": names(desk, call.room.library.current.flows),
        }
    )


async def add_reply(call: Call[Nothing, shapes.NewReply]) -> shapes.OwnReply:
    agent_id = _own(call)
    new = Reply(id=call.room.ids.new("rep"), agent_id=agent_id, updated_at=call.at, **call.body.model_dump())

    def work(connection: Connection) -> Reply:
        _check(connection, new)
        return replies.add(connection, new)

    return shapes.OwnReply.model_validate(await call.write(work, Note("reply.added", new.id)))


async def put_reply(call: Call[Nothing, shapes.NewReply]) -> shapes.OwnReply:
    agent_id, reply_id = _own(call), call.path["reply_id"]

    def work(connection: Connection) -> Reply:
        before = replies.get(connection, agent_id, reply_id)
        if call.version not in (None, before.version):
            raise Problem("stale", "The reply was changed since you read it; read it again.")
        after = msgspec.structs.replace(before, updated_at=call.at, **call.body.model_dump())
        _check(connection, after)
        return replies.update(connection, before, after)

    return shapes.OwnReply.model_validate(await call.write(work, Note("reply.changed", reply_id)))


async def remove_reply(call: Call[Nothing, Nothing]) -> None:
    agent_id, reply_id = _own(call), call.path["reply_id"]
    await call.write(
        lambda connection: replies.remove(connection, agent_id, reply_id), Note("reply.removed", reply_id)
    )


def _check(connection: Connection, reply: Reply) -> None:
    if reply.queue:
        queues.get(connection, reply.queue)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/desk-setup",
        "agent",
        "Get what a desk needs when it begins: lists to choose from, replies, what files may be sent",
        get_desk,
        shapes.DeskSetup,
    ),
    Endpoint(
        "POST",
        "/replies",
        "agent",
        "Keep a canned reply of your own",
        add_reply,
        shapes.OwnReply,
        body=shapes.NewReply,
        status=201,
        refusals=("not_found", "refused"),
    ),
    Endpoint(
        "PUT",
        "/replies/{reply_id}",
        "agent",
        "Change a canned reply of your own",
        put_reply,
        shapes.OwnReply,
        body=shapes.NewReply,
        versioned=True,
        refusals=("not_found", "refused", "stale"),
    ),
    Endpoint(
        "DELETE",
        "/replies/{reply_id}",
        "agent",
        "Remove a canned reply of your own",
        remove_reply,
        None,
        status=204,
        refusals=("not_found",),
    ),
)
