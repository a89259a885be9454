"""The web server's side of channels: requests in, `Inbound` out, and answers that are never a stack trace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, unquote

import structlog
from aiohttp import web

from contact_center.channels.base import BadDelivery, Channel, Delivery, Forged, Inbound, Outbound, Route
from contact_center.conductor import Conductor
from crm_store.errors import StoreError

log = structlog.get_logger(__name__)

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 500
LONGEST_ANSWER = 12.0
"""Seconds until the caller hears an apology: Twilio gives up on us after 15 (TWILIO.md, "Time")."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def channel_routes(channel: Channel, conductor: Conductor) -> list[web.RouteDef]:
    """The aiohttp routes of a channel."""
    return [
        web.route(method, route.path, channel_handler(channel, route, conductor))
        for route in channel.routes()
        for method in route.methods
    ]


def channel_handler(channel: Channel, route: Route, conductor: Conductor) -> Handler:
    """The handler of one route: verify, parse, conduct, render."""
    metrics, clock = conductor.room.metrics, conductor.room.clock
    name = channel.name

    async def handle(request: web.Request) -> web.StreamResponse:
        began = clock.monotonic()
        try:
            inbound = await read_inbound(request, route.name)
            channel.verify(inbound)
            delivery = channel.parse(inbound)
        except Forged as error:
            metrics.refuse_forged(name)
            log.warning("a request was refused", channel=name, route=route.name, why=str(error))
            return web.Response(status=403, text="This request is not signed as it must be.\n")
        except BadDelivery as error:
            metrics.answer_webhook(name, route.name, "bad", clock.monotonic() - began)
            refusal = web.Response(status=error.status, text=f"{error}\n")
            refusal.force_close()  # what is left of the body may be unreadable
            return refusal
        outbound, outcome = await _conducted(channel, route, inbound, conductor, delivery)
        metrics.answer_webhook(name, route.name, outcome, clock.monotonic() - began)
        return respond(outbound)

    return handle


async def _conducted(
    channel: Channel, route: Route, inbound: Inbound, conductor: Conductor, delivery: Delivery
) -> tuple[Outbound, str]:
    try:
        async with asyncio.timeout(LONGEST_ANSWER):
            with conductor.room.tracing.delivery(channel.name, route.name):
                reply = await conductor.handle(delivery, channel.traits(delivery.channel))
        return channel.render(reply, inbound), "ok"
    except StoreError as error:
        log.error("a delivery could not be kept", channel=channel.name, route=route.name, why=str(error))
    except TimeoutError:
        log.error("a delivery took too long", channel=channel.name, route=route.name)
    except Exception as error:
        log.exception("a delivery failed", channel=channel.name, route=route.name, error=type(error).__name__)
    return channel.apology(inbound, conductor.room.config.company.default_language), "failed"


async def read_inbound(request: web.Request, route: str) -> Inbound:
    """The request as channels see it. Raises `BadDelivery` for a body that is too large or no form."""
    form: tuple[tuple[str, str], ...] = ()
    body = b""
    if request.can_read_body:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise BadDelivery("The body is larger than this server takes.", 413) from None
        except web.RequestPayloadError:
            raise BadDelivery("The body is not encoded as its headers say.") from None
        if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() == FORM:
            form = pairs(body.decode("utf-8", "replace"))
    return Inbound(
        route=route,
        method=request.method,
        target=request.raw_path,
        query=pairs(request.raw_path.partition("?")[2]),
        form=form,
        headers=request.headers,
        body=body,
        remote=request.remote or "",
    )


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Form or query pairs, empty values and duplicates kept. Raises `BadDelivery` for too many."""
    if not text:
        return ()
    fields = text.split("&")
    if len(fields) <= MOST_FIELDS and text.isascii() and ";" not in text:
        # Three times as quick as parse_qsl, and equal to it (tested): most values need no decoding.
        split = [field.partition("=") for field in fields if field]
        return tuple([(_decoded(name), _decoded(value)) for name, _, value in split])
    try:
        return tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise BadDelivery(f"More than {MOST_FIELDS} fields, or fields that cannot be read.") from None


def _decoded(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    return unquote(text) if "%" in text else text


def respond(outbound: Outbound) -> web.Response:
    """A channel's answer as an HTTP response."""
    headers = {"Content-Type": f"{outbound.content_type}; charset=utf-8"}
    return web.Response(body=outbound.body.encode("utf-8"), headers=headers, status=outbound.status)
