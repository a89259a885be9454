"""The terminal telephone while nobody types: in a queue, with an agent, and the keyboard that it reads."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any

import pytest

from contact_center.cli.call import MISSED_POLLS, POLL, Caller, Terminal, Unreached
from contact_center.cli.keyboard import Keyboard

Answer = dict[str, Any]

NOTHING: Answer = {"kind": "nothing"}
TALK: Answer = {"kind": "talk", "agent": ""}
ASK: Answer = {"kind": "answer", "keys": {"min": 1, "max": 1, "finish": "#"}, "options": []}


def queue(name: str = "sales", page: int = 0, every: float = 3 * POLL) -> Answer:
    return {"kind": "queue", "queue": name, "page": page, "every": every, "leave_keys": {"1": "call_back"}}


def answer(awaited: Answer, *said: str, messages: tuple[str, ...] = (), ended: bool = False) -> Answer:
    return {
        "say": [{"text": text, "language": "en"} for text in said],
        "messages": [{"id": "m", "text": text, "media": []} for text in messages],
        "await": awaited,
        "ended": ended,
        "reason": "done" if ended else "",
    }


OVER = answer(NOTHING, "Goodbye.", ended=True)


class Centre(Terminal):
    """Answers as it is told to, and notes what it was asked."""

    def __init__(self, *answers: Answer | None) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = list(answers)

    def send(self, event: str, **fields: Any) -> Answer:
        self.asked.append((event, fields))
        found = self._answers.pop(0)
        if found is None:
            raise Unreached("nobody there")
        return found


class Typist(Keyboard):
    """Types these lines; None: nothing for as long as is waited."""

    def __init__(self, *lines: str | None) -> None:
        self._lines = list(lines)
        self.waited: list[float | None] = []

    def line(self, seconds: float | None = None) -> str | None:
        self.waited.append(seconds)
        if not self._lines:
            raise EOFError
        return self._lines.pop(0)


def run(first: Answer, centre: Centre, typist: Typist, *, chat: bool = False) -> None:
    Caller(centre, typist, chat=chat).go_on(first)


def test_in_a_queue_it_asks_by_itself_and_plays_each_announcement_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    waiting = answer(queue(), "Please hold the line.")
    second = answer(queue(page=1), "You are number one.")
    centre = Centre(waiting, waiting, second, answer(TALK), OVER)
    run(waiting, centre, Typist(None, None, None, None, None))
    assert centre.asked == [
        ("wait", {"page": 0}),
        ("wait", {"page": 0}),
        ("wait", {"page": 1}),
        ("wait", {"page": 1}),
        ("resume", {}),
    ]
    printed = capsys.readouterr().out
    assert printed.count("Please hold the line.") == 1
    assert printed.count("You are number one.") == 1
    assert printed.count("connected with an agent; hangup ends the call") == 1


def test_a_key_leaves_the_line_and_words_do_in_a_chat() -> None:
    centre = Centre(answer(queue()), OVER)
    run(answer(queue()), centre, Typist(None, "1"))
    assert centre.asked == [("wait", {"page": 0}), ("keys", {"digits": "1"})]
    centre = Centre(OVER)
    run(answer(queue()), centre, Typist("call me"), chat=True)
    assert centre.asked == [("words", {"text": "call me"})]


def test_enter_hears_the_next_announcement_at_once() -> None:
    centre = Centre(OVER)
    run(answer(queue(page=4)), centre, Typist(""))
    assert centre.asked == [("wait", {"page": 5})]


def test_being_moved_to_another_queue_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    centre = Centre(answer(queue("service"), "You are in another line."), OVER)
    run(answer(queue("sales")), centre, Typist(None, None))
    printed = capsys.readouterr().out
    assert printed.count("You are in another line.") == 1
    assert printed.index("waiting in sales") < printed.index("waiting in service")


def test_on_a_call_the_end_of_the_talk_is_noticed_and_the_flow_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    centre = Centre(answer(TALK), answer(TALK), answer(ASK, "How was it?"), OVER)
    run(answer(TALK), centre, Typist(None, "hello there", None, "5"))
    assert centre.asked == [("resume", {}), ("resume", {}), ("resume", {}), ("keys", {"digits": "5"})]
    printed = capsys.readouterr().out
    assert printed.count("connected with") == 1
    assert printed.count("How was it?") == 1


def test_back_in_line_and_with_somebody_else_is_said_again(capsys: pytest.CaptureFixture[str]) -> None:
    named = {"kind": "talk", "agent": "Ann"}
    centre = Centre(answer(queue()), answer(named), OVER)
    run(answer(TALK), centre, Typist(None, None, None))
    printed = capsys.readouterr().out
    assert "connected with an agent" in printed
    assert "connected with Ann" in printed


def test_in_a_chat_what_is_typed_is_sent_and_what_the_agent_wrote_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    centre = Centre(
        answer(TALK, messages=("Good day.",)),
        answer(TALK),
        answer(TALK, messages=("Of course.",)),
        answer(ASK, "Are you content?"),
        OVER,
    )
    run(answer(TALK), centre, Typist(None, "42", None, None, "yes"), chat=True)
    assert centre.asked[1] == ("words", {"text": "42"})
    printed = capsys.readouterr().out.splitlines()
    texts = [line for line in printed if line in ("Good day.", "Of course.", "Are you content?", "Goodbye.")]
    assert texts == ["Good day.", "Of course.", "Are you content?", "Goodbye."]


def test_hanging_up_while_waiting_or_talking_ends_it() -> None:
    for first in (answer(queue()), answer(TALK)):
        with pytest.raises(EOFError):
            run(first, Centre(), Typist("hangup"))


@pytest.mark.parametrize("first", [answer(queue()), answer(TALK)])
def test_a_restart_of_the_contact_centre_is_waited_for(
    first: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    run(first, Centre(None, None, OVER), Typist(None, None, None))
    printed = capsys.readouterr().out
    assert printed.count("still trying") == 1
    assert "Goodbye." in printed


def test_a_contact_centre_that_stays_away_is_not_waited_for_for_ever() -> None:
    silence = [None] * (MISSED_POLLS + 1)
    with pytest.raises(Unreached):
        run(answer(TALK), Centre(*silence), Typist(*silence))


def test_only_silence_without_a_break_counts() -> None:
    silence = [None] * MISSED_POLLS
    answers = [*silence, answer(TALK), *silence, OVER]
    run(answer(TALK), Centre(*answers), Typist(*[None] * len(answers)))


def test_a_question_is_waited_for_without_asking_again() -> None:
    typist = Typist("1")
    run(answer(ASK), Centre(OVER), typist)
    assert typist.waited == [None]


# --- the keyboard --------------------------------------------------------------------------------------


@pytest.fixture
def pipe() -> Iterator[tuple[Keyboard, int]]:
    """A keyboard that reads from a pipe, and the pipe's other end."""
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as stream:
        yield Keyboard(stream), writing


def test_a_pipe_gives_lines_as_they_come_and_ends(pipe: tuple[Keyboard, int]) -> None:
    keyboard, end = pipe
    assert keyboard.line(0) is None
    os.write(end, b"one\ntwo\r\nhal")
    assert [keyboard.line(0), keyboard.line(0), keyboard.line(0)] == ["one", "two", None]
    os.write(end, "f 你好".encode())
    os.close(end)
    assert keyboard.line() == "half 你好"
    with pytest.raises(EOFError):
        keyboard.line()


def test_an_empty_line_is_one(pipe: tuple[Keyboard, int]) -> None:
    keyboard, end = pipe
    os.write(end, b"\n\n")
    os.close(end)
    assert [keyboard.line(0), keyboard.line(0)] == ["", ""]
    with pytest.raises(EOFError):
        keyboard.line(0)


def test_a_stream_without_a_descriptor_is_read_as_it_comes() -> None:
    keyboard = Keyboard(io.StringIO("one\n\ntwo"))
    assert [keyboard.line(9), keyboard.line(9), keyboard.line(9)] == ["one", "", "two"]
    with pytest.raises(EOFError):
        keyboard.line(9)
