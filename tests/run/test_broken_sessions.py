"""Whatever happens to the files of a session, looking at it and going on end in words and never in a traceback."""

from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import SETS, Journey, guide, phase, step
from wizard.cli import main
from wizard.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = ("journal.jsonl", "plan.json", "session.json", "answers.yaml", "guide/guide.yaml")
LOOKS = (["status"], ["status", "--format", "json"], ["sessions"], ["sessions", "--format", "json"], ["report"])
ENDS = set(ExitCode) - {ExitCode.INTERNAL}
NODES = [{"name": "a", "host": "h"}, {"name": "b", "host": "h"}]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a session that stopped at a failed step, with a loop and captured values behind it."""
    place = tmp_path_factory.mktemp("walked")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("WIZARD_STATE_DIR", str(place / "state"))
        parts = guide(
            phase(
                step("one", "echo one", rerun="safe", capture={"word": "(o.e)"}),
                step("each", "echo ${{ n }}", rerun="safe", for_each={"n": 'split("a,b", ",")'}),
                step("told", say="It said ${{ captured.word }}."),
                step("bad", "exit 3", rerun="safe"),
            )
        )
        ended = Journey(place, parts).begin(ScriptedOperator({"failed:bad": "stop"}))
        assert ended in (ExitCode.STOPPED, ExitCode.STEP_FAILED)
    return place / "state"


@pytest.fixture
def again(session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Give a fresh copy of that session's folder, which the commands will see."""

    def fresh() -> Path:
        state = tmp_path / "state"
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(session, state, symlinks=True)
        monkeypatch.setenv("WIZARD_STATE_DIR", str(state))
        (folder,) = [one for one in (state / "sessions").iterdir() if (one / "session.json").exists()]
        return folder

    return fresh


