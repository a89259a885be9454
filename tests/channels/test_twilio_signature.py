"""Signatures: equal to twilio's own validator where that one is right, and right where it is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from contact_center.channels.base import Forged, Inbound
from contact_center.channels.twilio_signature import TwilioSignature

TOKEN = "12345"
Pairs = tuple[tuple[str, str], ...]


class Multi(dict[str, Any]):
    """Pairs as twilio's validator takes those with duplicate names."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def getall(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]


def sign(url: str, pairs: Pairs = (), token: str = TOKEN, hash_name: str = "sha1") -> str:
    """As Twilio's documentation describes it, written down independently of the code."""
    text = url
    for name in sorted({name for name, _ in pairs}):
        for value in sorted({value for key, value in pairs if key == name}):
            text += name + value
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hash_name).digest()).decode()


def request(target: str, signature: str | None, form: Pairs = (), **more: Any) -> Inbound:
    headers = {} if signature is None else {"x-twilio-signature": signature}
    query = more.pop("query", ())
    return Inbound("r", "POST", target, query, form, headers | more.pop("headers", {}), **more)


def accepted(public: str, inbound: Inbound, *, tokens: tuple[str, ...] = (TOKEN,), **how: Any) -> bool:
    try:
        TwilioSignature(tokens, public).verify(inbound, **({"voice": True} | how))
    except Forged:
        return False
    return True


FORM: Pairs = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
)

