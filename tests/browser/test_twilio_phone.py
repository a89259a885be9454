"""The desk where Twilio carries the calls: the real SDK in a real browser, under the page's real policy.

Twilio itself is played here: its signalling by a WebSocket of the test, its media by another browser. What
they say to the SDK is what Twilio's servers say, as far as the SDK needs it.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from playwright.async_api import Route, WebSocketRoute, expect

from crm_store import agents
from tests.browser.people import Person, Street, street
from tests.browser.site import AGENT, Site

SECRET = "the-secret-of-the-key-0123456789ab"
CALL = f"CA{'1' * 32}"

TWILIO = f"""\
twilio:
  enabled: true
  account_sid: AC{"0" * 32}
  auth_token: ${{TEST_TWILIO_TOKEN}}
  api_base_url: http://127.0.0.1:9
  api_key_sid: SK{"0" * 32}
  api_key_secret: ${{TEST_TWILIO_SECRET}}
"""

OFFER = """async () => {
  const pc = window.far = new RTCPeerConnection()
  const stream = await navigator.mediaDevices.getUserMedia({audio: true})
  stream.getTracks().forEach((track) => pc.addTrack(track, stream))
  pc.ontrack = ({streams}) => {
    const sound = window.sound = new Audio()
    sound.srcObject = streams[0]
    void sound.play()
  }
  await pc.setLocalDescription()
  if (pc.iceGatheringState !== 'complete') {
    await new Promise((done) => pc.addEventListener('icegatheringstatechange', () =>
      pc.iceGatheringState === 'complete' && done()))
  }
  return pc.localDescription.sdp
}"""

ANSWER = "async (sdp) => await window.far.setRemoteDescription({type: 'answer', sdp})"


@pytest.fixture
async def at_twilio(
    tmp_path: Path, prepared: Path, browser_path: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Street]:
    monkeypatch.setenv("TEST_TWILIO_TOKEN", "token")
    monkeypatch.setenv("TEST_TWILIO_SECRET", SECRET)
    site = Site(tmp_path, prepared, TWILIO)
    await site.start()
    try:
        async with street(site, browser_path, tmp_path) as here:
            yield here
    finally:
        site.stop()


class Gateway:
    """Twilio's signalling, and at its far end a customer's browser."""

    def __init__(self, customer: Person) -> None:
        self.customer = customer
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self._socket: WebSocketRoute | None = None

    async def serve(self, desk: Person) -> None:
        """Play Twilio for this desk. The page's policy is asked before any of it."""
        await desk.page.route(re.compile(r"https://\w+\.twilio\.com/"), _accepted)
        await desk.page.route_web_socket(re.compile(r"^wss://voice-js\.roaming\.twilio\.com"), self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.on_message(self._take)

    async def _take(self, message: str | bytes) -> None:
        if not str(message).strip():
            self._send(None)
            return
        said = json.loads(message)
        kind, payload = said["type"], said.get("payload", {})
        self.heard.append((kind, payload))
        if kind == "listen":
            self._send("connected", edge="ashburn", region="US_EAST_VIRGINIA", token={"ttl": 3600})
        elif kind == "register":
            self._send("ready")
        elif kind == "answer":
            await self.customer.page.evaluate(ANSWER, payload["sdp"])

    def _send(self, kind: str | None, **payload: Any) -> None:
        assert self._socket is not None
        self._socket.send(json.dumps({"type": kind, "version": "1.6", "payload": payload}) if kind else "\n")

    async def calls(self, contact: str) -> None:
        """The customer calls the agent's browser."""
        sdp = await self.customer.page.evaluate(OFFER)
        given = {"CallSid": CALL, "From": "+14155550100", "To": "client:a", "Params": f"contact={contact}"}
        self._send("invite", callsid=CALL, sdp=sdp, parameters=given)

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [payload for said, payload in self.heard if said == kind]


async def _accepted(route: Route) -> None:
    await route.fulfill(status=200, headers={"Access-Control-Allow-Origin": "*"}, body="")


async def test_a_call_by_twilios_sdk(at_twilio: Street) -> None:
    customer, tom = await at_twilio.comes("customer"), await at_twilio.comes("agent")
    await customer.page.goto(f"{at_twilio.site.url}/desk/")
    gateway = Gateway(customer)
    await gateway.serve(tom)
    loaded: list[str] = []
    tom.page.on("request", lambda request: loaded.append(request.url))
    async with tom.page.expect_response("**/api/v1/phone/token") as answered:
        await tom.sign_in(AGENT)
    token = (await (await answered.value).json())["token"]
    said = jwt.decode(token, SECRET, algorithms=["HS256"])
    tom_id = at_twilio.site.read(
        lambda connection: next(one.id for one in agents.list_agents(connection) if one.email == AGENT)
    )
    assert said["grants"]["identity"] == tom_id

    bar = tom.page.get_by_role("region", name="Call", exact=True)
    await expect(tom.page.get_by_role("button", name="Go available").first).to_be_visible()
    await _until_registered(tom, gateway)
    await gateway.calls("con_1")
    await expect(bar).to_contain_text("+14155550100")
    await bar.get_by_role("button", name="Answer").click()
    await expect(bar).to_contain_text("connected")
    await tom.hears("customer")
    await customer.hears("agent")
    await bar.get_by_role("button", name="Hang up").click()
    await expect(bar).to_have_count(0)
    assert [payload["callsid"] for payload in gateway.told("hangup")] == [CALL]
    assert not [url for url in loaded if url.startswith("https://") and url.endswith(".js")]
    refused = [text for text in tom.problems if "Content Security Policy" in text or "violates" in text]
    assert refused == []


async def _until_registered(tom: Person, gateway: Gateway) -> None:
    while not gateway.told("register"):
        await tom.page.wait_for_timeout(50)
