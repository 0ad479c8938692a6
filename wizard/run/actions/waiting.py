"""The action `wait`, and passing time with the operator able to speak up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from wizard.checks.words import seen_in, seen_lines
from wizard.errors import ExitCode
from wizard.host.clock import SystemClock
from wizard.run.asking import ask_all
from wizard.run.context import Leave
from wizard.run.operator import Choice, ChoiceRequest, Pausing, Wish
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus
from wizard.run.surroundings import seconds_of
from wizard.run.work import Outcome, Work
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.checks.model import Finding
    from wizard.guide.models import StepCheck
    from wizard.guide.models.steps import Wait
    from wizard.host.clock import Clock
    from wizard.run.context import Run
    from wizard.run.state import StepState

SLICE: Final = 2.0
"""Seconds that are passed in one go: after each, what happened beside the walk is told."""


def wait(run: Run, work: Work) -> Outcome:
    """Ask the checks of `until` again and again, until they all hold, one of `stop_on` does, or time is up.

    A wait that was left goes on from when it first began.
    """
    rule = work.step.wait
    assert rule is not None  # noqa: S101 - the walk dispatches on the action
    if not run.effects.wait_needed():
        return Outcome(StepStatus.DONE, "a rehearsal does not wait", "rehearsed")
    if isinstance(rule.until, str):
        seconds = seconds_of(rule.until, work.env)
        already = waited_already(run.state.step(work.key), SystemClock())
        seen = f"{show_duration(seconds)} to pass"
        return _after(pass_time(run, work.planned.title, seen, seconds, usual=seconds, already=already))
    return _until(run, work, rule, [rule.until] if not isinstance(rule.until, list) else rule.until)


def _until(run: Run, work: Work, rule: Wait, until: Sequence[StepCheck]) -> Outcome:
    stops = [] if rule.stop_on is None else rule.stop_on if isinstance(rule.stop_on, list) else [rule.stop_on]
    every = seconds_of(rule.every, work.env)
    at_most = seconds_of(rule.at_most, work.env) if rule.at_most else None
    usually = seconds_of(rule.usually, work.env) if rule.usually else None
    clock = SystemClock()
    began = clock.boottime() - waited_already(run.state.step(work.key), clock)
    limit = at_most
    while True:
        findings = ask_all(run, until, work.env, work.chain)
        if run.effects.verdict(findings):
            return Outcome(StepStatus.DONE, f"it held after {show_duration(clock.boottime() - began)}", "waited")
        if happened := [one for one in ask_all(run, stops, work.env, work.chain) if run.effects.verdict((one,))]:
            reason = f"what must not happen while waiting has happened: {'; '.join(one.title for one in happened)}"
            return Outcome(StepStatus.FAILED, reason, lines=(*seen_lines(happened), *_seen(findings)))
        waited = clock.boottime() - began
        if limit is not None and waited >= limit:
            match rule.then:
                case "go_on":
                    return Outcome(StepStatus.DONE, f"not reached within {show_duration(waited)}; went on", "waited")
                case "fail":
                    return _too_long(waited, findings)
                case _:
                    if not run.operator.attended or not _wait_on(run, work, waited, findings):
                        return _too_long(waited, findings)
                    # From the word on: it may have come an hour after it was asked for.
                    limit = clock.boottime() - began + (at_most or every)
        pausing = Pausing(work.planned.title, "; ".join(_not_yet(findings)), waited, usually, limit)
        if (wish := pause(run, pausing, every)) is not None:
            outcome = _wished(work, wish, findings)
            if outcome is not None:
                return outcome


def _too_long(waited: float, findings: Sequence[Finding]) -> Outcome:
    return Outcome(StepStatus.FAILED, f"not reached within {show_duration(waited)}", lines=_seen(findings))


def _wished(work: Work, wish: Wish, findings: Sequence[Finding]) -> Outcome | None:
    match wish:
        case Wish.GO_ON:
            return Outcome(StepStatus.FAILED, "the operator did not wait any longer", lines=_seen(findings))
        case Wish.STOP | Wish.LEAVE:
            raise left_waiting(f"{work.planned.code} {work.planned.title}", wish)


def left_waiting(title: str, wish: Wish) -> Leave:
    """Leave while something is waited for; stopping takes temporary settings back, leaving does not."""
    return Leave(SessionState.WAITING, f"left while waiting: {title}", ExitCode.STOPPED, sets_back=wish is Wish.STOP)


def pause(run: Run, pausing: Pausing, seconds: float) -> Wish | None:
    """Pass the time until the next look, with a moment now and then for what goes on beside the walk, and for notes."""
    left = seconds
    while True:
        run.beside.tell_news()
        run.heed_messages()
        wish = run.operator.pause(pausing, min(left, SLICE))
        left -= SLICE
        if wish is not None or left <= 0:
            return wish


def _wait_on(run: Run, work: Work, waited: float, findings: Sequence[Finding]) -> bool:
    chosen = run.operator.choose(
        ChoiceRequest(
            id=f"waited:{work.planned.id}",
            title=f"{work.planned.code} {work.planned.title}: not reached within {show_duration(waited)}",
            text="You can wait as long again, or see what can be done.",
            choices=(Choice("wait", "Wait on"), Choice("fail", "Do not wait any longer")),
            lines=_seen(findings),
            default="wait",
        )
    )
    return chosen.key == "wait"


def _seen(findings: Sequence[Finding]) -> tuple[str, ...]:
    """What was last seen, one line for each check that does not hold."""
    return seen_lines(finding for finding in findings if not finding.passed)


def _not_yet(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The same for a line that stands while time passes: a title alone would read as what is so."""
    return tuple(f"{one.title}: not yet, {seen_in(one)}" for one in findings if not one.passed)


def waited_already(step: StepState, clock: Clock) -> float:
    """Seconds since a wait first began: by the boot's own clock, over a reboot by the time of day."""
    if not step.waited_boot:
        return 0.0
    if step.waited_boot == clock.boot():
        return max(0.0, clock.boottime() - step.waited_from)
    return max(0.0, (clock.now() - datetime.fromisoformat(step.waited_utc)).total_seconds())


def pass_time(
    run: Run, title: str, seen: str, seconds: float, *, usual: float | None = None, already: float = 0.0
) -> Wish | None:
    """Let time pass, of which `already` seconds have; gives the operator's wish where there is one before the end.

    Leaving takes no temporary setting back, because the wait goes on without the wizard; stopping does.
    """
    clock = SystemClock()
    began = clock.boottime() - already
    while (waited := clock.boottime() - began) < seconds:
        match pause(run, Pausing(title, seen, waited, usual, seconds), min(1.0, seconds - waited)):
            case Wish.GO_ON:
                return Wish.GO_ON
            case None:
                pass
            case wish:
                raise left_waiting(title, wish)
    return None


def _after(wish: Wish | None) -> Outcome:
    return Outcome(StepStatus.DONE, "went on before the time was over" if wish else "", "waited")
