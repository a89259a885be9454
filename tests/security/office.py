"""An office under test: the application, rows of every kind, and everybody who may knock at its door."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.engine import Connection

from contact_center.app import Application
from contact_center.room import Room
from contact_center.sign_in import cookie
from crm_store import agents, attachments, recordings, schema, sessions, tokens, visitors
from crm_store.agents import ROLES, AgentChanges, NewAgent
from crm_store.attachments import Attachment
from crm_store.recordings import RecordingReport
from tests.api.at_work import AtWork, Job
from tests.api.conftest import Api
from tests.api.samples import Samples

EVIL = "https://evil.example"
HASH = "$argon2id$canary-hash-of-a-password"

UNWATCHED = frozenset({("api_tokens", "last_used_at"), ("sessions", "seen_at")})
"""What every request may change: when somebody was last here."""

NOTED = frozenset({"sign_in.refused"})
"""Lines of the audit trail that a refusal itself may write."""


@dataclass(frozen=True)
class Knock:
    """How somebody comes to the door: with these headers, and the rights of ``role`` ('' = none at all).

    ``reads_only``: with a cookie alone, so that nothing may be changed. ``away``: from another site's page.
    """

    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    reads_only: bool = False
    away: bool = False

    def may(self, role: str, method: str) -> bool:
        """Whether a request that needs ``role`` is allowed."""
        if not self.role or self.away or (self.reads_only and method not in ("GET", "HEAD")):
            return False
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass
class Office:
    """See the module. ``ids`` are those of rows by the name that they have in the addresses of routes."""

    application: Application
    client: TestClient[web.Request, web.Application]
    floor: AtWork
    folder: Path
    ids: dict[str, str] = field(default_factory=dict)
    knocks: list[Knock] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def room(self) -> Room:
        return self.application.room

    @property
    def api(self) -> Api:
        return self.floor.api

    @property
    def samples(self) -> Samples:
        return self.floor.api.samples

    @classmethod
    @asynccontextmanager
    async def open(cls, application: Application, folder: Path, *, fill: bool) -> AsyncIterator[Office]:
        """Serve it; ``fill``: with rows."""
        room = application.room
        server = TestServer(application.web)
        async with TestClient(server, cookie_jar=DummyCookieJar()) as client:

            def prepare(connection: Connection) -> tuple[Samples, dict[str, str]]:
                by: dict[str, Any] = {"at": room.clock.now(), "ids": room.ids, "actor": "test"}
                samples = Samples.make(connection, room.ids, room.clock.now())
                return samples, _tokens(connection, samples.agent, by)

            if not fill:
                yield cls(application, client, None, folder)  # type: ignore[arg-type]  # nobody asks for it
                return
            samples, secrets = await room.store.write(prepare)
            floor = await AtWork.begin(Api(room, client, secrets, samples))
            office = cls(application, client, floor, folder)
            await office._fill()
            yield office

    async def _fill(self) -> None:
        """Rows that the samples lack, and everybody's cookies."""
        room, samples = self.room, self.samples
        work = await self.floor.chat()
        offered = await self.floor.offered(await self.floor.waits(queue="complaints"), self.floor.wang)
        waiting = await self.floor.waits(queue="complaints")
        self.ids = {
            "contact_id": work.contact_id,
            "customer_id": samples.chen,
            "ticket": samples.ticket,
            "agent_id": samples.agent,
            "work_id": work.id,
            "offer_id": offered.offer_id,
            "waiting": waiting.id,
            "action": "none",
        }
        self.ids |= await room.store.write(self._more)

    def _more(self, connection: Connection) -> dict[str, str]:
        room = self.room
        at, ids = room.clock.now(), room.ids
        by: dict[str, Any] = {"at": at, "ids": ids, "actor": "test"}
        report = RecordingReport(
            contact_id=self.ids["contact_id"], provider_ref="RE" + "a" * 32, status="completed",
            purpose="conversation",
        )  # fmt: skip
        recording = recordings.upsert(connection, report, at, ids)
        (self.folder / "recordings").mkdir(exist_ok=True)
        (self.folder / "recordings" / f"RE{'a' * 32}.webm").write_bytes(b"sound")
        visitor = visitors.open_anonymous(connection, at=at, ids=ids, language="en")
        file = Attachment(
            id=ids.new("att"), visitor_id=visitor.visitor.id, stored_as="canary_stored_as", name="a.txt",
            content_type="text/plain", size=5, created_at=at,
        )  # fmt: skip
        attachments.add(connection, file)
        (self.folder / "files").mkdir(exist_ok=True)
        (self.folder / "files" / file.stored_as).write_text("hello")
        spare = tokens.create(connection, "spare", "agent", **by)
        self._let_in(connection, by)
        return {
            "recording_id": recording.id,
            "file": file.id,
            "token_id": spare.token.id,
            "visitor": visitor.visitor.id,
            "visit": visitor.secret,
        }

    def _let_in(self, connection: Connection, by: dict[str, Any]) -> None:
        """Everybody who may come: see `Knock`."""
        secrets = self.api.secrets
        long, moment = timedelta(days=30), timedelta(seconds=1)

        def opened(name: str, agent_id: str, lifetime: timedelta = long) -> str:
            made = sessions.open_session(
                connection, agent_id, at=by["at"], ids=by["ids"], lifetime=lifetime, browser="canary-browser"
            )
            self.cookies[name] = made.secret
            if name == "ended":
                sessions.end(connection, made.session.id, **by)
            return made.secret

        def hired(name: str, role: str) -> str:
            new = NewAgent(name=name, email=f"{name}@example.com", role=role)
            made = agents.create(connection, new, **by).id
            sessions.set_password(connection, made, HASH, **by)
            return made

        people = _people(connection, self.samples.agent)
        for role in ROLES[1:]:
            sessions.set_password(connection, people[role], HASH, **by)
        gone = hired("gone", "administrator")
        secrets["gone"] = tokens.create(connection, "gone", "administrator", agent_id=gone, **by).secret
        less = _of_former_administrator(connection, self.samples.agent, by)
        revoked = tokens.create(connection, "revoked", "administrator", **by)
        tokens.revoke(connection, revoked.token.id, **by)
        home = f"http://{self.client.host}:{self.client.port}"
        for role in ROLES:
            bearer = {"Authorization": f"Bearer {secrets[role]}"}
            self.knocks.append(Knock(f"{role}'s token", bearer, role))
            secret = opened(role, people[role])
            page = {"Cookie": f"{cookie.NAME}={secret}", "Origin": home}
            csrf = {cookie.HEADER: cookie.csrf_token(secret)}
            self.knocks.append(Knock(f"{role}'s page", page | csrf, role))
        mine = {"Cookie": f"{cookie.NAME}={self.cookies['agent']}"}
        boss = {"Cookie": f"{cookie.NAME}={self.cookies['administrator']}"}
        other = cookie.csrf_token(self.cookies["administrator"])
        self.knocks += [
            Knock("an agent's cookie alone", mine | {"Origin": home}, "agent", reads_only=True),
            Knock(
                "an agent's cookie with another session's csrf",
                mine | {"Origin": home, cookie.HEADER: other}, "agent", reads_only=True,
            ),
            Knock(
                "the token of who was an administrator", {"Authorization": f"Bearer {less}"}, "agent"
            ),
            Knock("another site's page", boss | {"Origin": EVIL}, "administrator", away=True),
            Knock("nobody"),
            Knock("a bad token", {"Authorization": "Bearer cc_canary-bad-token"}),
            Knock("a revoked token", {"Authorization": f"Bearer {revoked.secret}"}),
            Knock("the token of who has left", {"Authorization": f"Bearer {secrets['gone']}"}),
            Knock("a cookie that is none", {"Cookie": f"{cookie.NAME}=canary-no-session"}),
        ]  # fmt: skip
        for name, agent_id, lifetime in (
            ("ended", people["administrator"], long),
            ("expired", people["administrator"], moment),
            ("gone", gone, long),
        ):
            secret = opened(name, agent_id, lifetime)
            headers = {"Cookie": f"{cookie.NAME}={secret}", cookie.HEADER: cookie.csrf_token(secret)}
            self.knocks.append(Knock(f"a session that is {name}", headers | {"Origin": home}))
        version = agents.get(connection, gone).version
        agents.update(connection, gone, version, AgentChanges(active=False), **by)

    def knock(self, name: str) -> Knock:
        """Somebody by name."""
        return next(each for each in self.knocks if each.name == name)

    async def state(self) -> dict[str, str]:
        """A digest of each table, without what any request may change."""
        return await self.room.store.read(_digests)

    async def take(self, role: str = "agent") -> Job:
        """A chat that Wang Fang, or Ada, has."""
        return await self.floor.chat(self.floor.ada if role == "ada" else "")


