"""The words of the operator that a run will want, held against those that are given beforehand.

Nobody is there to give them in an unattended run, so each must stand in the answers file before it begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.expressions import Environment
from wizard.guide.models.steps import Confirm, Impact, NoteKind, Record
from wizard.guide.walk import model_at
from wizard.plan.model import Included
from wizard.plan.people import checks_of, is_stated
from wizard.plan.steps import leaves
from wizard.problems import Problem
from wizard.questions.asked_first import Word, asked_first
from wizard.questions.given import confirmation_mistake
from wizard.questions.wording import readable
from wizard.questions.yaml_text import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Guide, Step
    from wizard.plan.model import Plan, PlannedStep
    from wizard.questions.model import AnswersFile

_NOTHING: Final = Environment()


@dataclass(frozen=True, slots=True)
class WordWanted:
    """What one step wants of the operator: exact words, ticks, notes; with none of them a yes."""

    step: str
    code: str
    title: str
    typed: str | None = ""
    """Exact words; None where they are only known when it is reached."""
    ticks: bool = False
    records: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    """Ids of checks in the step that only a person answers; they stand under `states`."""
    yes: bool = True
    """Whether the step itself wants a word, besides its checks."""


def confirmation_of(step: Step, impact: Impact, *, danger: bool) -> Word:
    """The word a step wants before it acts: never, once or typed (see `asked_first`)."""
    return asked_first(step, impact, danger=danger)


def missing_confirmations(plan: Plan | None, loaded: LoadedGuide, given: AnswersFile) -> list[Problem]:
    """The words that a run of this plan would want and that `given` does not hold, in the order of the walk.

    Without a plan (answers are missing) those of the steps that are part of every run. A danger note counts
    wherever it may apply.
    """
    wanted = _of_plan(plan, loaded.guide) if plan is not None else _of_every_run(loaded.guide)
    problems: list[Problem] = []
    seen: set[str] = set()
    for one in wanted:
        if one.step in seen:
            continue
        seen.add(one.step)
        problems += _held_against(one, given)
    for check in loaded.guide.checks:
        if is_stated(loaded.guide, check) and check.when is None and check.blocks.value == "always":
            problems += _stated(check.id, readable(check.title, _NOTHING), given)
    return list(dict.fromkeys(problems))


def _of_plan(plan: Plan, guide: Guide) -> Iterator[WordWanted]:
    for phase in plan.phases:
        if phase.included is Included.NO:
            continue
        for planned in leaves((*phase.steps, *phase.finally_steps)):
            wanted = _wanted(guide, model_at(guide, planned.path), planned.impact, planned)
            if wanted is not None:
                yield wanted


def _of_every_run(guide: Guide) -> Iterator[WordWanted]:
    """Words of steps without any `when`, in the phases that each hop goes through."""
    always = set.intersection(*(set(hop.phases) for hop in guide.versions.hops)) if guide.versions.hops else set()
    for phase in guide.phases:
        if phase.id in always and phase.when is None:
            yield from _of_steps(guide, [*phase.steps, *phase.finally_], phase.impact, (phase.id,))


def _of_steps(guide: Guide, steps: Sequence[Step], around: Impact, within: tuple[str, ...]) -> Iterator[WordWanted]:
    for step in steps:
        if step.when is not None:
            continue
        impact = step.impact or around
        procedure = guide.procedures.get(step.include) if step.include is not None else None
        if procedure is not None and step.include not in within:
            name = step.include or ""
            yield from _of_steps(guide, procedure.steps, step.impact or procedure.impact or around, (*within, name))
        elif step.steps is not None:
            yield from _of_steps(guide, step.steps, impact, within)
        elif (wanted := _wanted(guide, step, impact, None)) is not None:
            yield wanted


def _wanted(guide: Guide, step: Step, impact: Impact, planned: PlannedStep | None) -> WordWanted | None:
    """What a step wants; None where it wants nothing."""
    title = planned.title if planned is not None else readable(step.title, _NOTHING)
    code = planned.code if planned is not None else ""
    checks = tuple(_ids(guide, step))
    danger = any(note.kind is NoteKind.DANGER for note in step.notes)
    word = confirmation_of(step, impact, danger=danger)
    if step.confirm is not None:
        rule = step.confirm if isinstance(step.confirm, Confirm) else Confirm(say=step.confirm)
        records = tuple(one.id for one in rule.record if not one.optional)
        ticks = any(isinstance(tick, str) or tick.when is None for tick in rule.tick)
        typed = None if rule.typed is not None and "${{" in rule.typed else rule.typed or ""
        return WordWanted(step.id, code, title, typed, ticks, records, checks)
    if isinstance(step.manual, list):
        return WordWanted(step.id, code, title, records=tuple(_records(step.manual)), checks=checks)
    if step.manual is not None:
        return WordWanted(step.id, code, title, checks=checks)
    # Whether a danger note applies was decided with the plan.
    surely = planned is None or planned.needs_person or step.ask_first is not None
    if word != "never" and surely:
        return WordWanted(step.id, code, title, step.id if word == "typed" else "", checks=checks)
    return WordWanted(step.id, code, title, checks=checks, yes=False) if checks else None


def _records(items: Sequence[Any]) -> Iterator[str]:
    for item in items:
        record = None if isinstance(item, str) else item.record
        if isinstance(record, Record):
            if not record.optional:
                yield record.id
        elif record is not None:
            yield record


def _ids(guide: Guide, step: Step) -> Iterator[str]:
    """Ids of the checks of a step that only a person answers."""
    for check in checks_of(step):
        name = check.check or check.id
        if name is not None and check.when is None and is_stated(guide, check):
            yield name


# -- what is given -------------------------------------------------------------------------------


def _held_against(wanted: WordWanted, given: AnswersFile) -> Iterator[Problem]:
    for check in wanted.checks:
        yield from _stated(check, wanted.title, given)
    if not wanted.yes:
        return
    key = f"confirmations.{wanted.step}"
    place = f"{wanted.code} {wanted.title}".strip()
    if wanted.step not in given.confirmations:
        message = f"step {place} wants a word of the operator" + (f": type {wanted.typed!r}" if wanted.typed else "")
        yield Problem(message, given.path, key=key, hint=_entry(wanted), rule="confirmation-missing")
        return
    lacking = confirmation_mistake(given.confirmations[wanted.step]) or _lacking(
        wanted, given.confirmations[wanted.step]
    )
    if lacking:
        line, column = given.lines.get(key, 0), given.columns.get(key, 0)
        message = f"the word for step {place} is not enough: {lacking}"
        yield Problem(message, given.path, line, column, key, _entry(wanted), "confirmation-invalid")


def _lacking(wanted: WordWanted, entry: Any) -> str:
    """What an entry does not say that the step wants; empty where it says it all."""
    if entry is False:
        return ""  # the operator does not want the step; the run ends there
    parts: dict[str, Any] = entry if isinstance(entry, dict) else {} if entry is True else {"typed": str(entry)}
    if wanted.typed and str(parts.get("typed", "")) != wanted.typed:
        return f"the typed words must be exactly {wanted.typed!r}"
    if wanted.typed == "" and "typed" in parts:
        return "nothing is typed here: write true"
    if wanted.ticks and parts.get("tick") not in ("all", True):
        return "every box must be ticked, by `tick: all`"
    records = parts.get("record", {})
    empty = [name for name in wanted.records if not str(records.get(name, "")).strip()]
    return f"`record` must hold {', '.join(empty)}" if empty else ""


def _stated(check: str, title: str, given: AnswersFile) -> Iterator[Problem]:
    if check in given.states or f"state:{check}" in given.confirmations:
        return
    yield Problem(
        f"only a person can answer the check {check} ({title})",
        given.path,
        key=f"states.{check}",
        hint=f"under `states:` add `{check}: true`, or the text that is to be noted down",
        rule="confirmation-missing",
    )


def _entry(wanted: WordWanted) -> str:
    """The line to add to the file."""
    parts: dict[str, Any] = {}
    if wanted.typed:
        parts["typed"] = wanted.typed
    if wanted.ticks:
        parts["tick"] = "all"
    if wanted.records:
        parts["record"] = dict.fromkeys(wanted.records, "…")
    value = wanted.typed if set(parts) == {"typed"} else parts or True
    return f"under `confirmations:` add `{wanted.step}: {written(value)}`"
