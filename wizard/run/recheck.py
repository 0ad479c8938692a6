"""Coming back after a reboot or a while: the machine is looked at again before anything goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.checks.model import Evidence, Finding, Status
from wizard.errors import BlockedError, StoppedError
from wizard.guide.models.checks import Blocks
from wizard.host.clock import SystemClock
from wizard.plan.steps import leaves
from wizard.questions.names import split_key
from wizard.run.asking import as_lines, ask_all, blocking
from wizard.run.collecting import read_again, shown
from wizard.run.events import CheckAsked, ChecksEnded, Said
from wizard.run.fixes import carry_out
from wizard.run.guide_checks import as_data, ask_guide_checks, in_hop
from wizard.run.names import from_snapshot, hop_names
from wizard.run.needs import ask_for_secrets, ask_for_what_is_left
from wizard.run.operator import Choice, ChoiceRequest, Chosen, ProceedRequest
from wizard.run.places import chain_of, model_of
from wizard.run.records import Record, as_record
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.host.clock import Clock
    from wizard.plan.model import Plan, PlannedStep
    from wizard.run.context import Run

LONG: Final = 3600.0
"""Seconds after which a session's facts count as old."""


def look_again(run: Run, plan: Plan, clock: Clock | None = None) -> None:
    """Ask for the secrets again, read the facts, ask the last done step's check; differences are shown as findings.

    BlockedError where the machine contradicts the journal and nobody is there to decide, StoppedError
    where the operator does not want to go on. Within an hour of the same boot the machine is not looked at.
    """
    clock = clock or SystemClock()
    state = run.state
    ask_for_what_is_left(run, plan)
    # The driver's own event has just been written: what counts is when the walk stood still.
    began = [step.began_at for step in state.steps.values() if step.began_boot == clock.boot()]
    boot_of_walk = run.recorder.boot_before
    another_boot = bool(boot_of_walk) and boot_of_walk != clock.boot()
    if not another_boot and (not began or clock.boottime() - max(began) < LONG):
        return
    why = "the machine was started anew" if another_boot else "some time has passed"
    run.operator.tell(Said(f"Looking at the machine again, because {why}."))
    findings = (*_changed_facts(run, list(run.state.facts)), *_undone_by_itself(run, plan))
    for finding in findings:
        run.operator.tell(CheckAsked(finding))
    blockers = [finding for finding in findings if finding.blocking]
    if not blockers:
        return
    if not run.operator.attended:
        lines = ["The machine is not as the journal says:", *as_lines(blockers)]
        raise BlockedError("\n".join(lines), hint="Resume with somebody there.")
    chosen = run.operator.choose(
        ChoiceRequest(
            id="changed-since",
            title="The machine is not as the journal says",
            text="Something was changed since this session was left.",
            choices=(Choice("stop", "Stop here"), Choice("go-on", "Go on all the same", reason=True, danger=True)),
            lines=as_lines(blockers),
        )
    )
    if chosen.key != "go-on":
        raise StoppedError("stopped, because the machine is not as the journal says")
    for finding in blockers:
        run.record(Record.BYPASSED, key=finding.key, reason=chosen.reason)


def before_hop(run: Run, plan: Plan, hop: int) -> None:
    """Read the facts and ask the guide's checks again where a later hop begins; they may block there.

    BlockedError where something blocks and nobody is there, StoppedError where the operator stops. Once the
    hop has begun it is not asked again.
    """
    phases = [phase.key for phase in plan.phases if phase.hop == hop]
    if hop == 1 or not run.effects.looks_again() or any(run.state.phase(key).began for key in phases):
        return
    ask_for_secrets(run, run.loaded.guide.defaults)
    here = hop_names(plan, hop)
    while True:
        run.operator.tell(Said(f"Hop {hop} begins: looking at the machine again."))
        _changed_facts(run, [key for key in run.state.facts if split_key(key)[1] in ("", here["to"])])
        findings = ask_guide_checks(run, [here], within=here)
        run.record(Record.CHECKS_ASKED, findings=[as_data(one) for one in findings])
        run.operator.tell(ChecksEnded(findings, tuple(run.state.bypassed.items())))
        blockers = blocking(run, findings)
        if not blockers:
            return
        chosen = (
            _way_past(run, hop, blockers)
            if run.operator.attended
            else run.operator.proceed(ProceedRequest(plan, findings, may_start=False))
        )
        _take(run, plan, hop, chosen, blockers)