def _ends_in_words(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(words)
    shown = capsys.readouterr()
    assert code in ENDS, shown.err
    assert "Traceback" not in shown.out + shown.err
    assert code == 0 or shown.err.strip() or shown.out.strip()
    return code, shown.out


def _look(capsys: pytest.CaptureFixture[str]) -> None:
    for words in LOOKS:
        code, shown = _ends_in_words(words, capsys)
        if "json" in words and code == 0:
            json.loads(shown)


def test_the_session_is_fine_before_it_is_broken(again: Callable[[], Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Without damage everything can be looked at, so that what follows comes from the damage."""
    again()
    assert [_ends_in_words(words, capsys)[0] for words in LOOKS] == [0] * len(LOOKS)
    assert _ends_in_words(["resume", "--unattended"], capsys)[0] == ExitCode.STEP_FAILED


CHANGES = st.sampled_from(["cut", "flip", "zeros", "drop line", "double line", "swap lines", "insert", "empty", "gone"])


def _changed(data: bytes, change: str, luck: random.Random) -> bytes | None:
    at = luck.randrange(len(data) or 1)
    lines = data.splitlines(keepends=True)
    line = luck.randrange(len(lines) or 1)
    match change:
        case "cut":
            return data[:at]
        case "flip":
            return data[:at] + bytes([data[at] ^ (1 << luck.randrange(8))]) + data[at + 1 :]
        case "zeros":
            return data[:at] + b"\0" * (len(data) - at)
        case "drop line":
            return b"".join(lines[:line] + lines[line + 1 :])
        case "double line":
            return b"".join(lines[: line + 1] + lines[line:])
        case "swap lines":
            return b"".join(lines[line:] + lines[:line])
        case "insert":
            return (
                data[:at] + luck.choice([b"{", b"}", b'"', b"null", b"\xff\xfe", b"[" * 2000, b"9" * 400]) + data[at:]
            )
        case "empty":
            return b""
        case _:
            return None


@given(st.sampled_from(FILES), CHANGES, st.integers(0, 1 << 30))
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_never_gives_a_traceback(
    again: Callable[[], Path], capsys: pytest.CaptureFixture[str], name: str, change: str, seed: int
) -> None:
    """Bytes changed, cut off, doubled or gone in any file of a session: every look says what is wrong."""
    file = again() / name
    changed = _changed(file.read_bytes(), change, random.Random(seed))
    file.unlink()
    if changed is not None:
        file.write_bytes(changed)
    _look(capsys)


@given(st.sampled_from(FILES), CHANGES, st.integers(0, 1 << 30))
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_going_on_with_a_damaged_session_ends_in_words(
    again: Callable[[], Path], capsys: pytest.CaptureFixture[str], name: str, change: str, seed: int
) -> None:
    """A resume of such a session goes on or refuses, with a documented exit."""
    file = again() / name
    changed = _changed(file.read_bytes(), change, random.Random(seed))
    file.unlink()
    if changed is not None:
        file.write_bytes(changed)
    _ends_in_words(["resume", "--unattended"], capsys)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


def _places(data: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    match data:
        case dict():
            return [path, *(one for key, value in data.items() for one in _places(value, (*path, key)))]
        case list():
            return [path, *(one for number, value in enumerate(data) for one in _places(value, (*path, number)))]
        case _:
            return [path]


@given(st.sampled_from(("plan.json", "session.json")), st.data())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_of_another_shape_never_gives_a_traceback(
    again: Callable[[], Path], capsys: pytest.CaptureFixture[str], name: str, data: st.DataObject
) -> None:
    """Any value in the place of any other in the plan or the description of a session is told, not raised."""
    file = again() / name
    content = json.loads(file.read_text(encoding="utf-8"))
    place = data.draw(st.sampled_from(_places(content)))
    value = data.draw(ANY)
    if place:
        holder = content
        for part in place[:-1]:
            holder = holder[part]
        holder[place[-1]] = value
    else:
        content = value
    file.write_text(json.dumps(content), encoding="utf-8")
    _look(capsys)
    _ends_in_words(["resume", "--unattended"], capsys)


@pytest.mark.parametrize("kept", [0, 0.4], ids=["empty", "cut between two lines"])
def test_a_journal_that_lost_its_end_is_damaged_and_nothing_is_run_again_unasked(
    again: Callable[[], Path], capsys: pytest.CaptureFixture[str], kept: float
) -> None:
    """A command that began and that no line tells of: no way back is promised, and going on takes a word."""
    folder = again()
    journal = folder / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[: int(len(lines) * kept)]))
    left = {path: path.read_bytes() for path in (folder / "attempts").rglob("output")}
    assert main(["status", "--format", "json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert "was begun and no line tells of it" in status["damaged"]
    assert "not known" in status["reversible"]
    assert main(["resume", "--unattended"]) == ExitCode.SESSION_UNREADABLE
    assert "--accept-damage" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (folder / "attempts").rglob("output")} == left

    words = ["resume", "--unattended", "--accept-damage", "restored", "--set", SETS[0], "--set", SETS[1]]
    assert main(words) == ExitCode.STEP_FAILED
    aside = sorted(path.name for path in (folder / "attempts").iterdir() if ".untold-" in path.name)
    assert aside[0].startswith("0001-01.untold-") or kept, "what was begun before is kept as evidence"
    capsys.readouterr()
    assert main(["status", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["damaged"] == ""


def test_a_plan_that_is_gone_is_told(again: Callable[[], Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Without the plan nobody says that nothing was changed, and a resume does not begin to ask anew."""
    (again() / "plan.json").unlink()
    for words in (["status"], ["resume", "--unattended"]):
        assert main(words) == ExitCode.SESSION_UNREADABLE
        assert "plan.json is missing, although a plan was frozen" in capsys.readouterr().err


def test_a_session_of_another_machine_offers_what_it_allows(
    again: Callable[[], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """It says why it is only watched, and offers neither to go on nor to undo."""
    file = again() / "session.json"
    about = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**about, "machine": "0" * 32}), encoding="utf-8")
    assert main(["status", "--format", "json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert "another machine" in status["read_only"]
    assert status["next"] == ["watch", "report", "bundle"]


def test_an_event_that_lost_a_part_is_told(again: Callable[[], Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Damage of the last line, which no hash behind it shows, is named with its event, and ends with 42."""
    file = again() / "journal.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if b'"attempt-intended"' in line)
    file.write_bytes(b"".join([*lines[:last], lines[last].replace(b'"baseline"', b'"basel1ne"')]))
    code = main(["status"])
    shown = capsys.readouterr()
    assert code == ExitCode.SESSION_UNREADABLE
    assert "(attempt-intended) is damaged" in shown.err
    assert main(["resume", "--unattended"]) == ExitCode.SESSION_UNREADABLE
    assert main(["sessions"]) == 0
    assert "is damaged" in capsys.readouterr().out
