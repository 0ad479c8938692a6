"""Asking checks: several at once, each giving a finding whatever happens. Only what was seen to hold passes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wizard.checks.context import CheckContext, Inquiry, Verdict, evidence_of
from wizard.checks.kinds import KINDS, LIMIT, LIMITS, PERSONAL
from wizard.checks.model import Finding, Statement, StatementRequest, Status
from wizard.checks.resolving import check_key, model_of, resolve, title_of
from wizard.errors import ExpressionError, HostError, WizardError
from wizard.expressions import AbsentError, compile_expression
from wizard.facts.errors import NotCarriedOutError, ReadingError
from wizard.facts.foreign import clean_text, secrets_in, without_secrets
from wizard.facts.model import FactStatus
from wizard.facts.references import behind_values, is_there, references_in, references_of, root_of
from wizard.facts.workers import AT_ONCE, Workers
from wizard.guide.models.base import Kind
from wizard.guide.models.checks import Blocks
from wizard.units import parse_duration, show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import StepCheck

__all__ = ["CheckContext", "Statement", "StatementRequest", "ask_check", "ask_checks", "check_key"]

INTERVAL: Final = 1.0
"""Seconds between two askings of a check with `within`."""

_LOCAL_NAMES: Final = frozenset({"reply", "result", "rows"})
"""Names a check gives its own expressions."""

_MAY_CHANGE: Final = frozenset({Status.FAIL, Status.UNKNOWN})


def ask_checks(checks: Sequence[StepCheck], context: CheckContext, *, prefix: str = "") -> list[Finding]:
    """Ask all checks, at most eight at once, and give their findings in the order of `checks`.

    Never raises for what a check does: a check that crashes gives an *error*, one that does not come back
    or needs what is unknown is *unknown*. What only a person can say is asked last, one after the other,
    from the calling thread.
    """
    keyed = [(check_key(check, index, prefix), check) for index, check in enumerate(checks)]
    findings: dict[int, Finding] = {}
    workers: Workers[Finding] = Workers(AT_ONCE)
    waiting = [index for index, (_, check) in enumerate(keyed) if not _is_personal(check, context)]
    while waiting or workers.busy:
        while waiting and workers.has_room:
            index = waiting.pop(0)
            key, check = keyed[index]
            workers.start(str(index), _job(check, context, key), _time_limit(check, context))
        ended = workers.next()
        key, check = keyed[int(ended.key)]
        if ended.result is not None:
            findings[int(ended.key)] = ended.result
        elif ended.late:
            seen = f"the machine did not answer within {show_duration(ended.seconds)}"
            findings[int(ended.key)] = _without_end(check, context, key, Verdict.unknown(seen, "the wizard"))
        else:
            findings[int(ended.key)] = _without_end(check, context, key, _crashed(ended.crash))
    for index, (key, check) in enumerate(keyed):
        if index not in findings:
            findings[index] = ask_check(check, context, key=key)
    return [findings[index] for index in range(len(keyed))]


def ask_check(check: StepCheck, context: CheckContext, *, key: str = "") -> Finding:
    """Ask one check, in this thread, and give its finding; never raises for what the check does.

    `key` is what the finding is filed under; without it, the check's id or kind.
    """
    key = key or check_key(check, 0)
    try:
        resolved = resolve(check, context.loaded.guide)
    except WizardError as error:
        return _finding(check, context, key, Verdict(Status.ERROR, error.message, "the guide"))
    try:
        if (verdict := _before(check, resolved, context)) is None:
            verdict = _until_it_passes(resolved, context, key)
    except Exception as error:  # noqa: BLE001 - whatever a check raises, it has not passed
        verdict = _verdict_of(error, resolved, context)
    return _finding(resolved, context, key, verdict)


def _job(check: StepCheck, context: CheckContext, key: str) -> Any:
    return lambda: ask_check(check, context, key=key)


def _without_end(check: StepCheck, context: CheckContext, key: str, verdict: Verdict) -> Finding:
    """The finding of a check that did not come back with one."""
    try:
        return _finding(resolve(check, context.loaded.guide), context, key, verdict)
    except WizardError:
        return _finding(check, context, key, verdict)


def _is_personal(check: StepCheck, context: CheckContext) -> bool:
    try:
        return resolve(check, context.loaded.guide).kind in PERSONAL
    except WizardError:
        return False


def _time_limit(check: StepCheck, context: CheckContext) -> float:
    """Seconds after which a check is not waited for any longer."""
    try:
        resolved = resolve(check, context.loaded.guide)
        within = _within(resolved, context.env)
    except (WizardError, ValueError):
        return LIMIT  # asking it will say what is wrong with it
    return LIMITS.get(resolved.kind, LIMIT) + within


def _within(check: StepCheck, env: Environment) -> float:
    from wizard.templates import render_text

    return parse_duration(render_text(check.within, env)) if check.within is not None else 0.0


def _before(check: StepCheck, resolved: StepCheck, context: CheckContext) -> Verdict | None:
    """What is settled before the machine is looked at; None where nothing is."""
    guide = context.loaded.guide
    for one in (check, resolved):
        if one.when is None:
            continue
        references = behind_values(references_in(Kind.EXPRESSION, one.when), guide)
        if unknown := _unknown_facts(references, context):
            return Verdict.unknown(f"whether it is needed cannot be told: {unknown}", one.when)
        if not compile_expression(one.when).holds(context.env):
            reason = _optional(resolved.not_needed, context.env) or f"it is not needed: `{one.when}` does not hold"
            return Verdict(Status.SKIPPED, reason, one.when)
    if resolved.for_each is not None:
        raise NotCarriedOutError("`for_each` of a check is not carried out by this version of the wizard")
    if resolved.machine is not None:
        raise NotCarriedOutError("checks of other machines are not carried out by this version of the wizard")
    if resolved.kind not in KINDS:
        raise NotCarriedOutError(
            f"checks of the kind `{resolved.kind}` are not carried out by this version of the wizard"
        )
    if unknown := _unknown_facts(references_of(resolved, guide), context):
        return Verdict.unknown(unknown, "facts")
    return None


def _unknown_facts(references: Iterable[str], context: CheckContext) -> str:
    """Say which facts among `references` are unknown, and why; empty where none is."""
    names = sorted({name for space, name in map(root_of, references) if space == "facts"})
    readings = [context.facts[name] for name in names if name in context.facts]
    return "; ".join(
        f"facts.{reading.id} is unknown: {reading.reason}"
        for reading in readings
        if reading.status is FactStatus.UNKNOWN
    )


def _until_it_passes(check: StepCheck, context: CheckContext, key: str) -> Verdict:
    """Ask until it passes or the time of `within` is over; a person is asked once."""
    within = _within(check, context.env) if check.kind not in PERSONAL else 0.0
    began = context.monotonic()
    times = 1
    verdict = _once(check, context, key)
    while _may_change(verdict) and context.monotonic() - began < within:
        context.sleep(min(INTERVAL, max(0.0, within - (context.monotonic() - began))))
        verdict = _once(check, context, key)
        times += 1
    if times == 1:
        return verdict
    waited = show_duration(context.monotonic() - began)
    return replace(verdict, seen=f"{verdict.seen} (asked {times} times in {waited})")


def _may_change(verdict: Verdict) -> bool:
    return verdict.status in _MAY_CHANGE and not verdict.lasting


def _once(check: StepCheck, context: CheckContext, key: str) -> Verdict:
    inquiry = Inquiry(check.kind, model_of(check), key, _rendered(title_of(check), context), context)
    try:
        return KINDS[check.kind](inquiry)
    except Exception as error:  # noqa: BLE001 - whatever a kind raises, the check has not passed
        return _verdict_of(error, check, context)


def _verdict_of(error: Exception, check: StepCheck, context: CheckContext) -> Verdict:
    """What an exception says of a check: that nothing can be told, or that it is itself at fault."""
    match error:
        case HostError():
            return Verdict.unknown(error.message, "the machine")
        case ReadingError():
            return Verdict(Status.UNKNOWN, error.message, "the guide", lasting=True)
        case NotCarriedOutError():
            return Verdict(Status.ERROR, error.message, "the wizard")
        case AbsentError():
            why = f"it cannot be told, because {_absent(error, check, context)}"
            return Verdict(Status.UNKNOWN, why, "the guide", lasting=True)
        case ExpressionError():
            return Verdict(Status.ERROR, f"the guide's expression cannot be evaluated: {error.message}", "the guide")
        case re.error():
            return Verdict(Status.ERROR, f"the check holds no regular expression: {error}", "the guide")
        case ValueError():
            return Verdict(Status.ERROR, f"the check cannot be asked: {error}", "the guide")
        case _:
            return _crashed(error)


def _absent(error: AbsentError, check: StepCheck, context: CheckContext) -> str:
    """Name what is absent, with the reasons of facts that found nothing."""
    references = references_of(check, context.loaded.guide)
    missing = sorted(
        reference
        for reference in references
        if root_of(reference)[0] not in _LOCAL_NAMES and not is_there(reference, context.env.names)
    )
    if not missing:
        return error.message
    shown = []
    for reference in missing:
        space, name = root_of(reference)
        reading = context.facts.get(name) if space == "facts" else None
        reason = f" ({reading.reason})" if reading is not None and reading.reason else ""
        shown.append(f"{reference} is absent{reason}")
    return "; ".join(shown)


def _crashed(error: Exception | None) -> Verdict:
    seen = f"the check itself crashed: {type(error).__name__}: {error}"
    return Verdict(Status.ERROR, seen, "the wizard")


def _finding(check: StepCheck, context: CheckContext, key: str, verdict: Verdict) -> Finding:
    """Make the finding; what is only said to people never hinders it."""
    status = verdict.status
    if status is Status.FAIL and check.blocks is Blocks.NEVER:
        status = Status.RISK
    passes = status in (Status.OK, Status.NOTE, Status.SKIPPED)
    return Finding(
        key=key,
        title=_rendered(title_of(check), context),
        status=status,
        blocks=check.blocks,
        say="" if passes else _rendered(check.say, context),
        evidence=(evidence_of(verdict, context),),
        remedy="" if passes else _rendered(check.remedy, context),
        fix="" if passes or check.fix is None else _rendered(check.fix.title, context),
        links=tuple(_rendered(link, context) for link in check.links),
    )


def _optional(text: str | None, env: Environment) -> str:
    from wizard.templates import render_text

    return render_text(text, env) if text is not None else ""


def _rendered(text: str | None, context: CheckContext) -> str:
    """Render words for people; where a name is missing they are shown as the guide has them."""
    try:
        shown = _optional(text, context.env)
    except (WizardError, ValueError):
        shown = text or ""
    return without_secrets(clean_text(shown), secrets_in(context.env.names))
