"""Puts the local carrier together: what `contact_center.app` opens where Twilio is not enabled."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import aiohttp
import structlog
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy.engine import Connection

from contact_center import contact as life
from contact_center.carriers.base import CarrierFailed, CarrierRefused
from contact_center.carriers.twilio_api import TwilioApi
from contact_center.carriers.twilio_calls import TwilioCalls
from contact_center.channels import TwilioVoice
from contact_center.channels.twilio_settings import TwilioSettings, voices_of
from contact_center.config import Config
from contact_center.config.phone import Phone
from contact_center.config.sections import Twilio
from contact_center.local_carrier.account import VERSION, Account, Sids, open_account
from contact_center.local_carrier.calls import COMPLETED
from contact_center.local_carrier.exchange import Exchange
from contact_center.local_carrier.inbox import Sleep
from contact_center.local_carrier.messages import Sample
from contact_center.local_carrier.phone_socket import PhoneSocket
from contact_center.local_carrier.recorder import Recorder
from contact_center.local_carrier.rest import BASE, Rest
from contact_center.local_carrier.rooms import Rooms
from contact_center.local_carrier.runner import Runner
from contact_center.local_carrier.tapes import Tapes
from contact_center.local_carrier.uploads import Uploads
from contact_center.local_carrier.webhooks import Webhooks
from contact_center.room import Room
from crm_store import contacts, seed_data
from crm_store.contacts import Contact, ContactFilter

RECORDINGS: Final = "recordings"
"""The folder of recordings, inside the process's own."""

LISTENS_SECONDS: Final = 1.0
"""How often it is looked whether the server listens already."""

LAST_WORDS_SECONDS: Final = 3.0
"""How long the ends of calls may take to be told when the process stops."""

_MOST_LOST: Final = 200


log = structlog.get_logger(__name__)