FORMS: dict[str, Pairs] = {
    "documented": FORM,
    "empty": (),
    "duplicate names": (("Sid", "b"), ("Sid", "a"), ("Sid", "b"), ("A", "x")),
    "untrimmed": (("Body", "  two spaces  "), ("Name", "\tx\n")),
    "empty values": (("ToZip", ""), ("ToCity", "")),
    "unknown parameters": (*FORM, ("AddOns", '{"status":"successful"}'), ("BrandNew2027", "1")),
    "unicode": (("Body", "你好，世界 🌍"), ("FromCity", "ZÜRICH")),
    "case matters": (("a", "1"), ("B", "2"), ("A", "3")),
}
URLS = {
    "https": ("https://example.com", "/voice?foo=1&bar=2"),
    "https with port": ("https://example.com:8443", "/voice"),
    "https with 443": ("https://example.com:443", "/voice"),
    "http": ("http://example.com", "/voice"),
    "http with port": ("http://example.com:1234", "/voice?c=x%20y+z"),
    "query as sent": ("https://example.com", "/v?b=2&a=1&a=%2F&empty=&%E4%BD%A0=1"),
    "root": ("https://example.com", "/"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(("public", "target"), URLS.values(), ids=URLS)
def test_agrees_with_twilios_validator(public: str, target: str, form: Pairs) -> None:
    theirs = RequestValidator(TOKEN)
    host = public.partition("://")[2].partition(":")[0]
    scheme = public.partition("://")[0]
    port = public.partition("://")[2].partition(":")[2] or ("443" if scheme == "https" else "80")
    signed = (
        f"{scheme}://{host}{target}",
        f"{scheme}://{host}:{port}{target}",
        f"{scheme}://{host}:99{target}",
    )
    for url in signed:
        signature = sign(url, form)
        wanted = theirs.validate(public + target, Multi(form), signature)
        for voice in (True, False):
            assert accepted(public, request(target, signature, form), voice=voice) is wanted
    assert accepted(public, request(target, sign(signed[0], form), form))
    assert accepted(public, request(target, sign(signed[1], form), form))
    assert not accepted(public, request(target, sign(signed[2], form), form))


word = st.text(st.characters(codec="utf-8"), max_size=12)
path = st.text("abcXYZ019/_-.~%&=+", max_size=30).map(lambda text: "/" + text)


@settings(deadline=None)
@given(
    form=st.lists(st.tuples(word, word), max_size=8).map(tuple),
    target=path,
    query=st.text("abc=&%20+", min_size=1, max_size=20),
    host=st.sampled_from(["example.com", "h", "a-b.example", "203.0.113.7"]),
    port=st.sampled_from(["", ":80", ":443", ":8080"]),
    scheme=st.sampled_from(["http", "https"]),
    tampered=st.booleans(),
)
def test_agrees_with_twilios_validator_for_any_form(
    form: Pairs, target: str, query: str, host: str, port: str, scheme: str, tampered: bool
) -> None:
    public, target = f"{scheme}://{host}{port}", f"{target}?{query}"
    theirs = RequestValidator(TOKEN)
    signature = theirs.compute_signature(public + target, Multi(form))
    sent = (*form, ("Added", "x")) if tampered else form
    wanted = theirs.validate(public + target, Multi(sent), signature)
    assert accepted(public, request(target, signature, sent)) is wanted
    assert wanted is not tampered or ("Added", "x") in form


@pytest.mark.parametrize(
    ("public", "signed"),
    [
        ("https://user:pass@example.com", "https://example.com/x"),
        ("https://user:pass@example.com:8443", "https://example.com/x"),
        ("https://user:pass@example.com:8443", "https://example.com:8443/x"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]/x"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]/x"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443/x"),
        ("https://Example.COM", "https://Example.COM/x"),
        ("https://example.com/", "https://example.com/x"),
        ("https://example.com/cc", "https://example.com/cc/x"),
        ("https://example.com/cc/", "https://example.com:443/cc/x"),
    ],
)
def test_public_urls_of_every_form(public: str, signed: str) -> None:
    assert accepted(public, request("/x", sign(signed, FORM), FORM))
    assert not accepted(public, request("/y", sign(signed, FORM), FORM))


def test_a_proxy_may_keep_the_prefix() -> None:
    signature = sign("https://example.com/cc/x?a=1", FORM)
    assert accepted("https://example.com/cc", request("/cc/x?a=1", signature, FORM))
    assert not accepted(
        "https://example.com/cc", request("/ccx", sign("https://example.com/ccx", FORM), FORM)
    )


@pytest.mark.parametrize("header", ["host", "x-forwarded-host", "x-original-host", "forwarded"])
def test_what_the_sender_says_of_the_host_is_not_believed(header: str) -> None:
    told = {header: "evil.example", "x-forwarded-proto": "http"}
    signature = sign("https://evil.example/x", FORM)
    assert not accepted("https://example.com", request("/x", signature, FORM, headers=told))
    assert accepted(
        "https://example.com", request("/x", sign("https://example.com/x", FORM), FORM, headers=told)
    )


def test_every_field_counts() -> None:
    signature = sign("https://example.com/x", FORM)
    for forged in (
        FORM[1:],
        (*FORM, ("Extra", "")),
        (("Digits", "9"), *FORM),
        tuple((n, v.strip("4")) for n, v in FORM),
    ):
        assert not accepted("https://example.com", request("/x", signature, forged))
    assert accepted("https://example.com", request("/x", signature, tuple(reversed(FORM))))


def test_get_requests_are_signed_by_their_url() -> None:
    target = "/x?Digits=1&CallSid=CA1"
    assert accepted("https://example.com", request(target, sign("https://example.com" + target)))
    assert not accepted("https://example.com", request(target + "2", sign("https://example.com" + target)))
    assert not accepted("https://example.com", request(target, sign("https://example.com" + target), FORM))


BODY = b'{"event": "x"}'
HASH = hashlib.sha256(BODY).hexdigest()
JSON = {"content-type": "application/json"}


def test_json_bodies_are_signed_by_their_hash() -> None:
    target = f"/x?bodySHA256={HASH}"
    signature = sign("https://example.com" + target)
    query = (("bodySHA256", HASH),)
    assert RequestValidator(TOKEN).validate("https://example.com" + target, BODY.decode(), signature)
    assert accepted("https://example.com", request(target, signature, body=BODY, query=query, headers=JSON))
    assert not accepted(
        "https://example.com", request(target, signature, body=BODY + b" ", query=query, headers=JSON)
    )
    assert not accepted(
        "https://example.com", request(target, signature, body=b"", query=query, headers=JSON)
    )


@pytest.mark.parametrize("headers", [JSON, {"content-type": "text/plain"}, {}])
def test_a_body_without_a_hash_is_forged(headers: dict[str, str]) -> None:
    inbound = request("/x", sign("https://example.com/x"), body=BODY, headers=headers)
    with pytest.raises(Forged, match="bodySHA256"):
        TwilioSignature([TOKEN], "https://example.com").verify(inbound, voice=True)


def test_several_tokens_while_one_is_changed() -> None:
    inbound = request("/x", sign("https://example.com/x", FORM, token="new"), FORM)
    assert accepted("https://example.com", inbound, tokens=("old", "new"))
    assert not accepted("https://example.com", inbound, tokens=("old",))


@pytest.mark.parametrize(
    ("settings", "hash_name", "valid"),
    [
        ("key=k,algorithm=HMAC_SHA256", "sha256", True),
        ("key=k,algorithm=hmac_sha1", "sha1", True),
        ("key=k", "sha1", True),
        ("key=k,algorithm=HMAC_SHA256", "sha1", False),
        ("algorithm=HMAC_MD5", "md5", False),
    ],
)
def test_the_algorithm_of_shared_keys(settings: str, hash_name: str, valid: bool) -> None:
    headers = {"x-twilio-webhooks-signature-settings": settings}
    signature = sign("https://example.com/x", FORM, hash_name=hash_name)
    assert accepted("https://example.com", request("/x", signature, FORM, headers=headers)) is valid


@pytest.mark.parametrize(
    "signed", ["wss://example.com/ws/", "wss://example.com/ws", "https://example.com:443/ws"]
)
def test_websocket_handshakes(signed: str) -> None:
    for target in ("/ws", "/ws/"):
        assert accepted("https://example.com", request(target, sign(signed)), websocket=True)
    assert not accepted("https://example.com", request("/other", sign(signed)), websocket=True)


def test_websocket_under_a_prefix_with_a_query() -> None:
    signature = sign("wss://example.com/cc/ws/?a=1")
    assert accepted("https://example.com/cc", request("/ws?a=1", signature), websocket=True)
    assert accepted("https://example.com/cc", request("/cc/ws?a=1", signature), websocket=True)


@pytest.mark.parametrize("signature", [None, "", "x", "é", "A" * 28 + "=", "\ud800"])
def test_no_signature_or_nonsense_is_forged(signature: str | None) -> None:
    assert not accepted("https://example.com", request("/x", signature, FORM))


def test_what_cannot_be_encoded_is_forged() -> None:
    assert not accepted(
        "https://example.com", request("/x", sign("https://example.com/x"), (("a", "\ud800"),))
    )


def test_the_refusal_says_what_to_check_and_nothing_personal() -> None:
    private: Pairs = (("From", "+14155550123"), ("Body", "my secret"))
    check = TwilioSignature([TOKEN], "https://user:pw@example.com/cc")
    with pytest.raises(Forged) as caught:
        check.verify(request("/x?Caller=%2B14155550123", "wrong", private), voice=True)
    told = str(caught.value)
    assert "https://example.com/cc" in told
    assert "auth token" in told
    for secret in ("4155550123", "secret", "pw", TOKEN):
        assert secret not in told


@pytest.mark.parametrize(
    "public",
    ["", "example.com", "ftp://example.com", "https://", "https://h:x", "https://h/?a", "https://h/#a"],
)
def test_an_unusable_public_url_is_refused_at_start(public: str) -> None:
    with pytest.raises(ValueError, match="public URL"):
        TwilioSignature([TOKEN], public)


@pytest.mark.parametrize("tokens", [(), ("",)])
def test_without_a_token_nothing_starts(tokens: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="auth token"):
        TwilioSignature(tokens, "https://example.com")


@settings(deadline=None)
@given(
    signature=st.text(max_size=30),
    target=st.text(max_size=30),
    form=st.lists(st.tuples(st.text(), st.text()), max_size=4),
)
def test_arbitrary_requests_are_forged_and_never_fail(
    signature: str, target: str, form: list[tuple[str, str]]
) -> None:
    assert not accepted("https://example.com/cc", request(target, signature, tuple(form)))
    assert not accepted("https://example.com/cc", request(target, signature), websocket=True)
