"""Live calls through Twilio's REST API: agents called into conferences, and what happens there.

A room is a conference whose FriendlyName is ours; a leg is a participant whose label is the leg's id and
whose name for Twilio is its CallSid. Sources: twilio.com/docs/voice/api/conference-participant-resource,
call-resource.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from contact_center.carriers.base import CarrierFailed, CarrierRefused, Dial, Party, Recording
from contact_center.carriers.twilio_api import LABEL_IN_USE, TwilioApi
from contact_center.channels.twilio_delivery import OVER

if TYPE_CHECKING:
    from twilio.rest import Client

CALL_EVENTS = ("initiated", "ringing", "answered", "completed")
"""A repeated parameter: as one text Twilio accepts them and then calls nobody (21626)."""

CONFERENCE_EVENTS = ("start", "end", "join", "leave", "mute", "hold")
RECORDING_EVENTS = ("completed", "absent")

_SHORTEST_RING, _LONGEST_RING = 5, 600
_DETECT_SECONDS = 8  # for an answering machine; Twilio's own 30 are half a caller's patience
_MOST_ROOMS = 2_000
_NO_RESOURCE = "20404"
_CURRENT = "Twilio.CURRENT"
_RECORDING_STATUS = {"pause": "paused", "resume": "in-progress", "stop": "stopped"}

AskInRoom = Callable[["Client", str], Awaitable[Any]]


class TwilioCalls:
    """See `CallCarrier`.

    ``root``: where the channel's routes are for Twilio, without a slash at the end (`TwilioSettings.root`).
    ``hold_music``: the URL that a party on hold hears, '' = Twilio's own music.
    """

    def __init__(self, api: TwilioApi, root: str, *, hold_music: str = "") -> None:
        self._api = api
        self._voice = f"{root}/voice"
        self._hold_music = hold_music
        self._rooms: OrderedDict[str, str] = OrderedDict()

    async def fetch_again(self, call_ref: str, contact_id: str, turn: int) -> None:
        """Redirect the call to ``resume``. It is not repeatable: a second redirect would take the
        customer out of the conversation that the first has led to."""
        url = self._url("resume", contact_id, t=str(turn))
        await self._api.ask(
            lambda client: client.calls(call_ref).update_async(url=url, method="POST"), repeatable=False
        )

    async def dial(self, dial: Dial) -> str:
        """Add the party to the conference, which comes to be with it if need be.

        Doing so twice calls once: a label is in a conference only once, so it is the key that Twilio has no
        other of, and the second time the first one's CallSid is answered.
        """
        fields = self._fields(dial)
        try:
            made = await self._api.ask(
                lambda client: client.conferences(dial.room).participants.create_async(**fields),
                repeatable=True,
            )
        except CarrierRefused as refused:
            if refused.code != str(LABEL_IN_USE):
                raise
            made = await self._in_room(
                dial.room,
                lambda client, room: client.conferences(room).participants(dial.leg_id).fetch_async(),
            )
        self._remember(dial.room, str(made.conference_sid))
        return str(made.call_sid)

    async def drop(self, room: str, leg_ref: str, *, answered: bool) -> None:
        """End the call. ``canceled`` ends it only before the answer and ``completed`` surely only after, so
        whoever answers or hangs up at this moment makes the one fail, and the other is tried."""
        for status in ("completed", "canceled") if answered else ("canceled", "completed"):
            try:
                call = await self._end_call(leg_ref, status)
            except CarrierRefused as refused:
                if not refused.gone:
                    raise
                continue
            if call.status in OVER:
                return

    async def hold(self, room: str, leg_ref: str, on: bool, music: str = "") -> None:
        """Hold, with music; or take back."""
        fields: dict[str, Any] = {"hold": on}
        url = music or self._hold_music
        if on and url:
            fields |= {"hold_url": url, "hold_method": "GET"}
        await self._participant(room, leg_ref, fields)

    async def mute(self, room: str, leg_ref: str, on: bool) -> None:
        """Mute, or unmute."""
        await self._participant(room, leg_ref, {"muted": on})

    async def coach(self, room: str, leg_ref: str, coached_ref: str) -> None:
        """Coach one participant, or speak to all."""
        fields: dict[str, Any] = {"coaching": bool(coached_ref)}
        if coached_ref:
            fields["call_sid_to_coach"] = coached_ref
        await self._participant(room, leg_ref, fields)

    async def record(self, room: str, leg_ref: str, what: Recording) -> None:
        """Begin a recording of the leg; or pause, resume or stop every recording that is running, which
        may be the leg's, the conference's (as `Talk.record` begins it) or both."""
        if what != "start":
            if not await self._change_recordings(room, leg_ref, _RECORDING_STATUS[what]):
                raise CarrierRefused(_NO_RESOURCE, gone=True)
        elif not await self._change_recordings(room, leg_ref, _RECORDING_STATUS["resume"]):
            fields = {
                "recording_channels": "dual",
                "recording_status_callback": self._url("recording", room, p="conversation"),
                "recording_status_callback_method": "POST",
                "recording_status_callback_event": list(RECORDING_EVENTS),
            }
            await self._api.ask(
                lambda client: client.calls(leg_ref).recordings.create_async(**fields), repeatable=False
            )

    async def end_room(self, room: str) -> None:
        """End the conference. Who still rings is not in it: `drop` them first."""
        try:
            await self._in_room(
                room, lambda client, sid: client.conferences(sid).update_async(status="completed")
            )
        except CarrierRefused as refused:
            if not refused.gone:
                raise
        self._rooms.pop(room, None)

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    # --- parts ---------------------------------------------------------------------------------

    def _fields(self, dial: Dial) -> dict[str, Any]:
        """A new participant's parameters."""
        fields: dict[str, Any] = {
            "from_": dial.shown or self._api.settings.caller_id or _nobody(dial.party),
            "to": _address(dial.party, dial.contact_id),
            "label": dial.leg_id,
            "timeout": min(_LONGEST_RING, max(_SHORTEST_RING, dial.timeout)),
            "early_media": False,  # who is in the room already hears no ringing
            "beep": "false",
            "wait_url": "",
            "start_conference_on_enter": True,
            "end_conference_on_exit": dial.ends_room,
            "muted": dial.muted,
            "status_callback": self._url("agent_leg", dial.contact_id, l=dial.leg_id),
            "status_callback_method": "POST",
            "status_callback_event": list(CALL_EVENTS),
            "conference_status_callback": self._url("conference", dial.contact_id),
            "conference_status_callback_method": "POST",
            "conference_status_callback_event": list(CONFERENCE_EVENTS),
        }
        if dial.coaches:
            fields |= {"coaching": True, "call_sid_to_coach": dial.coaches}
        if dial.record:
            fields |= {
                "conference_record": "record-from-start",
                "conference_recording_status_callback": self._url(
                    "recording", dial.contact_id, p="conversation"
                ),
                "conference_recording_status_callback_method": "POST",
                "conference_recording_status_callback_event": list(RECORDING_EVENTS),
            }
        if dial.detect_machine:
            fields |= {
                "machine_detection": "Enable",
                "machine_detection_timeout": _DETECT_SECONDS,
                "amd_status_callback": self._url("amd", dial.contact_id, l=dial.leg_id),
                "amd_status_callback_method": "POST",
            }
        return fields

    def _url(self, route: str, contact_id: str, **more: str) -> str:
        pairs = {"c": contact_id} | more
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs.items())
        return f"{self._voice}/{route}?{query}"

    async def _end_call(self, ref: str, status: str) -> Any:
        return await self._api.ask(
            lambda client: client.calls(ref).update_async(status=status), repeatable=True
        )

    async def _participant(self, room: str, leg_ref: str, fields: dict[str, Any]) -> None:
        await self._in_room(
            room, lambda client, sid: client.conferences(sid).participants(leg_ref).update_async(**fields)
        )

    async def _change_recordings(self, room: str, leg_ref: str, status: str) -> bool:
        """Change what is being recorded; whether there was anything. Where one of the two kinds fails, the
        other is tried all the same before that is raised: it may be a card number that is being said."""

        async def of_leg() -> None:
            await self._api.ask(
                lambda client: client.calls(leg_ref).recordings(_CURRENT).update_async(status=status),
                repeatable=True,
            )

        async def of_room() -> None:
            await self._in_room(
                room,
                lambda client, sid: client.conferences(sid).recordings(_CURRENT).update_async(status=status),
            )

        found, failure = False, None
        for change in (of_room, of_leg):
            try:
                await change()
                found = True
            except CarrierFailed as failed:
                failure = failed
            except CarrierRefused as refused:
                if not refused.gone:
                    raise
        if failure is not None:
            raise failure
        return found

    async def _in_room(self, room: str, ask: AskInRoom) -> Any:
        """What ``ask`` has to say to the conference; all of it may be said twice. What we remember of the
        conference may be of one that has ended since, so then it is looked up anew."""
        known = self._rooms.get(room)
        sid = known or await self._find(room)
        try:
            return await self._api.ask(lambda client: ask(client, sid), repeatable=True)
        except CarrierRefused as refused:
            if not refused.gone or not known:
                raise
            self._rooms.pop(room, None)
            found = await self._find(room)
            if found == known:
                raise
        return await self._api.ask(lambda client: ask(client, found), repeatable=True)

    async def _find(self, room: str) -> str:
        """The ConferenceSid of the room. Raises `CarrierRefused` where nobody is in it."""
        listed = await self._api.ask(
            lambda client: client.conferences.list_async(friendly_name=room, limit=20), repeatable=True
        )
        open_ones = [one for one in listed if one.status != "completed"]
        if not open_ones:
            raise CarrierRefused(_NO_RESOURCE, gone=True)
        # Of those with one name only one can be in progress; the others wait for somebody to come.
        best = next((one for one in open_ones if one.status == "in-progress"), open_ones[0])
        self._remember(room, str(best.sid))
        return str(best.sid)

    def _remember(self, room: str, sid: str) -> None:
        self._rooms[room] = sid
        self._rooms.move_to_end(room)
        if len(self._rooms) > _MOST_ROOMS:
            self._rooms.popitem(last=False)


def _nobody(party: Party) -> str:
    """Who calls where no number of ours is known; Twilio refuses such calls to telephones (21213)."""
    return "client:contact_center" if party.kind == "client" else ""


def _address(party: Party, contact_id: str) -> str:
    """Whom Twilio calls. A browser is also told which contact it is about, as a custom parameter."""
    if party.kind == "client":
        return f"client:{party.address.removeprefix('client:')}?contact={quote(contact_id, safe='')}"
    if party.kind == "sip":
        return party.address if party.address.startswith(("sip:", "sips:")) else f"sip:{party.address}"
    return party.address
