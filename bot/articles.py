"""Frequent questions, answered from a folder of articles.

An article is one Markdown file a language, ``articles/<language>/<name>.md``::

    ---
    questions:
      - How much is shipping?
      - Is delivery free?
    spoken: Shipping is free from fifty euros.
    ---
    Shipping is free from 50 euros; below that it costs 4.90.

``questions`` are how people ask (they are training examples of the intent `INTENT` too); ``spoken`` is
what the telephone says instead of the text, where it should be shorter. The same name in another
language's folder is the same article, so a question in one language finds the answer in another.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from bot.runtime import BotError

INTENT = "faq"
"""The intent whose examples the articles' questions are."""

FOLDER = "articles"
"""The folder of the articles in a project."""

_SIZES = (2, 3, 4)
_ENCODER_SHARE = 0.7
_SPACE = re.compile(r"\s+")
_FENCE = "---"

Encode = Callable[[Sequence[str]], Any]
"""Texts -> a NumPy matrix of unit rows, one a text (see `bot.nlu`)."""


class ArticleError(BotError):
    """An article that cannot be used; ``file`` is relative to the project."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file
        self.problem = problem


class Article(msgspec.Struct, frozen=True):
    """One answer; ``written`` and ``spoken`` by language."""

    name: str
    questions: tuple[str, ...]
    written: dict[str, str]
    spoken: dict[str, str]

    def text(self, language: str, *, spoken: bool) -> str:
        """The answer in ``language``, else in the first language that has it."""
        if language not in self.written:
            language = next(iter(self.written), "")
        short = self.spoken.get(language, "") if spoken else ""
        return short or self.written.get(language, "")


class Found(msgspec.Struct, frozen=True):
    """An article and how well it fits: 1 where one of its questions was asked word by word, 0 where
    nothing in it is alike."""

    article: Article
    score: float


class Articles:
    """The articles of a project, to be searched by question."""

    def __init__(self, articles: Sequence[Article], encode: Encode | None = None) -> None:
        self._questions = [(question, one) for one in articles for question in one.questions]
        self._encode = encode
        texts = [question for question, _ in self._questions]
        self._grams = _GramIndex(texts)
        self._vectors = encode(texts) if encode and texts else None

    def find(self, question: str) -> Found | None:
        """The article that fits best, None where there are none or nothing was asked."""
        if not self._questions or not question.strip():
            return None
        scores = self._grams.similarities(question)
        if self._vectors is not None and self._encode is not None:
            cosines = self._vectors @ self._encode([question])[0]
            scores = [
                _ENCODER_SHARE * max(0.0, float(cosine)) + (1 - _ENCODER_SHARE) * gram
                for cosine, gram in zip(cosines, scores, strict=True)
            ]
        best = max(range(len(scores)), key=scores.__getitem__)
        return Found(self._questions[best][1], round(min(1.0, scores[best]), 4))


class _GramIndex:
    """Cosine of character n-grams, weighted by how rare they are, through an inverted index."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [_grams(text) for text in texts]
        seen = Counter(gram for found in counts for gram in found)
        total = len(texts) + 1
        self._rarity = {gram: math.log(total / (1 + count)) + 1 for gram, count in seen.items()}
        self._unknown = math.log(total) + 1
        self._postings: dict[str, list[tuple[int, float]]] = {}
        self._size = len(texts)
        for number, found in enumerate(counts):
            for gram, weight in self._weighted(found).items():
                self._postings.setdefault(gram, []).append((number, weight))

    def _weighted(self, counts: Counter[str]) -> dict[str, float]:
        raw = {
            gram: (1 + math.log(count)) * self._rarity.get(gram, self._unknown)
            for gram, count in counts.items()
        }
        length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        return {gram: weight / length for gram, weight in raw.items()}

    def similarities(self, text: str) -> list[float]:
        scores = [0.0] * self._size
        for gram, weight in self._weighted(_grams(text)).items():
            for number, other in self._postings.get(gram, ()):
                scores[number] += weight * other
        return scores


def _grams(text: str) -> Counter[str]:
    padded = f" {_SPACE.sub(' ', text.lower()).strip(' ?？!！.。')} "
    return Counter(padded[i : i + size] for size in _SIZES for i in range(len(padded) - size + 1))


def load_articles(project: Path) -> tuple[Article, ...]:
    """The articles of a project's folder, sorted by name; none where there is no such folder.

    Raises `ArticleError` with the file for one that cannot be read or says nothing.
    """
    folder = project / FOLDER
    texts: dict[str, dict[str, tuple[list[str], str, str]]] = {}
    for path in sorted(folder.glob("*/*.md")):
        texts.setdefault(path.stem, {})[path.parent.name] = _read(path, path.relative_to(project).as_posix())
    return tuple(
        Article(
            name=name,
            questions=tuple(question for questions, _, _ in languages.values() for question in questions),
            written={language: written for language, (_, written, _) in languages.items()},
            spoken={language: spoken for language, (_, _, spoken) in languages.items() if spoken},
        )
        for name, languages in sorted(texts.items())
    )


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    questions: list[str]
    spoken: str = ""


def _read(path: Path, file: str) -> tuple[list[str], str, str]:
    """Questions, written and spoken answer of one file."""
    try:
        raw = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ArticleError(file, f"the article cannot be read as UTF-8 text: {error}") from error
    parts = raw.split(f"{_FENCE}\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise ArticleError(file, "an article begins with its questions between two lines '---'")
    try:
        head = msgspec.convert(yaml.safe_load(parts[1]), _Head)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise ArticleError(file, f"the head of the article is not right: {error}") from error
    text = _SPACE.sub(" ", parts[2]).strip()
    if not text or not any(question.strip() for question in head.questions):
        raise ArticleError(file, "an article has at least one question and a text")
    return [question.strip() for question in head.questions], text, _SPACE.sub(" ", head.spoken).strip()
