"""Parts of a report beside its steps: loops and rounds, checks beside the work, other people, evidence, times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.plan.steps import iter_steps, leaves
from wizard.run.records import Record
from wizard.run.state import PASSED, StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.plan.model import Plan, PlannedStep
    from wizard.run.chain import Entry
    from wizard.run.state import State


@dataclass(frozen=True, slots=True)
class LoopLine:
    """A loop: its batches with the keys of their items, the items all of whose steps are done, and those left out."""

    code: str
    title: str
    batches: tuple[tuple[str, ...], ...]
    done: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    one_by_one: bool = False
    """Whether its guide asks for no batches."""


@dataclass(frozen=True, slots=True)
class KeptLine:
    """What a check beside the work of a phase saw; `longest` is its longest stretch of failing, in seconds.

    `first` and `last` are its first and last failure in words, `unwatched` the seconds in which nobody asked.
    """

    phase: str
    check: str
    asked: int
    failed: int
    longest: float
    unwatched: float
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class GateLine:
    """A gate that was asked, and the evidence it went by (empty: none)."""

    gate: str
    at: str
    holds: bool
    evidence: str
    sha256: str


def loops_of(plan: Plan, state: State) -> Iterator[LoopLine]:
    """Every loop that was unrolled, in the order of the plan."""
    for step in iter_steps(plan):
        if step.loop is not None:
            passed = _passed(step, state)
            done = tuple(key for key in step.loop.keys if passed.get(key, False))
            alone = all(batch.alone for batch in step.steps)
            yield LoopLine(step.code, step.title, step.loop.batches, done, step.loop.left_out, one_by_one=alone)


def _passed(loop: PlannedStep, state: State) -> dict[str, bool]:
    """Whether every step of an item lies behind, for each item of a loop that has any."""
    passed: dict[str, bool] = {}
    for batch in loop.steps:
        for own in batch.steps:
            for step in leaves((own,)):
                passed[own.item] = passed.get(own.item, True) and state.status(step.key) in PASSED
    return passed


def rounds_of(plan: Plan, state: State) -> Iterator[tuple[str, str, str]]:
    """Code and title of every group that is repeated, and the number of its rounds."""
    for step in iter_steps(plan):
        if step.key in state.rounds:
            yield step.code, step.title, str(state.rounds[step.key])


def kept_checking(plan: Plan, state: State) -> Iterator[KeptLine]:
    """What the checks beside the work of each phase saw in all."""
    codes = {phase.key: f"{phase.code} {phase.title}" for phase in plan.phases}
    for key, kept in state.kept.items():
        for seen in kept.checks.values():
            yield KeptLine(
                phase=codes.get(key, key),
                check=seen.title,
                asked=seen.asked,
                failed=seen.failed,
                longest=round(seen.longest, 1),
                unwatched=round(kept.unwatched, 1),
                first=_failure(seen.first),
                last=_failure(seen.last),
            )


def _failure(data: dict[str, str]) -> str:
    return f"{data['at']}: {data['seen']}" if data else ""


def handed_over(state: State) -> Iterator[tuple[str, str, str, str]]:
    """Everything that was handed to other people: code, to whom, the file with the text, when."""
    for step in state.steps.values():
        if step.handed is not None:
            yield step.handed.code, step.handed.to, step.handed.file, step.handed.at


def evidence_of(state: State) -> Iterator[tuple[str, str, str, str]]:
    """The evidence that was given: its name, session, state there, and sha256."""
    for name, one in state.evidence.items():
        yield name, _text(one, "session"), _text(one, "state"), _text(one, "sha256")


def _text(data: dict[str, Any], name: str) -> str:
    return str(data.get(name, ""))


def gates_of(events: Iterable[Entry], plan: Plan | None) -> Iterator[GateLine]:
    """Every asking of a gate."""
    titles = {step.key: f"{step.code} {step.title}" for step in iter_steps(plan)} if plan is not None else {}
    for event in events:
        if event.kind == Record.GATE_JUDGED:
            used = event.data.get("evidence") or {}
            yield GateLine(
                gate=titles.get(event.data["key"], event.data["key"]),
                at=event.at,
                holds=bool(event.data["holds"]),
                evidence=_text(used, "name"),
                sha256=_text(used, "sha256"),
            )


def times_of(plan: Plan, state: State) -> tuple[float, float]:
    """Seconds that the work of the done steps took for which the guide says a time, and the seconds it says.

    A rehearsal did no work; a step whose time is not known (the machine was started anew in it) says nothing.
    """
    took = expected = 0.0
    for step in () if state.rehearsal else iter_steps(plan):
        done = state.steps.get(step.key)
        if not step.takes or step.steps or done is None or done.status is not StepStatus.DONE:
            continue
        if (worked := done.worked) is not None:
            took += worked
            expected += step.takes
    return round(took, 1), round(expected, 1)
