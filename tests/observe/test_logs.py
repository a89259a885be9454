"""Logs tell what happened and never to whom."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from contact_center.clock import ManualClock
from contact_center.observe import logs
from contact_center.observe.facts import SAFE

NUMBER = "+8613800138000"
NAME = "Li Wei"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers, root.level = before
    logging.captureWarnings(False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def stream_of(level: str = "info", format: str = "json") -> io.StringIO:
    stream = io.StringIO()
    logs.set_up(level, format, stream, ManualClock(datetime(2026, 3, 2, 10, tzinfo=UTC)))
    return stream


def told(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_is_one_object_a_line() -> None:
    stream = stream_of()
    logs.get_logger("contact_center.conductor").info(
        "turn committed", contact_id="con_1", turn=2, seconds=0.5
    )
    assert told(stream) == [
        {
            "time": "2026-03-02T10:00:00.000Z",
            "level": "info",
            "area": "conductor",
            "event": "turn committed",
            "contact_id": "con_1",
            "turn": 2,
            "seconds": 0.5,
        }
    ]


def test_text_is_one_line_for_people() -> None:
    stream = stream_of(format="text")
    logs.get_logger("conductor").warning("turn run\nagain", contact_id="con_1", reason="a b")
    assert stream.getvalue() == (
        '2026-03-02T10:00:00.000Z warning conductor: turn run\\nagain  contact_id=con_1 reason="a b"\n'
    )


def test_what_is_below_the_level_is_not_told() -> None:
    stream = stream_of("warning")
    log = logs.get_logger("conductor")
    log.info("quiet")
    log.warning("loud")
    assert [line["event"] for line in told(stream)] == ["loud"]


async def test_a_contact_is_named_in_everything_about_it() -> None:
    stream = stream_of()
    log = logs.get_logger("conductor")

    async def take(contact_id: str) -> None:
        with logs.about(contact_id=contact_id):
            await asyncio.sleep(0)
            log.info("inside")

    await asyncio.gather(take("con_1"), take("con_2"))
    log.info("outside")
    assert [line.get("contact_id") for line in told(stream)] == ["con_1", "con_2", None]


@pytest.mark.parametrize("name", ["from_number", "caller", "body", "name", "digits", "text", "url"])
@pytest.mark.parametrize("bound", [False, True])
def test_a_fact_that_is_not_on_the_list_is_hidden(name: str, bound: bool) -> None:
    stream = stream_of()
    log = logs.get_logger("channel")
    if bound:
        with logs.about(**{name: NUMBER}):
            log.info("message taken")
    else:
        log.info("message taken", **{name: NUMBER})
    assert told(stream)[0][name] == "***"
    assert NUMBER not in stream.getvalue()


def test_only_plain_values_are_told() -> None:
    stream = stream_of()
    logs.get_logger("channel").info("message taken", status={"from": NUMBER}, reason="x" * 999)
    assert told(stream)[0]["status"] == "dict"
    assert len(told(stream)[0]["reason"]) == 200


def test_a_message_in_the_place_of_a_type_is_hidden() -> None:
    stream = stream_of()
    logs.get_logger("channel").info("no", error=f"{NAME} is unknown", reason=NUMBER, contact_id="con_012345")
    (line,) = told(stream)
    assert (line["error"], line["reason"], line["contact_id"]) == ("***", "+***", "con_012345")


def test_long_numbers_in_the_text_are_hidden() -> None:
    stream = stream_of()
    logs.get_logger("channel").info(f"call from {NUMBER} took 1234 ms")
    assert told(stream)[0]["event"] == "call from +*** took 1234 ms"


def refuse(number: str) -> None:
    raise ValueError(f"{NAME} at {number} is unknown")


def test_an_exception_is_told_by_type_and_place() -> None:
    stream = stream_of()
    try:
        try:
            refuse(NUMBER)
        except ValueError as error:
            raise LookupError(NUMBER) from error
    except LookupError:
        logs.get_logger("channel").exception("message not taken")
    (line,) = told(stream)
    assert line["level"] == "error"
    assert line["error"] == "LookupError"
    assert line["place"].startswith("tests/observe/test_logs.py:")
    assert line["cause"].startswith("ValueError at tests/observe/test_logs.py:")
    assert line["cause"].endswith(" refuse")
    assert NUMBER not in stream.getvalue()
    assert NAME not in stream.getvalue()


def test_libraries_speak_without_their_values() -> None:
    stream = stream_of()
    library = logging.getLogger("library.part")
    library.warning("request to %s failed", NUMBER)
    library.warning(f"request to '{NAME}' at {NUMBER} failed\n{NAME}")
    library.info("request to %s", NUMBER)
    try:
        refuse(NUMBER)
    except ValueError:
        library.exception("it failed")
    first, second, third = told(stream)
    assert (first["area"], first["event"]) == ("library", "request to %s failed")
    assert second["event"] == "request to '***' at +*** failed"
    assert (third["level"], third["event"], third["error"]) == ("error", "it failed", "ValueError")
    assert NUMBER not in stream.getvalue()
    assert NAME not in stream.getvalue()


async def test_what_asyncio_says_of_a_lost_exception_holds_no_message() -> None:
    stream = stream_of()
    loop = asyncio.get_running_loop()
    loop.call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": ValueError(NUMBER)}
    )
    (line,) = told(stream)
    assert (line["area"], line["error"]) == ("asyncio", "ValueError")
    assert NUMBER not in stream.getvalue()


def test_standard_error_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    logs.get_logger("app").info("started", port=8080)
    assert "app: started  port=8080" in capsys.readouterr().err


def test_the_list_names_nothing_that_a_customer_fills() -> None:
    personal = {"from", "to", "from_address", "to_address", "number", "name", "text", "body"}
    personal |= {"digits", "keys", "words", "url", "email", "address", "open_key", "message", "key"}
    assert not SAFE & personal


def test_why_is_told_without_its_values() -> None:
    stream = stream_of()
    why = f"the signature is wrong for '{NAME}' at {NUMBER}; see doctor\n{NAME}"
    logs.get_logger("web").warning("refused", why=why)
    assert told(stream)[0]["why"] == "the signature is wrong for '***' at +***; see doctor"
