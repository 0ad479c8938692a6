"""Backups: real archives and databases on this machine, whole and damaged."""

from __future__ import annotations

import gzip
import os
import sqlite3
import tarfile
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter

from tests.fakes.guides import guide_of
from tests.fakes.staged import MODIFIED, StagedMachine
from wizard.checks.ask import ask_check
from wizard.checks.context import CheckContext
from wizard.checks.model import Status
from wizard.errors import HostError
from wizard.expressions import Environment
from wizard.guide.models import StepCheck
from wizard.host.local import LocalMachine
from wizard.host.protocols import Seen

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.host.protocols import Machine

NOW = datetime.fromtimestamp(MODIFIED + 7200, UTC)
OK, FAIL, UNKNOWN = Status.OK, Status.FAIL, Status.UNKNOWN


def judged(machine: Machine, now: datetime = NOW, **keys: Any) -> tuple[Status, str]:
    """Ask for a backup; give the status and what was seen."""
    check = TypeAdapter(StepCheck).validate_python({"backup": keys})
    names = {"answers": {"tested": True}, "facts": {}}
    context = CheckContext(guide_of(), machine, Environment(names=names), now=lambda: now)
    finding = ask_check(check, context)
    return finding.status, finding.evidence[0].seen


def database(path: Path, rows: int = 2000) -> Path:
    connection = sqlite3.connect(path)
    connection.execute("create table t (a)")
    connection.executemany("insert into t values (?)", [(f"row {number}" * 5,) for number in range(rows)])
    connection.commit()
    connection.close()
    return path


def test_the_newest_file_of_a_glob_is_judged_by_age_and_size(tmp_path: Path) -> None:
    """Everything wrong with it is said at once; an older good one does not help."""
    for name, age, size in (("old", 9000, 5000), ("new", 3600, 10)):
        path = tmp_path / f"{name}.gz"
        path.write_bytes(b"x" * size)
        os.utime(path, (NOW.timestamp() - age,) * 2)
    machine = LocalMachine()
    status, seen = judged(machine, file=f"{tmp_path}/*.gz", age="30m", at_least="1 kB")
    assert status is FAIL
    assert seen == (
        f"{tmp_path}/new.gz has 10 B and is 1 h old, but it may be 30 min old at most, and at least 1000 B are wanted"
    )
    assert judged(machine, file=f"{tmp_path}/*.gz", age="2h", at_least=10)[0] is OK
    assert judged(machine, file=f"{tmp_path}/*.zip") == (FAIL, "there is none")
    assert judged(machine, file=f"{tmp_path}/gone.gz") == (FAIL, "there is none")


def test_an_empty_file_and_one_from_the_future_are_no_backup(tmp_path: Path) -> None:
    """A dump that failed leaves an empty file; a clock that is wrong makes every backup young."""
    empty = tmp_path / "empty"
    empty.touch()
    assert "it is empty" in judged(LocalMachine(), datetime.now(UTC), file=str(empty))[1]
    empty.write_bytes(b"x")
    os.utime(empty, (NOW.timestamp() + 3600,) * 2)
    assert judged(LocalMachine(), file=str(empty), age="1h")[0] is FAIL
    os.utime(empty, (NOW.timestamp() + 60,) * 2)
    assert judged(LocalMachine(), file=str(empty), age="1h")[0] is OK


def test_a_folder_counts_with_all_that_is_in_it(tmp_path: Path) -> None:
    """Its own size says nothing."""
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "data").write_bytes(b"x" * 50_000)
    now = datetime.now(UTC)
    assert judged(LocalMachine(), now, file=str(tmp_path / "dump"), at_least="50 kB")[0] is OK
    assert judged(LocalMachine(), now, file=str(tmp_path / "dump"), at_least="5 MB")[0] is FAIL


def test_archives_are_read_through(tmp_path: Path) -> None:
    """A whole one passes; the same one cut short or with a wrong byte fails."""
    (tmp_path / "data").write_bytes(os.urandom(200_000))
    with gzip.open(tmp_path / "a.gz", "wb") as file:
        file.write((tmp_path / "data").read_bytes())
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "data", "data")
    now = datetime.now(UTC)
    for name, how in (("a.gz", "gzip"), ("a.tar.gz", "tar")):
        path = tmp_path / name
        status, seen = judged(LocalMachine(), now, file=str(path), readable=how)
        assert (status, seen.endswith("and can be read")) == (OK, True), seen
        path.write_bytes(path.read_bytes()[:100_000])
        status, seen = judged(LocalMachine(), now, file=str(path), readable=how)
        assert status is FAIL, seen
        assert "it cannot be read through" in seen


