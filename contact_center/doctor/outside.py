"""Checks of how the world reaches us and of those we reach: port, public URL, metrics, Twilio."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from contact_center.config.sections import Twilio
from contact_center.doctor.finding import Finding, Patient
from contact_center.loopback import is_own_host

_STOP = "stop it, or set server.port to a free one"


async def check_port(patient: Patient) -> Finding:
    """The port is free, or it is this program that listens on it."""
    server = patient.config.server
    name = f"{server.host}:{server.port}"
    try:
        _bind(server.host, server.port).close()
    except PermissionError:
        return Finding("port", "fail", f"{name} needs more rights", "set server.port to 1024 or more")
    except OSError as error:
        if await who_answers(f"{_local_url(patient)}/healthz", patient) in ("ours", "alike"):
            return Finding("port", "ok", f"the contact centre is running on {name}")
        reason = error.strerror or type(error).__name__
        return Finding("port", "fail", f"{name} cannot be had: {reason}", _STOP)
    return Finding("port", "ok", f"{name} is free")


async def check_public_url(patient: Patient) -> Finding:
    """`server.public_url` leads to this program, by TLS and without detours.

    Where the program is not running, the doctor itself listens on its port for the moment.
    """
    url = patient.config.server.public_url
    if not url:
        return _no_public_url(patient)
    parts = urlsplit(url)
    if parts.scheme != "https":
        return Finding("public url", "fail", f"{url} is not https", "put a proxy with TLS in front of it")
    try:
        await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port or 443)
    except OSError:
        return Finding("public url", "fail", f"{parts.hostname} has no address", "mend the name in the DNS")
    async with standing_in(patient) as paths:
        answer = await who_answers(f"{url}/healthz", patient)
    return judge(url, parts.path, answer, paths)


def _no_public_url(patient: Patient) -> Finding:
    if patient.config.twilio.enabled:
        return Finding(
            "public url",
            "fail",
            "server.public_url is not set, and Twilio's signatures are checked against it",
            "set server.public_url to the https:// URL that Twilio calls",
        )
    return Finding("public url", "ok", "none: only this machine or network reaches the program")


def judge(url: str, prefix: str, answer: str, paths: list[str]) -> Finding:
    """What an answer to the question means; ``paths`` are those that arrived at the doctor."""
    kept = prefix and any(path.startswith(f"{prefix}/") for path in paths)
    if kept:
        what, remedy = f"the proxy passes {prefix} on", "let it remove that path before it passes requests on"
    elif answer == "ours":
        return Finding("public url", "ok", f"{url} leads here")
    elif answer == "alike":
        return Finding(
            "public url",
            "warn",
            f"a contact centre answers at {url}, which need not be this one",
            "stop it and run the doctor again to be sure",
        )
    elif answer.startswith("3"):
        what = f"{url} redirects ({answer}), and providers do not follow with what they sent"
        remedy = "set server.public_url to where it leads"
    elif answer == "other":
        what, remedy = f"another program answers at {url}", "point the proxy at server.host and server.port"
    else:
        what, remedy = f"{url} answers: {answer}", "check the proxy, its certificate and where it leads"
    return Finding("public url", "fail", what, remedy)


async def check_metrics(patient: Patient) -> Finding:
    """The metrics are for those who are to read them: asked for without a token, over the public URL, too."""
    settings, server = patient.config.metrics, patient.config.server
    if not settings.enabled:
        return Finding("metrics", "ok", "not served")
    told = f"{server.public_url}/metrics"
    outward = server.public_url and not is_own_host(urlsplit(server.public_url).hostname or "")
    if outward and await _tells_numbers(told, patient):
        return Finding(
            "metrics",
            "fail",
            f"the world can read {told}",
            "keep that path inside at the proxy, or set metrics.token",
        )
    if settings.token.get_secret_value():
        return Finding("metrics", "ok", "for whoever sends metrics.token")
    if not settings.open:
        return Finding("metrics", "ok", "for this machine")
    if is_own_host(server.host):
        return Finding("metrics", "ok", f"open to whoever reaches {server.host}")
    return Finding(
        "metrics",
        "warn",
        f"open to whoever reaches {server.host}:{server.port}",
        "set metrics.token instead of metrics.open, unless only your own machines are in that network",
    )


async def _tells_numbers(url: str, patient: Patient) -> bool:
    """Whether somebody without a token is answered in Prometheus' format."""
    timeout = aiohttp.ClientTimeout(total=patient.patience)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            return answer.status == 200 and b"# HELP " in await answer.content.read(100_000)
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


