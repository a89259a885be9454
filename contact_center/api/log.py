"""The log over the API: search with words and path, and an export as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from contact_center.api.endpoint import Call, Endpoint, Nothing, Stream
from contact_center.api.export import BATCH, CONTENT_TYPES, as_lines, heading
from contact_center.api.models import contacts as shapes
from contact_center.api.models.common import Page
from contact_center.api.views import log_query
from contact_center.log_index import catch_up
from crm_store import search
from crm_store.excerpts import excerpts


async def search_log(call: Call[shapes.LogQuery, Nothing]) -> shapes.LogPage:
    asked = call.params
    unindexed = await catch_up(call.room.store)
    found = await call.read(
        lambda connection: search.search(connection, log_query(asked), asked.cursor, asked.limit)
    )
    page = Page[shapes.Contact].model_validate(found)
    words, ids = asked.words, [contact.id for contact in page.items]
    said = await call.read(lambda connection: excerpts(connection, words, ids)) if words and ids else {}
    return shapes.LogPage(items=page.items, next_cursor=page.next_cursor, unindexed=unindexed, excerpts=said)


async def export_log(call: Call[shapes.ExportQuery, Nothing]) -> Stream:
    form = call.params.format
    search.check(log_query(call.params))  # once the stream has begun, it can only break off
    await catch_up(call.room.store)
    return Stream(_export(call), CONTENT_TYPES[form], f"contacts.{form}")


async def _export(call: Call[shapes.ExportQuery, Nothing]) -> AsyncIterator[bytes]:
    """Batch by batch, each read by itself: a slow reader holds no connection to the database."""
    form, query = call.params.format, log_query(call.params)
    lead, cursor = heading(form), None
    while True:
        page = await call.read(partial(search.search, query=query, cursor=cursor, limit=BATCH))
        yield (lead + as_lines(page.items, form)).encode()
        lead, cursor = "", page.next_cursor
        if cursor is None:
            return


ENDPOINTS = (
    Endpoint(
        "GET",
        "/log",
        "supervisor",
        "Search the log by words, path and filters, newest first",
        search_log,
        shapes.LogPage,
        params=shapes.LogQuery,
    ),
    Endpoint(
        "GET",
        "/log/export",
        "supervisor",
        "Export contacts as CSV or JSON lines, newest first, as a stream",
        export_log,
        None,
        params=shapes.ExportQuery,
        media=tuple(CONTENT_TYPES.values()),
    ),
)
