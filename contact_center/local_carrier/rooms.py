"""Conferences, and what every browser in them is told: to whom it is connected, its music, who records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from contact_center.local_carrier import conference as rules
from contact_center.local_carrier.account import Sids
from contact_center.local_carrier.conference import Callback, Change, Conference, Member
from contact_center.local_carrier.errors import LABEL_TAKEN, not_found
from contact_center.local_carrier.live_call import LiveCall
from contact_center.local_carrier.messages import Item, TalkNow
from contact_center.local_carrier.recorder import Recorder
from contact_center.local_carrier.talking import Picture, pictures
from contact_center.local_carrier.verbs import RecordingCallback

MOST_ENDED: Final = 1_000
"""Conferences that are over and still known to the API."""


class Entrance(msgspec.Struct, frozen=True, kw_only=True):
    """What a call brings with it into a conference. ``wait``: what it hears until that begins, None =
    music."""

    callback: Callback | None = None
    record: bool = False
    recording: RecordingCallback | None = None
    wait: str | None = None


class Rooms:
    """See the module. A conference without a name is a <Dial>'s: two calls, unknown to the API."""

    def __init__(self, sids: Sids, recorder: Recorder) -> None:
        self.recorder = recorder
        self._sids = sids
        self._conferences: dict[str, Conference] = {}
        self._entrances: dict[str, Entrance] = {}
        self._told: dict[str, TalkNow] = {}

    # --- finding ----------------------------------------------------------------------------------------

    def get(self, sid: str) -> Conference:
        """The conference, also one that is over. Raises `ApiError` 20404."""
        found = self._conferences.get(sid)
        if found is None or not found.name:
            raise not_found()
        return found

    def at(self, sid: str) -> Conference:
        """As `get`, also a <Dial>'s. Raises `ApiError` 20404."""
        found = self._conferences.get(sid)
        if found is None:
            raise not_found()
        return found

    def of(self, live: LiveCall) -> Conference:
        """The conference that the call is in, or on its way to. Raises `ApiError` 20404."""
        return self.at(live.room)

    def listed(self, name: str | None) -> list[Conference]:
        """Those of that name (None: all), newest first."""
        found = [one for one in self._conferences.values() if one.name and name in (None, one.name)]
        return found[::-1]

    def open(self, ref: str) -> Conference:
        """The open conference of that id or name; a new one where there is none."""
        found = self._conferences.get(ref)
        if found is not None and found.status != rules.COMPLETED:
            return found
        name = found.name if found is not None else ref
        return rules.open_named(self._conferences.values(), name) or self.new(name)

    def new(self, name: str) -> Conference:
        """A conference where nobody is yet."""
        return self.keep(Conference(sid=self._sids.new("CF"), name=name))

    def keep(self, conference: Conference) -> Conference:
        """Remember how it is now."""
        self._conferences[conference.sid] = conference
        over = [one.sid for one in self._conferences.values() if one.status == rules.COMPLETED]
        for sid in over[: max(0, len(over) - MOST_ENDED)]:
            del self._conferences[sid]
        return conference

    # --- coming and going -------------------------------------------------------------------------------

    def expect(
        self,
        live: LiveCall,
        member: Member,
        entrance: Entrance,
        found: Conference,
        *,
        code: int = LABEL_TAKEN,
    ) -> Conference:
        """The conference with a call on its way there. Raises `ApiError`: ``code`` for a label in use."""
        changed = self.keep(rules.add(found, member, label_code=code))
        live.room = changed.sid
        self._entrances[live.sid] = entrance
        return changed

    def come(self, live: LiveCall) -> Change:
        """A call that was on its way is there; in a new conference of that name, where the one that it was
        called for is over."""
        found = self._conferences[live.room]
        if found.status == rules.COMPLETED:
            found = self._moved(live, found)
        entrance = self._entrances[live.sid]
        if entrance.record:
            self.recorder.want(found.sid, "Conference", entrance.recording)
        return rules.join(found, live.sid, entrance.callback)

    def _moved(self, live: LiveCall, ended: Conference) -> Conference:
        member = rules.member_of(ended, live.sid)
        self.keep(
            msgspec.structs.replace(ended, members=tuple(one for one in ended.members if one is not member))
        )
        found = self.keep(rules.add(self.open(ended.name), member))
        live.room = found.sid
        return found

    def leave(self, live: LiveCall, why: str) -> Change:
        """A call is in its conference no more, nor on its way there."""
        change = rules.leave(self._conferences[live.room], live.sid, why, live.call.status)
        self.clear(live)
        return change

    def clear(self, live: LiveCall) -> None:
        """Its browser is in no conversation now."""
        self._entrances.pop(live.sid, None)
        before = self._told.pop(live.sid, None)
        if live.music:
            live.stop(live.music)
            live.music = 0
        if before is not None and not live.call.is_over:
            live.tell(TalkNow(live.shown, (), hold=False, muted=False, record=False))

    # --- what the ends are told -------------------------------------------------------------------------

    def show(self, conference: Conference, lives: Mapping[str, LiveCall]) -> None:
        """Tell every end in the conference how it now is for it, where that has changed."""
        self.recorder.look(conference, lives)
        inside = [live for member in conference.inside if (live := lives.get(member.call_sid)) is not None]
        wanted = self.recorder.of_room(conference.sid)
        shown = pictures(
            conference,
            {live.sid: live.name for live in inside if live.phone is not None},
            wanted.by if wanted else "",
            paused=not self.recorder.is_running(conference.sid),
        )
        for live in inside:
            if live.sid in shown:
                self._tell(live, conference, shown[live.sid])
                self._play(live, conference, rules.member_of(conference, live.sid))

    def _tell(self, live: LiveCall, conference: Conference, picture: Picture) -> None:
        now = TalkNow(
            live.shown,
            picture.peers,
            picture.hold,
            picture.muted,
            picture.record,
            self.recorder.upload(conference.sid, live.sid),
        )
        if self._told.get(live.sid) != now:
            self._told[live.sid] = now
            live.tell(now)

    def _play(self, live: LiveCall, conference: Conference, member: Member) -> None:
        """Music on hold, and until the conference begins; silence again after."""
        waits = conference.status == rules.INIT and self._entrances[live.sid].wait != ""
        if (member.hold or waits) and not live.music:
            url = member.hold_url or (self._entrances[live.sid].wait or "" if waits else "")
            live.music = live.say((Item(play=url, music=True),))
        elif live.music and not (member.hold or waits):
            live.stop(live.music)
            live.music = 0

    def together(self, live: LiveCall, name: str, lives: Iterable[LiveCall]) -> LiveCall | None:
        """The end called ``name``, where both are inside one conversation."""
        found = self._conferences.get(live.room)
        if found is None:
            return None
        inside = {member.call_sid for member in found.inside}
        if live.sid not in inside:
            return None
        return next((one for one in lives if one.sid in inside and one.name == name), None)
