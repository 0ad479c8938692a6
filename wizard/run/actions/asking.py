"""The actions a person answers, or that only look: check, confirm, gate, say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.counting import counted
from wizard.run.asking import ask_all, evidence_lines
from wizard.run.events import CheckAsked, Said
from wizard.run.operator import Choice, ChoiceRequest, ConfirmRequest, RecordField, TickBox
from wizard.run.records import Record
from wizard.run.state import StepStatus
from wizard.run.work import Outcome, Work

if TYPE_CHECKING:
    from wizard.checks.model import Finding
    from wizard.run.context import Run


def say(run: Run, work: Work) -> Outcome:
    """Show a text and go on."""
    from wizard.templates import render_text

    run.operator.tell(Said(render_text(work.step.say or "", work.env)))
    return Outcome(StepStatus.DONE, how="said")


def check(run: Run, work: Work) -> Outcome:
    """Ask checks; every one that is no pass and blocks fails the step."""
    findings = ask_all(run, work.step.check or [], work.env, work.chain)
    for finding in findings:
        run.operator.tell(CheckAsked(finding, rehearsed=run.effects.rehearsed))
    run.record(Record.NOTED, key=work.key, records={one.key: f"{one.status}: {_seen(one)}" for one in findings})
    bad = [finding for finding in findings if finding.blocking]
    if bad and not run.effects.rehearsed:
        return Outcome(
            StepStatus.FAILED,
            "; ".join(f"{one.title}: {one.say or one.status}" for one in bad),
            lines=evidence_lines(bad),
        )
    if run.effects.rehearsed:
        words = f"{counted(len(findings), 'check')} asked now, and again when the step is done for real"
        return Outcome(StepStatus.DONE, words, "rehearsed")
    return Outcome(StepStatus.DONE, f"{len(findings)} checked", "checked")


def _seen(finding: Finding) -> str:
    return finding.evidence[0].seen if finding.evidence else finding.say


def confirm(run: Run, work: Work) -> Outcome:
    """Take the operator's word: yes, ticks, exact words, records."""
    from wizard.expressions import compile_expression
    from wizard.templates import render_text

    rule = work.step.confirm
    env = work.env
    title = f"{work.planned.code} {work.planned.title}"
    if isinstance(rule, str):
        request = ConfirmRequest(work.planned.id, title, render_text(rule, env))
    else:
        assert rule is not None  # noqa: S101 - the walk dispatches on the action
        ticks = [
            TickBox(render_text(tick if isinstance(tick, str) else tick.say, env))
            for tick in rule.tick
            if isinstance(tick, str) or tick.when is None or compile_expression(tick.when).holds(env)
        ]
        request = ConfirmRequest(
            work.planned.id,
            title,
            render_text(rule.say, env),
            tuple(ticks),
            render_text(rule.typed, env) if rule.typed else "",
            tuple(RecordField(one.id, render_text(one.label, env), one.optional) for one in rule.record),
        )
    reply = run.operator.confirm(request)
    run.record(Record.CONFIRMED, key=work.key, yes=reply.yes)
    if not reply.yes:
        return Outcome(StepStatus.FAILED, "the operator did not confirm it", not_begun=True)
    if reply.records:
        run.record(Record.NOTED, key=work.key, records=reply.records)
        run.record(Record.CAPTURED, key=work.key, values=reply.records)
    return Outcome(StepStatus.DONE, how="confirmed")


def gate(run: Run, work: Work) -> Outcome:
    """Go on only where a condition holds, or the operator overrides it by typing."""
    from wizard.expressions import compile_expression
    from wizard.run.evidence import as_names, in_words, missing

    rule = work.step.gate
    assert rule is not None  # noqa: S101 - the walk dispatches on the action
    if run.effects.rehearsed:
        return Outcome(StepStatus.DONE, "a rehearsal goes through every gate", "held")
    env, lacking, seen = work.env, "", ""
    used: dict[str, str] = {}
    if rule.evidence is not None:
        name = _rendered(rule.evidence, work)
        given = run.state.evidence.get(name)
        lacking = missing(run, name) if given is None else ""
        if given is not None:
            env = env.with_names(evidence=as_names(given))
            used = {"name": name, "sha256": given["sha256"]}
            seen = f"\n{in_words(given)}"
    holds = not lacking and compile_expression(rule.expr).holds(env)
    run.record(Record.GATE_JUDGED, key=work.key, holds=holds, evidence=used)
    if holds:
        proved = f", by the evidence {used['name']} (sha256 {used['sha256'][:12]})" if used else ""
        return Outcome(StepStatus.DONE, f"its condition holds{proved}", "held")
    text = lacking or _rendered(rule.say, replace(work, env=env)) + seen
    if rule.override == "never" or not run.operator.attended:
        return Outcome(StepStatus.FAILED, text, not_begun=True)
    chosen = run.operator.choose(
        ChoiceRequest(
            id=f"gate:{work.planned.id}",
            title=f"{work.planned.code} {work.planned.title}",
            text=text,
            choices=(
                Choice("hold", "Do not go on"),
                Choice("override", "Go on all the same", reason=True, typed=work.planned.id, danger=True),
            ),
            default="hold",
        )
    )
    if chosen.key != "override":
        return Outcome(StepStatus.FAILED, text, not_begun=True)
    return Outcome(StepStatus.DONE, f"overridden: {chosen.reason}", "overridden")


def _rendered(text: str, work: Work) -> str:
    from wizard.templates import render_text

    return render_text(text, work.env)
