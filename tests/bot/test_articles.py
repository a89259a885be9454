"""Articles: read from files, found by question, refused with their file."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.articles import Article, ArticleError, Articles, load_articles
from bot.embedded import SHIPPED_PROJECT
from bot.embedded.load_project import load_project

HEAD = "---\nquestions:\n  - How much is it?\nspoken: Cheap.\n---\n"


def write(folder: Path, text: str, language: str = "en", name: str = "price") -> Path:
    path = folder / "articles" / language / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_files_of_one_name_are_one_article(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "It costs\n4 euros.\n")
    write(tmp_path, "---\nquestions: ['多少钱?']\n---\n四欧元。\n", "zh")
    (article,) = load_articles(tmp_path)
    assert article == Article(
        "price",
        ("How much is it?", "多少钱?"),
        {"en": "It costs 4 euros.", "zh": "四欧元。"},
        {"en": "Cheap."},
    )


def test_no_folder_means_no_articles(tmp_path: Path) -> None:
    assert load_articles(tmp_path) == ()
    assert Articles([]).find("anything") is None


BROKEN = [
    ("Just text", "begins with its questions"),
    ("---\nquestions: [a]\n", "begins with its questions"),
    ("---\nquestion: [a]\n---\ntext", "head of the article"),
    ("---\nquestions: a: b\n---\ntext", "head of the article"),
    ("---\nquestions: []\n---\ntext", "at least one question"),
    ("---\nquestions: [a]\n---\n \n", "at least one question and a text"),
]


@pytest.mark.parametrize(("text", "problem"), BROKEN)
def test_a_broken_article_is_refused_with_its_file(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ArticleError, match=problem) as refusal:
        load_articles(write(tmp_path, text))
    assert refusal.value.file == "articles/en/price.md"


def test_a_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    write(tmp_path, HEAD)
    (tmp_path / "articles/en/price.md").write_bytes(b"\xff\xfe")
    with pytest.raises(ArticleError, match="UTF-8"):
        load_articles(tmp_path)


def test_its_own_question_finds_every_shipped_article() -> None:
    articles = load_articles(SHIPPED_PROJECT)
    library = Articles(articles)
    for article in articles:
        assert {"en", "zh"} <= article.written.keys()
        for question in article.questions:
            found = library.find(question)
            assert found is not None
            assert (found.article.name, found.score) == (article.name, pytest.approx(1.0))


def test_what_is_alike_scores_between_and_hostile_text_is_no_matter() -> None:
    library = Articles(load_articles(SHIPPED_PROJECT))
    near = library.find("so how much does shipping cost me")
    assert near is not None
    assert (near.article.name, 0.3 < near.score < 1) == ("shipping-cost", True)
    for text in ("\x00" * 50, "{slot} %s", "a" * 2000, "。。。", "\ud800"):
        found = library.find(text)
        assert found is None or 0 <= found.score <= 1
    assert library.find("  ") is None


def test_questions_of_articles_are_examples_of_the_intent() -> None:
    project = load_project(SHIPPED_PROJECT)
    asked = {example.text for example in project.nlu.examples if example.intent == "faq"}
    assert "Do you sell gift cards?" in asked
    assert project.articles
