"""The check of a project: every kind of finding, with its place, and nothing where all is well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.embedded import ProjectError
from bot.embedded.load_project import load_project
from bot.nlu import NGRAMS
from contact_center.bot_lab import project_check
from contact_center.bot_lab.checking import Checked, checked
from contact_center.bot_lab.learner import Learner
from contact_center.bot_lab.project_check import check_project, places_of, words_of_code
from contact_center.bot_lab.samples import read_held_out, samples_of
from tests.bot.conftest import SMALL_PROJECT

Write = Callable[..., Path]
CODE = frozenset({"utter_default", "utter_rephrase", "utter_handoff", "utter_action_unavailable"})


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the small project with changes ``(file, old, new)``."""

    def write(*changes: tuple[str, str, str]) -> Path:
        files = dict(SMALL_PROJECT)
        for name, old, new in changes:
            assert old in files[name]
            files[name] = files[name].replace(old, new, 1)
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def findings(folder: Path) -> list[tuple[str, str, str]]:
    found = check_project(load_project(folder), places_of(folder), CODE)
    assert {one.level for one in found} <= {"warning"}
    return [(one.kind, one.place, one.what) for one in found]


def test_a_project_that_is_whole_has_no_findings(write: Write) -> None:
    assert findings(write()) == []


LANGUAGE = """slots:
  language:
    type: categorical
    values: [en, zh]
    influence_conversation: false
    mappings:
      - type: custom
"""
STORY = "stories:\n  - story: S\n    steps:\n      - intent: {}\n      - action: {}\n"

