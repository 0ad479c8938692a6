"""Dumps of a real PostgreSQL, whole and damaged, judged by the backup check."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.looked import judged
from wizard.checks.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.services.postgres import Postgres

pytestmark = pytest.mark.service

NAME = "to_back_up"


@pytest.fixture(scope="module")
def filled(postgres: Postgres) -> Iterator[Postgres]:
    """A database with so many rows that its dump has several blocks."""
    postgres.make_database(NAME)
    postgres.rows(
        "CREATE TABLE items AS SELECT n, md5(n::text) AS text FROM generate_series(1, 40000) n", database=NAME
    )
    yield postgres
    postgres.drop_database(NAME)


@pytest.fixture
def readable(filled: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clients of that server come first."""
    monkeypatch.setenv("PATH", f"{filled.programs}:{os.environ['PATH']}")


def ask(path: Path, **keys: Any) -> tuple[Status, str]:
    return judged({"backup": {"file": str(path), "readable": "pg_dump", "age": "1h", **keys}})


@pytest.mark.parametrize("how", ["custom", "tar", "plain", "directory"])
def test_a_dump_is_read_through(how: str, filled: Postgres, readable: None, tmp_path: Path) -> None:
    """A whole one passes; one whose end is missing does not, although its list of contents stands at its beginning."""
    path = tmp_path / "dump"
    filled.run("pg_dump", f"--format={how}", "--file", str(path), database=NAME)
    status, seen = ask(path)
    assert (status, seen.endswith("and can be read")) == (Status.OK, True), seen
    part = next(path.glob("*.dat.gz")) if how == "directory" else path
    with part.open("r+b") as file:
        file.truncate(part.stat().st_size * 2 // 3)
    status, seen = ask(path)
    assert status is Status.FAIL, seen
    assert "it cannot be read through" in seen or "does not end like a complete dump" in seen


def test_a_dump_of_an_empty_database_is_no_backup(filled: Postgres, readable: None, tmp_path: Path) -> None:
    """It can be listed, and there is nothing in it."""
    filled.make_database("empty_one")
    path = tmp_path / "dump"
    filled.run("pg_dump", "-Fc", "-f", str(path), database="empty_one")
    filled.drop_database("empty_one")
    status, seen = ask(path)
    assert (status, seen.endswith("there is no data of a table in it")) == (Status.FAIL, True)


def test_what_is_no_dump(readable: None, tmp_path: Path) -> None:
    """An empty file, and any other text."""
    path = tmp_path / "dump"
    path.write_bytes(b"")
    assert ask(path)[0] is Status.FAIL
    path.write_text("pg_dump: error: connection refused\n")
    assert ask(path)[0] is Status.FAIL
    path.write_bytes(b"PGDMP\x01\x0e\x00 and nothing that belongs there")
    assert ask(path)[0] is Status.FAIL
