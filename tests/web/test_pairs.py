"""The quick reader of forms and queries is the standard library's, only quicker."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.channels.base import BadDelivery
from contact_center.web import MOST_FIELDS, pairs


def standard(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))


@given(st.text(alphabet="abc=&+%25eE0é;中 \x00", max_size=60))
def test_any_text_is_read_as_the_standard_library_reads_it(text: str) -> None:
    assert pairs(text) == standard(text)


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=20)), max_size=20))
def test_any_form_comes_back(fields: list[tuple[str, str]]) -> None:
    sendable = [(name, value) for name, value in fields if _is_sendable(name + value)]
    assert pairs(urlencode(sendable)) == tuple(sendable)


def _is_sendable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def test_too_many_fields_are_refused() -> None:
    assert len(pairs("&".join(["a=1"] * MOST_FIELDS))) == MOST_FIELDS
    with pytest.raises(BadDelivery):
        pairs("&".join(["a=1"] * (MOST_FIELDS + 1)))
