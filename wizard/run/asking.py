"""Asking checks during a run: with the names of the step, and a person where one has to state something."""

from __future__ import annotations

from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

from wizard.checks.words import blockers
from wizard.errors import AnswersError, ExpressionError, StepFailedError
from wizard.redaction import redact_text
from wizard.run.operator import ConfirmRequest, RecordField
from wizard.run.records import Record, as_record
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wizard.checks.context import CheckContext
    from wizard.checks.model import Finding, Statement, StatementRequest
    from wizard.expressions import Environment
    from wizard.facts.looking import Surrounded
    from wizard.facts.model import FactReading
    from wizard.guide.models import StepCheck
    from wizard.guide.models.steps import Surroundings
    from wizard.run.context import Run


def ask_all(
    run: Run,
    checks: Sequence[StepCheck],
    env: Environment,
    chain: Sequence[Surroundings] = (),
    *,
    stated: dict[StatementRequest, Statement] | None = None,
    began: Callable[[str], None] | None = None,
    found: Callable[[Finding], None] | None = None,
) -> tuple[Finding, ...]:
    """Ask checks at once; findings in their order.

    `chain` are the surroundings their commands look in, outermost first; without any, the guide's defaults.
    What a person said yes to is put into `stated`, where it is given, and not asked again where it is there.
    `began` is told the key of each check as it is asked, `found` each finding as it comes and as it may be shown.
    """
    if not checks:
        return ()
    from wizard.checks.ask import ask_checks

    context = context_of(run, env, chain)
    if chain and not run.effects.wait_needed():
        # A check of a step (one of the guide has no chain) waits for what the step does, and nothing was done.
        context = replace(context, patient=False)
    if stated is not None:
        context = replace(context, state=lambda request: _stated_once(run, request, stated))
    if began is not None:
        context = replace(context, began=began)
    if found is not None:
        context = replace(context, found=lambda finding: found(redacted(run, finding)))
    return _asked(run, context, lambda context: ask_checks(checks, context))


def ask_one(run: Run, check: StepCheck, env: Environment) -> Finding:
    """Ask one check."""
    from wizard.checks.ask import ask_check

    return _asked(run, context_of(run, env), lambda context: [ask_check(check, context)])[0]


def _asked(run: Run, context: CheckContext, ask: Callable[[CheckContext], Sequence[Finding]]) -> tuple[Finding, ...]:
    """The findings as they may be shown; facts that were read again on the way are journalled."""
    again: SimpleQueue[FactReading] = SimpleQueue()
    findings = ask(replace(context, read=again.put))
    latest: dict[str, FactReading] = {}
    while not again.empty():
        reading = again.get()
        latest[reading.id] = reading
    for reading in latest.values():
        run.record(Record.FACT_READ, **as_record(reading))
    return tuple(redacted(run, one) for one in findings)


def redacted(run: Run, finding: Finding) -> Finding:
    """The finding as it may be shown: a command that looks may print what it was given."""
    known = run.secrets.all()

    def hidden(text: str) -> str:
        return redact_text(text, known)

    evidence = tuple(replace(one, seen=hidden(one.seen), by=hidden(one.by)) for one in finding.evidence)
    return replace(finding, say=hidden(finding.say), evidence=evidence) if known else finding


def readings(run: Run) -> dict[str, FactReading]:
    """All facts as they were read last."""
    from wizard.facts.model import FactReading, FactStatus

    return {
        name: FactReading(**{**data, "status": FactStatus(data["status"])}) for name, data in run.state.facts.items()
    }


def blocking(run: Run, findings: Iterable[Finding]) -> list[Finding]:
    """The findings that nothing may begin with: those that block and were not bypassed."""
    return blockers(findings, run.state.bypassed)


def as_lines(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Findings as an operator reads them, one line each."""
    return tuple(f"  {one.title}: {one.say or one.status}" for one in findings)


def evidence_lines(findings: Iterable[Finding]) -> tuple[str, ...]:
    """What was seen for each finding, and what helps."""
    return tuple(
        line
        for finding in findings
        for line in (
            *(f"{finding.title}: {evidence.seen}" for evidence in finding.evidence),
            *([f"  what helps: {finding.remedy}"] if finding.remedy else []),
        )
    )


def context_of(run: Run, env: Environment, chain: Sequence[Surroundings] = ()) -> CheckContext:
    """What checks of this run are asked with, as it is now; `chain` as in `ask_all`."""
    from wizard.checks.context import CheckContext

    step = run.state.steps.get(run.state.current)
    return CheckContext(
        run.loaded,
        run.machine,
        env,
        readings(run),
        lambda request: _stated(run, request),
        log_offsets=step.logs if step is not None else {},
        run_log_offsets=run.state.logs,
        where=_where(run, env, chain or (run.loaded.guide.defaults,)),
        facts_where=facts_look_in(run),
        secrets=_secrets_of(run, env),
    )


def _secrets_of(run: Run, env: Environment) -> frozenset[Secret]:
    """Every secret in the names of a run; large values are gone through once, whatever number of steps see them."""
    from wizard.facts.foreign import secrets_in

    captured = env.names.get("captured") or {}
    values = [value for name, value in env.names.items() if name != "captured"] + list(captured.values())
    return frozenset[Secret]().union(*(run.memory.of_value("secrets", value, secrets_in) for value in values))


def facts_look_in(run: Run) -> Surrounded:
    """Where facts look: in the environment of the session's start, so that a resume from another login asks the same.

    That names the Docker engine, for one.
    """
    from wizard.facts.looking import Surrounded, base_environment

    return Surrounded(environment=base_environment(run.session.environment))


def _where(run: Run, env: Environment, chain: Sequence[Surroundings]) -> Surrounded:
    """Where commands of checks look; what hinders them there hinders no other check."""
    from wizard.facts.looking import Surrounded
    from wizard.run.surroundings import place

    try:
        where = place(chain, env, run.session.environment, loaded=run.loaded, machine=run.machine)
    except (StepFailedError, ExpressionError) as error:
        return Surrounded(problem=error.message)
    for secret in where.secret_environment.values():
        run.secrets.add(secret)
    secrets = {name: secret.reveal() for name, secret in where.secret_environment.items()}
    return Surrounded(where.folder, where.user, {**where.environment, **secrets})


def logs_now(run: Run, checks: Iterable[StepCheck], env: Environment) -> dict[str, int]:
    """Where the logs that these checks read stand now, in bytes."""
    from wizard.checks.logs import note_log_offsets

    found = list(checks)
    return note_log_offsets(found, context_of(run, env)) if found else {}


def _stated_once(run: Run, request: StatementRequest, stated: dict[StatementRequest, Statement]) -> Statement | None:
    """A yes to exactly this that was given before, else a person's statement."""
    if (statement := stated.get(request)) is None:
        statement = _stated(run, request)
        if statement is not None and statement.yes:
            stated[request] = statement
    return statement


def _stated(run: Run, request: StatementRequest) -> Statement | None:
    """Take a person's statement; unattended it is in the answers file or it is not there."""
    from wizard.checks.model import Statement

    fields = (RecordField("record", request.record),) if request.record else ()
    try:
        reply = run.operator.confirm(ConfirmRequest(f"state:{request.key}", request.title, request.say, records=fields))
    except AnswersError:
        return None
    return Statement(reply.yes, reply.records.get("record", ""))
