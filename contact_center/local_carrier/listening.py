"""What the caller hears and answers: <Say>, <Play>, <Pause>, <Gather> and <Record>."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from contact_center.channels.wait_music import seconds_of
from contact_center.local_carrier import tapes as tape_rules
from contact_center.local_carrier.fields import of_call
from contact_center.local_carrier.inbox import Event, Heard, HungUp, Interrupted, Left, Pressed, Spoken
from contact_center.local_carrier.line import Form, Line, Step
from contact_center.local_carrier.messages import Item, KeysWanted, Listen, RecordNow
from contact_center.local_carrier.tapes import Tape
from contact_center.local_carrier.verbs import Gather, Pause, Play, Prompt, Record, RecordingCallback, Say

MOST_TIMES: Final = 50
"""How often something is said that is to be said for ever."""

GRACE: Final = 10.0
SECONDS_A_LETTER: Final = 0.5
LONGEST_SOUND: Final = 900.0
AFTER_KEY_SECONDS: Final = 5.0
"""How long a browser has to hand over a message once the key was pressed that ends it."""


def items_of(prompts: Iterable[Prompt]) -> tuple[Item, ...]:
    """Prompts as a browser takes them."""
    items: list[Item] = []
    for prompt in prompts:
        if isinstance(prompt, Pause):
            items += [Item(pause=prompt.length)] if prompt.length else []
            continue
        item = (
            Item(text=prompt.text, language=spoken_in(prompt.language))
            if isinstance(prompt, Say)
            else Item(play=prompt.url)
        )
        if item.text or item.play:
            items += [item] * (min(prompt.loop, MOST_TIMES) or MOST_TIMES)
    return tuple(items)


def spoken_in(tag: str) -> str:
    """Twilio's tag of a language as browsers know it: they speak no cmn-Hans-CN, but zh-CN."""
    language, _, rest = tag.partition("-")
    return f"zh-{rest.rpartition('-')[2]}" if language == "cmn" and rest else tag


def patience(items: Iterable[Item]) -> float:
    """Seconds after which a browser is not waited for any more."""
    return GRACE + sum(
        item.pause + (LONGEST_SOUND if item.play else len(item.text) * SECONDS_A_LETTER) for item in items
    )


async def hear(line: Line, prompts: Iterable[Prompt]) -> Step:
    """Let the caller hear them to their end. What lasts a known time is timed here: a browser in the
    background has no sense of time, and one that cannot play a sound does not know how long it is."""
    for part in _parts(prompts):
        if isinstance(part, list):
            await _say(line, items_of(part))
        elif isinstance(part, Pause):
            await line.rest(part.length)
        else:
            seq = line.live.say((_music(part),))
            try:
                await line.rest(_lasts(part))
            finally:
                line.live.stop(seq)
    return None


def _parts(prompts: Iterable[Prompt]) -> Iterator[Prompt | list[Prompt]]:
    said: list[Prompt] = []
    for prompt in prompts:
        if not _is_timed(prompt):
            said.append(prompt)
            continue
        if said:
            yield said
            said = []
        yield prompt
    if said:
        yield said


def _is_timed(prompt: Prompt) -> bool:
    return isinstance(prompt, Pause) or _lasts(prompt) > 0


def _lasts(prompt: Prompt) -> int:
    """The seconds of silence, or of music that we have made; 0 of what the browser alone can tell."""
    if isinstance(prompt, Pause):
        return prompt.length
    if isinstance(prompt, Play):
        return seconds_of(prompt.url) * (min(prompt.loop, MOST_TIMES) or MOST_TIMES)
    return 0


def _music(played: Prompt) -> Item:
    """Music until it is stopped. It comes from where the page does, by whatever name that is reached."""
    assert isinstance(played, Play)
    return Item(play=urlsplit(played.url).path, music=True)


async def _say(line: Line, items: tuple[Item, ...]) -> None:
    if not items:
        return
    inbox, seq = line.live.inbox, line.live.say(items)
    try:
        while True:
            event = await inbox.next(patience(items))
            if event is None or event == Heard(seq):
                return
    except (Interrupted, asyncio.CancelledError):
        line.live.stop(seq)
        raise


