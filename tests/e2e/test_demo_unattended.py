"""`wizard demo --unattended`, to its end, and through a mishap and back."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import Ended, Program, Stockroom
from tests.e2e.secrets_seen import Lookout, files_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "Correct-Horse/Battery&Staple"


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that was walked to its end by answers, and what was seen of it meanwhile."""

    program: Program
    ended: Ended
    seen: Lookout

    @property
    def stockroom(self) -> Stockroom:
        """What it upgraded."""
        return Stockroom(self.program.state / "demo" / "stockroom")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One unattended demo; several tests look at what it left."""
    program = Program(tmp_path_factory.mktemp("p"))
    try:
        with Lookout([PASSWORD]) as seen:
            ended = program.run("demo", "--unattended", STOCKROOM_ADMIN_PASSWORD=PASSWORD)
        yield Demo(program, ended, seen)
        program.no_crash()
    finally:
        program.end()


def items(database: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute("select id, name, quantity, place from items order by id").fetchall()
    finally:
        connection.close()


def schema(database: Path) -> int:
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute("pragma user_version").fetchone()[0])
    finally:
        connection.close()


def test_the_demo_ends_well_and_2_0_answers_with_every_item(demo: Demo) -> None:
    """Exit 0; the real service answers as 2.0 with its 1,200 items and takes new ones again."""
    assert demo.ended.code == 0, demo.ended.err
    assert demo.stockroom.health() == {"status": "ok", "version": "2.0", "items": 1200, "maintenance": False}
    assert "RELEASE=2.0\n" in (demo.stockroom.home / "stockroom.env").read_text()
    assert demo.program.status()["state"] == "done"


def test_words_go_to_stderr_and_nothing_else_to_stdout(demo: Demo) -> None:
    """A run has no data to give, so that its stdout is empty; looking commands put only data there."""
    assert demo.ended.out == ""
    assert "Step 9.3: done" in demo.ended.err
    assert "What you can do now:\n  wizard report" in demo.ended.err
    for words in (("status",), ("sessions",), ("report",), ("guides", "list"), ("plan", "demo"), ("check", "demo")):
        ended = demo.program.run(*words, "--format", "json", *_more(words, demo))
        # The check finds that 1.1 is not what is there, and says so as data too.
        assert ended.code == (20 if words[0] == "check" else 0), ended.err
        assert ended.data
        assert ended.err == ""


def _more(words: tuple[str, ...], demo: Demo) -> list[str]:
    if words[-1] != "demo":
        return []
    sets = [f"install_dir={demo.stockroom.home}", "current_version=1.1", "target_version=2.0", "customised=no"]
    more = [f"backup_dir={demo.program.place}", "people=Ada;mail", "password_by=typed", "mishap=no"]
    return [word for one in (*sets, *more) for word in ("--set", one)]


def test_a_password_from_the_environment_is_left_nowhere(demo: Demo) -> None:
    """Given as `env:NAME`, it is afterwards in no file of the session, the product, home or the temporary folder."""
    assert files_with(demo.program.place, PASSWORD) == []
    assert PASSWORD not in demo.ended.err + demo.ended.out
    assert b"admin_password" in (demo.stockroom.home / "data" / "stockroom.db").read_bytes(), "it was never used"


def test_a_password_is_on_no_command_line_and_in_no_supervisors_environment(demo: Demo) -> None:
    """Only the wizard itself, which the operator gave the variable, has it in its environment."""
    assert demo.seen.supervisors, "no supervisor was ever seen, so nothing is proven"
    assert demo.seen.words == set()
    assert {words for words in demo.seen.environments if "-m wizard demo" not in words} == set()


def test_undo_after_the_mishap_brings_1_0_back_whole(demo: Demo, program: Program) -> None:
    """The migration fails half-way (30); undo restores data, settings, releases and the running 1.0."""
    failed = program.run("demo", "--unattended", "--set", "mishap=yes")
    assert failed.code == 30, failed.err
    assert "neither 1.1 nor 2.0" in failed.err
    assert program.status()["state"] == "failed"
    stockroom = Stockroom(program.state / "demo" / "stockroom")
    assert schema(stockroom.home / "data" / "stockroom.db") != 10

    undone = program.run("undo", "--unattended")

    assert undone.code == 0, undone.err
    words = " ".join(undone.err.split())
    assert f"{stockroom.home}/stockroom.env is as it was before" in words, "a file was put back without a word"
    assert stockroom.health() == {"status": "ok", "version": "1.0", "items": 1200, "maintenance": False}
    database = stockroom.home / "data" / "stockroom.db"
    assert schema(database) == 10
    [first] = (demo.stockroom.home / "backups").glob("stockroom-1.0-*.db")
    assert items(database) == items(first), "the two demos begin with the same items, and these are others"
    settings = (stockroom.home / "stockroom.env").read_bytes()
    assert re.fullmatch(
        rb"# Stockroom settings\nPORT=\d+\nLOG_LEVEL=info\nRELEASE=1\.0\nAPI_TOKEN=not-a-real-token\n", settings
    )
    assert [one.name for one in (stockroom.home / "releases").iterdir()] == ["1.0"]
    assert not (stockroom.home / "run" / "maintenance").exists()
    assert program.status()["state"] == "undone"
    assert program.run("undo", "--unattended").code == 0, "undoing twice finds nothing to undo"
