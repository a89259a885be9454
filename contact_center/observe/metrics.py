"""Numbers for Prometheus. One method for each thing that happens, named after it.

Every method costs about a microsecond: a label's child is made once and kept. Labels are words of
our own, never a customer's, so their number is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

Child = TypeVar("Child")

_TURN_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_WAIT_SECONDS = (1, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
_GROUP_UNITS = (1, 2, 4, 8, 16, 32, 64)


class _Children(dict[tuple[str, ...], Child], Generic[Child]):
    """The children of a metric by their label values."""

    def __init__(self, make: Callable[..., Child]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, values: tuple[str, ...]) -> Child:
        child = self[values] = self._make(*values)
        return child


class Metrics:
    """All numbers of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)

        def counter(name: str, help_text: str, *labels: str) -> _Children[Counter]:
            return _Children(Counter(name, help_text, labels, registry=registry).labels)

        def gauge(name: str, help_text: str, *labels: str) -> _Children[Gauge]:
            return _Children(Gauge(name, help_text, labels, registry=registry).labels)

        self._webhooks = counter(
            "cc_webhooks", "Deliveries of providers answered", "channel", "route", "outcome"
        )
        self._duplicates = counter("cc_duplicates", "Redeliveries answered again", "channel")
        self._forged = counter("cc_forged", "Deliveries refused as forged", "channel")
        self._started = counter("cc_contacts_started", "Contacts begun", "channel")
        self._ended = counter("cc_contacts_ended", "Contacts ended", "channel", "outcome")
        self._open = gauge("cc_contacts_open", "Contacts that have not ended", "channel")
        self._tickets = counter("cc_tickets_opened", "Tickets opened", "severity")
        self._effects = counter("cc_effects", "Effects carried out", "effect", "outcome")
        self._rasa = counter("cc_rasa_answers", "Messages given to a Rasa server", "outcome")
        self._effect_seconds: _Children[Histogram] = _Children(
            Histogram(
                "cc_effect_seconds", "Time an effect took", ["effect"],
                buckets=_TURN_SECONDS, registry=registry,
            ).labels
        )  # fmt: skip
        self._turn_seconds: _Children[Histogram] = _Children(
            Histogram(
                "cc_turn_seconds", "From a delivery's arrival to its reply", ["channel"],
                buckets=_TURN_SECONDS, registry=registry,
            ).labels
        )  # fmt: skip
        self._offers = counter("cc_offers", "Offers to agents, made and ended", "outcome")
        self._offer_delay = Histogram(
            "cc_offer_delay_seconds", "From work and agent both being free to the offer",
            buckets=_TURN_SECONDS, registry=registry,
        )  # fmt: skip
        self._waits = Histogram(
            "cc_wait_seconds", "From a place in line to an agent", buckets=_WAIT_SECONDS, registry=registry
        )
        self._waiting = gauge("cc_waiting", "What waits in line for an agent", "queue")
        self._leading = Gauge("cc_leading", "Whether this process leads routing", registry=registry)
        self._conflicts = Counter(
            "cc_conflicts", "Turns run again because somebody else was first", registry=registry
        )
        self._groups = Histogram(
            "cc_commit_units", "Units of work in one transaction", buckets=_GROUP_UNITS,
            registry=registry,
        )  # fmt: skip
        outbox = Gauge("cc_outbox", "Messages and events to send", ["state"], registry=registry)
        self._outbox_pending = outbox.labels("pending")
        self._outbox_dead = outbox.labels("dead")

    def answer_webhook(self, channel: str, route: str, outcome: str, seconds: float) -> None:
        """A delivery was answered: ``outcome`` ok, bad (a request we cannot read) or failed (an apology)."""
        self._webhooks[channel, route, outcome].inc()
        self._turn_seconds[channel,].observe(seconds)

    def refuse_forged(self, channel: str) -> None:
        """A delivery did not come from its provider."""
        self._forged[channel,].inc()

    def meet_duplicate(self, channel: str) -> None:
        """A delivery had come before."""
        self._duplicates[channel,].inc()

    def meet_conflict(self) -> None:
        """A turn is run again, because somebody else changed its contact first."""
        self._conflicts.inc()

    def commit_group(self, units: int) -> None:
        """The store committed ``units`` units of work in one transaction."""
        self._groups.observe(units)

    def start_contact(self, channel: str) -> None:
        """A contact began."""
        self._started[channel,].inc()

    def end_contact(self, channel: str, outcome: str) -> None:
        """A contact ended."""
        self._ended[channel, outcome].inc()

    def set_open_contacts(self, by_channel: Mapping[str, int]) -> None:
        """How many contacts are open, as counted in the store; channels not named have none."""
        for values, child in self._open.items():
            child.set(by_channel.get(values[0], 0))
        for channel, count in by_channel.items():
            self._open[channel,].set(count)

    def open_ticket(self, severity: str) -> None:
        """A ticket was opened (not: joined)."""
        self._tickets[severity,].inc()

    def set_outbox(self, pending: int, dead: int) -> None:
        """How much waits to be sent, and how much waits for a person."""
        self._outbox_pending.set(pending)
        self._outbox_dead.set(dead)

    def make_offer(self, delay: float) -> None:
        """An agent was asked, ``delay`` seconds after both were free."""
        self._offers["made",].inc()
        self._offer_delay.observe(delay)

    def end_offer(self, outcome: str) -> None:
        """An offer ended: ``outcome`` accepted, declined, expired or revoked."""
        self._offers[outcome,].inc()

    def meet_agent(self, waited: float) -> None:
        """A customer came to an agent after so many seconds in line."""
        self._waits.observe(waited)

    def set_waiting(self, by_queue: Mapping[str, int]) -> None:
        """How much waits in each queue; those not named have nothing."""
        for values, child in self._waiting.items():
            child.set(by_queue.get(values[0], 0))
        for queue, count in by_queue.items():
            self._waiting[queue,].set(count)

    def set_leading(self, leads: bool) -> None:
        """Whether this process leads routing."""
        self._leading.set(1 if leads else 0)

    def carry_out_effect(self, effect: str, outcome: str, seconds: float) -> None:
        """An effect was carried out: ``outcome`` done, refused, failed or timeout."""
        self._effects[effect, outcome].inc()
        self._effect_seconds[effect,].observe(seconds)

    def ask_rasa(self, outcome: str) -> None:
        """A message was given to a Rasa server: answered, fell_back (the embedded bot answered), ..."""
        self._rasa[outcome,].inc()

    def exposition(self) -> tuple[bytes, str]:
        """The answer of ``GET /metrics``: body and content type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
