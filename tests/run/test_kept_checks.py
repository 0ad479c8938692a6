"""Checks beside the work of a phase: asked all the while, counted, told, and never in anybody's way."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from tests.run.plug import killed, pass_moment
from tests.waiting import until
from wizard.checks.model import Evidence, Finding, Status
from wizard.errors import ExitCode, Gone
from wizard.run.events import Said, StepBegan
from wizard.run.keeping import LATE, KeptCheck
from wizard.run.records import Record
from wizard.run.repeatedly import Repeatedly

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.run.events import Event

pytestmark = pytest.mark.usefixtures("nothing_runs_on")


UP = {"id": "up", "title": "Service", "command": {"run": "echo asked >> asked; test -e up"}}
"""A check that looks for the file `up`, and leaves a line each time it is asked."""

ASKED_TWICE = """\
asked() { { cat asked 2> /dev/null || true; } | wc -l; }
before=$(asked)
until test $(asked) -ge $((before + 3)); do sleep 0.02; done
"""
"""A command text that ends when `UP` has been asked twice meanwhile, and begins once more."""


def at(place: Path, *steps: dict[str, Any], checks: list[dict[str, Any]] | None = None, **more: Any) -> Journey:
    """A journey of one phase, beside whose work the file `up` is looked for."""
    kept = checks if checks is not None else [UP]
    parts = guide(phase(*steps, keep_checking=kept, **more), defaults={"folder": str(place)})
    return Journey(place, parts)


def words(operator: ScriptedOperator) -> list[str]:
    """All that was said."""
    return [event.text for event in operator.told(Said)]


def test_checks_are_asked_beside_the_work_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they saw is in the journal, in the state and said at the end of the phase."""
    monkeypatch.setattr("wizard.run.keeping.EVERY", 0.1)
    (tmp_path / "up").touch()
    journey = at(tmp_path, step("work", ASKED_TWICE))
    operator = ScriptedOperator()
    assert journey.begin(operator) is ExitCode.DONE
    numbers = journey.state.kept["1/work"].checks["up"]
    assert numbers.asked >= 2
    assert (numbers.failed, numbers.longest, numbers.first) == (0, 0.0, {})
    assert any("Service — asked" in one and "never failed" in one for one in words(operator))


def test_an_outage_is_told_as_it_begins_and_ends_and_its_length_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a command runs the operator hears that the service is gone, and that it is there again."""
    monkeypatch.setattr("wizard.run.phase_checking.QUIET", 0.2)
    (tmp_path / "up").touch()
    told: list[str] = []

    def watch(event: Event) -> None:
        if isinstance(event, Said) and "Service" in event.text:
            told.append(event.text)
            (tmp_path / f"told-{len(told)}").touch()

    outage = "rm up; until test -e told-1; do sleep 0.02; done; touch up; until test -e told-2; do sleep 0.02; done"
    journey = at(tmp_path, step("restart", outage))
    assert journey.begin(ScriptedOperator(watch=watch)) is ExitCode.DONE
    assert told[0].startswith("“Service” fails beside the work")
    assert told[1].startswith("“Service” holds again, after ")
    numbers = journey.state.kept["1/work"].checks["up"]
    assert numbers.failed >= 1
    assert 0.0 < numbers.longest < 30.0
    assert numbers.first["at"]
    assert numbers.last["seen"]
    assert "failed" in told[2]


def test_an_outage_is_told_while_a_person_is_asked_and_journalled_after_their_reply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever thinks about something else hears that the service went and came back, each once."""
    monkeypatch.setattr("wizard.run.phase_checking.QUIET", 0.2)
    monkeypatch.setattr("wizard.run.keeping.EVERY", 0.1)
    (tmp_path / "up").touch()
    journey = at(tmp_path, step("sure", confirm="Really?"))
    operator = ScriptedOperator()
    counts: list[int] = []

    def told() -> list[Said]:
        return [one for one in operator.told(Said) if one.text.startswith(("“Service” fails", "“Service” holds"))]

    def glanced() -> int:
        operator.glance()
        return len(told())

    def counted() -> int:
        return [one.kind for one in journey.entries].count(Record.KEPT_CHECKING)

    def think(_: object) -> bool:
        counts.append(counted())
        until((tmp_path / "asked").exists)
        (tmp_path / "up").unlink()
        until(lambda: glanced() == 1)
        (tmp_path / "up").touch()
        until(lambda: glanced() == 2)
        operator.glance()
        counts.append(counted())
        return True

    operator.replies["sure"] = think
    assert journey.begin(operator) is ExitCode.DONE
    assert [(one.text.split()[1], one.at_once) for one in told()] == [("fails", True), ("holds", True)]
    assert counts[0] == counts[1] < counted()
    assert journey.state.kept["1/work"].checks["up"].failed >= 1


