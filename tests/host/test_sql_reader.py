"""Reading queries on SQLite: right rows, nothing written, nothing left, plain reasons."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from wizard.errors import HostError
from wizard.host.local import LocalMachine
from wizard.host.protocols import Database
from wizard.host.sql import sqlite as sql
from wizard.host.sql.sqlite import read_sqlite

if TYPE_CHECKING:
    from pathlib import Path


def make(path: Path, *, wal: bool = False) -> sqlite3.Connection:
    """A database of two users."""
    connection = sqlite3.connect(path, isolation_level=None)
    if wal:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute("INSERT INTO users (name) VALUES ('ada'), ('o''neil')")
    return connection


def test_rows_come_with_their_values_bound(tmp_path: Path) -> None:
    """Parameters are values, never text of the query."""
    make(tmp_path / "a b?#.db").close()
    file = str(tmp_path / "a b?#.db")
    assert LocalMachine().sql(Database("sqlite", file), "select name from users where name = ?", ["o'neil"]) == [
        ("o'neil",)
    ]
    assert read_sqlite(file, "select count(*) from users where name = ?", ("' or 1=1 --",)) == [(0,)]
    assert read_sqlite(file, "with n(x) as (select 1 union all select x+1 from n where x < 3) select x from n") == [
        (1,), (2,), (3,),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "insert into users (name) values ('x')",
        "update users set name = 'x'",
        "delete from users",
        "drop table users",
        "create table t (x)",
        "vacuum",
        "attach database 'other.db' as other",
        "pragma user_version = 7",
        "pragma journal_mode = delete",
        "pragma query_only = off",
        "begin",
        "update sqlite_master set name = 'x'",
        "create temp table t (x)",
        "insert into users (name) values ('x') returning id",
    ],
)
@pytest.mark.parametrize("wal", [False, True])
def test_nothing_that_changes_anything_runs(tmp_path: Path, query: str, wal: bool) -> None:
    """Writing statements and settings are refused, and the file stays byte for byte as it was."""
    file = tmp_path / "x.db"
    make(file, wal=wal).close()
    before = file.read_bytes()
    with pytest.raises(HostError, match=r"the query would change something|read-?only|may not be modified"):
        read_sqlite(str(file), query)
    assert file.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.db"]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("pragma user_version", [(0,)]),
        ("pragma integrity_check", [("ok",)]),
        ("pragma quick_check(1)", [("ok",)]),
        ("select name from pragma_table_info('users')", [("id",), ("name",)]),
    ],
)
def test_settings_that_only_tell_may_be_read(tmp_path: Path, query: str, rows: list[tuple[object, ...]]) -> None:
    """What a check of a backup or a schema needs is allowed."""
    make(tmp_path / "x.db").close()
    assert read_sqlite(str(tmp_path / "x.db"), query) == rows


def test_a_database_with_a_log_is_read_while_it_is_written(tmp_path: Path) -> None:
    """Rows that only the write-ahead log holds yet are seen."""
    file = tmp_path / "x.db"
    with closing(make(file, wal=True)) as writer:
        writer.execute("INSERT INTO users (name) VALUES ('eve')")
        assert (tmp_path / "x.db-wal").stat().st_size > 0
        assert read_sqlite(str(file), "select count(*) from users") == [(3,)]
        writer.execute("INSERT INTO users (name) VALUES ('kim')")
        assert read_sqlite(str(file), "select count(*) from users") == [(4,)]


def test_reading_a_database_with_a_log_at_rest_leaves_nothing(tmp_path: Path) -> None:
    """No -wal and no -shm file comes up, which another user's program could not open."""
    file = tmp_path / "x.db"
    make(file, wal=True).close()
    assert read_sqlite(str(file), "select count(*) from users") == [(2,)]
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.db"]


def test_a_database_that_changes_at_rest_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that opens the database during the reading does not make it half old and half new."""
    file = tmp_path / "x.db"
    make(file, wal=True).close()
    read = sql._read
    opened: list[sqlite3.Connection] = []

    def read_while_somebody_writes(*args: object, **keys: object) -> object:
        rows = read(*args, **keys)  # type: ignore[arg-type]
        if not opened:
            opened.append(sqlite3.connect(file, isolation_level=None))
            opened[0].execute("INSERT INTO users (name) VALUES ('eve')")
        return rows

    monkeypatch.setattr(sql, "_read", read_while_somebody_writes)
    assert read_sqlite(str(file), "select count(*) from users") == [(3,)]
    opened[0].close()


def test_a_writer_is_waited_for_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that stays gives a reason instead of a hang."""
    monkeypatch.setattr(sql, "_BUSY", 0.2)
    with closing(make(tmp_path / "x.db")) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(HostError, match=r"locked by another program for 0\.2 s"):
            read_sqlite(str(tmp_path / "x.db"), "select * from users")


def test_a_query_without_end_is_stopped(tmp_path: Path) -> None:
    """Time is limited."""
    make(tmp_path / "x.db").close()
    endless = "with n(x) as (select 1 union all select x+1 from n) select count(*) from n"
    with pytest.raises(HostError, match=r"longer than 0\.2 s"):
        read_sqlite(str(tmp_path / "x.db"), endless, timeout=0.2)


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query that would fill the memory is refused, not cut in silence."""
    monkeypatch.setattr(sql, "ROWS_CAP", 1)
    make(tmp_path / "x.db").close()
    with pytest.raises(HostError, match="more than 1 rows"):
        read_sqlite(str(tmp_path / "x.db"), "select * from users")


def test_what_is_no_database_is_said_plainly(tmp_path: Path) -> None:
    """No file, a folder, another file, a wrong query and two queries each have their words."""
    with pytest.raises(HostError, match="there is no database"):
        read_sqlite(str(tmp_path / "none.db"), "select 1")
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(HostError, match="Is a directory"):
        read_sqlite(str(tmp_path), "select 1")
    (tmp_path / "text.db").write_text("this is a text of more than twenty bytes")
    with pytest.raises(HostError, match="is no SQLite database"):
        read_sqlite(str(tmp_path / "text.db"), "select 1")
    make(tmp_path / "x.db").close()
    with pytest.raises(HostError, match="no such table: groups"):
        read_sqlite(str(tmp_path / "x.db"), "select * from groups")
    with pytest.raises(HostError, match="one statement"):
        read_sqlite(str(tmp_path / "x.db"), "select 1; delete from users")


def test_text_that_is_not_utf8_is_still_given(tmp_path: Path) -> None:
    """Old data in another encoding does not make the whole query fail."""
    with closing(make(tmp_path / "x.db")) as writer:
        writer.execute("INSERT INTO users (name) VALUES (CAST(X'61ff62' AS TEXT))")
    assert read_sqlite(str(tmp_path / "x.db"), "select name from users where id = 3") == [("a�b",)]