def test_zip_archives_are_read_through_where_unzip_is(tmp_path: Path) -> None:
    """Without the program nothing can be told, which is no pass."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("data", os.urandom(10_000))
    status, seen = judged(LocalMachine(), datetime.now(UTC), file=str(tmp_path / "a.zip"), readable="zip")
    assert status in (OK, UNKNOWN)
    assert (status is OK) is seen.endswith("and can be read")
    for exit_code, expected in ((0, OK), (3, FAIL), (127, UNKNOWN)):
        machine = StagedMachine(files={"/a.zip": b"x"}, commands={"unzip -tqq /a.zip": Seen(exit_code, "", "why")})
        assert judged(machine, file="/a.zip", readable="zip")[0] is expected


def test_databases_are_checked_for_damage(tmp_path: Path) -> None:
    """A whole one passes; a damaged one, a text and one without tables fail, and none is changed."""
    whole = database(tmp_path / "whole.db")
    before = whole.read_bytes()
    now = datetime.now(UTC)
    assert judged(LocalMachine(), now, file=str(whole), readable="sqlite")[0] is OK
    assert whole.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["whole.db"]
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(before[:8192] + b"\xff" * 4096 + before[12288:])
    status, seen = judged(LocalMachine(), now, file=str(damaged), readable="sqlite")
    assert status is FAIL, seen
    (tmp_path / "text.db").write_bytes(b"this is no database at all\n" * 100)
    assert judged(LocalMachine(), now, file=str(tmp_path / "text.db"), readable="sqlite")[0] is FAIL
    sqlite3.connect(tmp_path / "bare.db").execute("pragma user_version = 1").connection.close()
    assert "is empty" in judged(LocalMachine(), now, file=str(tmp_path / "bare.db"), readable="sqlite")[1]


def test_a_database_that_cannot_answer_now_is_no_verdict() -> None:
    """Locked is not damaged, and not sound either."""

    def sqlite(*_: Any) -> Any:
        raise HostError("it was locked by another program for 5 s")

    machine = StagedMachine(files={"/a.db": b"x"}, acts={"sql": sqlite})
    assert judged(machine, file="/a.db", readable="sqlite")[0] is UNKNOWN


PLAIN = "--\n-- PostgreSQL database dump\n--\nselect 1;\n"
END = "--\n-- PostgreSQL database dump complete\n--\n\n"


@pytest.mark.parametrize("packed", [False, True])
def test_plain_dumps_of_postgresql_must_be_complete(tmp_path: Path, packed: bool) -> None:
    """pg_dump that was killed leaves a file that looks fine from the front."""
    path = tmp_path / "dump.sql"
    for text, expected in ((PLAIN + END, OK), (PLAIN, FAIL)):
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
        status, seen = judged(LocalMachine(), datetime.now(UTC), file=str(path), readable="pg_dump")
        assert status is expected, seen


LIST = ";\n; Archive created at 2024-05-31\n;\n3366; 0 16387 TABLE DATA public items shop\n"


@pytest.mark.parametrize(
    ("listed", "read", "expected", "words"),
    [
        (Seen(0, LIST, ""), Seen(0, "", ""), OK, "can be read"),
        (Seen(1, "", "pg_restore: error: x"), Seen(0, "", ""), FAIL, "pg_restore: error: x"),
        (Seen(0, "; empty\n", ""), Seen(0, "", ""), FAIL, "no data of a table"),
        (Seen(0, LIST, ""), Seen(1, "", "could not read from input file: end of file"), FAIL, "end of file"),
        (Seen(127, "", "not found"), Seen(0, "", ""), UNKNOWN, "could not be run"),
        (Seen(None, "", "", timed_out=True), Seen(0, "", ""), UNKNOWN, "did not end"),
    ],
)
def test_custom_dumps_are_listed_and_read_through(listed: Seen, read: Seen, expected: Status, words: str) -> None:
    """What pg_restore cannot list or read fails, as does one without data; without pg_restore nothing can be told."""
    machine = StagedMachine(
        files={"/a.dump": b"PGDMP\x01"}, acts={"look": lambda look: listed if "--list" in look.argv else read}
    )
    status, seen = judged(machine, file="/a.dump", readable="pg_dump")
    assert status is expected
    assert words in seen


def test_reading_that_takes_too_long_is_no_verdict() -> None:
    """Half of a backup says nothing of the other half."""
    machine = StagedMachine(files={"/a": b"x"}, acts={"look": lambda _: Seen(None, "", "", timed_out=True)})
    assert judged(machine, file="/a", readable="gzip")[0] is UNKNOWN


def test_a_backup_beside_what_it_saves_is_not_elsewhere() -> None:
    """The file system decides, not the path."""
    machine = StagedMachine(files={"/backup/a": b"x"}, devices={"/backup/a": 1, "/data": 1})
    status, seen = judged(machine, file="/backup/a", stored="elsewhere", of="/data")
    assert (status, "same file system as /data" in seen) == (FAIL, True)
    machine.devices["/data"] = 2
    assert judged(machine, file="/backup/a", stored="elsewhere", of="/data")[0] is OK
    assert judged(machine, file="/backup/a", stored="elsewhere")[0] is UNKNOWN


def test_a_backup_may_have_to_be_restored_once() -> None:
    """By an expression over what somebody said."""
    machine = StagedMachine(files={"/a": b"x"})
    assert judged(machine, file="/a", restored="answers.tested", readable="any")[0] is OK
    status, seen = judged(machine, file="/a", restored="!answers.tested")
    assert (status, "not known to have been restored" in seen) == (FAIL, True)


MADE = datetime.fromtimestamp(MODIFIED, UTC)
"""2023-11-14 22:13; the check is asked two hours later."""


@pytest.mark.parametrize(
    ("on", "at", "words"),
    [
        ("qa.example.org", "2023-11-15", ""),
        ("qa.example.org", "2023-11-14 23:00", ""),
        ("qa.example.org", "2023-11-14T23:30+01:00", ""),
        ("qa.example.org", "2023-11-10", "before this backup was made"),
        ("qa.example.org", "2024-11-14", "lies in the future"),
        ("qa.example.org", "last week", "is no date"),
        ("", "2023-11-15", "nobody noted down"),
        ("qa.example.org", " ", "nobody noted down"),
        ("here", "2023-11-15", "which is the machine it is a backup of"),
        ("localhost", "2023-11-15", "which is the machine it is a backup of"),
    ],
)
def test_where_and_when_it_was_restored_is_noted_down(on: str, at: str, words: str) -> None:
    """Another machine, a date, not before the backup and not in the future; both are in the evidence."""
    machine = StagedMachine(files={"/a": b"x"})
    status, seen = judged(machine, file="/a", restored={"on": on, "at": at})
    assert status is (FAIL if words else OK)
    assert words in seen
    if not words:
        assert f"was restored on {on} at {at}" in seen


def test_a_restore_may_be_too_long_ago() -> None:
    """What was restored in another year proves little."""
    machine = StagedMachine(files={"/a": b"x"})
    late = datetime.fromtimestamp(MODIFIED + 40 * 86400, UTC)
    keys = {"on": "qa", "at": "2023-11-15", "age": "30d"}
    assert judged(machine, MADE, file="/a", restored=keys)[0] is OK
    status, seen = judged(machine, late, file="/a", restored=keys)
    assert (status, "longer ago than" in seen) == (FAIL, True)


def test_its_size_can_be_held_against_the_data(tmp_path: Path) -> None:
    """A part of what a folder takes up; of what, must be said."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "one").write_bytes(b"x" * 100_000)
    backup = tmp_path / "backup"
    backup.write_bytes(b"x" * 30_000)
    now = datetime.now(UTC)
    assert judged(LocalMachine(), now, file=str(backup), at_least="20%", of=str(data))[0] is OK
    status, seen = judged(LocalMachine(), now, file=str(backup), at_least="50%", of=str(data))
    assert (status, "are wanted" in seen) == (FAIL, True)
    assert judged(LocalMachine(), now, file=str(backup), at_least="50%")[0] is UNKNOWN