def test_a_check_that_never_answers_delays_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the walk nor the other checks wait for it, and the run comes to its end."""
    monkeypatch.setattr("wizard.run.keeping.EVERY", 0.1)
    os.mkfifo(tmp_path / "stuck")
    (tmp_path / "up").touch()
    checks: list[dict[str, Any]] = [
        {"id": "slow", "command": {"run": "cat stuck", "timeout": "60s"}},
        UP,
    ]
    journey = at(tmp_path, step("work", ASKED_TWICE), checks=checks)
    try:
        assert journey.begin() is ExitCode.DONE
    finally:
        os.close(os.open(tmp_path / "stuck", os.O_RDWR | os.O_NONBLOCK))
    kept = journey.state.kept["1/work"].checks
    assert kept["up"].asked >= 2
    assert kept["slow"].asked == 0


def test_the_time_nobody_asked_is_known_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a kill the numbers go on, and the gap is not taken for a time in which all was well."""
    monkeypatch.setattr("wizard.run.phase_checking.UNNOTICED", 1.0)
    monkeypatch.setattr("wizard.run.keeping.EVERY", 0.1)
    (tmp_path / "up").touch()
    journey = at(tmp_path, step("first", "true"), step("work", ASKED_TWICE))

    def dies(event: Event) -> None:
        if isinstance(event, StepBegan) and event.step.id == "work":
            os.kill(os.getpid(), signal.SIGKILL)

    killed(lambda: journey.begin(ScriptedOperator(watch=dies)), tmp_path)
    pass_moment(1.2)
    operator = ScriptedOperator()
    assert journey.resume(operator) is ExitCode.DONE
    assert any("were not asked for" in one and "while the wizard was away" in one for one in words(operator))
    kept = journey.state.kept["1/work"]
    assert 1.0 <= kept.unwatched < 60.0
    assert kept.checks["up"].asked >= 1


def test_leaving_does_not_wait_for_checks_and_ends_them(tmp_path: Path) -> None:
    """However the phase is left, what was seen is in the journal and nobody asks any more."""
    journey = at(tmp_path, step("sure", confirm="Really?"))
    before = threading.active_count()
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"sure": lambda _: (_ for _ in ()).throw(Gone())}))
    assert [entry.kind for entry in journey.entries].count(Record.KEPT_CHECKING) >= 2
    until(lambda: threading.active_count() <= before)


def test_a_rehearsal_keeps_asking_nothing(tmp_path: Path) -> None:
    """Nothing goes on beside a rehearsal."""
    journey = at(tmp_path, step("work", "true"))
    assert journey.begin(rehearse=True) is ExitCode.DONE
    assert journey.state.kept == {}