async def check_twilio(patient: Patient) -> Finding:
    """Twilio knows the account and the token."""
    settings = patient.config.twilio
    if not settings.enabled:
        return Finding("twilio", "ok", "not enabled")
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        async with asyncio.timeout(settings.timeout_seconds + 1):
            status = await asyncio.to_thread(_account_status, settings)
    except TwilioRestException as error:
        if error.status in (401, 403, 404):
            return Finding(
                "twilio",
                "fail",
                f"Twilio refuses account and token (HTTP {error.status}, error {error.code})",
                "take both from the console's front page; a token of an API key is another one",
            )
        return _unreachable(settings, f"HTTP {error.status}")
    except (TwilioException, OSError, TimeoutError, ValueError) as error:
        return _unreachable(settings, type(error).__name__)
    if status != "active":
        return Finding("twilio", "fail", f"the account is {status}", "see the console for why")
    if not (settings.messaging_sender or settings.messaging_service_sid):
        return Finding(
            "twilio",
            "warn",
            "the account is active, but no sender of messages is configured",
            "set twilio.messaging_sender or twilio.messaging_service_sid, or only answers can be sent",
        )
    return Finding("twilio", "ok", "the account is active")


async def check_desk_phone(patient: Patient) -> Finding:
    """Calls can ring in the desk: Twilio knows the API key that browsers' access is signed with."""
    name, settings = "desk phone", patient.config.twilio
    if not settings.enabled:
        return Finding(name, "ok", "Twilio does not carry it")
    if not settings.has_api_key:
        return Finding(
            name,
            "warn",
            "agents cannot take calls in the browser: no API key of Twilio's is configured",
            "make one in Twilio's console, set twilio.api_key_sid and twilio.api_key_secret (docs/twilio.md)",
        )
    from twilio.base.exceptions import TwilioException

    try:
        async with asyncio.timeout(settings.timeout_seconds + 1):
            status = await asyncio.to_thread(_api_key_status, settings)
    except (TwilioException, OSError, TimeoutError, ValueError) as error:
        return _unreachable(settings, type(error).__name__, name)
    if status in (401, 403, 404):
        return Finding(
            name,
            "fail",
            f"Twilio refuses the API key (HTTP {status})",
            "take SID and secret of a standard key of this very account; the secret is shown only once",
        )
    if status != 200:
        return _unreachable(settings, f"HTTP {status}", name)
    return Finding(name, "ok", "Twilio knows the API key")


def _unreachable(settings: Twilio, why: str, name: str = "twilio") -> Finding:
    return Finding(
        name,
        "fail",
        f"{settings.api_base_url} does not answer as it should ({why})",
        "check the network, a firewall, and twilio.api_base_url",
    )


def _account_status(settings: Twilio) -> str:
    """The account's status in Twilio's words; blocks. Importing the client takes half a second."""
    client = _client(settings, settings.account_sid, settings.auth_tokens[0])
    return str(client.api.accounts(settings.account_sid).fetch().status)


def _api_key_status(settings: Twilio) -> int:
    """What Twilio answers to a question that any standard key may ask; blocks."""
    client = _client(settings, settings.api_key_sid, settings.api_key_secret.get_secret_value())
    url = f"{settings.api_base_url}/2010-04-01/Accounts/{settings.account_sid}/Conferences.json"
    answer = client.request("GET", url, params={"PageSize": 1})
    if answer.status_code == 200 and "conferences" not in json.loads(answer.text):
        raise ValueError("it is not Twilio that answers")
    return int(answer.status_code)


def _client(settings: Twilio, user: str, password: str) -> Any:
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    http = TwilioHttpClient(timeout=settings.timeout_seconds)
    client: Any = Client(user, password, settings.account_sid, http_client=http)
    client.api.base_url = settings.api_base_url
    return client


# --- asking ourselves -----------------------------------------------------------------------------


def _local_url(patient: Patient) -> str:
    return patient.config.server.model_copy(update={"public_url": ""}).own_url


async def who_answers(url: str, patient: Patient) -> str:
    """Who answers at ``url``: ``ours`` (our nonce came back), ``alike``, ``other``, or why nobody does."""
    timeout = aiohttp.ClientTimeout(total=patient.patience)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, params={"nonce": patient.nonce}, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                return str(answer.status)
            body = await answer.content.read(1000)
    except aiohttp.ClientConnectorCertificateError:
        return "its certificate is not valid"
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return type(error).__name__
    if patient.nonce.encode() in body:
        return "ours"
    return "alike" if b'"live"' in body else "other"


@asynccontextmanager
async def standing_in(patient: Patient) -> AsyncIterator[list[str]]:
    """Answer for the program on its port, unless somebody listens there; gives the paths asked for."""
    paths: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.json_response({"status": "live", "nonce": patient.nonce})

    server = patient.config.server
    try:
        bound = _bind(server.host, server.port)
    except OSError:
        yield paths
        return
    app = web.Application()
    app.add_routes([web.get("/{path:.*}", answer)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, bound).start()
        yield paths
    finally:
        await runner.cleanup()
        bound.close()


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen()
    except OSError:
        bound.close()
        raise
    return bound