# --- <Gather> -----------------------------------------------------------------------------------------


class _Gathering:
    """A <Gather> under way: what was pressed, and whether something is still being said."""

    def __init__(self, line: Line, verb: Gather) -> None:
        self.line = line
        self.verb = verb
        self.digits = ""
        self.finished_on = ""
        prompts = list(verb.prompts)
        self._silence = float(verb.timeout)
        self._last: Prompt | None = None
        while prompts and _is_timed(prompts[-1]) and isinstance(prompts[-1], type(self._last or prompts[-1])):
            self._last = prompts.pop()
            self._silence += _lasts(self._last)  # silence before silence, or music before it
        self._items = items_of(prompts)
        self._seq = self._music = 0

    def begin(self) -> float:
        """Say and listen; how long to wait for something to happen."""
        live, verb = self.line.live, self.verb
        live.inbox.forget()
        if self._items:
            self._seq = live.say(self._items)
        else:
            self._play()
        keys = KeysWanted(1, verb.digits or 0, verb.finish) if verb.keys else None
        live.tell(Listen(live.shown, keys, verb.speech, verb.timeout, verb.hints, spoken_in(verb.language)))
        return self.wait

    @property
    def wait(self) -> float:
        if self._seq:
            return patience(self._items)
        return self._silence

    @property
    def is_saying(self) -> bool:
        return self._seq > 0

    def heard(self, event: Event) -> None:
        """Something was heard to its end."""
        if event == Heard(self._seq):
            self._seq = 0
            self._play()

    def _play(self) -> None:
        """Music, for the rest of the time."""
        if isinstance(self._last, Play):
            self._music = self.line.live.say((_music(self._last),))

    def stop(self) -> None:
        """The caller speaks: be silent, and wait for the answer alone."""
        for said in filter(None, (self._seq, self._music)):
            self.line.live.stop(said)
        self._seq = self._music = 0
        self._silence = float(self.verb.timeout)

    def press(self, digits: str) -> bool:
        """Keys; whether the answer is complete."""
        self.stop()
        for digit in digits:
            if digit == self.verb.finish and digit:
                self.finished_on = digit
                return True
            self.digits += digit
            if self.verb.digits and len(self.digits) >= self.verb.digits:
                return True
        return False


async def gather(line: Line, verb: Gather) -> Step:
    """Wait for an answer; its action, or the next verb where there was none and the action wants none."""
    gathering = _Gathering(line, verb)
    try:
        answer = await _answer(gathering)
    finally:
        gathering.stop()
    if not answer and not verb.empty:
        return None
    return line.to(verb.action, verb.method, answer)


async def _answer(gathering: _Gathering) -> Form:
    """What the caller answers, as Twilio's fields; {} = nothing."""
    verb, inbox = gathering.verb, gathering.line.live.inbox
    wait, told = gathering.begin(), 0
    while True:
        event = await inbox.next(wait)
        if event is None:
            if not gathering.is_saying:
                return _keyed(gathering)
            gathering.stop()  # the browser does not say that it has spoken
        elif isinstance(event, Heard):
            gathering.heard(event)
        elif gathering.is_saying and not verb.barge_in:
            continue
        elif isinstance(event, Pressed) and verb.keys:
            if gathering.press(event.digits):
                return _keyed(gathering)
        elif isinstance(event, Spoken) and verb.speech and not gathering.digits:
            gathering.stop()
            if event.final and event.text.strip():
                return _spoken(event)
            if not event.final:
                told = _tell_partly(gathering.line, verb, event, told)
        wait = gathering.wait


def _keyed(gathering: _Gathering) -> Form:
    if not gathering.digits:
        return {}
    finished = {"FinishedOnKey": gathering.finished_on} if gathering.finished_on else {}
    return {"Digits": gathering.digits, "msg": "Gather End"} | finished