def test_secrets_in_what_was_seen_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The evidence of a failing check may show what its command was given; the journal and the words never do."""
    monkeypatch.setattr("wizard.run.keeping.EVERY", 0.1)
    checks = [{"id": "login", "command": {"run": "echo asked >> asked; echo denied for $TOKEN; exit 1", "env": {}}}]
    parts = guide(
        phase(step("work", ASKED_TWICE), keep_checking=checks, env={"TOKEN": "${{ answers.token }}"}),
        defaults={"folder": str(tmp_path)},
    )
    ask = [*parts["questions"][0]["ask"], {"id": "token", "label": "Token", "type": "secret"}]
    parts["questions"] = [{"section": "All", "ask": ask}]
    journey = Journey(tmp_path, parts)
    operator = ScriptedOperator({"token": "s3cret-value-77"})
    assert journey.begin(operator) is ExitCode.DONE
    seen = journey.state.kept["1/work"].checks["login"].last["seen"]
    assert "denied for" in seen
    assert "s3cret-value-77" not in (journey.folder / "journal.jsonl").read_text(encoding="utf-8")
    assert not any("s3cret-value-77" in one for one in words(operator))


# -- counting ------------------------------------------------------------------------------------


@dataclass
class Moments:
    """A clock a test turns."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Replies:
    """What a check finds, one after the other, and how the clock stands then."""

    clock: Moments
    kept: KeptCheck = field(init=False)

    def __post_init__(self) -> None:
        self.kept = KeptCheck("up", None, None, self.clock)  # type: ignore[arg-type]

    def take(self, at: float, status: Status) -> None:
        """Let the check find `status` at that moment."""
        self.clock.now = at
        finding = Finding("up", "Service", status, evidence=(Evidence(f"seen {at:.0f}", "test", f"at {at:.0f}"),))
        self.kept.begin()
        self.kept.count(finding)


def test_the_longest_stretch_is_measured_from_failure_to_recovery() -> None:
    """Of two outages the longer one counts, and the first and last failure are those of the whole time."""
    replies = Replies(Moments())
    for moment, status in (
        (100, Status.OK), (101, Status.FAIL), (102, Status.UNKNOWN), (104, Status.OK),
        (105, Status.FAIL), (106, Status.OK),
    ):  # fmt: skip
        replies.take(float(moment), status)
    counted = replies.kept.counted()
    assert (counted.asked, counted.failed, counted.longest) == (6, 3, 3.0)
    assert counted.first is not None
    assert counted.last is not None
    assert (counted.first.at, counted.last.at) == ("at 101", "at 105")


def test_a_stretch_goes_on_over_counting() -> None:
    """Counting in the middle of an outage does not cut it in two; what was counted is not counted again."""
    replies = Replies(Moments())
    replies.take(100.0, Status.FAIL)
    replies.clock.now = 110.0
    first = replies.kept.counted()
    assert (first.asked, first.failed, first.longest) == (1, 1, 10.0)
    replies.take(130.0, Status.OK)
    second = replies.kept.counted()
    assert (second.asked, second.failed, second.longest, second.first) == (1, 0, 30.0, None)


def test_what_is_not_needed_is_neither_asked_nor_failing() -> None:
    """A check whose `when` does not hold counts as nothing."""
    replies = Replies(Moments())
    replies.take(100.0, Status.FAIL)
    replies.take(101.0, Status.SKIPPED)
    assert replies.kept.now().failing_since is None
    assert replies.kept.counted().asked == 1


def test_an_answer_that_does_not_come_counts_as_failing() -> None:
    """Whoever uses the service waits just as long."""
    clock = Moments()
    kept = KeptCheck("up", None, None, clock)  # type: ignore[arg-type]
    kept.begin()
    assert kept.now().failing_since is None
    clock.now = 100.0 + LATE
    assert kept.now().late
    assert kept.now().failing_since == 100.0
    assert kept.counted().longest == LATE


def test_a_look_is_never_taken_twice_at_once() -> None:
    """However slow it is, one ends before the next begins, and closing waits for none."""
    inside: list[int] = []
    most: list[int] = []
    gate = threading.Event()

    def look() -> None:
        inside.append(1)
        most.append(len(inside))
        gate.wait(0.05)
        inside.pop()

    looking = Repeatedly(look, 0.0, "test")
    assert looking.start()
    until(lambda: len(most) >= 3)
    looking.close()
    assert set(most) == {1}
