"""A changed project is taken in while conversations go on; a broken one is refused and the old one stays."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.embedded import EmbeddedBot, ProjectError
from bot.nlu import NGRAMS
from bot.runtime import Message


def change(path: Path, old: str, new: str) -> None:
    before = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1_000_000_000))


async def started(folder: Path) -> EmbeddedBot:
    bot = EmbeddedBot.load(folder, encoder=NGRAMS)
    await bot.start()
    return bot


async def test_a_conversation_goes_on_with_the_new_project(write_project: Callable[..., Path]) -> None:
    folder = write_project()
    bot = await started(folder)
    asked = await bot.respond(Message("c", "/weather"))
    assert not await bot.reload()
    change(folder / "domain.yml", "It is fine in", "It rains in")
    assert await bot.reload()
    answered = await bot.respond(Message("c", "Oslo is it raining in Oslo"), asked.state)
    assert [reply.text for reply in answered.replies] == ["It rains in Oslo"]


async def test_a_broken_project_is_refused_once_and_the_old_one_stays(
    write_project: Callable[..., Path],
) -> None:
    folder = write_project()
    bot = await started(folder)
    change(folder / "data/rules.yml", "utter_hello", "utter_helo")
    with pytest.raises(ProjectError, match=r"data/rules\.yml:6: there is no action"):
        await bot.reload()
    assert not await bot.reload()
    assert (await bot.respond(Message("c", "/hello"))).actions == ("utter_hello",)
    change(folder / "data/rules.yml", "utter_helo", "utter_hello")
    assert await bot.reload()


async def test_a_new_article_is_a_change(write_project: Callable[..., Path]) -> None:
    folder = write_project()
    bot = await started(folder)
    (folder / "articles" / "en").mkdir(parents=True)
    (folder / "articles" / "en" / "new.md").write_text("---\nquestions: ['Why?']\n---\nBecause.\n")
    assert await bot.reload()
