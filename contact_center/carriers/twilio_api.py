"""Twilio's REST API through Twilio's own client: one opening, one circuit breaker, one reading of errors.

Shared by what sends messages and what controls calls. A request is tried again only where that cannot do a
thing twice: if it was surely not carried out (no connection, 429), and if it may be repeated also after an
error of Twilio's (5xx) or a connection that broke. A request that took too long is not tried again here:
whoever asked has waited long enough. Twilio's API of 2010 takes no idempotency key; that for a new
participant is its label (`TwilioCalls.dial`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import structlog

from contact_center.carriers.base import CarrierFailed, CarrierRefused
from contact_center.carriers.breaker import Breaker
from contact_center.clock import Clock, SystemClock
from contact_center.config.sections import Twilio

if TYPE_CHECKING:
    from twilio.rest import Client

log = structlog.get_logger(__name__)

OPTED_OUT = 21610
"""Twilio: "Attempt to send to unsubscribed recipient"."""

LABEL_IN_USE = 16026
"""Twilio: a participant with that label is in the conference already."""

_GONE = frozenset({20404, 21220, 16099})
"""No such resource, "Invalid call state", "Unexpected conference status": it is over (or never was)."""

_PASSING = frozenset({408, 425, 429})
"""HTTP statuses below 500 after which the same request may work later."""

_TRIES = 3
_PAUSE = 0.2  # seconds before the second try, twice that before the third

Pause = Callable[[float], Awaitable[None]]
Ask = Callable[["Client"], Awaitable[Any]]


class TwilioApi:
    """See the module."""

    def __init__(
        self,
        settings: Twilio,
        *,
        clock: Clock | None = None,
        breaker: Breaker | None = None,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.settings = settings
        self._clock = clock or SystemClock()
        self._breaker = breaker or Breaker()
        self._pause = pause
        self._client: Client | None = None
        self._opening = asyncio.Lock()

    async def ask(self, ask: Ask, *, repeatable: bool) -> Any:
        """What ``ask`` has to say to the client; its answer. Raises `CarrierRefused` and `CarrierFailed`.

        ``repeatable``: doing it twice is the same as doing it once.
        """
        client = await self._opened()
        for tried in range(_TRIES):
            if tried:
                await self._pause(_PAUSE * 2 ** (tried - 1))
            try:
                return await self._tried(client, ask)
            except _AgainError as again:
                failure = again
                if not (again.undone or repeatable):
                    break
        raise CarrierFailed(str(failure), unsure=not failure.undone)

    async def _tried(self, client: Client, ask: Ask) -> Any:
        """One try. Raises as `ask` does, and `_AgainError` for what another try may change."""
        from aiohttp import ClientConnectorError, ClientError
        from twilio.base.exceptions import TwilioException

        if not self._breaker.admits(self._clock.monotonic()):
            left = self._breaker.left(self._clock.monotonic())
            raise CarrierFailed(f"Twilio has failed again and again and is left alone for {left:.0f} s more")
        try:
            async with asyncio.timeout(self.settings.timeout_seconds):
                answer = await ask(client)
        except TwilioException as error:
            raise self._read(error) from None
        except TimeoutError:
            self._failed("time-out")
            raise CarrierFailed(
                f"Twilio did not answer in {self.settings.timeout_seconds:g} s", unsure=True
            ) from None
        except (ClientError, OSError) as error:
            self._failed(type(error).__name__)
            undone = isinstance(error, ClientConnectorError)
            raise _AgainError(f"Twilio could not be reached: {type(error).__name__}", undone=undone) from None
        except (ValueError, AttributeError, TypeError, KeyError):
            # What came is no JSON, or JSON of another shape than the client expects: not Twilio has answered.
            self._failed("unreadable")
            raise _AgainError("Twilio's answer could not be read", undone=False) from None
        self._breaker.succeeded()
        return answer

    def _read(self, error: Any) -> Exception:
        """Twilio's error as ours; also tells the breaker."""
        status, code = getattr(error, "status", None), getattr(error, "code", None)
        if status is None:  # of a list the client says no more than the response itself
            status = next(
                (found for part in error.args if (found := getattr(part, "status_code", None))), None
            )
        if not isinstance(status, int):
            self._failed("unreadable")
            return CarrierFailed(f"Twilio's client failed: {type(error).__name__}")
        if status >= 500 or status < 400:
            self._failed(str(status))
            return _AgainError(f"Twilio answered {status}", undone=False)
        self._breaker.succeeded()
        if status in _PASSING:
            return _AgainError(f"Twilio answered {status}", undone=status == 429)
        # A 404 without Twilio's code is not Twilio's: the base URL is wrong, and nothing is over.
        return CarrierRefused(str(code or status), opted_out=code == OPTED_OUT, gone=code in _GONE)

    def _failed(self, why: str) -> None:
        if self._breaker.failed(self._clock.monotonic()):
            left = self._breaker.left(self._clock.monotonic())
            log.error("Twilio's API fails and is left alone for a while", why=why, seconds=round(left))

    async def _opened(self) -> Client:
        """The client; importing it takes half a second, so it happens in a thread and only when needed."""
        async with self._opening:
            if self._client is None:
                make, http_client = await asyncio.to_thread(_classes)
                self._client = make(
                    self.settings.account_sid,
                    self.settings.auth_tokens[0],
                    http_client=http_client(timeout=self.settings.timeout_seconds),
                )
                self._client.api.base_url = self.settings.api_base_url
            return self._client

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.http_client.close()


class _AgainError(Exception):
    """It did not work, and may the next time. ``undone``: it was surely not carried out."""

    def __init__(self, message: str, *, undone: bool) -> None:
        super().__init__(message)
        self.undone = undone


def _classes() -> tuple[Any, Any]:
    from twilio.http.async_http_client import AsyncTwilioHttpClient
    from twilio.rest import Client

    return Client, AsyncTwilioHttpClient
