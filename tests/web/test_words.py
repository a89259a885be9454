"""The desk has words for the engine's codes, and the same ones for the ways out of nodes as the timeline."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

import contact_center
from contact_center.contact import OUTCOMES as CONTACT_OUTCOMES
from contact_center.leg import REASONS as LEG_REASONS
from contact_center.ticket import ALLOWED
from contact_center.timeline_words import WAYS
from contact_center.work import OUTCOMES as WORK_OUTCOMES
from crm_store.identities import EVIDENCE
from crm_store.tickets import EVENT_KINDS, SEVERITIES

DESK = Path(contact_center.__file__).parent.parent / "web" / "desk" / "src"
PAIR = re.compile(r"""^\s*(\w+): \[\s*(['"])(.*?)\2,\s*(['"])(.*?)\4,?\s*\],""", re.MULTILINE | re.DOTALL)

WORDS = {
    key: (english, chinese)
    for name in ("words.ts", "word-codes.ts")
    for key, _, english, _, chinese in PAIR.findall((DESK / name).read_text(encoding="utf-8"))
}

CODES: dict[str, Iterable[str]] = {
    "outcomes of contacts": CONTACT_OUTCOMES,
    "outcomes of work": WORK_OUTCOMES,
    "why legs are left": LEG_REASONS,
    "statuses of tickets": {status for statuses in ALLOWED.values() for status in statuses},
    "severities": SEVERITIES,
    "evidence": EVIDENCE,
    "what is done to tickets": {f"did_{kind}" for kind in EVENT_KINDS},
    "statuses of agents": (
        "available",
        "offered",
        "on_contact",
        "wrap_up",
        "break",
        "not_responding",
        "offline",
    ),
    "ends of contacts": ("customer", "agent", "done", "fault", "customer_silent", "no_end_reported"),
}


@pytest.mark.parametrize("codes", CODES.values(), ids=CODES.keys())
def test_codes_have_words(codes: Iterable[str]) -> None:
    assert {f"w_{code}" for code in codes} - WORDS.keys() == set()


def test_ways_are_told_as_in_the_timeline() -> None:
    desk = {key.removeprefix("way_out_"): words for key, words in WORDS.items() if key.startswith("way_out_")}
    assert desk == WAYS


def test_nothing_chinese_is_english() -> None:
    """But names of things that have no other."""
    allowed = re.compile(
        r"\{\w+\}|Shift|Twilio|VPN|API|https|CRM|WhatsApp|contact-center[\w ]*|CSV|START|\bP\b"
    )
    odd = {key: zh for key, (_, zh) in WORDS.items() if re.search(r"[A-Za-z]", allowed.sub("", zh))}
    assert odd == {}
