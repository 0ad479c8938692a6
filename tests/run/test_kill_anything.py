"""Whole runs under kill -9 of front end, leader, pump and all of them, at random moments."""

from __future__ import annotations

import contextlib
import io
import os
import random
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.host.attempts import kill
from tests.run.journey import Journey, guide, phase, step
from tests.run.plug import (
    Person,
    Supervisors,
    Wheel,
    effect,
    end_everything,
    nothing_left,
    pass_moment,
    supervisors,
)
from tests.waiting import until
from wizard.assemble import Begin, Resume, begin, go_on, session_status, store, undo_session
from wizard.errors import ExitCode, SessionError
from wizard.host.attempt_files import AttemptFolder
from wizard.host.commands import LocalCommands
from wizard.host.protocols import FoundState
from wizard.run.records import Record
from wizard.run.session_state import SessionState
from wizard.run.state import SETTLED, StepStatus
from wizard.unattended import UnattendedOperator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wizard.questions.model import AnswersFile
    from wizard.run.operator import Operator
    from wizard.run.state import State

ONCE = ("checked", "blind", "safe", "use", "chatty", "tidy", "last", "un-checked", "un-blind", "un-safe", "un-last")
"""Steps whose effect must happen exactly once."""
ALL = (*ONCE, "hold", "release", "look", "edit", "product", "ready", "sure")
CHATTY = b"".join(b"line %d of the output\r\n" % number for number in range(1, 401))

WHOM = ("front", "front", "leader", "pump", "pump", "front leader", "front pump", "leader pump", "pump", "all", "all")


def parts(place: Path) -> dict[str, Any]:
    """A guide of many small steps of different kinds."""
    product = (
        "setsid sh -c 'sleep 0.05; touch ready; exec sleep 600' > /dev/null 2>&1 < /dev/null &\n"
        'echo "product $WIZARD_ATTEMPT" >> effects'
    )
    checked = {"file": {"path": str(place / "effects"), "contains": "checked 0"}}
    chatty = "for i in $(seq 1 400); do echo line $i of the output; done; " + effect("chatty", after=0.01)
    return guide(
        phase(
            step("hold", effect("hold"), temporary=True, undo=[step("release", effect("release", 0.01, 0.01))]),
            step("checked", effect("checked", 0.02, 0.02), done_when=[checked], undo=[_un("checked")]),
            step("blind", effect("blind", 0.02, 0.02), undo=[_un("blind")]),
            step("safe", effect("safe", 0.01, 0.01), rerun="safe", undo=[_un("safe")]),
            step(
                "look",
                'echo "mark: $WIZARD_ATTEMPT"; ' + effect("look"),
                rerun="safe",
                capture={"mark": r"mark: (\S+)"},
            ),
            step("edit", edit={"file": "app.env", "set": {"A": "one", "B": "two"}}),
            step("product", product),
            step("ready", wait={"until": [{"file": str(place / "ready")}], "every": "1s", "at_most": "1m"}),
            step("chatty", chatty),
            **{"finally": [step("tidy", effect("tidy", 0.02, 0.02))]},
        ),
        {
            "id": "finish",
            "title": "Finish",
            "steps": [
                step("sure", confirm="Really?"),
                step(
                    "use",
                    ["sh", "-c", 'echo "use $WIZARD_ATTEMPT" >> effects; echo "$0" >> marks', "${{ captured.mark }}"],
                ),
                step("last", effect("last", 0.02, 0.02), undo=[_un("last")]),
            ],
        },
        defaults={"folder": str(place)},
    )


def _un(name: str) -> dict[str, Any]:
    return step(f"un-{name}", effect(f"un-{name}", 0.02, 0.02))