@dataclass
class LocalCarrier:
    """A telephone company that is open. ``channel``: the engine's side of it; ``calls``: what can be done to
    live calls; ``routes``: the telephones', the API's and the recordings'."""

    account: Account
    exchange: Exchange
    channel: TwilioVoice
    calls: TwilioCalls
    recordings: Path
    recorder: Recorder
    _room: Room
    _api: TwilioApi
    _sleep: Sleep
    _parts: tuple[PhoneSocket, Uploads, Rest]
    _http: aiohttp.ClientSession

    def routes(self) -> list[web.RouteDef]:
        """Everything to be served beside the channel's own routes."""
        return [route for part in self._parts for route in part.routes()]

    async def report_lost_calls(self) -> None:
        """Tell the engine that calls of which it knows, and which nobody carries, are over.

        They were live when this process ended without a word. To be run once the server listens.
        """
        calls = self.exchange.calls
        lost = [
            contact
            for contact in await self._room.store.read(_open_calls)
            if contact.provider_ref is not None and contact.provider_ref not in calls
        ]
        for contact in lost:
            form = {
                "CallSid": contact.provider_ref or "",
                "AccountSid": self.account.sid,
                "From": contact.from_address,
                "To": contact.to_address,
                "CallStatus": COMPLETED,
                "ApiVersion": VERSION,
                "Direction": contact.direction,
                "CallbackSource": "call-progress-events",
            }
            url = f"{self.channel.settings.root}/voice/status"
            self.exchange.webhooks.tell(contact.id, url, "POST", form)
        if lost:
            log.warning("calls of an earlier run are over", count=len(lost))

    async def run(self) -> None:
        """Once the server listens: see to what an earlier run has left behind."""
        while not await self._listens():
            await self._sleep(LISTENS_SECONDS)
        with suppress(CarrierFailed, CarrierRefused):  # the first request takes a second, to load the client
            await self._api.ask(lambda client: client.conferences.list_async(limit=1), repeatable=True)
        await self.report_lost_calls()

    async def _listens(self) -> bool:
        try:
            async with self._http.get(f"{self._room.config.server.local_url}/healthz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def hang_up(self) -> None:
        """End every call, have that told, and let every telephone go; to be done while the server listens."""
        self.recorder.close()
        self.exchange.end_all()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await self.exchange.webhooks.all_done()
        for phone in self.exchange.phones:
            phone.hang_up()

    async def close(self) -> None:
        """Let go of everything."""
        self.recorder.close()
        await self.exchange.close()
        await self.calls.close()
        await self._http.close()


def open_local_carrier(
    config: Config, phone: Phone, folder: Path, room: Room, *, sleep: Sleep = asyncio.sleep
) -> LocalCarrier:
    """The local carrier for this process, which reaches itself at `Server.local_url`.

    ``folder`` keeps the account's secret and the recordings. Telephones, calls and conferences are this
    process's own: several processes need Twilio.
    """
    account = open_account(folder)
    sids = Sids(room.random)
    local, public = config.server.local_url, config.server.own_url
    http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    webhooks = Webhooks(http, account, sids, public, local)
    root = f"{public}{BASE}/{VERSION}/Accounts/{account.sid}"
    tapes = Tapes(folder / RECORDINGS)
    recorder = Recorder(tapes, account, sids, room.clock, webhooks, root=root, sleep=sleep)
    exchange = Exchange(account, sids, room.clock, webhooks, Rooms(sids, recorder), sleep)
    numbers = tuple(dict.fromkeys((*phone.numbers, *config.flows.numbers)))
    settings = voice_settings(config, phone, account)
    runner = Runner(exchange, tapes, f"{settings.root}/voice", frozenset(numbers).__contains__, root)
    exchange.follow = runner.follow
    api = TwilioApi(_api_settings(config, account, f"{local}{BASE}", numbers), clock=room.clock)
    choose = may_choose_number(config, phone)
    samples = _demo_customers() if config.demo.seed else ()
    socket = PhoneSocket(room, exchange, phone, may_choose=choose, numbers=numbers, samples=samples)
    return LocalCarrier(
        account,
        exchange,
        TwilioVoice(settings),
        TwilioCalls(api, settings.root, hold_music=config.twilio.hold_music),
        tapes.folder,
        recorder,
        room,
        api,
        sleep,
        (socket, Uploads(recorder), Rest(exchange, tapes.folder)),
        http,
    )


def _demo_customers() -> tuple[Sample, ...]:
    return tuple(
        Sample(address, customer.name)
        for customer in seed_data.CUSTOMERS
        for kind, address in customer.identities
        if kind == "phone"
    )


def _open_calls(connection: Connection) -> list[Contact]:
    """The telephone calls that are not over as far as the store knows, at most a page of each state."""
    return [
        contact
        for state in (life.IN_FLOW, life.WAITING, life.CONNECTED)
        for contact in contacts.list_contacts(
            connection, ContactFilter(channel="phone", state=state), limit=_MOST_LOST
        ).items
    ]


def voice_settings(config: Config, phone: Phone, account: Account) -> TwilioSettings:
    """What the engine's side needs to know of this carrier."""
    twilio = config.twilio
    return TwilioSettings(
        account_sid=account.sid,
        auth_tokens=(account.token,),
        public_url=config.server.own_url,
        voices=voices_of(twilio.voices),
        caller_id=twilio.caller_id,
        emergency_number=twilio.emergency_number,
        record_calls=twilio.record_calls or phone.record,
        default_region=config.company.region,
        wait_music=twilio.wait_music,
    )


def _api_settings(config: Config, account: Account, base: str, numbers: tuple[str, ...]) -> Twilio:
    caller = config.twilio.caller_id or next(iter(numbers), "")
    return Twilio(
        enabled=True,
        account_sid=account.sid,
        auth_token=SecretStr(account.token),
        api_base_url=base,
        timeout_seconds=config.twilio.timeout_seconds,
        caller_id=caller,
    )


def may_choose_number(config: Config, phone: Phone) -> bool:
    """Whether callers may say which number they call from: as configured, else only where nobody but this
    machine can reach us. Who chooses a customer's number is taken for that customer."""
    if phone.choose_number != "local":
        return phone.choose_number == "always"
    return not config.server.public_url and _is_loopback(config.server.host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
