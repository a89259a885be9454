"""Checks of this machine and of what belongs to us: database, flows, bot, Redis, disk, clock."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

import ivr_flows
from bot.embedded import SHIPPED_PROJECT, EmbeddedBot, ProjectError
from contact_center.doctor.finding import Finding, Patient
from contact_center.live import LiveDown, open_live
from crm_store import migrate, schema
from crm_store.errors import Refused, StoreError
from crm_store.store import Store
from ivr_flows.lint import check as check_flows

SHIPPED_FLOWS = Path(ivr_flows.__file__).with_name("definitions")
LOW_SPACE = 1_000_000_000
NO_SPACE = 100_000_000
OLDEST_PRESENT = datetime(2026, 1, 1, tzinfo=UTC)
MOST_SKEW = 2.0


async def check_store(patient: Patient) -> Finding:
    """The database answers, has this version's tables, and can be written."""
    return await asyncio.to_thread(_store, patient)


def _store(patient: Patient) -> Finding:
    url = patient.config.store.url
    file = sqlite_file(patient)
    if file is not None and not file.exists():
        folder = _nearest_folder(file)
        if not _writable(folder):
            return Finding(
                "store", "fail", f"{folder} cannot be written", "give this user the right, or set store.url"
            )
        return Finding("store", "ok", f"{url} is made at the first start")
    try:
        with closing(Store(url.get_secret_value())) as store:
            if migrate.pending(store.engine):
                return Finding(
                    "store",
                    "warn",
                    f"{url} has an older schema ({migrate.current(store.engine) or 'none'})",
                    "`contact-center serve` brings it up to date when it starts; back it up before",
                )
            _write_nothing(store)
    except Refused as error:
        return Finding("store", "fail", str(error), "run the newer version of the program")
    except (StoreError, sa.exc.SQLAlchemyError, OSError) as error:
        reason = type(error.__cause__ or error).__name__
        return Finding(
            "store",
            "fail",
            f"{url} does not answer or cannot be written ({reason})",
            "check that it runs, that store.url, user and password are right, and that this user may write",
        )
    return Finding("store", "ok", f"{url} answers, has revision {migrate.head()} and can be written")


def _write_nothing(store: Store) -> None:
    """Change no row, in a transaction that must be allowed to."""
    table = schema.metadata.tables["contacts"]
    with store.writing() as connection:
        connection.execute(table.delete().where(table.c.id == ""))


def sqlite_file(patient: Patient) -> Path | None:
    """The database's file; None where it is none."""
    url = sa.make_url(patient.config.store.url.get_secret_value())
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def _nearest_folder(path: Path) -> Path:
    return next(parent for parent in path.absolute().parents if parent.exists())


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


async def check_flow_definitions(patient: Patient) -> Finding:
    """The flows load, and every line has one."""
    settings = patient.config.flows
    folder = Path(settings.folder) if settings.folder else SHIPPED_FLOWS
    loaded, findings = await asyncio.to_thread(check_flows, folder)
    remedy = "`contact-center flows check` shows each with its line"
    if loaded is None:
        return Finding("flows", "fail", f"{len(findings)} mistakes in {folder}", remedy)
    missing = sorted(set(settings.lines.values()) - set(loaded.flows))
    if missing:
        return Finding(
            "flows",
            "fail",
            f"the configuration names flows that {folder} does not have: {', '.join(missing)}",
            f"name one of {', '.join(sorted(loaded.flows))} in the section flows",
        )
    if findings:
        return Finding("flows", "warn", f"{len(findings)} warnings in {folder}", remedy)
    return Finding("flows", "ok", f"{len(loaded.flows)} flows in {folder}")


async def check_bot(patient: Patient) -> Finding:
    """The bot's project can be run."""
    settings = patient.config.bot
    project = Path(settings.project) if settings.project else SHIPPED_PROJECT
    try:
        bot = await asyncio.to_thread(EmbeddedBot.load, project)
    except ProjectError as error:
        return Finding("bot", "fail", str(error), "mend the file of the bot's project")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Finding("bot", "fail", f"{project} cannot be read: {reason}", "set bot.project")
    await bot.close()
    return Finding("bot", "ok", f"the project in {project} can be run")


async def check_live(patient: Patient) -> Finding:
    """Redis answers, where one is configured."""
    if not patient.config.live.redis_url.get_secret_value():
        return Finding("live state", "ok", "kept in this process")
    live = await open_live(patient.config.live, patient.clock)
    try:
        await live.check()
    except LiveDown as error:
        what, _, remedy = str(error).partition(": ")
        return Finding("live state", "fail", what, remedy)
    finally:
        await live.close()
    return Finding("live state", "ok", f"Redis answers at {patient.config.live.redis_url}")


async def check_disk(patient: Patient) -> Finding:
    """There is room where the database and recordings are kept."""
    folder = _nearest_folder(sqlite_file(patient) or Path.cwd() / "var")
    free = shutil.disk_usage(folder).free
    what = f"{free / 1e9:.1f} GB free in {folder}"
    if free >= LOW_SPACE:
        return Finding("disk", "ok", what)
    return Finding("disk", "fail" if free < NO_SPACE else "warn", what, "make room, or move the database")


async def check_clock(patient: Patient) -> Finding:
    """The clock is plausible and agrees with the database server's."""
    now = patient.clock.now()
    remedy = "let the machine set its clock from the network (NTP)"
    if now < OLDEST_PRESENT:
        return Finding("clock", "fail", f"it is not {now:%Y-%m-%d}", remedy)
    skew = 0.0
    if sqlite_file(patient) is None:
        with suppress(StoreError, sa.exc.SQLAlchemyError, OSError):  # `check_store` says so
            skew = await asyncio.to_thread(_skew, patient)
    if abs(skew) > MOST_SKEW:
        return Finding("clock", "warn", f"it is {abs(skew):.0f} s off the database server's", remedy)
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _skew(patient: Patient) -> float:
    with closing(Store(patient.config.store.url.get_secret_value())) as store, store.reading() as connection:
        theirs = connection.execute(sa.select(sa.func.now())).scalar_one()
    if not isinstance(theirs, datetime) or theirs.tzinfo is None:
        return 0.0
    return (patient.clock.now() - theirs).total_seconds()
