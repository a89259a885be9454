"""Logs: a static text and named facts, as lines for people or as JSON.

    log = get_logger(__name__)
    with about(contact_id=contact.id):
        log.info("turn committed", turn=3, seconds=0.004)

Facts with names outside `facts.SAFE` are hidden, exceptions told by type and place, and messages of
libraries without their values (STYLE habit 21).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import Any, TextIO, cast

import msgspec
import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from contact_center.clock import Clock, SystemClock
from contact_center.observe.facts import error_facts, safe, without_numbers, without_values

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_OUR_OWN = frozenset({"event", "level", "time", "area"})


def get_logger(area: str) -> FilteringBoundLogger:
    """The logger of an area of the program; may be made before `set_up`.

    The same as ``structlog.get_logger(__name__)``, typed.
    """
    return cast(FilteringBoundLogger, structlog.get_logger(area))


def about(**facts: Any) -> AbstractContextManager[None]:
    """Add ``facts`` (``contact_id=...``) to everything logged inside, in tasks started there too."""
    return bound_contextvars(**facts)


def set_up(
    level: str = "info",
    format: str = "text",
    stream: TextIO | None = None,
    clock: Clock | None = None,
) -> None:
    """Send logs of ours and of libraries (from warning on) to ``stream``, standard error by default."""
    target = stream or sys.stderr
    render = render_json if format == "json" else render_text
    processors: list[Processor] = [
        merge_contextvars,
        structlog.processors.add_log_level,
        _Stamp(clock or SystemClock()),
        name_area,
        tell_exception,
        keep_safe,
        render,
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *names: _Lines(target, names[0] if names else "contact_center"),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_Foreign()]
    root.setLevel(max(LEVELS[level], logging.WARNING))
    logging.captureWarnings(True)


class _Lines(structlog.WriteLogger):
    """Writes lines to a stream; ``area`` is the name it was asked for with."""

    def __init__(self, stream: TextIO, name: str) -> None:
        super().__init__(stream)
        self.area = name.removeprefix("contact_center.")


# --- processors -----------------------------------------------------------------------------------


class _Stamp:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["time"] = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return event


def name_area(logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the logger's name, without the package's."""
    event["area"] = logger.area
    return event


def tell_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace ``exc_info`` by the exception's type and place."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()[1]
    elif isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        event.update(error_facts(raised))
    return event


def keep_safe(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide every fact that is not on the allow-list, and long numbers in the text itself."""
    kept: dict[str, Any] = {
        name: value if name in _OUR_OWN else safe(name, value) for name, value in event.items()
    }
    kept["event"] = without_numbers(str(event.get("event", "")))
    return kept


def render_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """One JSON object: time, level, area, event, then the facts."""
    return msgspec.json.encode(_in_order(event)).decode()


def render_text(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """``2026-03-02T10:00:00.000Z info    conductor: turn committed  contact_id=... turn=3``."""
    facts = _in_order(event)
    head = f"{facts.pop('time', '')} {facts.pop('level', ''):<7} {facts.pop('area', '-')}"
    text = str(facts.pop("event", ""))
    pairs = " ".join(f"{name}={_quoted(value)}" for name, value in facts.items())
    line = f"{head}: {text}  {pairs}" if pairs else f"{head}: {text}"
    return line.replace("\r", "\\r").replace("\n", "\\n")


def _in_order(event: MutableMapping[str, Any]) -> dict[str, Any]:
    head = {name: event[name] for name in ("time", "level", "area", "event") if name in event}
    return head | {name: event[name] for name in event if name not in head}


def _quoted(value: object) -> str:
    text = str(value)
    return f'"{text}"' if " " in text or text == "" else text


class _Foreign(logging.Handler):
    """What libraries log: the text they wrote, without the values they put into it."""

    def emit(self, record: logging.LogRecord) -> None:
        text = str(record.msg)
        # With arguments the message is a template and holds no values; without it may be anything.
        event = text.partition("\n")[0] if record.args else without_values(text)
        raised = record.exc_info[1] if record.exc_info else None
        level = "error" if record.levelno >= logging.ERROR else "warning"
        log = structlog.get_logger(record.name.partition(".")[0])
        getattr(log, level)(event, exc_info=raised)
