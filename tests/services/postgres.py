"""A PostgreSQL of the tests' own: a private cluster on a free port, with passwords and without care for the disk."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from tests.conftest import without_part
from tests.services.daemons import LOCALE, as_user, free_port, may_be, new_password, own_folder, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMIN = "postgres"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server on 127.0.0.1; `password` is the superuser's, `programs` has its psql, pg_dump and so on."""

    port: int
    password: str
    programs: Path
    folder: Path
    host: str = "127.0.0.1"
    user: str = ADMIN

    def rows(self, statement: str, *values: object, database: str = ADMIN) -> list[tuple[Any, ...]]:
        """Run one statement as the superuser, committed at once; the rows it gives, if any."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def connect(self, database: str = ADMIN) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of the superuser, every statement committed by itself."""
        return psycopg.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, dbname=database, autocommit=True
        )

    def make_user(self, name: str, password: str | None = None) -> str:
        """Make a user who may log in, without any other right; gives the password."""
        password = password if password is not None else new_password()
        create = sql.SQL("CREATE USER {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
        with self.connect() as connection:
            connection.execute(create)
        return password

    def make_database(self, name: str, owner: str = ADMIN) -> str:
        """Make an empty database; gives its name."""
        create = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
        with self.connect() as connection:
            connection.execute(create)
        return name

    def drop_database(self, name: str) -> None:
        """Take a database away, whoever is connected; nothing where there is none."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_user(self, name: str) -> None:
        """Take a user away who owns nothing any more; nothing where there is none."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP USER IF EXISTS {}").format(sql.Identifier(name)))

    def environment(self, database: str = ADMIN) -> dict[str, str]:
        """What clients need to reach it as the superuser, its programs first in PATH."""
        return {
            "PATH": f"{self.programs}:{os.environ.get('PATH', '')}",
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": database,
        }

    def run(self, *words: str, database: str = ADMIN) -> str:
        """Run one of its programs (`pg_dump`, `psql`) as the superuser; what it printed. Fails where it does."""
        done = subprocess.run(
            words, env={**LOCALE, **self.environment(database)}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL that is installed, wherever a distribution puts it."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if folders:
        return folders[-1].parent
    found = shutil.which("initdb")
    if found is None:
        without_part("postgresql is not installed (make services)")
    return Path(str(found)).resolve().parent


@contextmanager
def running_postgres(listen: str = "127.0.0.1") -> Iterator[Postgres]:
    """A fresh cluster; `listen` names the addresses it listens on (`*` where containers are to reach it)."""
    programs = postgres_programs()
    user = may_be(ADMIN)
    if user is None and os.geteuid() == 0:
        without_part("there is no user postgres, and root may not run PostgreSQL")
    with own_folder("postgres", user) as folder:
        port, password = free_port(), new_password()
        _make_cluster(programs, user, folder, password)
        server = Postgres(port, password, programs, folder)
        with running(
            [
                str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder),
                "-c", f"listen_addresses={listen}", "-c", "fsync=off", "-c", "synchronous_commit=off",
                "-c", "full_page_writes=off", "-c", "shared_buffers=16MB", "-c", "max_connections=60",
                "-c", "autovacuum=off", "-c", "timezone=UTC",
            ],
            user=user,
            folder=folder,
            ready=partial(_answers, server),
            stop=signal.SIGINT,  # clients are cut off, not waited for
        ):  # fmt: skip
            yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of a process; each test makes databases and users of names of its own."""
    with running_postgres() as server:
        yield server


def _make_cluster(programs: Path, user: str | None, folder: Path, password: str) -> None:
    given = folder / "password"
    given.write_text(password)
    if user is not None:
        shutil.chown(given, user)
    words = [
        str(programs / "initdb"), "-D", str(folder / "data"), "-U", ADMIN, "--pwfile", str(given),
        "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions",
    ]  # fmt: skip
    made = subprocess.run(
        as_user(user, words), cwd=folder, env={"PATH": os.environ.get("PATH", ""), **LOCALE}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    given.unlink()
    if made.returncode != 0:
        pytest.fail(f"no cluster can be made: {made.stderr}")
    with (folder / "data/pg_hba.conf").open("a") as rules:
        rules.write("host all all samenet scram-sha-256\nhost all all 172.16.0.0/12 scram-sha-256\n")


def _answers(server: Postgres) -> bool:
    try:
        with server.connect():
            return True
    except psycopg.OperationalError:
        return False