CASES = [
    (
        [("domain.yml", "  utter_hello:", "  utter_never:\n    - text: Never\n  utter_hello:")],
        ("unused_response", "domain.yml:16", "nothing says utter_never"),
    ),
    (
        [("domain.yml", "forms:", "actions:\n  - action_idle\nforms:")],
        ("unused_action", "domain.yml:30", "no rule or story takes action_idle"),
    ),
    (
        [("domain.yml", "slots:", "slots:\n  idle:\n    type: text\n    influence_conversation: false\n"
                                  "    mappings:\n      - type: custom")],
        ("unused_slot", "domain.yml:9",
         "nothing fills the slot idle, and no form, rule, response or action uses it"),
    ),
    (
        [("domain.yml", "  - weather\n", "  - weather\n  - dance\n")],
        ("intent_without_examples", "domain.yml:5", "the intent dance has no examples and no button"),
    ),
    (
        [("domain.yml", "  - weather\n", "  - weather\n  - dance\n"),
         ("data/rules.yml", "rules:", "rules:\n  - rule: Dance\n    steps:\n      - intent: dance\n"
                                      "      - action: utter_default")],
        ("unreachable_rule", "data/rules.yml:3",
         "rule 'Dance' waits for dance, which no example and no button has"),
    ),
    (
        [("data/rules.yml", "      - action: weather_form\n      - active_loop: weather_form\n  - rule",
                            "      - action: utter_default\n  - rule")],
        ("unreachable_rule", "data/rules.yml:11",
         "rule 'The place is known' is for the form weather_form, which nothing begins"),
    ),
    (
        [("data/rules.yml", "rules:", STORY.format("hello", "utter_default") + "rules:")],
        ("unreachable_story", "data/rules.yml:3",
         "story 'S' wants utter_default after hello, where rule 'Hello' decides otherwise"),
    ),
    (
        [("data/rules.yml", "rules:", STORY.format("hello", "utter_hello") + "rules:")],
        ("unreachable_story", "data/rules.yml:3", "story 'S' says nothing that rules do not decide"),
    ),
    (
        [("domain.yml", "slots:\n", LANGUAGE)],
        ("response_language", "domain.yml:22", "utter_hello has no text in zh"),
    ),
    (
        [("domain.yml", "    - text: Hello\n", "    - text: Hello\n      buttons:\n        - {title: W, payload: /weather}\n")],  # noqa: E501
        ("response_voice", "domain.yml:16",
         "utter_hello has buttons in en, and no variation for the telephone (channel: voice)"),
    ),
    (
        [("domain.yml", "    - text: Hello\n", f"    - text: {'Hello there ' * 20}\n")],
        ("response_voice", "domain.yml:16",
         "utter_hello has a long text in en, and no variation for the telephone (channel: voice)"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "told"), CASES, ids=[f"{told[0]} {n}" for n, (_, told) in enumerate(CASES)]
)
def test_each_kind_of_finding_is_told_with_its_place(
    write: Write, changes: list[tuple[str, str, str]], told: tuple[str, str, str]
) -> None:
    assert told in findings(write(*changes))


def test_a_text_in_the_languages_writing_is_a_text_in_that_language(write: Write) -> None:
    folder = write(
        ("domain.yml", "slots:\n", LANGUAGE), ("domain.yml", "    - text: Hello", "    - text: 您好")
    )
    told = [what for kind, _, what in findings(folder) if "utter_hello" in what]
    assert told == ["utter_hello has no text in en"]


def test_a_voice_variation_is_enough(write: Write) -> None:
    spoken = "    - text: Hello\n      buttons:\n        - {title: W, payload: /weather}\n"
    spoken += "    - text: Hi\n      channel: voice\n"
    assert findings(write(("domain.yml", "    - text: Hello\n", spoken))) == []


def test_examples_are_counted_and_compared_with_their_places(write: Write) -> None:
    alike = "      - good day\n      - is it raining in Rome\n      - hi there\n"
    folder = write(("data/nlu.yml", "      - good day\n", alike))
    found = checked(folder, Learner(NGRAMS), few=3, seed=None)
    assert found.counts == {"hello": {"en": 4}, "weather": {"en": 2}}
    told = {(one.kind, one.place): one.what for one in found.findings}
    assert told.pop(("few_examples", "")) == "weather has 2 examples in en; at least 3 are wanted"
    assert told == {
        (
            "conflict",
            "data/nlu.yml:7",
        ): "“is it raining in Rome” of hello is nearly “is it raining in Oslo” of "
        "weather (data/nlu.yml:12): 1.00"
    }


def test_an_example_in_the_wrong_place_looks_mislabelled(write: Write) -> None:
    rain = "".join(f"      - is it raining in the {part} of town\n" for part in ("north", "south", "east"))
    wrong = "      - good day\n      - is it raining in the west of town\n"
    folder = write(
        ("data/nlu.yml", "      - good day\n", wrong),
        ("data/nlu.yml", "      - the weather in", f"{rain}      - the weather in"),
    )
    found = checked(folder, Learner(NGRAMS), few=1, seed=1)
    told = [(one.place, one.what) for one in found.findings if one.kind == "mislabelled"]
    assert [place for place, _ in told] == ["data/nlu.yml:7"]
    assert told[0][1].startswith("“is it raining in the west of town” of hello looks like weather (")


def test_a_project_that_cannot_be_run_is_one_error_with_its_place(write: Write) -> None:
    folder = write(("data/rules.yml", "- intent: hello", "- intent: hallo"))
    with pytest.raises(ProjectError) as refused:
        checked(folder, Learner(NGRAMS), few=1, seed=None)
    (found,) = Checked.refused(refused.value).findings
    assert (found.level, found.place) == ("error", "data/rules.yml:5")
    assert found.what == "there is no intent 'hallo'; did you mean 'hello'?"


def test_a_test_story_that_cannot_be_read_is_an_error_too(write: Write) -> None:
    folder = write()
    (folder / "tests").mkdir()
    (folder / "tests" / "test.yml").write_text("stories:\n- story: S\n", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"tests/test\.yml:2: a test story has"):
        checked(folder, Learner(NGRAMS), few=1, seed=None)


def test_words_of_code_are_the_texts_in_its_module() -> None:
    words = words_of_code([check_project])
    assert {"unused_response", "voice"} <= words
    assert words_of_code([project_check]) == words
    assert "Finding" not in words


def test_samples_say_where_they_stand_and_what_the_classifier_reads(write: Write) -> None:
    folder = write()
    found = {one.text: one for one in samples_of(load_project(folder), folder)}
    rome = found["the weather in Rome"]
    assert (rome.intent, rome.language, rome.place) == ("weather", "en", "data/nlu.yml:9")
    assert rome.fed.split() == ["the", "weather", "in", "<city>"]


def test_held_out_sentences_are_read_and_unknown_intents_refused(write: Write) -> None:
    folder = write()
    project = load_project(folder)
    file = folder / "held.yml"
    file.write_text("hello:\n- good evening\n- 你好\nweather: [snow in Oslo]\n", encoding="utf-8")
    found = read_held_out(file, project)
    assert [(one.text, one.intent, one.language, one.place) for one in found] == [
        ("good evening", "hello", "en", "held.yml:2"),
        ("你好", "hello", "zh", "held.yml:3"),
        ("snow in Oslo", "weather", "en", "held.yml:4"),
    ]
    file.write_text("hello: [x]\nhallo: [y]\n", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"held\.yml:2: there is no intent 'hallo'"):
        read_held_out(file, project)