def _spoken(event: Spoken) -> Form:
    sure = {} if event.confidence is None else {"Confidence": f"{event.confidence:.4g}"}
    return {"SpeechResult": event.text.strip()} | sure


def _tell_partly(line: Line, verb: Gather, event: Spoken, told: int) -> int:
    if verb.partial:
        ask = line.to(verb.partial, verb.partial_method)
        form = of_call(line.account, line.live.call)
        form |= {"UnstableSpeechResult": event.text, "SequenceNumber": str(told)}
        line.exchange.webhooks.tell(line.live.sid, ask.url, ask.method, form)
    return told + 1


# --- <Record> -----------------------------------------------------------------------------------------


async def record(line: Line, verb: Record) -> Step:
    """Record the caller; the action, or the next verb where nothing was said."""
    live = line.live
    live.inbox.forget()
    live.records = True
    live.tell(RecordNow(live.shown, verb.longest, verb.finish, verb.silence, verb.beep))
    try:
        left, digits = await _left(line, verb)
    except HungUp:
        left = live.inbox.take(Left)
        if left is not None and left.seconds > 0:
            await line.tell(line.to(verb.action, verb.method, await _kept(line, verb, left, "hangup")))
        raise
    finally:
        live.records = False
    if left is None or left.seconds <= 0:
        _tell_tape(line, verb.recording, _tape(line, verb, 0), tape_rules.ABSENT)
        return None
    return line.to(verb.action, verb.method, await _kept(line, verb, left, digits))


async def _left(line: Line, verb: Record) -> tuple[Left | None, str]:
    """The message, and the key that ended it."""
    digits, wait = "", verb.longest + GRACE
    while True:
        event = await line.live.inbox.next(wait)
        if event is None or isinstance(event, Left):
            return event, digits
        if isinstance(event, Pressed):
            ending = [digit for digit in event.digits if digit in verb.finish]
            if ending and not digits:
                digits, wait = ending[0], AFTER_KEY_SECONDS


async def _kept(line: Line, verb: Record, left: Left, digits: str) -> Form:
    """Keep the sound, tell whom it concerns, and say what the action is to be told."""
    seconds = min(left.seconds, float(verb.longest))
    tape = _tape(line, verb, seconds)
    if left.data:
        await asyncio.to_thread(line.tapes.keep, tape.sid, left.data)
    status = tape_rules.COMPLETED if left.data else tape_rules.ABSENT
    _tell_tape(line, verb.recording, tape, status)
    if verb.transcribe:
        _refuse_transcript(line, verb.transcribe, tape)
    return {
        "RecordingUrl": f"{line.recordings_url}/Recordings/{tape.sid}",
        "RecordingSid": tape.sid,
        "RecordingDuration": str(max(1, round(seconds))),
        "Digits": digits,
    }


def _tape(line: Line, verb: Record, seconds: float) -> Tape:
    sids = line.exchange.sids
    return Tape(
        sid=sids.new("RE"),
        key="",
        call_sid=line.live.sid,
        source="RecordVerb",
        callback=verb.recording,
        started_at=line.exchange.clock.now(),
        ran=seconds,
    )


def _tell_tape(line: Line, callback: RecordingCallback | None, tape: Tape, status: str) -> None:
    if callback is None or status not in callback.events:
        return
    ask = line.to(callback.url, callback.method)
    form = tape_rules.fields(line.account, tape, status, line.recordings_url)
    line.exchange.webhooks.tell(tape.sid, ask.url, ask.method, form)


def _refuse_transcript(line: Line, url: str, tape: Tape) -> None:
    """Nobody transcribes here, which is said as Twilio says that it could not."""
    ask = line.to(url, "POST")
    form = of_call(line.account, line.live.call) | {
        "TranscriptionSid": line.exchange.sids.new("TR"),
        "TranscriptionStatus": "failed",
        "TranscriptionText": "",
        "RecordingSid": tape.sid,
        "RecordingUrl": f"{line.recordings_url}/Recordings/{tape.sid}",
    }
    line.exchange.webhooks.tell(tape.sid, ask.url, ask.method, form)
