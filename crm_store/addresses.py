"""Who a provider says is calling or writing, and what may be done with that address.

Only a valid telephone number is ever matched to a customer, called or texted. Everything else
that turns up as a caller id (withheld numbers, their keypad spellings, short codes, SIP and
browser clients, alphanumeric senders, numbers that cannot exist) is kept for the log and no more:
taken for a number it would merge strangers into one customer and fail when called back.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import msgspec
import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from crm_store.errors import Refused

IDENTITY_KINDS = ("phone", "email", "whatsapp", "web", "external")
"""What a customer can be known by."""

WITHHELD_WORDS = frozenset(
    {"anonymous", "restricted", "blocked", "unknown", "unavailable", "private", "withheld"}
)

KEYPAD_SPELLINGS = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
"""ANONYMOUS RESTRICTED BLOCKED UNKNOWN UNAVAILABLE as keyed: Twilio's From for a withheld number."""

_NEVER_CALLED = frozenset({PhoneNumberType.PREMIUM_RATE})  # a caller id can be forged to make us pay
_NEVER_TEXTED = _NEVER_CALLED | {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
    PhoneNumberType.PAGER,
}
_DIGITS = re.compile(r"[0-9]+")
_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 _+&.\-]{1,11}")
_NUMBER = re.compile(r"\+?[0-9 ().\-/]+")
_SHORT_CODE_DIGITS = range(3, 9)
_LONGEST = 255


class Address(msgspec.Struct, frozen=True):
    """An address and what it is good for.

    ``kind``: phone whatsapp client sip short_code sender anonymous invalid. ``value``: E.164 for
    phone and whatsapp, '' for anonymous, else the address as it came (without prefix). ``matchable``:
    may be a customer's identity. ``dialable`` and ``textable``: a call or a message may be sent
    there as far as numbers go (consent is another matter, see `crm_store.consents`). ``reason``
    says why not, '' where nothing is forbidden.
    """

    kind: str
    value: str
    dialable: bool = False
    textable: bool = False
    matchable: bool = False
    reason: str = ""


_ANONYMOUS = Address("anonymous", "", reason="the number is withheld")


@lru_cache(maxsize=16384)
def parse_address(raw: str, *, region: str | None = None) -> Address:
    """What ``raw`` (a provider's From or To, or a number that somebody typed) is.

    ``region`` (ISO 3166, as DE) is for numbers without country code; leave it None for caller
    ids. Never raises: callers send anything.
    """
    text = _plain(raw)
    if text[:9].lower() == "whatsapp:":
        digits = text[9:].strip().removeprefix("+")  # WhatsApp's own ids have no +
        number = _phone(f"+{digits}", None)
        if number.kind != "phone" or digits in KEYPAD_SPELLINGS:
            return Address("invalid", digits, reason="not a WhatsApp number")
        return Address("whatsapp", number.value, number.dialable, textable=True, matchable=True)
    if text[:7].lower() == "client:":
        return Address("client", text[7:], reason="a browser client, not a number")
    if text[:4].lower() == "sip:" or text[:5].lower() == "sips:":
        return Address("sip", text, reason="a SIP address, not a number")
    if text[:4].lower() == "tel:":
        text = text[4:].partition(";")[0].strip()
    if not text or text.lower() in WITHHELD_WORDS:
        return _ANONYMOUS
    return _number(text, region)


def normalise_identity(kind: str, value: str, *, region: str | None = None) -> str:
    """The one spelling in which an identity is stored and looked for: E.164, lower-case e-mail, ...

    Raises `Refused` for an unknown kind and for a value that may not be a customer's identity.
    """
    if len(value) > _LONGEST:
        raise Refused(f"an identity has at most {_LONGEST} characters")
    text = _plain(value)
    if kind in ("phone", "whatsapp"):
        address = parse_address(text, region=region)
        if not address.matchable:
            raise Refused(
                f"that {kind} address cannot be an identity: {address.reason}; give a full number with + "
                "and country code"
            )
        return address.value
    if kind == "email":
        local, at, domain = text.rpartition("@")
        if not at or not local or not domain or any(letter.isspace() for letter in text):
            raise Refused("that is not an e-mail address; write it as in name@example.com")
        return text.lower()
    if kind not in IDENTITY_KINDS:
        raise Refused(f"{kind!r} is not a kind of identity; use one of {', '.join(IDENTITY_KINDS)}")
    if not text:
        raise Refused(f"an identity of kind {kind} cannot be empty")
    return text


def mask(value: str) -> str:
    """``value`` as logs may show it: the country and the last two digits of a number (``+4915…42``),
    the first letter and domain of an e-mail, the last two characters of anything else."""
    prefix, colon, rest = value.rpartition(":")
    local, at, domain = rest.rpartition("@")
    if at:
        return f"{prefix}{colon}{local[:1]}…@{domain}"
    if rest.startswith("+") and len(rest) > 9:
        return f"{prefix}{colon}{rest[:5]}…{rest[-2:]}"
    return f"{prefix}{colon}…{rest[-2:]}" if len(rest) > 4 else f"{prefix}{colon}…"


def spoken(value: str) -> str:
    """An E.164 number grouped as people write and read it (``+49 1511 2345678``); anything else as it is."""
    address = parse_address(value)
    if address.kind not in ("phone", "whatsapp"):
        return value
    return phonenumbers.format_number(phonenumbers.parse(address.value), PhoneNumberFormat.INTERNATIONAL)


def _plain(raw: str) -> str:
    """Without the full-width forms of Chinese keyboards and the invisible marks that come with copying."""
    if raw.isascii() and raw.isprintable():
        return raw.strip()[:_LONGEST]
    text = unicodedata.normalize("NFKC", raw)
    return "".join(letter for letter in text if unicodedata.category(letter)[0] != "C").strip()[:_LONGEST]


def _number(text: str, region: str | None) -> Address:
    digits = text.removeprefix("+")
    if digits in KEYPAD_SPELLINGS and (text[0] == "+" or region is None):
        return _ANONYMOUS
    if not _NUMBER.fullmatch(text):
        if _SENDER.fullmatch(text):
            return Address("sender", text, reason="an alphanumeric sender, not a number")
        return Address("invalid", text, reason="not a telephone number")
    is_code = _DIGITS.fullmatch(text) is not None and len(text) in _SHORT_CODE_DIGITS
    if not (is_code and (region is None or len(text) <= 6)):
        address = _phone(text, region)
        if address.kind == "phone" or not is_code:
            return address
    return Address("short_code", text, reason="a short code, not a person's number")


def _phone(text: str, region: str | None) -> Address:
    if text[:1] != "+" and region is None:
        # Reading it as if the + were missing would take one country's numbers for another's.
        return Address("invalid", text, reason="a number without country code")
    try:
        number = phonenumbers.parse(text, region and region.upper())
    except phonenumbers.NumberParseException:
        return Address("invalid", text, reason="not a telephone number")
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        return Address("invalid", text, reason="no such number can exist")
    dialable = kind not in _NEVER_CALLED
    return Address(
        "phone",
        _e164(number),
        dialable,
        kind not in _NEVER_TEXTED,
        True,
        "" if dialable else "a premium-rate number",
    )


def _e164(number: phonenumbers.PhoneNumber) -> str:
    zeros = "0" * (number.number_of_leading_zeros or 1) if number.italian_leading_zero else ""
    return f"+{number.country_code}{zeros}{number.national_number}"
