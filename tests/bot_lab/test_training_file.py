"""Labelled messages become training data that the loader reads back, each sentence once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedded import ProjectError
from bot.embedded.load_nlu import NluReader
from bot.embedded.yaml_lines import read_yaml
from contact_center.bot_lab.masking import masked
from contact_center.bot_lab.samples import Sample
from contact_center.bot_lab.training_file import Blocks, Merged, as_example, as_yaml, merged, read_blocks
from crm_store.bot_reviews import BotReview
from tests.bot_lab.making import sample

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
INTENTS = ["joke", "refund"]


def row(text: str, label: str, number: int = 0) -> BotReview:
    return BotReview(
        id=f"rev_{number}", text=text, language="en", channel="web", intent="", confidence=0.1, runner_up="",
        runner_up_confidence=0.0, understood=False, times=1, contact_id=None, status="labelled", label=label,
        reviewed_by="ann", reviewed_at=AT, first_seen_at=AT, last_seen_at=AT,
    )  # fmt: skip


def merge(rows: Sequence[BotReview], present: Blocks | None = None, project: Sequence[Sample] = ()) -> Merged:
    return merged(rows, present or {}, project, INTENTS)


def test_what_is_new_is_added_once() -> None:
    rows = [row("make me laugh", "joke"), row("MAKE ME LAUGH", "joke"), row("my money", "refund")]
    found = merge(rows, {"joke": ["a [funny](kind) one"]})
    assert found.blocks == {"joke": ["a [funny](kind) one", "make me laugh"], "refund": ["my money"]}
    assert (found.added, found.known, found.left_out) == (2, 1, ())


def test_what_the_file_or_the_project_has_is_known() -> None:
    rows = [row("A funny one", "joke"), row("my money", "refund")]
    found = merge(rows, {"joke": ["a [funny](kind) one"]}, [sample("My money", "refund")])
    assert (found.added, found.known) == (0, 2)
    assert found.blocks == {"joke": ["a [funny](kind) one"]}


@pytest.mark.parametrize(
    ("text", "label", "why"),
    [
        ("my money", "joke", "it is an example of refund already"),
        ("a funny one", "refund", "it is an example of joke already"),
        ("sing", "song", "the project has no intent song"),
        ("/joke", "joke", "nothing is left to learn from"),
    ],
)
def test_what_cannot_be_learnt_is_left_out_and_said_why(text: str, label: str, why: str) -> None:
    found = merge([row(text, label)], {"joke": ["a funny one"]}, [sample("my money", "refund")])
    assert [(one.text, one.why) for one in found.left_out] == [(text, why)]
    assert found.added == 0


def test_two_labels_for_one_sentence_are_the_first_ones() -> None:
    found = merge([row("hm", "joke", 1), row("Hm", "refund", 2)])
    assert found.blocks == {"joke": ["hm"]}
    assert [one.id for one in found.left_out] == ["rev_2"]


def test_a_file_is_merged_with_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "reviewed.yml"
    assert read_blocks(file) == {}
    blocks = {"refund": ["my money", "给我 <amount> 退款"], "joke": ["a [funny](kind) one"]}
    file.write_text(as_yaml(blocks), encoding="utf-8")
    assert read_blocks(file) == blocks
    assert as_yaml(read_blocks(file)) == file.read_text(encoding="utf-8")
    assert file.read_text(encoding="utf-8").splitlines()[:5] == [
        'version: "3.1"', "", "nlu:", "  - intent: joke", "    examples: |",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["nlu:\n- lookup: city\n  examples: |\n    - Rome\n", "stories: []\n", "nlu:\n- intent: a\n"]
)
def test_another_kind_of_file_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match=r"other\.yml:\d"):
        read_blocks(file)


@given(st.lists(st.tuples(st.text(min_size=1), st.sampled_from(INTENTS)), max_size=12))
def test_whatever_customers_said_is_read_back_by_the_loader(said: list[tuple[str, str]]) -> None:
    found = merge([row(masked(text), label, at) for at, (text, label) in enumerate(said)])
    if not found.added:
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / "reviewed.yml"
        file.write_text(as_yaml(found.blocks), encoding="utf-8")
        reader = NluReader()
        reader.read(read_yaml(file, file.parent).mapping()["nlu"])
        assert read_blocks(file) == found.blocks
    wanted = {(text, intent) for intent, texts in found.blocks.items() for text in texts}
    assert {(one.text, one.intent) for one in reader.finish().examples} == wanted
    assert not reader.entities


@given(st.text())
def test_an_example_is_one_clean_line_without_marks(text: str) -> None:
    once = as_example(text)
    assert as_example(once) == once
    assert not set(once) & set("[]{}\n\r")
