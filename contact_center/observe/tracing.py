"""Traces: a span for each delivery with its effects as children, if a collector is configured.

Without one `no_tracing` costs next to nothing and OpenTelemetry is not even imported.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

from contact_center.observe.facts import Plain, error_facts, safe

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as OtelSpan

CLOSE_SECONDS = 3.0


class Span(Protocol):
    """Something that takes time."""

    def note(self, **facts: Plain) -> None:
        """Add facts; those outside `facts.SAFE` are hidden."""
        ...


class Tracing(Protocol):
    """Makes spans. A span opened inside another is its child."""

    def delivery(self, channel: str, route: str) -> AbstractContextManager[Span]:
        """A provider's delivery, from its arrival to its answer."""
        ...

    def effect(self, effect: str) -> AbstractContextManager[Span]:
        """An effect that a flow asked for."""
        ...

    async def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        ...


class TracingUnavailable(Exception):
    """Tracing is configured and cannot be had; the text says what to do."""


def open_tracing(endpoint: str, ratio: float) -> Tracing:
    """Tracing to the OTLP collector at ``endpoint`` ('' = none), of ``ratio`` (0 to 1) of the deliveries.

    Raises `TracingUnavailable` where OpenTelemetry is not installed.
    """
    if not endpoint:
        return no_tracing
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
    except ImportError as error:
        raise TracingUnavailable(
            "tracing.otlp_endpoint is set, but OpenTelemetry is not installed; "
            "install contact-center[tracing]"
        ) from error
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(ratio)),
        resource=Resource.create({"service.name": "contact-center"}),
    )
    url = endpoint if endpoint.endswith("/v1/traces") else f"{endpoint}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=2)))
    return OpenTelemetry(provider)


class OpenTelemetry:
    """`Tracing` by OpenTelemetry."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("contact_center")

    def delivery(self, channel: str, route: str) -> AbstractContextManager[Span]:
        return self._span(f"delivery {channel} {route}", {"channel": channel, "route": route})

    def effect(self, effect: str) -> AbstractContextManager[Span]:
        return self._span(f"effect {effect}", {"effect": effect})

    async def close(self) -> None:
        """Waits `CLOSE_SECONDS` for the collector; what it does not take by then is dropped."""
        flush = asyncio.to_thread(self._provider.force_flush, int(CLOSE_SECONDS * 1000))
        await flush
        await asyncio.to_thread(self._provider.shutdown)

    @contextmanager
    def _span(self, name: str, facts: dict[str, str]) -> Iterator[Span]:
        # The exception itself is not recorded: its message may quote a customer.
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ) as span:
            noted = _Noted(span)
            noted.note(**facts)
            try:
                yield noted
            except Exception as error:
                noted.fail(error)
                raise


class _Noted:
    __slots__ = ("_span",)

    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    def note(self, **facts: Plain) -> None:
        for name, value in facts.items():
            told = safe(name, value)
            if told is not None:
                self._span.set_attribute(name, told)

    def fail(self, error: Exception) -> None:
        from opentelemetry.trace import StatusCode

        self._span.set_status(StatusCode.ERROR, type(error).__name__)
        self.note(**error_facts(error))


class _NoSpan:
    __slots__ = ()

    def note(self, **facts: Plain) -> None:
        pass


class _NoTracing:
    """`Tracing` that goes nowhere."""

    def __init__(self) -> None:
        self._nothing: AbstractContextManager[Span] = nullcontext(_NoSpan())

    def delivery(self, channel: str, route: str) -> AbstractContextManager[Span]:
        return self._nothing

    def effect(self, effect: str) -> AbstractContextManager[Span]:
        return self._nothing

    async def close(self) -> None:
        pass


no_tracing: Tracing = _NoTracing()
"""Where nothing is traced."""
