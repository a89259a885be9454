"""The doctor: looks at everything an installation needs, and says how to mend each.

A check is a function of the `Patient` to a `Finding`, in the table `CHECKS`. None of them changes
anything.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from contact_center.clock import Clock, SystemClock
from contact_center.config import ConfigError, load
from contact_center.doctor import inside, outside
from contact_center.doctor.finding import Finding, Patient

__all__ = ["CHECKS", "Finding", "Patient", "examine"]

CHECKS: tuple[Callable[[Patient], Awaitable[Finding]], ...] = (
    inside.check_store,
    inside.check_flow_definitions,
    inside.check_bot,
    inside.check_live,
    outside.check_twilio,
    outside.check_desk_phone,
    outside.check_port,
    outside.check_public_url,
    outside.check_metrics,
    inside.check_disk,
    inside.check_clock,
)


def _named(path: Path | None) -> str:
    return str(path) if path is not None and path.is_file() else "no file (all defaults)"


async def examine(path: Path | None, environ: Mapping[str, str], clock: Clock | None = None) -> list[Finding]:
    """Every finding, the configuration's first; with a configuration that cannot be used, only those."""
    try:
        config = load(path, environ)
    except ConfigError as error:
        return [
            Finding("configuration", "fail", str(problem), "mend it; docs/configuration.md has every key")
            for problem in error.problems
        ]
    what = f"{_named(path)} and the environment are valid"
    patient = Patient(config, clock or SystemClock(), secrets.token_hex(16))
    # One after the other: two of them bind the same port.
    return [Finding("configuration", "ok", what), *[await _checked(check, patient) for check in CHECKS]]


async def _checked(check: Callable[[Patient], Awaitable[Finding]], patient: Patient) -> Finding:
    """The check's finding; a check that fails itself is one too."""
    try:
        async with asyncio.timeout(30):
            return await check(patient)
    except Exception as error:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        return Finding(
            name, "fail", f"it could not be checked ({type(error).__name__})", "please report this as a bug"
        )
