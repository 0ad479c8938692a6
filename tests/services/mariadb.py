"""A MariaDB of the tests' own: a private server on a free port, with a password."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pymysql
import pytest

from tests.conftest import without_part
from tests.services.daemons import LOCALE, as_user, free_port, may_be, new_password, own_folder, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADMIN = "keeper"
_USER = "mysql"


@dataclass(frozen=True, slots=True)
class MariaDB:
    """A running server on 127.0.0.1 and a socket; `user` may do everything."""

    port: int
    password: str
    socket: str
    host: str = "127.0.0.1"
    user: str = ADMIN

    def rows(self, statement: str, *values: object, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run one statement as the user who may do everything, committed at once; the rows it gives, if any."""
        connection = pymysql.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, database=database, autocommit=True
        )
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall())
        finally:
            connection.close()


@contextmanager
def running_mariadb() -> Iterator[MariaDB]:
    """A fresh server."""
    install, server = _program("mariadb-install-db"), _program("mariadbd")
    user = may_be(_USER) or may_be("nobody")
    with own_folder("mariadb", user) as folder:
        port, password, socket = free_port(), new_password(), str(folder / "sock")
        _make(install, user, folder)
        first = folder / "first.sql"
        first.write_text(
            f"CREATE USER '{ADMIN}'@'%' IDENTIFIED BY '{password}';\n"
            f"GRANT ALL PRIVILEGES ON *.* TO '{ADMIN}'@'%' WITH GRANT OPTION;\n"
        )
        first.chmod(0o644)
        words = [
            server, "--no-defaults", f"--datadir={folder}/data", f"--socket={socket}", f"--port={port}",
            "--bind-address=127.0.0.1", f"--pid-file={folder}/pid", f"--init-file={first}", "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--innodb-flush-method=nosync",
            "--innodb-log-file-size=4M", f"--tmpdir={folder}",
        ]  # fmt: skip
        made = MariaDB(port, password, socket)
        with running(words, user=user, folder=folder, ready=partial(_answers, made)):
            yield made


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """One server for all tests of a process; each test makes databases and users of names of its own."""
    with running_mariadb() as server:
        yield server


def _make(install: str, user: str | None, folder: Path) -> None:
    words = [
        install, "--no-defaults", f"--datadir={folder}/data", "--auth-root-authentication-method=normal",
        "--skip-test-db", "--innodb-flush-method=nosync", "--innodb-log-file-size=4M", f"--tmpdir={folder}",
    ]  # fmt: skip
    environment = {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin", **LOCALE}
    made = subprocess.run(
        as_user(user, words), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        pytest.fail(f"no data folder can be made: {made.stderr}{made.stdout}")


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        without_part("mariadb-server-core is not installed (make services)")
    return str(found)


def _answers(server: MariaDB) -> bool:
    try:
        return bool(server.rows("SELECT 1"))
    except pymysql.Error:
        return False