def _way_past(run: Run, hop: int, blockers: list[Finding]) -> Chosen:
    """Let a person ask again, bypass what may be bypassed, or stop."""
    bypasses = tuple(
        Choice(f"bypass:{one.key}", f"Go on without “{one.title}”", reason=True, danger=True)
        for one in blockers
        if one.blocks is Blocks.BYPASSABLE
    )
    return run.operator.choose(
        ChoiceRequest(
            id=f"hop:{hop}",
            title=f"Hop {hop} cannot begin yet",
            text="Something has to be mended first.",
            choices=(Choice("again", "Check again"), *bypasses, Choice("stop", "Stop here; it can be resumed")),
            lines=as_lines(blockers),
        )
    )


def _take(run: Run, plan: Plan, hop: int, chosen: Chosen, blockers: list[Finding]) -> None:
    """Do what was chosen; whatever it was, the checks are asked again after it."""
    key, _, name = chosen.key.partition(":")
    match key:
        case "bypass" if any(one.key == name and one.blocks is Blocks.BYPASSABLE for one in blockers):
            run.record(Record.BYPASSED, key=name, reason=chosen.reason)
        case "fix":
            for check in (one for one in run.loaded.guide.checks if one.id == split_key(name)[0]):
                carry_out(run, check, in_hop(run, hop_names(plan, hop)))
        case "again":
            pass
        case "stop":
            raise StoppedError(f"stopped before hop {hop}")
        case _:
            raise BlockedError("\n".join([f"These findings keep hop {hop} from beginning:", *as_lines(blockers)]))


def read_facts_again(run: Run) -> None:
    """Read all facts again, and say which are different now."""
    for finding in _changed_facts(run, list(run.state.facts)):
        run.operator.tell(CheckAsked(finding))


def _changed_facts(run: Run, keys: Sequence[str]) -> tuple[Finding, ...]:
    """Those of these facts that read differently now; the new readings are kept."""
    before = dict(run.state.facts)
    findings: list[Finding] = []
    for reading in read_again(run, keys):
        data = as_record(reading)
        old = before[reading.id]
        kept = run.secrets.kept(("facts", reading.id))
        changed = kept is not None and data["value"] != kept
        run.record(Record.FACT_READ, **data)
        new = run.state.facts[reading.id]
        if changed or (new["status"], new["value"]) != (old["status"], old["value"]):
            seen = f"it was {shown(old)} and is {shown(new)}"
            findings.append(
                Finding(
                    key=f"fact-{reading.id}",
                    title=f"The fact {reading.id} has changed",
                    status=Status.RISK,
                    blocks=Blocks.NEVER,
                    say=seen,
                    evidence=(Evidence(seen, reading.source),),
                )
            )
    return tuple(findings)


def _undone_by_itself(run: Run, plan: Plan) -> tuple[Finding, ...]:
    """Whether the last step that was done still is."""
    last = _last_done(run, plan)
    if last is None:
        return ()
    step = model_of(run, last)
    if not step.done_when:
        return ()
    findings = ask_all(
        run, step.done_when, from_snapshot(run, run.state.step(last.key).names, last.key), chain_of(run, last)
    )
    if all(finding.passed for finding in findings):
        return ()
    seen = "; ".join(one.evidence[0].seen for one in findings if one.evidence and not one.passed)
    return (
        Finding(
            key=f"done-{last.id}",
            title=f"{last.code} {last.title} is not done any more",
            status=Status.FAIL,
            blocks=Blocks.BYPASSABLE,
            say=seen,
            evidence=(Evidence(seen, "its own check"),),
            remedy="Undo it and do it again, or find out who changed it.",
        ),
    )


def _last_done(run: Run, plan: Plan) -> PlannedStep | None:
    done = [
        step
        for phase in plan.phases
        for step in leaves(phase.steps)
        if run.state.status(step.key) in (StepStatus.DONE, StepStatus.ALREADY_DONE) and model_of(run, step).done_when
    ]
    return max(done, key=lambda step: run.state.step(step.key).began_at, default=None)
