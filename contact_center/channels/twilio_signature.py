"""Whether a webhook is from Twilio: its signature, against the public URL that is configured.

Twilio signs the URL that it calls and the form it sends, with HMAC-SHA1 and the account's auth
token (twilio.com/docs/usage/security). The URL is rebuilt from configuration and the request's path
and query: ``Host`` and ``X-Forwarded-*`` are the sender's to choose and are never looked at. The
result is that of `twilio.request_validator.RequestValidator` for a twentieth of its cost, and right also
where that one is not: with userinfo or an IPv6 host in the URL, with JSON bodies, with what is no
text at all (tests/channels/test_twilio_signature.py compares the two).
"""

from __future__ import annotations

import hashlib
import hmac
from binascii import b2a_base64
from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, urlsplit

from contact_center.channels.base import Forged, Inbound

_HEADER = "x-twilio-signature"
_ALGORITHM_HEADER = "x-twilio-webhooks-signature-settings"  # key=...,algorithm=HMAC_SHA256
_DIGESTS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_WEBSOCKET_SCHEMES = {"http": "ws", "https": "wss"}


class TwilioSignature:
    """Checks signatures made with any of ``auth_tokens`` for URLs under ``public_url``.

    Several tokens serve while the account's token is being changed. ``public_url`` may have
    userinfo (Twilio does not sign it), a port, and a path, which a proxy before us may strip or keep.
    Raises ValueError where there is no token, or no URL to check against.
    """

    def __init__(self, auth_tokens: Sequence[str], public_url: str) -> None:
        self._tokens = tuple(token.encode() for token in auth_tokens if token)
        if not self._tokens:
            raise ValueError(
                "there is no Twilio auth token; without one no webhook can be told from a forgery"
            )
        self._keys: dict[tuple[bytes, str], hmac.HMAC] = {}
        parts = _split(public_url)
        host, port = _host_and_port(parts)
        self._prefix = parts.path.rstrip("/")
        self._bases = {voice: _bases(parts.scheme, host, port, voice=voice) for voice in (True, False)}
        sockets = _WEBSOCKET_SCHEMES[parts.scheme]
        self._socket_bases = (*_bases(sockets, host, port, voice=True), *self._bases[True])
        self._shown = self._bases[False][0] + self._prefix

    def verify(self, inbound: Inbound, *, voice: bool, websocket: bool = False) -> None:
        """Raise `Forged` unless Twilio sent ``inbound``; the text says what to check.

        ``voice`` only says which spelling of the port is likelier; both are tried, because Twilio's
        products differ. A ``websocket`` handshake may be signed with or without a slash at the end.
        """
        given = inbound.headers.get(_HEADER)
        if not given:
            raise Forged(
                "there is no X-Twilio-Signature header: the request is not from Twilio, or a proxy removes it"
            )
        digest = _digest_of(inbound.headers.get(_ALGORITHM_HEADER, ""))
        urls = self._socket_urls(inbound.target) if websocket else self._urls(inbound.target, voice)
        try:
            wanted = given.encode()
            signed = "" if websocket else _signed_fields(inbound)
            for url in urls:
                message = (url + signed).encode()
                for token in self._tokens:
                    # A copied HMAC keeps the interpreter's lock, where hmac.digest lets go of it and may
                    # have to wait for its turn behind the store's writer: that costs ten times the hash.
                    keyed = self._keyed(token, digest).copy()
                    keyed.update(message)
                    made = b2a_base64(keyed.digest(), newline=False)
                    if hmac.compare_digest(made, wanted):
                        return
        except UnicodeEncodeError:
            raise Forged("the request holds characters that cannot have been sent") from None
        raise Forged(
            "the signature does not match. Check that the auth token is the account's primary one (or "
            "list the new one too while it is being changed), and that public_url, which is "
            f"{self._shown}, is the address that is entered at Twilio, letter by letter"
        )

    def _keyed(self, token: bytes, digest: str) -> hmac.HMAC:
        found = self._keys.get((token, digest))
        if found is None:
            found = self._keys[token, digest] = hmac.new(token, digestmod=digest)
        return found

    def _urls(self, target: str, voice: bool) -> Iterator[str]:
        """The spellings of the called URL, the likeliest first."""
        kept = bool(self._prefix) and target.startswith((self._prefix + "/", self._prefix + "?"))
        for base in self._bases[voice]:
            if kept:
                yield base + target
            yield base + self._prefix + target

    def _socket_urls(self, target: str) -> Iterator[str]:
        path, question, query = target.partition("?")
        slashed = path.rstrip("/") + "/" + question + query
        bare = path.rstrip("/") + question + query
        for base in self._socket_bases:
            for spelling in dict.fromkeys((target, slashed, bare)):
                yield base + self._prefix + spelling
                if self._prefix and spelling.startswith(self._prefix + "/"):
                    yield base + spelling


def _split(public_url: str) -> SplitResult:
    try:
        parts = urlsplit(public_url)
        valid = parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.query or parts.fragment:
        raise ValueError(
            "the public URL must read like https://calls.example.com or https://example.com/calls: "
            "http or https, a host, and no ? or #"
        )
    return parts


def _host_and_port(parts: SplitResult) -> tuple[str, int | None]:
    """The host as it is written (IPv6 in brackets, capitals kept: Twilio signs what it was given)."""
    place = parts.netloc.rpartition("@")[2]
    host = place[: place.rindex("]") + 1] if place.startswith("[") else place.partition(":")[0]
    return host, parts.port


def _bases(scheme: str, host: str, port: int | None, *, voice: bool) -> tuple[str, ...]:
    """Scheme and host with and without the port. Voice over https drops a port that is there."""
    bare = f"{scheme}://{host}"
    if port is None:
        secure = scheme in ("https", "wss")
        return bare, f"{bare}:{443 if secure else 80}"
    with_port = f"{bare}:{port}"
    return (bare, with_port) if voice and scheme != "http" else (with_port, bare)


def _digest_of(settings: str) -> str:
    """The hash that the header names, SHA-1 where it names none."""
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            digest = _DIGESTS.get(value.strip().upper())
            if digest is None:
                raise Forged(
                    "the request is signed with an algorithm that is not known here; update the program"
                )
            return digest
    return "sha1"


def _signed_fields(inbound: Inbound) -> str:
    """What follows the URL in the signed text: the form's fields by name, equal pairs once."""
    if inbound.form:
        return "".join([name + value for name, value in sorted(set(inbound.form))])
    if inbound.body or inbound.headers.get("content-type", "").startswith("application/json"):
        _check_body(inbound)
    return ""


def _check_body(inbound: Inbound) -> None:
    """A body that is no form is signed by its hash in the query, and only by that."""
    for name, value in inbound.query:
        if name == "bodySHA256":
            if hmac.compare_digest(hashlib.sha256(inbound.body).hexdigest().encode(), value.encode()):
                return
            raise Forged(
                "the body is not the one that was signed (bodySHA256 differs); does a proxy change it?"
            )
    raise Forged("the body is not signed: it is no form, and there is no bodySHA256 in the query")
