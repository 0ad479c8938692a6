"""Whole runs on a disk that is full, and journals whose last line was torn or filled with NULs."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import without_part
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from tests.run.plug import GATE, dies_at, killed, nothing_left, open_gate
from wizard.assemble import Resume, go_on, session_status, store
from wizard.errors import ExitCode, SessionError, WizardError
from wizard.run.events import RunEnded
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.run.events import Event


@pytest.fixture
def small_disk(tmp_path: Path, root_only: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two megabytes for the sessions, on a file system of their own."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "none", str(place)]
    mounted = subprocess.run(words, check=False, capture_output=True, text=True)
    if mounted.returncode != 0:
        without_part(f"a small tmpfs cannot be mounted here: {mounted.stderr.strip()}")
    monkeypatch.setenv("WIZARD_STATE_DIR", str(place / "state"))
    try:
        with nothing_left(place):
            yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(ballast: Path) -> None:
    """Write until there is no room left."""
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        while True:
            os.write(file, bytes(4096))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
    finally:
        os.close(file)


def log(word: str) -> str:
    """A command text that leaves a line behind."""
    return f"echo {word} >> effects"


def parts(place: Path) -> dict[str, Any]:
    """Steps of several kinds; what is temporary may be set again, all else happens once."""
    return guide(
        phase(
            step("hold", log("hold"), temporary=True, undo=[step("release", log("release"))]),
            step("one", log("one")),
            step("edit", edit={"file": "app.env", "set": {"A": "one"}}),
            step("two", log("two"), capture={"word": {"match": "(.*)", "optional": True}}),
            **{"finally": [step("tidy", log("tidy"))]},
        ),
        defaults={"folder": str(place)},
    )


@dataclass
class Fills:
    """Fills the disk when the engine tells its `at`-th event, once."""

    ballast: Path
    at: int
    told: int = 0

    def __call__(self, _: Event) -> None:
        """Count an event."""
        self.told += 1
        if self.told == self.at:
            fill(self.ballast)


@pytest.mark.service
@pytest.mark.slow
def test_wherever_the_disk_runs_full_the_walk_ends_with_words_and_goes_on_later(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filled at each event of the walk in turn: the journal opens, nothing is doubled, and with room it goes on."""
    ballast = small_disk / "ballast"
    at, filled, ended = 0, True, Counter[str]()
    while filled:
        at += 1
        place = tmp_path / f"{at:02d}"
        place.mkdir()
        (place / "app.env").write_text("A=1\n", encoding="utf-8")
        monkeypatch.setenv("WIZARD_STATE_DIR", str(small_disk / f"{at:02d}"))
        journey = Journey(place, parts(place))
        fills = Fills(ballast, at)
        operator = ScriptedOperator({f"failed:{name}": "stop" for name in _STEPS}, watch=fills)
        try:
            code = journey.begin(operator)
            words = operator.told(RunEnded)[-1].detail
        except WizardError as error:
            code, words = error.exit_code, str(error)
        filled = fills.told >= at
        ended[code.name] += 1
        assert code is ExitCode.DONE or words
        _goes_on(journey, ballast)
        shutil.rmtree(small_disk / f"{at:02d}")
    assert at > 20
    assert ended["DONE"] < at / 2, ended


_STEPS = ("hold", "one", "two", "edit", "tidy", "release")


def _goes_on(journey: Journey, ballast: Path) -> None:
    """With room again everything is done, and nothing twice."""
    try:
        session = store().open()
    except SessionError:
        session = None
    if session is not None:
        # Looking works on a full disk, and tells of what is really there.
        lines = journey.lines()
        for key, one in journey.state.steps.items():
            if one.attempts and one.status == "done":
                assert key.rsplit("/", 1)[-1] in lines
        assert session_status(None).driver is None
    ballast.unlink(missing_ok=True)
    operator = ScriptedOperator({f"failed:{name}": "again" for name in _STEPS})
    front_end = journey.front_end(operator)
    code = go_on(Resume(None, sets=journey.sets), front_end) if session is not None else journey.begin(operator)
    assert code is ExitCode.DONE
    assert journey.state.word is SessionState.DONE
    names = Counter(journey.lines())
    assert {name: names[name] for name in ("one", "two", "tidy")} == {"one": 1, "two": 1, "tidy": 1}
    # What may stand is set back, also where the disk kept from being written down that it never began.
    setting = [line for line in journey.lines() if line in ("hold", "release")]
    assert setting[-1] == "release"
    assert ("hold", "hold") not in itertools.pairwise(setting)
    assert (journey.place / "app.env").read_text(encoding="utf-8") == "A=one\n"


@pytest.mark.service
def test_output_past_a_full_disk_is_counted_and_the_run_goes_on(small_disk: Path, tmp_path: Path) -> None:
    """A command that prints more than there is room for ends well; what was lost is counted, and looking works."""
    loud = "head -c 6000000 /dev/zero | tr '\\0' x; echo loud >> effects"
    parts = guide(phase(step("loud", loud), step("after", log("after"))), defaults={"folder": str(tmp_path)})
    journey = Journey(tmp_path, parts)
    operator = ScriptedOperator({"failed:loud": "stop", "failed:after": "stop"})
    try:
        code = journey.begin(operator)
    except WizardError as error:
        code = error.exit_code
    assert code is ExitCode.STOPPED
    assert journey.lines() == ["loud"]
    attempt = min((journey.folder / "attempts").iterdir())
    kept = (attempt / "output").stat().st_size
    with (attempt / "output").open("r+b") as spool:
        # Room is made elsewhere: here what stands in the spool is left as it is.
        assert spool.read(1) == b"x"
    _make_room(small_disk)
    operator = ScriptedOperator({"failed:after": "again"})
    assert journey.resume(operator) is ExitCode.DONE
    assert journey.lines() == ["loud", "after"]
    told = journey.state.step("1/work/loud").attempts[0].exit
    assert told is not None
    assert told["bytes"] == kept
    assert told["lost_bytes"] == 6_000_000 - kept


def _make_room(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)


@pytest.mark.parametrize(
    ("tail", "why"),
    [
        (b'{"seq":99,"at":"2026-0', "torn in the middle of a line"),
        (b"\0" * 700, "NULs where a write was lost"),
        (b'{"seq":99,"at":"20\0\0\0\0\0\0\n', "a line with NULs in it"),
    ],
)
def test_an_unfinished_tail_between_two_drivers_is_cut_and_the_run_goes_on(
    tmp_path: Path, tail: bytes, why: str
) -> None:
    """What a crash of the machine left behind the last event is cut, journalled, and loses nothing."""
    steps = (step("one", log("one")), step("long", GATE + log("long")), step("two", log("two")))
    journey = Journey(tmp_path, guide(phase(*steps), defaults={"folder": str(tmp_path)}))
    with nothing_left(store().state):
        killed(lambda: journey.begin(ScriptedOperator(watch=dies_at("long"))), tmp_path)
        before = journey.entries
        with (journey.folder / "journal.jsonl").open("ab") as file:
            file.write(tail)
        assert session_status(None).state is SessionState.RUNNING, why
        open_gate(tmp_path)
        assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["one", "long", "two"]
    assert journey.entries[: len(before)] == before
    cut = [entry.data for entry in journey.entries if entry.kind == "tail-cut"]
    assert [one["bytes"] for one in cut] == [len(tail)]
