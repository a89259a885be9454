"""Names in the documents are names in the code, and what must be documented is."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from contact_center import contact
from contact_center.channels import CHANNELS
from contact_center.doctor import CHECKS
from contact_center.effects import HANDLERS
from contact_center.observe.metrics import Metrics
from contact_center.routing import ORDERS, STRATEGIES
from contact_center.routing.model import Overflow, QueuePolicy, Ring
from crm_store.journal import KINDS
from ivr_flows.nodes import NODES
from tests.docs.pages import FENCE, ROOT, name, pages, read, section, spans

ARCHITECTURE = read("docs/architecture.md")
OPERATIONS = read("docs/operations.md")
CODE_NAME = re.compile(r"^([\w/]+\.py):([\w.]+)$")
PATH = re.compile(r"^[\w.-]+/[\w./-]*$")
TOPS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")} - {"var"}


def code_names() -> list[str]:
    return sorted({span for span in spans(ARCHITECTURE) if CODE_NAME.match(span)})


@pytest.mark.parametrize("written", code_names())
def test_a_name_in_the_architecture_exists(written: str) -> None:
    file, _, path = written.partition(":")
    assert (ROOT / file).is_file()
    found: object = importlib.import_module(
        file.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
    )
    for part in path.split("."):
        found = getattr(found, part)


def test_the_path_of_a_call_is_told_with_names() -> None:
    told = section(ARCHITECTURE, "One call, step by step")
    assert len([span for span in spans(told) if CODE_NAME.match(span)]) >= 15


@pytest.mark.parametrize("page", pages(), ids=name)
def test_paths_that_a_page_names_exist(page: Path) -> None:
    written = {span.partition(":")[0] for span in spans(page.read_text(encoding="utf-8"))}
    paths = {path for path in written if PATH.match(path) and path.partition("/")[0] in TOPS}
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_the_layout_is_the_one_on_disk() -> None:
    block = next(text for language, text in FENCE.findall(section(ARCHITECTURE, "The parts")) if not language)
    missing, top = [], ""
    for line in block.splitlines():
        if not line.startswith(" "):
            top = line.split("/")[0]
        written = re.findall(r"[a-z_]+\.py\b|\b[a-z_]+/(?=\s)", line if line.startswith(" ") else f"{top}/ ")
        folder = ROOT / top if line.startswith(" ") else ROOT
        missing += [f"{top}: {item}" for item in written if not (folder / item).exists()]
    assert missing == []
    assert top == "contact_center"


def test_every_metric_is_documented_and_no_other() -> None:
    kinds = {"counter": "_total"}
    ours = {
        metric.name + kinds.get(metric.type, "")
        for metric in Metrics().registry.collect()
        if metric.name.startswith("cc_")
    }
    assert set(re.findall(r"^\| `(cc_\w+)`", section(OPERATIONS, "Metrics"), re.MULTILINE)) == ours


def test_every_channel_is_documented() -> None:
    text = section(ARCHITECTURE, "Security")
    assert [channel for channel in CHANNELS if f"`{channel}`" not in text] == []


def test_every_node_and_effect_is_documented() -> None:
    text = section(ARCHITECTURE, "Flows and replay")
    effects = [str(effect.__struct_config__.tag) for effect in HANDLERS]
    assert [word for word in (*NODES, *effects) if f"`{word}`" not in text] == []
    assert f"{len(NODES)} node kinds" in read("README.md")
    assert f"{len(NODES)} node kinds" in read("CHANGELOG.md")


def test_every_kind_of_journal_entry_is_documented_and_no_other() -> None:
    table = section(ARCHITECTURE, "The journal").partition("|---|---|")[2]
    assert sorted(spans(table)) == sorted(KINDS)


def test_every_state_and_outcome_of_a_contact_is_documented() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", section(ARCHITECTURE, "A contact's life"), re.MULTILINE)
    states = [contact.IN_FLOW, contact.WAITING, contact.CONNECTED, contact.ENDED]
    assert rows == [*states, *contact.OUTCOMES]


def test_every_check_of_the_doctor_is_documented() -> None:
    text = section(OPERATIONS, "The doctor").lower()
    words = {"flow_definitions": "flows", "disk": "disk space"}
    names = [check.__name__.removeprefix("check_") for check in CHECKS]
    assert [known for known in names if words.get(known, known.replace("_", " ")) not in text] == []


def test_every_library_that_is_needed_is_explained() -> None:
    project = read("pyproject.toml")
    needed = re.search(r"(?ms)^dependencies = \[\n(.*?)^\]", project)
    assert needed
    libraries = re.findall(r'"([\w-]+)', needed[1])
    text = section(ARCHITECTURE, "Libraries, and where there is none").lower()
    assert len(libraries) > 10
    assert [library for library in libraries if library.lower() not in text] == []


def test_every_strategy_order_and_field_of_a_policy_is_documented() -> None:
    text = read("docs/routing.md")
    fields = [*QueuePolicy.__struct_fields__, *Ring.__struct_fields__, *Overflow.__struct_fields__]
    assert [word for word in (*ORDERS, *fields) if f"`{word}`" not in text] == []
    assert [word for word in STRATEGIES if f"### {word}" not in text] == []
