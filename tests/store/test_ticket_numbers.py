from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store import ticket_numbers
from crm_store.ticket_numbers import LENGTH, check_digit, draw, format_number, is_valid, parse, spoken

NUMBERS = st.builds(lambda seed: draw(Random(seed)), st.integers())


def test_the_check_digit_is_damms() -> None:
    assert check_digit("572") == "4"  # the example that is usually given


@given(NUMBERS)
def test_a_number_is_eight_digits_that_fit_and_begins_with_no_zero(number: str) -> None:
    assert len(number) == LENGTH
    assert number[0] != "0"
    assert is_valid(number)


@given(NUMBERS, st.integers(0, LENGTH - 1), st.integers(1, 9))
def test_any_wrong_digit_is_found(number: str, place: int, off_by: int) -> None:
    wrong = str((int(number[place]) + off_by) % 10)
    assert not is_valid(number[:place] + wrong + number[place + 1 :])


@given(NUMBERS, st.integers(0, LENGTH - 2))
def test_any_two_exchanged_neighbours_are_found(number: str, place: int) -> None:
    first, second = number[place], number[place + 1]
    exchanged = number[:place] + second + first + number[place + 2 :]
    assert is_valid(exchanged) == (first == second)


@given(NUMBERS, st.integers(0, LENGTH - 2))
def test_thirteen_for_thirty_and_so_on_to_ninety_is_found(number: str, place: int) -> None:
    if number[place] == "1" and number[place + 1] in "3456789":
        misheard = number[:place] + number[place + 1] + "0" + number[place + 2 :]
        assert not is_valid(misheard)


@given(NUMBERS, st.sampled_from(["en", "zh", "zh-CN", "de"]))
def test_what_is_read_out_is_understood_when_it_is_said_back(number: str, language: str) -> None:
    assert parse(spoken(number, language)) == number
    assert parse(format_number(number)) == number


def test_it_is_read_out_digit_by_digit_with_pauses() -> None:
    number = "1203" + "4567"
    assert format_number(number) == "1203-4567"
    assert spoken(number, "en") == "1, 2, 0, 3. 4, 5, 6, 7"
    assert spoken(number, "zh") == "幺、二、零、三，四、五、六、七"
    assert spoken(number, "zh-CN") == spoken(number, "zh")


@pytest.mark.parametrize(
    "text",
    [
        "13195763",
        " 1319 5763 ",
        "1319-5763.",
        "１３１９５７６３",
        "١٣١٩٥٧٦٣",
        "#13195763#",
        "one three one nine, five seven six three",
        "It is ONE three ONE nine five seven six three please",
        "一三一九五七六三",
        "编号是幺三幺九，五七陆三",
        "壹叁壹玖伍柒陆叁",
    ],
)
def test_a_number_is_understood_however_it_comes(text: str) -> None:
    assert parse(text) == "13195763"


def test_doubled_digits_are_understood() -> None:
    number = next(n for n in (draw(Random(seed)) for seed in range(999)) if n[1] == n[2] == "5")
    assert parse(f"{number[0]} double five {' '.join(number[3:])}") == number


@pytest.mark.parametrize(
    "text",
    ["", "help", "1319576", "131957633", "13195764", "00000000", "²3195763", "1" * 5000, "13195763 1"],
)
def test_anything_else_is_no_number(text: str) -> None:
    assert parse(text) is None


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    found = parse(text)
    assert found is None or is_valid(found)


def test_drawing_reaches_the_whole_range() -> None:
    firsts = {draw(Random(seed))[0] for seed in range(300)}
    assert firsts == set("123456789")
    assert ticket_numbers.LENGTH == 8
