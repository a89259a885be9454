"""TwiML: elements written as strings, and a turn's instructions as a voice document.

Strings, because they cost a fifth of lxml and a twentieth of twilio's `VoiceResponse`; a test
compares every verb written here with what `VoiceResponse` makes of the same. Facts that the code
leans on (twilio.com/docs/voice/twiml): an empty <Say> is an error, a document may have 64 kB, a
<Gather> without input goes on to the next verb and the end of a document hangs up, a <Record>
that hears nothing calls no action, verbs after an <Enqueue> or <Dial> with an action are never reached.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

from contact_center.channels.base import Reply
from contact_center.channels.markup import attribute, element, text, without_forbidden
from contact_center.channels.text_limits import split_text
from contact_center.channels.twilio_legs import CUSTOMER
from contact_center.channels.twilio_settings import (
    APOLOGIES,
    CALL_AGAIN,
    CONNECTING,
    TwilioSettings,
    by_language,
)
from contact_center.channels.twiml_values import (
    hints_of,
    is_number,
    number_hints,
    queue_name,
    speech_model,
    speech_timeout,
    target_of,
    whole_seconds,
)
from contact_center.channels.wait_music import between
from ivr_flows.instructions import (
    Connect,
    HangUp,
    Instruction,
    Listen,
    Pause,
    Play,
    Prompt,
    RecordMessage,
    Say,
    Talk,
    WaitInQueue,
)

HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
TAIL = "</Response>"
EMPTY = HEAD + TAIL
MOST_BYTES = 60_000
"""Of a document; Twilio refuses more than 64 kB (error 11750)."""

LONGEST_SAY = 2_900
"""Characters in one <Say>; Polly's voices take 3,000 (error 13521)."""

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_NOT_KEYS = re.compile(r"[^0-9*#]")
_NUDGES = 10
_EVENTS = "initiated ringing answered completed"
CONFERENCE_EVENTS = "start end join leave mute hold"


class _Room:
    """What is left of a document's size for prompts, where not all of them fit."""

    def __init__(self, left: int) -> None:
        self.left = left

    def takes(self, piece: str) -> bool:
        size = len(piece.encode())
        if size > self.left:
            return False
        self.left -= size
        return True


_IDS = "\x00"
"""Stands for the contact's ids in a kept document: no text can hold it, as XML forbids it."""

_MOST_QUESTIONS = 2_000