def _tokens(connection: Connection, agent_id: str, by: dict[str, Any]) -> dict[str, str]:
    for role in ROLES[1:]:
        agents.create(connection, NewAgent(name=f"the-{role}", email=_email(role), role=role), **by)
    people = _people(connection, agent_id)
    return {role: tokens.create(connection, role, role, agent_id=people[role], **by).secret for role in ROLES}


def _people(connection: Connection, agent_id: str) -> dict[str, str]:
    """One person of each role, with a token of that role."""
    found = {role: agents.get_by_email(connection, _email(role)) for role in ROLES[1:]}
    return {"agent": agent_id} | {role: agent.id for role, agent in found.items() if agent is not None}


def _of_former_administrator(connection: Connection, agent_id: str, by: dict[str, Any]) -> str:
    """The administrator's token of who was one, and is an agent now."""
    mine = schema.agents.c.id == agent_id
    connection.execute(schema.agents.update().where(mine).values(role="administrator"))
    made = tokens.create(connection, "former", "administrator", agent_id=agent_id, **by)
    connection.execute(schema.agents.update().where(mine).values(role="agent"))
    return made.secret


def _email(role: str) -> str:
    return f"the-{role}@example.com"


def _digests(connection: Connection) -> dict[str, str]:
    return {table.name: _digest(connection, table) for table in schema.metadata.sorted_tables}


def _digest(connection: Connection, table: sa.Table) -> str:
    columns = [column for column in table.c if (table.name, column.name) not in UNWATCHED]
    found = connection.execute(sa.select(*columns))
    kept = [row for row in found if table.name != "audit" or row.action not in NOTED]
    return hashlib.sha256("\n".join(sorted(map(repr, kept))).encode()).hexdigest()


def routes_of(application: web.Application) -> Iterator[tuple[str, str]]:
    """Method and address of every route that is registered."""
    for route in application.router.routes():
        resource = route.resource
        assert resource is not None
        yield route.method, resource.canonical
