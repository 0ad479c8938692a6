"""The action `monitor`: looking at limits and logs for a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.checks.words import seen_in, seen_lines
from wizard.counting import counted
from wizard.errors import HostError
from wizard.host.clock import SystemClock
from wizard.redaction import redact_text
from wizard.run.actions.waiting import left_waiting, pause, waited_already
from wizard.run.asking import ask_all
from wizard.run.events import CheckAsked, LogNews, Monitored, Said, Sample
from wizard.run.operator import Choice, ChoiceRequest, Pausing, Wish
from wizard.run.spool import tells_of_error
from wizard.run.state import StepStatus
from wizard.run.surroundings import seconds_of
from wizard.run.work import Outcome, Work
from wizard.units import amount_in, show_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.checks.model import Finding
    from wizard.host.protocols import Machine
    from wizard.run.context import Run

LINES: Final = 20
"""New lines of a log that are told at one look: the last ones."""

SLICE: Final = 256 << 10
"""Bytes at the end of a log in which new lines are looked for at one look."""

LONGEST: Final = 500
"""Characters of a line of a log that are told."""

UNWATCHED: Final = 5.0
"""Seconds nobody looked that are not worth a word: a resume takes a moment."""


def monitor(run: Run, work: Work) -> Outcome:
    """Look at the limits every so often; one that fails is decided about by the operator, and else is a failure.

    A monitor that was left goes on from when it first began.
    """
    rule = work.step.monitor
    assert rule is not None  # noqa: S101 - the walk dispatches on the action
    if not run.effects.wait_needed():
        return Outcome(StepStatus.DONE, "a rehearsal does not watch", "rehearsed")
    clock = SystemClock()
    already = waited_already(run.state.step(work.key), clock)
    began, seconds = clock.boottime() - already, seconds_of(rule.for_, work.env)
    every = seconds_of(rule.every, work.env)
    logs = [_Log(path, offset) for path, offset in _noted(run, work).items()]
    tally = Tally(away=already if already >= UNWATCHED else 0.0)
    accepted: set[str] = set()
    while True:
        findings = ask_all(run, rule.limits, work.env, work.chain)
        tally.take(findings)
        watched = clock.boottime() - began
        run.operator.tell(Monitored(work.planned, _samples(findings), _news(run, logs), watched, seconds))
        bad = [one for one in findings if one.blocking]
        accepted &= {one.key for one in bad}
        if new := [one for one in bad if one.key not in accepted]:
            for finding in new:
                run.operator.tell(CheckAsked(finding))
            if not run.operator.attended or not _watched_on(run, work, new):
                why = "; ".join(seen_lines(new))
                return Outcome(StepStatus.FAILED, f"outside its limits: {why}", lines=tally.lines())
            accepted |= {one.key for one in new}
        waited = clock.boottime() - began
        if waited >= seconds:
            return Outcome(StepStatus.DONE, tally.summary(seconds), "watched")
        pausing = Pausing(work.planned.title, tally.now(findings), waited, at_most=seconds)
        match pause(run, pausing, min(every, seconds - waited)):
            case None:
                pass
            case Wish.GO_ON:
                watched = clock.boottime() - began
                return Outcome(StepStatus.DONE, f"ended by the operator; {tally.summary(watched)}", "watched")
            case wish:
                raise left_waiting(f"{work.planned.code} {work.planned.title}", wish)


def _watched_on(run: Run, work: Work, bad: Sequence[Finding]) -> bool:
    chosen = run.operator.choose(
        ChoiceRequest(
            id=f"limit:{work.planned.id}",
            title=f"{work.planned.code} {work.planned.title}: outside its limits",
            text="Watching on takes these limits as they are until they hold again.",
            choices=(Choice("watch", "Watch on"), Choice("stop", "Stop watching; the step has failed")),
            lines=seen_lines(bad),
        )
    )
    return chosen.key == "watch"


def _samples(findings: Sequence[Finding]) -> tuple[Sample, ...]:
    """What the limits show now; one that is not needed shows nothing."""
    from wizard.checks.model import Status

    return tuple(
        Sample(one.key, one.title, seen_in(one), one.passed, amount[0] if (amount := amount_in(seen_in(one))) else None)
        for one in findings
        if one.status is not Status.SKIPPED
    )


# -- numbers -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Limit:
    """What was seen of one limit: how often, how often it failed, and the least and most amount."""

    title: str
    looks: int = 0
    failed: int = 0
    least: tuple[float, str] | None = None
    most: tuple[float, str] | None = None

    def take(self, finding: Finding) -> None:
        """Count one look."""
        self.looks += 1
        self.failed += not finding.passed
        if (amount := amount_in(seen_in(finding))) is not None:
            self.least = min(self.least or amount, amount)
            self.most = max(self.most or amount, amount)

    def words(self) -> str:
        """What was seen, in one line."""
        span = ""
        if self.least is not None and self.most is not None:
            span = f" {self.least[1]} to {self.most[1]}," if self.least != self.most else f" {self.most[1]},"
        failed = "never failed" if not self.failed else f"failed {self.failed} of {counted(self.looks, 'time')}"
        return f"{self.title}:{span} {failed}"


@dataclass(slots=True)
class Tally:
    """What was seen of all limits since this driver came; `away` are the seconds before that."""

    away: float = 0.0
    looks: int = 0
    limits: dict[str, Limit] = field(default_factory=dict)

    def take(self, findings: Sequence[Finding]) -> None:
        """Count one look at all limits; what is not needed is not counted."""
        from wizard.checks.model import Status

        self.looks += 1
        for finding in findings:
            if finding.status is not Status.SKIPPED:
                self.limits.setdefault(finding.key, Limit(finding.title)).take(finding)

    def now(self, findings: Sequence[Finding]) -> str:
        """What the last look saw, for whoever waits."""
        return "; ".join(seen_lines(findings))

    def lines(self) -> tuple[str, ...]:
        """A line for each limit."""
        return tuple(limit.words() for limit in self.limits.values())

    def summary(self, seconds: float) -> str:
        """Everything in one line."""
        away = f" (what was seen in the first {show_duration(self.away)} is not counted here)" if self.away else ""
        words = [f"watched for {show_duration(seconds)}, {counted(self.looks, 'look')}{away}", *self.lines()]
        return "; ".join(words)


# -- logs ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Log:
    """A log as far as it was told: bytes, and the beginning of a line that is not ended yet."""

    path: str
    offset: int
    begun: str = ""

    def new_lines(self, machine: Machine) -> list[str]:
        """Lines that were ended since the last look; a log that was begun anew is read from its start."""
        from wizard.checks.kinds.log import slices
        from wizard.facts.foreign import clean_text

        size = _size(machine, self.path)
        if size < self.offset:
            self.offset, self.begun = 0, ""
        if size - self.offset > SLICE:
            self.offset, self.begun = size - SLICE, ""
        text = self.begun + "".join(slices(machine, self.path, self.offset, size)) if size > self.offset else self.begun
        *whole, self.begun = text.split("\n")
        self.begun, self.offset = self.begun[-SLICE:], size
        return [clean_text(line).replace("\r", "")[:LONGEST] for line in whole if line.strip()]


def _news(run: Run, logs: Sequence[_Log]) -> tuple[LogNews, ...]:
    """What was written since the last look; of many lines, the last ones. A log that cannot be read is told of."""
    news = []
    for log in logs:
        try:
            lines = log.new_lines(run.machine)
        except HostError as error:
            run.operator.tell(Said(f"{log.path} cannot be read: {error.message}", "warning"))
            continue
        shown = tuple(redact_text(line, run.secrets.all()) for line in lines[-LINES:])
        news.append(LogNews(log.path, shown, len(lines), sum(map(tells_of_error, lines))))
    return tuple(news)


def logs_from(run: Run, work: Work) -> dict[str, int]:
    """Where the logs of a monitor are told from: where they stood when it first began, in bytes."""
    step = run.state.step(work.key)
    before = step.logs if step.status in (StepStatus.RUNNING, StepStatus.UNKNOWN) else {}
    return {path: before.get(path, _size(run.machine, path)) for path in _paths(work)}


def _noted(run: Run, work: Work) -> dict[str, int]:
    """The logs of the step with the place they are told from."""
    noted = run.state.step(work.key).logs
    return {path: noted[path] if path in noted else _size(run.machine, path) for path in _paths(work)}


def _paths(work: Work) -> Iterator[str]:
    from wizard.templates import render_text

    if work.step.monitor is not None:
        yield from (render_text(path, work.env) for path in work.step.monitor.logs)


def _size(machine: Machine, path: str) -> int:
    try:
        facts = machine.stat(path)
    except HostError:
        return 0
    return facts.size if facts.exists else 0
