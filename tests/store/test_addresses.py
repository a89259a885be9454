"""Addresses: which are telephone numbers, and that nothing else is matched, called or texted."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.addresses import (
    KEYPAD_SPELLINGS,
    WITHHELD_WORDS,
    mask,
    normalise_identity,
    parse_address,
    spoken,
)
from crm_store.errors import Refused

FICTIONAL = "+12025550123"


@pytest.mark.parametrize(
    ("raw", "region", "value"),
    [
        (FICTIONAL, None, FICTIONAL),
        (" +1 (202) 555-0123 ", None, FICTIONAL),
        ("＋１２０２５５５０１２３", None, FICTIONAL),
        ("\u202a+12025550123\u202c", None, FICTIONAL),
        ("tel:+1-202-555-0123;phone-context=x", None, FICTIONAL),
        ("(202) 555-0123", "US", FICTIONAL),
        ("020 7946 0018", "GB", "+442079460018"),
        ("020 7946 0018", "gb", "+442079460018"),
        ("+39 06 1234 5678", None, "+390612345678"),
        ("+8613800138000", None, "+8613800138000"),
        ("7378742833", "US", "+17378742833"),  # a person's number there, and no keypad spelling
        ("81234567", "SG", "+6581234567"),
    ],
)
def test_numbers_become_e164(raw: str, region: str | None, value: str) -> None:
    address = parse_address(raw, region=region)
    assert (address.kind, address.value, address.reason) == ("phone", value, "")
    assert address.matchable
    assert address.dialable


def odd_addresses() -> list[tuple[str, str]]:
    withheld = [form(word) for word in sorted(WITHHELD_WORDS) for form in (str, str.upper, str.title)]
    withheld += [
        *sorted(KEYPAD_SPELLINGS),
        *(f"+{digits}" for digits in sorted(KEYPAD_SPELLINGS)),
        "",
        "  ",
        "\u200b",
        "tel:",
    ]
    return [(raw, "anonymous") for raw in withheld] + [
        ("client:agent_7", "client"),
        ("Client:+12025550123", "client"),
        ("sip:+12025550123@example.com", "sip"),
        ("sips:someone@example.com", "sip"),
        ("242", "short_code"),
        ("12345", "short_code"),
        ("86753090", "short_code"),
        ("MyBank", "sender"),
        ("A1 Taxi", "sender"),
        ("+15555550100", "invalid"),
        ("+1911", "invalid"),
        ("2025550123", "invalid"),
        ("12025550123", "invalid"),  # might be another country's number without its code
        ("+999123456789", "invalid"),
        ("+", "invalid"),
        ("+1" + "2" * 300, "invalid"),
        ("not a number at all", "invalid"),
        ("不显示号码", "invalid"),
        ("whatsapp:", "invalid"),
        ("whatsapp:+266696687", "invalid"),
        ("whatsapp:MyBank", "invalid"),
        ("\x00", "anonymous"),
    ]


@pytest.mark.parametrize(("raw", "kind"), odd_addresses())
def test_odd_caller_ids_are_good_for_nothing(raw: str, kind: str) -> None:
    address = parse_address(raw)
    assert address.kind == kind
    assert (address.matchable, address.dialable, address.textable) == (False, False, False)
    assert address.reason
    for identity in ("phone", "whatsapp"):
        with pytest.raises(Refused):
            normalise_identity(identity, raw)


@pytest.mark.parametrize("region", ["US", "DE", "CN", "PL"])
@pytest.mark.parametrize("digits", sorted(KEYPAD_SPELLINGS))
def test_keypad_spellings_are_withheld_in_every_region(digits: str, region: str) -> None:
    assert parse_address(f"+{digits}", region=region).kind == "anonymous"


def test_short_codes_stay_short_codes_where_they_could_be_local_numbers() -> None:
    assert parse_address("95566", region="CN").kind == "short_code"
    assert parse_address("12345", region="US").kind == "short_code"


def test_whatsapp_numbers() -> None:
    for raw in ("whatsapp:+12025550123", "WhatsApp:12025550123"):
        address = parse_address(raw)
        assert (address.kind, address.value) == ("whatsapp", FICTIONAL)
        assert address.matchable
        assert address.textable


def test_premium_rate_numbers_are_never_called_back() -> None:
    address = parse_address("+19002345678")
    assert address.kind == "phone"
    assert not address.dialable
    assert not address.textable
    assert address.reason


def test_landlines_are_called_and_not_texted() -> None:
    address = parse_address("+442079460018")
    assert address.dialable
    assert not address.textable


REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


@given(st.sampled_from(REGIONS), st.sampled_from([0, 1, 2, 6]))
def test_agrees_with_the_library_in_every_country(region: str, kind: int) -> None:
    example = phonenumbers.example_number_for_type(region, kind)
    if example is None:
        return
    text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    address = parse_address(text)
    assert (address.kind, address.value) == ("phone", text)
    national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    if parse_address(national, region=region).kind == "phone":
        assert parse_address(national, region=region).value == text


@given(st.from_regex(r"\+[0-9]{5,15}", fullmatch=True))
def test_whatever_counts_as_a_number_is_a_valid_one(raw: str) -> None:
    address = parse_address(raw)
    if raw[1:] in KEYPAD_SPELLINGS:
        assert address.kind == "anonymous"
        return
    try:
        number = phonenumbers.parse(raw)
    except phonenumbers.NumberParseException:
        assert address.kind == "invalid"
        return
    assert (address.kind == "phone") == phonenumbers.is_valid_number(number)
    if address.kind == "phone":
        assert address.value == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(st.text() | st.from_regex(r"(whatsapp:|client:|sip:|tel:)?\+?[0-9A-Za-z ]{0,16}", fullmatch=True))
def test_never_raises_and_a_value_stands_for_itself(raw: str) -> None:
    address = parse_address(raw)
    assert len(address.value) <= 255
    assert address.matchable or not (address.dialable or address.textable)
    assert address.value.encode().decode() == address.value
    if address.kind == "phone":
        assert parse_address(address.value) == address


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("phone", "+1 202 555 0123", FICTIONAL),
        ("whatsapp", "whatsapp:+12025550123", FICTIONAL),
        ("whatsapp", FICTIONAL, FICTIONAL),
        ("email", " Ada@Example.COM ", "ada@example.com"),
        ("web", "visitor-1", "visitor-1"),
        ("external", "SAP:100", "SAP:100"),
    ],
)
def test_identities_have_one_spelling(kind: str, value: str, stored: str) -> None:
    assert normalise_identity(kind, value) == stored
    assert normalise_identity(kind, stored) == stored


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "nobody"),
        ("email", "a b@example.com"),
        ("email", "@"),
        ("web", " "),
        ("fax", "1"),
        ("web", "x" * 256),
    ],
)
def test_identities_that_cannot_be(kind: str, value: str) -> None:
    with pytest.raises(Refused):
        normalise_identity(kind, value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("+4915112345642", "+4915…42"),
        ("whatsapp:+4915112345642", "whatsapp:+4915…42"),
        ("ada@example.com", "a…@example.com"),
        ("visitor-17", "…17"),
        ("1234", "…"),
        ("", "…"),
    ],
)
def test_mask(value: str, shown: str) -> None:
    assert mask(value) == shown


def test_spoken_groups_the_digits() -> None:
    assert spoken(FICTIONAL) == "+1 202-555-0123"
    assert spoken("client:agent") == "client:agent"
