"""Asking checks: several at once, each giving a finding whatever happens. Only what was seen to hold passes."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from wizard.checks.context import CheckContext, Inquiry, Verdict, evidence_of
from wizard.checks.joining import joined
from wizard.checks.kinds import KINDS, LIMIT, LIMITS, PERSONAL
from wizard.checks.model import Finding, Statement, StatementRequest, Status
from wizard.checks.resolving import check_key, model_of, resolve, title_of
from wizard.errors import ExpressionError, Gone, HostError, StoppedError, WizardError
from wizard.expressions import AbsentError, compile_expression
from wizard.facts.errors import NotCarriedOutError, ReadingError
from wizard.facts.foreign import clean_text, without_secrets
from wizard.facts.items import items_of
from wizard.facts.model import FactStatus
from wizard.facts.references import behind_values, is_there, references_in, references_of, root_of
from wizard.facts.workers import turns, work_through
from wizard.guide.models.base import Kind
from wizard.guide.models.checks import Blocks
from wizard.units import parse_duration, show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wizard.expressions import Environment
    from wizard.facts.workers import Ended
    from wizard.guide.models import StepCheck
    from wizard.guide.models.loops import Each

__all__ = ["CheckContext", "Statement", "StatementRequest", "ask_check", "ask_checks", "check_key", "titles_of"]

INTERVAL: Final = 1.0
"""Seconds between two askings of a check with `within`."""

_LOCAL_NAMES: Final = frozenset({"reply", "result", "rows"})
"""Names a check gives its own expressions."""

_MAY_CHANGE: Final = frozenset({Status.FAIL, Status.UNKNOWN})


def ask_checks(checks: Sequence[StepCheck], context: CheckContext, *, prefix: str = "") -> list[Finding]:
    """Ask all checks, several at once, and give their findings in the order of `checks`.

    Never raises for what a check does: a check that crashes gives an *error*, one that does not come back
    or needs what is unknown is *unknown*. What only a person can say is asked last, one after the other,
    from the calling thread. `context` is told each as it begins and as its finding comes.
    """
    keyed = [(check_key(check, index, prefix), check) for index, check in enumerate(checks)]
    findings: dict[int, Finding] = {}
    waiting = [index for index, (_, check) in enumerate(keyed) if not _is_personal(check, context)]
    jobs = [partial(ask_check, keyed[index][1], context, key=keyed[index][0]) for index in waiting]
    limits = [_time_limit(keyed[index][1], context) for index in waiting]

    def found(index: int, finding: Finding) -> None:
        findings[index] = finding
        context.found(finding)

    def ended(number: int, end: Ended[Finding]) -> None:
        key, check = keyed[waiting[number]]
        found(waiting[number], end.result or _without_end(check, context, key, _verdict_without(end)))

    work_through(jobs, limits, began=lambda number: context.began(keyed[waiting[number]][0]), ended=ended)
    for index, (key, check) in enumerate(keyed):
        if index not in findings:
            context.began(key)
            found(index, ask_check(check, context, key=key))
    return [findings[index] for index in range(len(keyed))]


def titles_of(checks: Sequence[StepCheck], context: CheckContext) -> Iterator[tuple[str, str]]:
    """Key and title of each check, as far as it can be told before it is asked."""
    for index, check in enumerate(checks):
        try:
            titled = resolve(check, context.loaded.guide)
        except WizardError:
            titled = check  # asking it will say what is wrong with it
        yield check_key(check, index), _rendered(title_of(titled), context)


def ask_check(check: StepCheck, context: CheckContext, *, key: str = "") -> Finding:
    """Ask one check, in this thread, and give its finding; never raises for what the check does.

    `key` is what the finding is filed under; without it, the check's id or kind.
    """
    key = key or check_key(check, 0)
    try:
        resolved = resolve(check, context.loaded.guide)
    except WizardError as error:
        return _finding(check, context, key, Verdict(Status.ERROR, error.message, "the guide"))
    if resolved.for_each is not None:
        return _ask_each(check, resolved, resolved.for_each, context, key)
    return _ask_one(check, resolved, context, key)


def _ask_one(check: StepCheck, resolved: StepCheck, context: CheckContext, key: str) -> Finding:
    """Ask a check that is no loop, or no longer one."""
    try:
        if (verdict := _before(check, resolved, context)) is None:
            verdict = _until_it_passes(resolved, context, key)
    except (Gone, StoppedError):
        raise  # the person who was asked; it says nothing of the check
    except Exception as error:  # noqa: BLE001 - whatever a check raises, it has not passed
        verdict = _verdict_of(error, resolved, context)
    return _finding(resolved, context, key, verdict)


def _ask_each(check: StepCheck, resolved: StepCheck, each: Each, context: CheckContext, key: str) -> Finding:
    """Ask a check for each item, several at once, and give one finding of all.

    A `when` that says nothing of the item is settled first: the list may be absent where it does not hold.
    """
    try:
        if not _chooses_items(check, resolved, each) and (verdict := _before(check, resolved, context)) is not None:
            return _finding(resolved, context, key, verdict)
        if unknown := _unknown_facts(
            behind_values(references_in(Kind.EXPRESSION, each.items), context.loaded.guide), context
        ):
            return _finding(resolved, context, key, Verdict.unknown(unknown, each.items))
        items = items_of(each, context.env)
    except Exception as error:  # noqa: BLE001 - whatever it raises, it has not passed
        return _finding(resolved, context, key, _verdict_of(error, resolved, context))
    if not items:
        status = Status.OK if resolved.none_is_fine else Status.SKIPPED
        return _finding(resolved, context, key, Verdict(status, f"`{each.items}` has no items", each.items))
    check, once = (one.model_copy(update={"for_each": None}) for one in (check, resolved))
    inside = [context.with_item(each.name, item.value) for item in items]
    keys = [f"{key}@{item.key}" for item in items]
    if resolved.kind in PERSONAL:
        findings = [_ask_one(check, once, one, its) for one, its in zip(inside, keys, strict=True)]
    else:
        findings = _all_at_once(check, once, inside, keys)
    return joined(key, [item.key for item in items], findings)


def _chooses_items(check: StepCheck, resolved: StepCheck, each: Each) -> bool:
    """Whether a `when` is about the item, and so holds for some of them only."""
    conditions = [one.when for one in (check, resolved) if one.when is not None]
    return any(root_of(name)[0] == each.name for one in conditions for name in references_in(Kind.EXPRESSION, one))


def _all_at_once(
    check: StepCheck, once: StepCheck, inside: Sequence[CheckContext], keys: Sequence[str]
) -> list[Finding]:
    """The findings of one check in several contexts."""
    jobs = [partial(_ask_one, check, once, context, key) for context, key in zip(inside, keys, strict=True)]
    limits = [_time_limit(once, context) for context in inside]
    return [
        end.result if end.result is not None else _finding(once, context, key, _verdict_without(end))
        for end, context, key in zip(work_through(jobs, limits), inside, keys, strict=True)
    ]


def _verdict_without(ended: Ended[Finding]) -> Verdict:
    """What is said of a check that did not come back with a finding."""
    if ended.late:
        return Verdict.unknown(f"the machine did not answer within {show_duration(ended.seconds)}", "the wizard")
    return _crashed(ended.crash)


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
        items = items_of(resolved.for_each, context.env) if resolved.for_each is not None else []
        within = _within(
            resolved,
            context.with_item(resolved.for_each.name, items[0].value).env
            if items and resolved.for_each
            else context.env,
        )
    except (WizardError, ValueError):
        return LIMIT  # asking it will say what is wrong with it
    return (LIMITS.get(resolved.kind, LIMIT) + within) * turns(len(items))


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
    if resolved.machine is not None:
        raise NotCarriedOutError("checks of other machines are not carried out by this version of the wizard")
    if resolved.kind not in KINDS:
        raise NotCarriedOutError(
            f"checks of the kind `{resolved.kind}` are not carried out by this version of the wizard"
        )
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
    within = _within(check, context.env) if context.patient and check.kind not in PERSONAL else 0.0
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
    try:
        context = context.with_facts_again(check.read_again)
        if unknown := _unknown_facts(references_of(check, context.loaded.guide), context):
            return Verdict.unknown(unknown, "facts")
        inquiry = Inquiry(check.kind, model_of(check), key, _rendered(title_of(check), context), context)
        return KINDS[check.kind](inquiry)
    except (Gone, StoppedError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a kind raises, the check has not passed
        return _verdict_of(error, check, context)


def _verdict_of(error: Exception, check: StepCheck, context: CheckContext) -> Verdict:
    """What an exception says of a check: that nothing can be told, or that it is itself at fault."""
    match error:
        case HostError():
            return Verdict(Status.UNKNOWN, error.message, "the machine", way_out=error.hint)
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
    # What the guide says of a failure is no advice where nobody knows whether it is one.
    told = status not in (Status.UNKNOWN, Status.ERROR)
    return Finding(
        key=key,
        title=_rendered(title_of(check), context),
        status=status,
        blocks=check.blocks,
        say=_rendered(check.say, context) if told and not passes else "",
        evidence=(evidence_of(verdict, context),),
        remedy="" if passes else (told and _rendered(check.remedy, context)) or clean_text(verdict.way_out),
        fix="" if passes or check.fix is None else _rendered(check.fix.title, context),
        links=tuple(_rendered(link, context) for link in check.links),
    )


def _optional(text: str | None, env: Environment) -> str:
    from wizard.templates import render_text

    return render_text(text, env) if text is not None else ""


def _rendered(text: str | None, context: CheckContext) -> str:
    """Render words for people as far as they can be."""
    from wizard.templates.readable import readable

    try:
        shown = readable(text or "", context.env)
    except (WizardError, ValueError):
        shown = text or ""
    return without_secrets(clean_text(shown), context.hidden())
