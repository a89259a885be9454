"""Spans for deliveries and effects, without personal data, and nothing at all when not configured."""

from __future__ import annotations

import subprocess
import sys

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from contact_center.observe.tracing import (
    OpenTelemetry,
    TracingUnavailable,
    no_tracing,
    open_tracing,
)

NUMBER = "+8613800138000"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(spans: InMemorySpanExporter) -> OpenTelemetry:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return OpenTelemetry(provider)


async def test_effects_are_children_of_their_delivery(
    tracing: OpenTelemetry, spans: InMemorySpanExporter
) -> None:
    with tracing.delivery("phone", "gather") as span:
        span.note(contact_id="con_1", turn=3)
        with tracing.effect("open_ticket") as inner:
            inner.note(outcome="done")
    effect, delivery = spans.get_finished_spans()
    assert (effect.name, delivery.name) == ("effect open_ticket", "delivery phone gather")
    assert effect.parent is not None
    assert delivery.context is not None
    assert effect.parent.span_id == delivery.context.span_id
    assert dict(delivery.attributes or {}) == {
        "channel": "phone",
        "route": "gather",
        "contact_id": "con_1",
        "turn": 3,
    }
    await tracing.close()


def test_no_personal_data(tracing: OpenTelemetry, spans: InMemorySpanExporter) -> None:
    def look_up() -> None:
        with tracing.effect("look_up") as span:
            span.note(from_number=NUMBER)
            raise ValueError(NUMBER)

    with pytest.raises(ValueError, match="8000"):
        look_up()
    (span_told,) = spans.get_finished_spans()
    assert NUMBER not in span_told.to_json()
    attributes = dict(span_told.attributes or {})
    assert attributes["from_number"] == "***"
    assert attributes["error"] == "ValueError"
    assert span_told.status.status_code is StatusCode.ERROR


async def test_no_endpoint_is_no_tracing() -> None:
    tracing = open_tracing("", 1.0)
    assert tracing is no_tracing
    with tracing.delivery("phone", "gather") as span, tracing.effect("look_up") as inner:
        span.note(turn=1)
        inner.note(turn=1)
    await tracing.close()


def test_without_an_endpoint_opentelemetry_is_not_imported() -> None:
    code = (
        "import sys; from contact_center.observe.tracing import open_tracing; open_tracing('', 1.0); "
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_an_endpoint_is_opened_and_closes_though_nobody_listens() -> None:
    tracing = open_tracing("http://127.0.0.1:9", 1.0)
    assert isinstance(tracing, OpenTelemetry)
    await tracing.close()


def test_where_it_is_not_installed_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(TracingUnavailable, match=r"install contact-center\[tracing\]"):
        open_tracing("http://127.0.0.1:9", 1.0)