class Siege:
    """One whole run, walked to its end and undone, with kills all the way."""

    def __init__(self, place: Path, chance: random.Random, whom: tuple[str, ...], *, alone: bool = False) -> None:
        place.mkdir()
        (place / "answers.yaml").write_text("confirmations: {sure: true}\n", encoding="utf-8")
        (place / "app.env").write_text("A=1\nB=2\nC=3\n", encoding="utf-8")
        self.place = place
        self.journey = Journey(place, parts(place))
        assert self.journey.file.exists()
        self.person = Person(self.journey, ALL, repeats=("look", "product"), stops=("product",))
        self.chance = chance
        self.whom = whom
        self.alone = self.began_alone = alone
        self.rounds = 0
        self.hits: Counter[str] = Counter()
        self.undoing = False

    def drive(self) -> ExitCode:
        """What a driver does: begin where nothing is there, else go on with what is."""
        front_end = _nobody if self.alone else self.journey.front_end(self.person.operator())
        answers = str(self.place / "answers.yaml")
        request = Resume(None, answers, self.journey.sets)
        try:
            store().open()
        except SessionError:
            return begin(Begin(str(self.journey.file), answers, self.journey.sets), front_end)
        if self.undoing:
            return undo_session(request, front_end, step=None, phase=None)
        return go_on(request, front_end)

    def to_the_end(self) -> None:
        """Drive, killing at random moments, until a driver ends by itself."""
        crash = self.place / "crash"
        late = time.monotonic() + 60.0
        while True:
            assert time.monotonic() < late, f"it comes to no end:\n{self.last_words()}"
            with Wheel(self.drive, crash) as wheel:
                while wheel.code() is None:
                    whom = self.chance.choice(self.whom)
                    self.wait_for_moment(wheel, whom)
                    self.hit(wheel, whom)
                code = wheel.end()
            self.look()
            if code >= 0:
                words = crash.read_text(encoding="utf-8") if crash.exists() else ""
                if self.alone and code in (ExitCode.OUTCOME_UNKNOWN, ExitCode.STEP_FAILED):
                    self.alone = False
                    continue
                assert code == 0, f"a driver ended with {code}\n{words}"
                return

    def last_words(self) -> str:
        """The last events and decisions."""
        events = [f"{one.seq} {one.kind} {one.data}"[:200] for one in self.journey.entries[-25:]]
        return "\n".join([*events, *self.journey.lines("decisions")[-10:]])

    def wait_for_moment(self, wheel: Wheel, whom: str) -> None:
        """Wait for some moment; where the front end is to live, for one at which there is somebody to kill."""
        if "front" in whom or whom == "all":
            pass_moment(self.chance.random() * 0.3)
        else:
            until(lambda: wheel.code() is not None or (self.there().pumps if "pump" in whom else self.there().leader))
            pass_moment(self.chance.random() * 0.04)

    def there(self) -> Supervisors:
        """Who supervises now."""
        try:
            return supervisors(store().open().folder)
        except SessionError:
            return Supervisors()

    def hit(self, wheel: Wheel, whom: str) -> None:
        """Kill whoever was chosen and is there."""
        there = self.there()
        victims: list[tuple[str, Callable[[], None]]] = []
        if there.leader and ("leader" in whom or whom == "all"):
            victims.append(("leader", partial(kill, there.leader)))
        if "pump" in whom or whom == "all":
            victims += [("pump", partial(kill, pid)) for pid in there.pumps]
        if wheel.code() is None and ("front" in whom or whom == "all"):
            victims.append(("front", wheel.kill))
        self.chance.shuffle(victims)
        for name, end in victims:
            end()
            self.hits[name] += 1
        self.rounds += bool(victims)

    def look(self) -> None:
        """What must hold whenever a driver was killed."""
        try:
            session = store().open()
        except SessionError:
            return
        state = self.journey.state
        self.nothing_called_done_that_was_not(state)
        # A driver killed in the middle of a start shares its lock with the child until that execs.
        until(lambda: session_status(None).driver is None)
        looked = time.clock_gettime(time.CLOCK_BOOTTIME)
        status = session_status(None)
        assert status.session == session.id
        assert status.next
        running = [one.attempt for one in state.steps.values() if one.status is StepStatus.RUNNING and one.attempt]
        match status.state:
            case SessionState.DONE | SessionState.UNDONE:
                assert state.finished
            case SessionState.RUNNING | SessionState.UNKNOWN:
                assert any(one.exit is None for one in running) or any(
                    one.status is StepStatus.UNKNOWN for one in state.steps.values()
                )
            case SessionState.STOPPED:
                for one in running:
                    folder = session.folder / "attempts" / one.id
                    found = LocalCommands().find(folder, void=False)
                    # A leader that was on its way when its starter died may begin just after the look.
                    assert found.state in (FoundState.ENDED, FoundState.NEVER_RAN) or _began(folder) > looked
            case SessionState.FAILED:
                assert any(one.status is StepStatus.FAILED for one in state.steps.values())
            case _:
                assert not state.walking, status

    def nothing_called_done_that_was_not(self, state: State) -> None:
        """Every step that ended as done left its line."""
        lines = self.journey.lines()
        for key, one in state.steps.items():
            name = key.rsplit("/", 1)[-1]
            if one.status is StepStatus.DONE and one.attempts:
                assert f"{name} {one.attempts[-1].id}" in lines, f"{name} is called done and was not"

    def walked(self) -> None:
        """What must hold once the walk has come to its end."""
        state, lines = self.journey.state, self.journey.lines()
        assert state.word is SessionState.DONE
        self.nothing_called_done_that_was_not(state)
        names = Counter(line.split()[0] for line in lines)
        once = [name for name in ONCE if not name.startswith("un-")]
        if self.began_alone:
            # Alone, what is safe to repeat is repeated where nobody knows how it ended.
            unknown = [one.data["key"] for one in self.journey.entries if one.kind == Record.STEP_UNKNOWN]
            assert 1 <= names["safe"] <= 1 + unknown.count("1/work/safe")
            assert names["look"] >= 1
            once.remove("safe")
            # Left with a failed step, it sets back what is owed; the phase is then begun, and owes it, once more.
            done = [one.data["key"] for one in self.journey.entries if one.kind == Record.STEP_DONE]
            began = [one.data["key"] for one in self.journey.entries if one.kind == Record.PHASE_BEGAN]
            assert 1 <= names["tidy"] == done.count("1/work/finally/tidy") <= began.count("1/work")
            once.remove("tidy")
        assert {name: names[name] for name in once} == dict.fromkeys(once, 1)
        assert all(self.journey.status(name) in SETTLED for name in (*once, "look", "edit", "product", "ready", "sure"))
        again = Counter(
            line.split()[0].partition(":")[2] for line in self.journey.lines("decisions") if line.endswith(" again")
        )
        assert self.began_alone or names["look"] <= 1 + again["look"]
        assert names["product"] <= 1 + again["product"]
        looked = [line.split()[1] for line in lines if line.startswith("look ")]
        assert self.journey.lines("marks") == looked[-1:]
        assert (self.place / "app.env").read_text(encoding="utf-8") == "A=one\nB=two\nC=3\n"
        self.temporary_was_set_back(lines)
        self.spools_are_whole(state)

    def temporary_was_set_back(self, lines: list[str]) -> None:
        """Hold and release took turns, and release came last."""
        turns = [line.split()[0] for line in lines if line.split()[0] in ("hold", "release")]
        assert turns == ["hold", "release"] * (len(turns) // 2)

    def spools_are_whole(self, state: State) -> None:
        """Output of commands that ended is there to the last byte, whoever was killed."""
        for one in (attempt for found in state.steps.values() for attempt in found.attempts):
            if one.exit is None:
                continue
            spool = (self.journey.folder / "attempts" / one.id / "output").read_bytes()
            assert one.exit["lost_bytes"] == 0
            assert len(spool) == one.exit["bytes"]
            if one.key.endswith("/chatty") and one.exit["code"] == 0:
                assert spool == CHATTY

    def undone(self) -> None:
        """What must hold once everything was undone."""
        state, lines = self.journey.state, self.journey.lines()
        assert state.word is SessionState.UNDONE
        names = Counter(line.split()[0] for line in lines)
        once = [name for name in ONCE if name not in ("safe", "tidy")]
        assert {name: names[name] for name in once} == dict.fromkeys(once, 1)
        order = [line.split()[0] for line in lines if line.startswith("un-")]
        assert order == ["un-last", "un-safe", "un-blind", "un-checked"]
        assert (self.place / "app.env").read_text(encoding="utf-8") == "A=1\nB=2\nC=3\n"


@contextlib.contextmanager
def _nobody(given: AnswersFile) -> Iterator[Operator]:
    with UnattendedOperator(given, os.environ, out=io.StringIO()) as operator:
        yield operator


def _began(attempt: Path) -> float:
    """When the command of an attempt was started, in seconds of the boot clock."""
    with AttemptFolder(attempt) as folder:
        started = folder.started()
    return started.boottime if started is not None else float("inf")


def seeded() -> tuple[int, random.Random]:
    """A seed (of the environment where it names one) and the chance made of it."""
    seed = int(os.environ.get("WIZARD_TEST_SEED", "0")) or random.Random().getrandbits(32)
    return seed, random.Random(seed)


def unharmed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any kill the guide is walked and undone; with it, everything that drivers import is imported."""
    monkeypatch.setenv("WIZARD_STATE_DIR", str(place / "state"))
    siege = Siege(place, random.Random(1), ())
    assert siege.drive() is ExitCode.DONE
    siege.walked()
    siege.undoing = True
    assert siege.drive() is ExitCode.DONE
    siege.undone()
    assert siege.journey.lines("decisions") == []


def besieged(base: Path, whom: tuple[str, ...], rounds: int, monkeypatch: pytest.MonkeyPatch) -> list[Siege]:
    """Sieges until there were so many rounds; a failure names the seed."""
    seed, chance = seeded()
    sieges: list[Siege] = []
    with nothing_left(base):
        unharmed(base / "unharmed", monkeypatch)
        while sum(siege.rounds for siege in sieges) < rounds:
            place = base / f"{len(sieges):02d}"
            monkeypatch.setenv("WIZARD_STATE_DIR", str(place / "state"))
            siege = Siege(place, chance, whom, alone=len(sieges) % 3 == 2)
            sieges.append(siege)
            try:
                siege.to_the_end()
                siege.walked()
                siege.undoing, siege.alone = True, False
                siege.to_the_end()
                siege.undone()
            except BaseException as error:
                error.add_note(f"WIZARD_TEST_SEED={seed}, siege {len(sieges)}, in {place}")
                raise
            end_everything(place)
    return sieges


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_whatever_is_killed_the_run_tells_the_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 200 rounds of kills nothing was doubled, nothing was called done that was not, and all came to its end."""
    sieges = besieged(tmp_path, WHOM, 200, monkeypatch)
    hits = sum((siege.hits for siege in sieges), Counter())
    assert min(hits[one] for one in ("front", "leader", "pump")) >= 15, hits


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_killing_the_pump_costs_nothing_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pumps alone, killed 40 times: no byte is lost, and nobody is asked anything."""
    for siege in besieged(tmp_path, ("pump",), 40, monkeypatch):
        assert siege.journey.lines("decisions") == []
        assert [line.split()[0] for line in siege.journey.lines()].count("look") == 1
