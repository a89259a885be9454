"""What happens is counted under the names that docs and dashboards use."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contact_center.observe.metrics import Metrics

GAUGES = ("cc_contacts_open", "cc_outbox", "cc_waiting", "cc_leading")


@pytest.mark.parametrize(
    ("happens", "sample", "labels", "value"),
    [
        (lambda m: m.answer_webhook("phone", "gather", "taken", 0.004), "cc_webhooks_total",
         {"channel": "phone", "route": "gather", "outcome": "taken"}, 1),
        (lambda m: m.answer_webhook("phone", "gather", "taken", 0.004), "cc_turn_seconds_bucket",
         {"channel": "phone", "le": "0.005"}, 1),
        (lambda m: m.answer_webhook("phone", "gather", "taken", 0.004), "cc_turn_seconds_bucket",
         {"channel": "phone", "le": "0.0025"}, 0),
        (lambda m: m.refuse_forged("sms"), "cc_forged_total", {"channel": "sms"}, 1),
        (lambda m: m.meet_duplicate("sms"), "cc_duplicates_total", {"channel": "sms"}, 1),
        (lambda m: m.meet_conflict(), "cc_conflicts_total", {}, 1),
        (lambda m: m.commit_group(20), "cc_commit_units_sum", {}, 20),
        (lambda m: m.start_contact("phone"), "cc_contacts_started_total", {"channel": "phone"}, 1),
        (lambda m: m.end_contact("phone", "completed"), "cc_contacts_ended_total",
         {"channel": "phone", "outcome": "completed"}, 1),
        (lambda m: m.set_open_contacts({"phone": 7}), "cc_contacts_open", {"channel": "phone"}, 7),
        (lambda m: m.open_ticket("high"), "cc_tickets_opened_total", {"severity": "high"}, 1),
        (lambda m: m.set_outbox(3, 1), "cc_outbox", {"state": "pending"}, 3),
        (lambda m: m.set_outbox(3, 1), "cc_outbox", {"state": "dead"}, 1),
        (lambda m: m.make_offer(0.004), "cc_offers_total", {"outcome": "made"}, 1),
        (lambda m: m.make_offer(0.004), "cc_offer_delay_seconds_bucket", {"le": "0.005"}, 1),
        (lambda m: m.end_offer("expired"), "cc_offers_total", {"outcome": "expired"}, 1),
        (lambda m: m.meet_agent(12.0), "cc_wait_seconds_sum", {}, 12),
        (lambda m: m.set_waiting({"sales": 3}), "cc_waiting", {"queue": "sales"}, 3),
        (lambda m: m.set_leading(True), "cc_leading", {}, 1),
        (lambda m: m.carry_out_effect("open_ticket", "done", 0.2), "cc_effects_total",
         {"effect": "open_ticket", "outcome": "done"}, 1),
        (lambda m: m.carry_out_effect("open_ticket", "done", 0.2), "cc_effect_seconds_sum",
         {"effect": "open_ticket"}, 0.2),
    ],
)  # fmt: skip
def test_what_happens_is_counted(
    happens: Callable[[Metrics], None], sample: str, labels: dict[str, str], value: float
) -> None:
    metrics = Metrics()
    happens(metrics)
    assert metrics.registry.get_sample_value(sample, labels) == value
    happens(metrics)
    again = metrics.registry.get_sample_value(sample, labels)
    assert again == (value if sample in GAUGES else 2 * value)


def test_a_channel_with_no_open_contacts_left_goes_to_zero() -> None:
    metrics = Metrics()
    metrics.set_open_contacts({"phone": 2, "sms": 1})
    metrics.set_open_contacts({"sms": 4})
    read = metrics.registry.get_sample_value
    assert read("cc_contacts_open", {"channel": "phone"}) == 0
    assert read("cc_contacts_open", {"channel": "sms"}) == 4


def test_two_processes_in_one_do_not_share_numbers() -> None:
    one, two = Metrics(), Metrics()
    one.meet_conflict()
    assert two.registry.get_sample_value("cc_conflicts_total") == 0


def test_the_exposition_is_prometheus_text() -> None:
    metrics = Metrics()
    metrics.start_contact("phone")
    body, content_type = metrics.exposition()
    names = {family.name for family in text_string_to_metric_families(body.decode())}
    assert content_type.startswith("text/plain")
    assert {"cc_contacts_started", "cc_turn_seconds", "process_cpu_seconds"} <= names
