"""kill -9 at random moments of loops, batches, rounds and their undo: nothing is done twice, nothing is lost."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.run.journey import VERSIONS, Journey, guide, phase, step
from tests.run.plug import Person, Wheel, nothing_left, pass_moment
from tests.run.test_kill_anything import seeded
from tests.run.test_loops import NODES
from wizard.assemble import Begin, Resume, begin, go_on, session_status, store, undo_session
from wizard.errors import SessionError
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    import random
    from pathlib import Path

ITEMS = ("a", "b", "c", "d", "e")
LINES = [
    *(f"{name} {item}" for batch in (("a", "b"), ("c", "d"), ("e",)) for name in ("drain", "work") for item in batch),
]
LATE = [f"late {item}" for item in ("x", "y", "z")]


def act(name: str, item: str) -> list[str]:
    """A command whose one effect is a line with its name, its item and its attempt."""
    return ["sh", "-c", 'sleep 0.01; echo "$1 $2 $WIZARD_ATTEMPT" >> effects; sleep 0.01', "sh", name, item]


def acts(name: str, item: str, **more: Any) -> dict[str, Any]:
    """Such a step, with an undo of the same kind."""
    return step(name, act(name, item), undo=[step(f"un-{name}", act(f"un-{name}", item))], **more)


def parts(place: Path) -> dict[str, Any]:
    """A loop in batches, a loop over what is captured, and rounds."""
    node = "${{ node.name }}"
    settled = {"file": {"path": str(place / "count"), "contains": "3"}}
    rounds = 'n=$(grep -c ^round effects || true); echo "round $n $WIZARD_ATTEMPT" >> effects; echo $((n + 1)) >> count'
    return guide(
        phase(
            step(
                "roll",
                for_each={"node": "answers.nodes", "batch": 2, "available_when": [{"file": f"{place}/up-{node}"}]},
                steps=[acts("drain", node), acts("work", node)],
            ),
            step(
                "look",
                "printf 'node x\\nnode y\\nnode z\\n'",
                rerun="safe",
                capture={"names": {"match": r"node (\S+)", "all": True}},
            ),
            step("each", for_each={"one": "captured.names"}, steps=[acts("late", "${{ one }}")]),
            step("settle", repeat={"until": [settled], "at_most": 6}, steps=[step("round", rounds)]),
        ),
        questions=[VERSIONS, NODES],
        defaults={"folder": str(place)},
    )


class Looker(Person):
    """Looks for the line of the very attempt that is asked about: steps of other items have the same id."""

    def happened(self, name: str) -> bool:
        attempt = self.attempt(name)
        return any(line.split()[0] == name and line.endswith(f" {attempt}") for line in self.journey.lines())

    def attempt(self, name: str) -> str:
        state = self.journey.state
        open_ = [one for key, one in state.steps.items() if key.rsplit("/", 1)[-1] == name and one.attempts]
        latest = max(open_, key=lambda one: one.began_at, default=None)
        return latest.attempts[-1].id if latest is not None else ""


class Siege:
    """One run walked to its end and undone, its driver killed at random moments."""

    def __init__(self, place: Path, chance: random.Random) -> None:
        place.mkdir()
        rows = [{"name": item, "rack": "1"} for item in ITEMS]
        (place / "answers.yaml").write_text(json.dumps({"answers": {"nodes": rows}}), encoding="utf-8")
        for item in ITEMS:
            (place / f"up-{item}").touch()
        self.place, self.chance, self.kills = place, chance, 0
        self.journey = Journey(place, parts(place))
        assert self.journey.file.exists()
        undoing = ("un-drain", "un-work", "un-late")
        self.person = Looker(self.journey, ("drain", "work", "late", "look", "round", *undoing), repeats=("look",))

    def drive(self, *, undoing: bool) -> int:
        """Begin, go on or undo, whatever comes next."""
        front_end = self.journey.front_end(self.person.operator(**{"undo-past": True}))
        answers = str(self.place / "answers.yaml")
        request = Resume(None, answers, self.journey.sets)
        try:
            store().open()
        except SessionError:
            return begin(Begin(str(self.journey.file), answers, self.journey.sets), front_end)
        if undoing:
            return undo_session(request, front_end, step=None, phase=None)
        return go_on(request, front_end)

    def to_the_end(self, *, undoing: bool = False) -> None:
        """Drive until a driver comes to the end by itself, killing one after the other."""
        crash, late = self.place / "crash", time.monotonic() + 60.0
        while True:
            assert time.monotonic() < late, f"it comes to no end: {self.journey.lines('decisions')[-5:]}"
            with Wheel(lambda: self.drive(undoing=undoing), crash) as wheel:
                pass_moment(0.15 + self.chance.random() * 0.7)
                if self.chance.random() < 0.85 and wheel.code() is None:
                    wheel.kill()
                    self.kills += 1
                    continue
                code = wheel.end()
            words = crash.read_text(encoding="utf-8") if crash.exists() else ""
            assert code == 0, f"a driver ended with {code}\n{words}"
            return

    def names(self) -> list[str]:
        """Effects without their attempts, in order."""
        return [line.rpartition(" ")[0] for line in self.journey.lines()]

    def walked(self) -> None:
        """Every item was done once, in order; rounds went on until they held; each is in the journal once."""
        assert self.journey.state.word is SessionState.DONE
        assert self.names() == [*LINES, *LATE, "round 0", "round 1", "round 2"]
        unrolled = [entry.data["keys"] for entry in self.journey.entries if entry.kind == "loop-unrolled"]
        assert unrolled == [["x", "y", "z"]]
        begun = [entry.data["number"] for entry in self.journey.entries if entry.kind == "round-began"]
        assert begun == [1, 2, 3]
        assert session_status(None).state == "done"

    def undone(self) -> None:
        """Everything was taken back once, in the reverse order of what was done."""
        assert self.journey.state.word is SessionState.UNDONE
        back = [f"un-{line}" for line in reversed([*LINES, *LATE])]
        assert self.names()[len(LINES) + len(LATE) + 3 :] == back
        assert Counter(self.names()).most_common(1)[0][1] == 1


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_killed_in_loops_and_rounds_nothing_is_doubled_and_nothing_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two dozen drivers die in batches, rounds and undo; the next one enters at the item and step, or asks."""
    seed, chance = seeded()
    kills, number = 0, 0
    with nothing_left(tmp_path):
        while kills < 24:
            place = tmp_path / f"{number:02d}"
            monkeypatch.setenv("WIZARD_STATE_DIR", str(place / "state"))
            siege = Siege(place, chance)
            try:
                siege.to_the_end()
                siege.walked()
                siege.to_the_end(undoing=True)
                siege.undone()
            except BaseException as error:
                error.add_note(f"WIZARD_TEST_SEED={seed}, siege {number}, in {place}")
                raise
            kills, number = kills + siege.kills, number + 1
