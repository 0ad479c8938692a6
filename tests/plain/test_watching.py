"""Looking on from the folder alone."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import step
from tests.run.test_walking import at
from wizard.assemble import leave_note, watch_session

if TYPE_CHECKING:
    from pathlib import Path


def seen() -> list[str]:
    """Everything a watcher of the newest session is shown."""
    lines: list[str] = []
    watch_session(None, lines.extend)
    return lines


def test_a_watcher_sees_steps_commands_and_output_in_order(tmp_path: Path) -> None:
    """What the driver did is read from the folder, and nothing in it is changed."""
    journey = at(tmp_path, step("one", "echo 'first \x1b[31mred\x1b[0m'"), step("two", "echo second; exit 4"))
    journey.begin(ScriptedOperator({"failed:two": "stop"}))
    before = {path: path.stat().st_mtime_ns for path in journey.folder.rglob("*")}
    text = "\n".join(seen())
    assert before == {path: path.stat().st_mtime_ns for path in journey.folder.rglob("*")}
    places = [
        text.index(words) for words in ("1.1 One: began", "first red", "1.1 One: done", "second", "1.2 Two: failed")
    ]
    assert places == sorted(places)
    assert "\x1b" not in text


def test_a_note_reaches_the_journal_and_the_watcher(tmp_path: Path) -> None:
    """It is left while nobody drives, and taken in by the next driver."""
    journey = at(tmp_path, step("sure", confirm="Really?"), step("two", "true"))
    journey.begin(ScriptedOperator({"sure": False, "failed:sure": "stop"}))
    leave_note(None, "please wait for me")
    journey.resume()
    assert any("note: please wait for me" in line for line in seen())


def test_a_watcher_is_told_what_is_waited_for(tmp_path: Path) -> None:
    """While a driver waits it is said what for and what was last seen, as the driver is told it in lines."""
    go = tmp_path / "go"
    wait = {"until": {"title": "There", "file": str(go)}, "every": "100ms", "at_most": "10m"}
    journey = at(tmp_path, step("join", wait=wait))
    lines: list[str] = []
    waits = threading.Event()

    def hear(told: list[str]) -> None:
        lines.extend(told)
        if any("Waiting: Join" in line for line in told):
            go.touch()
            waits.set()

    def pass_time(_: object) -> None:
        watcher.start()
        assert waits.wait(20)

    watcher = threading.Thread(target=lambda: watch_session(None, hear))
    journey.begin(ScriptedOperator({"pause:Join": pass_time}))
    watcher.join(20)
    told = [line for line in lines if "Waiting: Join — " in line]
    assert len(told) == 1
    assert "at most 10 min" in " ".join(lines)
    assert "^C" not in " ".join(lines)
    assert any("1.1 Join: done" in line for line in lines)


def test_a_watcher_reads_what_the_driver_was_told_where_it_was_told(tmp_path: Path) -> None:
    """Checks inside a step and changes of files stand between the begin and the end of their step."""
    (tmp_path / "app.env").write_text("port=1\n", encoding="utf-8")
    change = {"file": str(tmp_path / "app.env"), "set": {"port": "2"}}
    look = [{"id": "there", "title": "There", "file": str(tmp_path / "none")}]
    journey = at(tmp_path, step("port", edit=change), step("look", check=look))
    journey.begin(ScriptedOperator({"failed:look": "stop"}))
    text = "\n".join(seen())
    words = ("1.1 Port: began", "+port=2", "1.1 Port: done", "1.2 Look: began", "There", "1.2 Look: failed")
    places = [text.index(one) for one in words]
    assert places == sorted(places)


def test_a_watcher_is_told_once_that_lines_were_lost(tmp_path: Path) -> None:
    """A command that was begun and that no line tells of is named."""
    journey = at(tmp_path, step("one", "true"))
    journey.begin()
    path = journey.folder / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    intended = next(number for number, line in enumerate(lines) if b'"attempt-intended"' in line)
    path.write_bytes(b"".join(lines[:intended]))
    damage = [line for line in seen() if "damaged" in line]
    assert len(damage) == 1
    assert "attempt 0001-01 was begun and no line tells of it" in damage[0]
