"""What the Twilio channels need to know of the account and of us."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

SAY_TAGS = {"en": "en-US", "zh": "cmn-CN"}
"""Twilio's tag of a language in <Say>, for the languages we ship."""

HEARING_TAGS = {"en": "en-US", "zh": "cmn-Hans-CN"}
"""Twilio's tag of a language in <Gather>; it differs from <Say>'s for Chinese."""

APOLOGIES = {
    "en": "We are sorry, something has gone wrong on our side.",
    "zh": "非常抱歉，我们的系统出现了问题。",
}
CONNECTING = {"en": "We are connecting you to a person.", "zh": "正在为您转接人工。"}
CALL_AGAIN = {"en": "Please call again in a few minutes.", "zh": "请过几分钟再拨打。"}
HELP_TEXTS = {
    "en": "Write to us here and we will answer. Reply STOP to get no more messages, START to get them again.",
    "zh": "请直接在此留言，我们会回复您。回复“退订”停止接收消息，回复“恢复订阅”重新接收。",
}


def voices_of(names: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """`TwilioSettings.voices` from the voices' names alone (``{"en": "Polly.Joanna"}``), with the
    usual tag of each language; for a language we do not ship, the key must itself be Twilio's tag."""
    return {language: (SAY_TAGS.get(language, language), name) for language, name in names.items()}


class TwilioSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The account and how we serve it.

    ``public_url``: what Twilio calls, https://calls.example.com; ``base_path`` follows it.
    ``voices``: by language of the flows, (Twilio's language tag, voice). ``hearing``: the tag that
    speech is recognised by. ``caller_id``: our number, shown to whom we connect a caller to.
    ``emergency_number``: a person's number for callers when we cannot go on ('' = none).
    ``record_calls``: record every conversation, also where the flow does not ask for it.
    ``sender``, ``messaging_service_sid``: whom messages come from that are no answers.
    ``default_region``: of numbers in flows without country code.
    ``wait_music``: what callers in a line hear between announcements: '' = our own music, 'none' =
    silence, else the URL of a sound.
    ``twilio_answers_opt_out``: Twilio answers STOP, START and HELP by SMS itself, as it does unless
    the account has had that turned off.
    """

    account_sid: str
    auth_tokens: tuple[str, ...]
    public_url: str
    base_path: str = "/twilio"
    voices: dict[str, tuple[str, str]] = msgspec.field(
        default_factory=lambda: voices_of({"en": "Polly.Joanna", "zh": "Polly.Zhiyu"})
    )
    hearing: dict[str, str] = msgspec.field(default_factory=lambda: dict(HEARING_TAGS))
    caller_id: str = ""
    emergency_number: str = ""
    record_calls: bool = False
    sender: str = ""
    messaging_service_sid: str = ""
    default_region: str | None = None
    wait_music: str = ""
    twilio_answers_opt_out: bool = True

    def __repr__(self) -> str:
        return f"TwilioSettings(account_sid={self.account_sid!r}, public_url=…, auth_tokens=…)"

    @property
    def root(self) -> str:
        """The URL that every route's path is under, without a slash at the end."""
        return self.public_url.rstrip("/") + self.base_path


def by_language(texts: Mapping[str, str], language: str) -> str:
    """The text for ``language`` (``zh-CN`` finds ``zh``), else the English one, else any."""
    for key in (language, language.partition("-")[0], "en"):
        if key in texts:
            return texts[key]
    return next(iter(texts.values()), "")