class VoiceTwiml:
    """Writes voice documents for one account. ``paths``: where the routes are, by name."""

    def __init__(self, settings: TwilioSettings, paths: dict[str, str]) -> None:
        self._settings = settings
        self._urls = {name: settings.public_url.rstrip("/") + path for name, path in paths.items()}
        self._say: dict[str, str] = {}
        self._questions: dict[tuple[Instruction, ...], str] = {}

    # --- documents -----------------------------------------------------------------------------

    def document(self, reply: Reply, *, fresh: bool = False, nudges: int = 0, shown: str = "") -> str:
        """The reply as a document of at most `MOST_BYTES`.

        ``fresh``: the call has not been answered yet, so it can be refused. ``nudges``: how often
        we have been asked for this without an answer. ``shown``: the caller id of a <Dial>, where
        '' leaves it the customer's.
        """

        instructions = reply.instructions
        ids = _turn(reply.contact_id, str(reply.turn))
        if _is_question(instructions):
            return self._question(instructions).replace(_IDS, ids)

        def write(room: _Room | None) -> str:
            return HEAD + self._body(reply, ids, fresh, nudges, shown, room) + TAIL

        return _fitted(write)

    def _question(self, instructions: tuple[Instruction, ...]) -> str:
        """A turn that ends in a question, with `_IDS` where the contact's own ids go.

        Most callers hear the same questions, so the text is kept: writing it costs 20 µs, finding it 3.
        """
        found = self._questions.get(instructions)
        if found is None:
            found = _fitted(lambda room: HEAD + self._asked(instructions, _IDS, room) + TAIL)
            if len(self._questions) >= _MOST_QUESTIONS:
                self._questions.clear()
            self._questions[instructions] = found
        return found

    def _asked(self, instructions: tuple[Instruction, ...], ids: str, room: _Room | None) -> str:
        *before, last = instructions
        assert isinstance(last, Listen)
        prompts = [item for item in before if isinstance(item, (Say, Play, Pause))]
        return self._prompts(prompts, room) + self._listen(last, ids, room)

    def wait_page(self, reply: Reply, page: int) -> str:
        """What a caller in a queue hears: page ``page`` of announcements and music, then the next.

        Where the reply waits in no queue any more the caller leaves it: the <Enqueue> action is asked next.
        """
        waiting = next((item for item in reply.instructions if isinstance(item, WaitInQueue)), None)
        if waiting is None:
            return HEAD + "<Leave />" + TAIL
        found = waiting

        def write(room: _Room | None) -> str:
            return HEAD + self._page(found, reply, page, room) + TAIL

        return _fitted(write)

    def waiting_on(self, contact: str, turn: str, page: int, seconds: int, *, asked: int = 0) -> str:
        """A queue page without words: silence, then the same page again (while we cannot do better).

        ``asked``: how often that has been so, where it is counted.
        """
        again = self._url("wait", _turn(contact, turn), page=page, **({"n": asked} if asked else {}))
        return f'{HEAD}<Pause length="{seconds}" />{_redirect(again)}{TAIL}'

    def apology(self, language: str) -> str:
        """A sentence, and a person where the settings name one."""
        person = self._settings.emergency_number
        said = by_language(APOLOGIES, language), by_language(CONNECTING if person else CALL_AGAIN, language)
        body = "".join([self._prompts([Say(sentence, language)], None) for sentence in said])
        if person:
            shown = self._settings.caller_id
            attributes = [("timeout", "30"), *([("callerId", shown)] if is_number(shown) else [])]
            body += element("Dial", attributes, f"<Number>{text(person)}</Number>")
        return HEAD + body + "<Hangup />" + TAIL

    # --- a turn --------------------------------------------------------------------------------

    def _body(self, reply: Reply, ids: str, fresh: bool, nudges: int, shown: str, room: _Room | None) -> str:
        parts: list[str] = []
        for item in reply.instructions:
            if isinstance(item, (Say, Play, Pause)):
                parts.append(self._prompts((item,), room))
                continue
            if isinstance(item, Listen):
                parts.append(self._listen(item, ids, room))
            elif isinstance(item, WaitInQueue):
                parts.append(self._enqueue(item, ids))
            elif isinstance(item, RecordMessage):
                parts.append(self._record(item, ids, room))
            elif isinstance(item, Connect):
                parts.append(self._connect(item, ids, shown, room))
            elif isinstance(item, Talk):
                parts.append(self._talk(item, ids))
            else:
                parts.append(_hang_up(item, refusable=fresh and not any(parts)))
            return "".join(parts)
        parts.append(self._nudge(ids, nudges) if reply.contact_id else "<Hangup />")
        return "".join(parts)

    def _nudge(self, ids: str, nudges: int) -> str:
        """Nothing here waits, and the end of a document hangs up: ask again soon, but not for ever."""
        if nudges >= _NUDGES:
            return "<Hangup />"
        return '<Pause length="2" />' + _redirect(self._url("resume", ids, n=nudges + 1))

    def _listen(self, item: Listen, ids: str, room: _Room | None) -> str:
        keys, turn = item.max_digits > 0 or not item.speech, self._url("turn", ids)
        heard = "dtmf speech" if keys and item.speech else "dtmf" if keys else "speech"
        attributes = [("input", heard), ("action", turn), ("method", "POST")]
        attributes.append(("timeout", str(whole_seconds(item.timeout))))
        if keys:
            finish = _NOT_KEYS.sub("", item.finish_on_key)[:1]
            if finish and any(finish in option.key for option in item.options):
                finish = ""
            if item.max_digits > 0 and (item.min_digits == item.max_digits or not finish):
                attributes.append(("numDigits", str(item.max_digits)))
            attributes.append(("finishOnKey", finish))
        if item.speech:
            attributes += self._recogniser(item)
        attributes += [("bargeIn", "true"), ("actionOnEmptyResult", "true")]
        return element("Gather", attributes, self._prompts(item.prompts, room)) + _redirect(turn)

    def _recogniser(self, item: Listen) -> list[tuple[str, str]]:
        model = speech_model(item.listens_for, item.language)
        attributes = [
            ("speechTimeout", speech_timeout(item.speech_pause, model)),
            *self._hearing(item.language),
            ("profanityFilter", "false"),
            *model,
        ]
        numbers = number_hints(item.language) if item.numbers else ()
        hints = hints_of((*item.hints, *numbers))
        return [*attributes, ("hints", hints)] if hints else attributes

    def _record(self, item: RecordMessage, ids: str, room: _Room | None) -> str:
        action = self._url("record", ids)
        attributes = [
            ("action", action),
            ("method", "POST"),
            ("timeout", str(whole_seconds(item.silence_seconds))),
            ("maxLength", str(max(1, item.max_seconds))),
            ("finishOnKey", _NOT_KEYS.sub("", item.finish_on_key)),
            ("playBeep", "true"),
            ("trim", "trim-silence"),
            *self._recording_callback(ids, item.purpose),
        ]
        if item.transcribe and item.language.partition("-")[0] == "en":  # Twilio knows English only
            callback = self._url("transcription", ids)
            attributes += [("transcribe", "true"), ("transcribeCallback", callback)]
        return self._prompts(item.prompts, room) + element("Record", attributes) + _redirect(action)

    def _recording_callback(self, ids: str, purpose: str) -> list[tuple[str, str]]:
        return [
            ("recordingStatusCallback", self._url("recording", ids, p=purpose[:20])),
            ("recordingStatusCallbackMethod", "POST"),
            ("recordingStatusCallbackEvent", "completed absent"),
        ]

    def _connect(self, item: Connect, ids: str, shown: str, room: _Room | None) -> str:
        action, prompts = self._url("dial", ids), self._prompts(item.prompts, room)
        target = target_of(item, self._settings.default_region)
        if not target:
            return prompts + _redirect(action)
        attributes = [("action", action), ("method", "POST"), ("timeout", str(whole_seconds(item.timeout)))]
        if is_number(shown):
            attributes.append(("callerId", shown))
        if item.record or self._settings.record_calls:
            attributes += [
                ("record", "record-from-answer-dual"),
                *self._recording_callback(ids, "conversation"),
            ]
        leg = [
            ("statusCallback", self._url("leg", ids)),
            ("statusCallbackMethod", "POST"),
            ("statusCallbackEvent", _EVENTS),
        ]
        noun = {"sip": "Sip", "client": "Client"}.get(item.target_kind, "Number")
        return prompts + element("Dial", attributes, element(noun, leg, text(target)))

    def _talk(self, item: Talk, ids: str) -> str:
        """The conversation with an agent. There are no beeps, and silence until somebody else is there.

        It is not over when the customer leaves: a redirect that comes late takes the customer out and at once
        in again, and must not cost the agent who is there already the call. Who hangs up ends the agents'
        legs by way of the engine, as they end in a transfer.
        """
        attributes = [
            ("beep", "false"),
            ("startConferenceOnEnter", "true"),
            ("endConferenceOnExit", "false"),
            ("waitUrl", ""),
            ("participantLabel", CUSTOMER),
            ("statusCallback", self._url("conference", ids)),
            ("statusCallbackMethod", "POST"),
            ("statusCallbackEvent", CONFERENCE_EVENTS),
        ]
        if item.record or self._settings.record_calls:
            attributes += [("record", "record-from-start"), *self._recording_callback(ids, "conversation")]
        dial = [("action", self._url("talked", ids)), ("method", "POST")]
        return element("Dial", dial, element("Conference", attributes, text(item.room)))

    def _enqueue(self, item: WaitInQueue, ids: str) -> str:
        attributes = [
            ("action", self._url("enqueue", ids)),
            ("method", "POST"),
            ("waitUrl", self._url("wait", ids, page=0)),
            ("waitUrlMethod", "POST"),
        ]
        return element("Enqueue", attributes, text(queue_name(item.queue)))

    # --- a page of a queue ---------------------------------------------------------------------

    def _page(self, item: WaitInQueue, reply: Reply, page: int, room: _Room | None) -> str:
        ids = _turn(reply.contact_id, str(reply.turn))
        prompts: list[Prompt] = []
        if item.announcements:
            prompts.append(item.announcements[page % len(item.announcements)])
        prompts += between(item, self._settings)
        body = self._prompts(prompts, room)
        if item.leave_keys:
            attributes = [
                ("input", "dtmf"),
                ("action", self._url("leave", ids, page=page)),
                ("method", "POST"),
                ("timeout", "1"),
                ("numDigits", str(max(1, *map(len, item.leave_keys)))),
                ("finishOnKey", ""),
            ]
            body = element("Gather", attributes, body)
        return body + _redirect(self._url("wait", ids, page=page + 1))

    # --- prompts and attributes ----------------------------------------------------------------

    def _prompts(self, prompts: Iterable[Prompt], room: _Room | None) -> str:
        pieces: list[str] = []
        for prompt in prompts:
            if isinstance(prompt, Pause):
                pieces += [f'<Pause length="{min(prompt.seconds, 600)}" />'] if prompt.seconds > 0 else []
            elif isinstance(prompt, Play) and prompt.url.strip():
                pieces.append(f"<Play>{text(prompt.url.strip())}</Play>")
            else:
                opened = self._say.get(prompt.language) or self._opened(prompt.language)
                said = without_forbidden(prompt.text)
                pieces += [f"{opened}{text(piece)}</Say>" for piece in split_text(said, LONGEST_SAY)]
        if room is not None:
            pieces = [piece for piece in pieces if room.takes(piece)]
        return "".join(pieces)

    def _opened(self, language: str) -> str:
        """The opening tag of a <Say> in ``language``."""
        tag, voice = self._voice(language)
        named = [("voice", voice), ("language", tag)]
        opened = "<Say" + "".join([f' {key}="{attribute(value)}"' for key, value in named if value]) + ">"
        if len(self._say) < 100:
            self._say[language] = opened
        return opened

    def _voice(self, language: str) -> tuple[str, str]:
        voices = self._settings.voices
        for key in (language, language.partition("-")[0]):
            if key in voices:
                return voices[key]
        return (language if _TAG.fullmatch(language) else ""), ""

    def _hearing(self, language: str) -> list[tuple[str, str]]:
        hearing = self._settings.hearing
        tag = hearing.get(language) or hearing.get(language.partition("-")[0]) or self._voice(language)[0]
        return [("language", attribute(tag))] if tag else []

    def _url(self, route: str, ids: str, **more: object) -> str:
        """An action URL, escaped for an attribute or a text (ids and more are percent-encoded)."""
        extra = "".join(
            [f"&amp;{name}={quote(str(value), safe='', errors='replace')}" for name, value in more.items()]
        )
        return f"{attribute(self._urls[route])}{ids}{extra}"


def _is_question(instructions: tuple[Instruction, ...]) -> bool:
    """Whether it is something said (or nothing) and then a wait for an answer."""
    if not instructions or type(instructions[-1]) is not Listen:
        return False
    return all(isinstance(item, (Say, Play, Pause)) for item in instructions[:-1])


def _hang_up(item: HangUp, *, refusable: bool) -> str:
    if item.reject and refusable:
        return f'<Reject reason="{"busy" if item.reason == "busy" else "rejected"}" />'
    return "<Hangup />"


def _redirect(url: str) -> str:
    return f'<Redirect method="POST">{url}</Redirect>'


def _turn(contact: str, turn: str) -> str:
    return f"?c={quote(contact[:100], safe='', errors='replace')}&amp;t={quote(turn, safe='')}"


def _fitted(write: Callable[[_Room | None], str]) -> str:
    """What ``write`` makes; where that is too large, with as many of its prompts as fit."""
    document = write(None)
    if len(document) * 4 <= MOST_BYTES or len(document.encode()) <= MOST_BYTES:
        return document
    return write(_Room(MOST_BYTES - len(write(_Room(0)).encode())))
