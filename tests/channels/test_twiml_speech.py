"""<Gather> for speech: models, pauses, hints and numbers, beside what twilio's own builder writes."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from twilio.twiml.voice_response import VoiceResponse

from contact_center.channels.twiml_values import hints_of
from ivr_flows.instructions import Listen
from tests.channels.test_twiml import gather, same, written

DIGITS = "$OOV_CLASS_DIGIT_SEQUENCE"
ZH_DIGITS = "零,一,幺,二,三,四,五,六,七,八,九"
PHONE_CALL = {"speech_model": "phone_call", "enhanced": True, "speech_timeout": "2"}
COMMANDS = {"speech_model": "numbers_and_commands", "speech_timeout": "2"}

HEARD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("en", {}, {"speech_timeout": "auto"}),
    ("en", {"speech_pause": 1.2}, {"speech_timeout": "2"}),
    ("en", {"listens_for": "sentences"}, PHONE_CALL),
    ("en", {"listens_for": "sentences", "speech_pause": 3.0}, PHONE_CALL | {"speech_timeout": "3"}),
    ("en", {"listens_for": "commands"}, COMMANDS),
    ("zh", {"listens_for": "commands"}, COMMANDS),
    ("zh", {"listens_for": "sentences"}, {"speech_timeout": "auto"}),  # no such model in Chinese
    (
        "en", {"numbers": True, "hints": ("tent", "x, y")},
        {"speech_timeout": "auto", "hints": f"tent,x y,{DIGITS}"},
    ),
    ("zh", {"numbers": True, "hints": ("帐篷",)}, {"speech_timeout": "auto", "hints": f"帐篷,{ZH_DIGITS}"}),
    ("fr", {"numbers": True}, {"speech_timeout": "auto"}),
]  # fmt: skip
TAGS = {"en": "en-US", "zh": "cmn-Hans-CN", "fr": "fr"}


@pytest.mark.parametrize(("language", "listen", "attributes"), HEARD)
def test_speech_and_keys(language: str, listen: dict[str, Any], attributes: dict[str, Any]) -> None:
    theirs = VoiceResponse()
    heard = {"input": "dtmf speech", "finish_on_key": "#", "profanity_filter": False}
    # twilio's builder knows the language's tag only for its own list: it is set afterwards
    gather(theirs, **heard, language="x", **attributes)
    ours = written(Listen(language, min_digits=1, max_digits=32, speech=True, **listen))
    assert ET.canonicalize(ours) == ET.canonicalize(
        str(theirs).replace('language="x"', f'language="{TAGS[language]}"')
    )


def test_the_recogniser_is_told_nothing_where_only_keys_count() -> None:
    theirs = VoiceResponse()
    gather(theirs, input="dtmf", num_digits=1, finish_on_key="#")
    same(
        written(
            Listen("en", min_digits=1, max_digits=1, numbers=True, listens_for="sentences", hints=("x",))
        ),
        theirs,
    )


def test_hints_stay_within_twilios_limits() -> None:
    long, many = hints_of(["x" * 101, "y" * 100]), hints_of(str(number) for number in range(2_000))
    assert long == "y" * 100
    assert len(many.split(",")) == 500
    assert len(hints_of("z" * 90 + str(number) for number in range(400))) <= 5_000
