"""The action `wait`, and passing time with the operator able to speak up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from wizard.errors import ExitCode
from wizard.host.clock import SystemClock
from wizard.run.asking import ask_all
from wizard.run.context import Leave
from wizard.run.operator import Choice, ChoiceRequest, Pausing, Wish
from wizard.run.state import SessionState, StepStatus
from wizard.run.work import Outcome, Work
from wizard.units import parse_duration, show_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.checks.model import Finding
    from wizard.guide.models import StepCheck
    from wizard.guide.models.steps import Wait
    from wizard.host.clock import Clock
    from wizard.run.context import Run
    from wizard.run.state import StepState


def wait(run: Run, work: Work) -> Outcome:
    """Ask the checks of `until` again and again, until they hold, something stops it, or time is up.

    A wait that was left goes on from when it first began.
    """
    rule = work.step.wait
    assert rule is not None  # noqa: S101 - the walk dispatches on the action
    if not run.effects.wait_needed():
        return Outcome(StepStatus.DONE, "a rehearsal does not wait", "rehearsed")
    if isinstance(rule.until, str):
        seconds = parse_duration(rule.until)
        already = waited_already(run.state.step(work.key), SystemClock())
        seen = f"{show_duration(seconds)} to pass"
        return _after(pass_time(run, work.planned.title, seen, seconds, usual=seconds, already=already))
    return _until(run, work, rule, [rule.until] if not isinstance(rule.until, list) else rule.until)


def _until(run: Run, work: Work, rule: Wait, until: Sequence[StepCheck]) -> Outcome:
    stops = [] if rule.stop_on is None else rule.stop_on if isinstance(rule.stop_on, list) else [rule.stop_on]
    every = parse_duration(rule.every)
    at_most = parse_duration(rule.at_most) if rule.at_most else None
    usually = parse_duration(rule.usually) if rule.usually else None
    clock = SystemClock()
    began = clock.boottime() - waited_already(run.state.step(work.key), clock)
    limit = at_most
    while True:
        findings = ask_all(run, until, work.env)
        if run.effects.verdict(findings):
            return Outcome(StepStatus.DONE, f"it held after {show_duration(clock.boottime() - began)}", "waited")
        if stops and run.effects.verdict(ask_all(run, stops, work.env)):
            return Outcome(StepStatus.FAILED, "what must not happen while waiting has happened", lines=_seen(findings))
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
                    limit = waited + (at_most or every)
        pausing = Pausing(work.planned.title, "; ".join(_seen(findings)), waited, usually, limit)
        if (wish := run.operator.pause(pausing, every)) is not None:
            outcome = _wished(work, wish, findings)
            if outcome is not None:
                return outcome


def _too_long(waited: float, findings: Sequence[Finding]) -> Outcome:
    return Outcome(StepStatus.FAILED, f"not reached within {show_duration(waited)}", lines=_seen(findings))


def _wished(work: Work, wish: Wish, findings: Sequence[Finding]) -> Outcome | None:
    match wish:
        case Wish.GO_ON:
            return Outcome(StepStatus.FAILED, "the operator did not wait any longer", lines=_seen(findings))
        case Wish.STOP | Wish.LEAVE | Wish.HAND_OVER:
            reason = f"left while waiting: {work.planned.code} {work.planned.title}"
            raise Leave(SessionState.WAITING, reason, ExitCode.STOPPED, sets_back=wish is Wish.STOP)


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
    return tuple(
        f"{finding.title}: {finding.evidence[0].seen if finding.evidence else finding.say or finding.status}"
        for finding in findings
        if not finding.passed
    )


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
        wish = run.operator.pause(Pausing(title, seen, waited, usual, seconds), min(1.0, seconds - waited))
        if wish in (Wish.STOP, Wish.LEAVE, Wish.HAND_OVER):
            reason = f"left while waiting: {title}"
            raise Leave(SessionState.WAITING, reason, ExitCode.STOPPED, sets_back=wish is Wish.STOP)
        if wish is Wish.GO_ON:
            return wish
    return None


def _after(wish: Wish | None) -> Outcome:
    return Outcome(StepStatus.DONE, "went on before the time was over" if wish else "", "waited")
