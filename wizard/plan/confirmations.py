"""The words of the operator that a run will want, held against those that are given beforehand.

Nobody is there to give them in an unattended run, so each must stand in the answers file before it begins.
One entry, under the id of the step, serves all items of a loop and all hops. Where the exact words name the
item (`typed: '${{ node.host }}'`), `typed` of that entry is the list of the words for all items.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import ExpressionError
from wizard.expressions import Environment
from wizard.guide.models.steps import ActionKind, Confirm, Impact, NoteKind, Record
from wizard.guide.walk import every_step, model_at
from wizard.plan.model import Included
from wizard.plan.people import checks_of, is_stated
from wizard.problems import Problem
from wizard.questions.asked_first import Word, asked_first
from wizard.questions.given import confirmation_mistake, deferral, typed_words
from wizard.questions.must_read import to_read, word_of_reading
from wizard.questions.yaml_text import written
from wizard.templates import render_text
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
    noted: tuple[tuple[int, str], ...] = ()
    """What is noted down in parts of a manual step, by the number of the part."""
    each: tuple[str, ...] = ()
    """The exact words of all its items, where each item has its own."""
    later: frozenset[int] = frozenset()
    """Parts that may be left for after the run (0: the whole step)."""
    what: str = "step"
    """What of the guide it stands on."""


def confirmation_of(step: Step, impact: Impact, *, danger: bool) -> Word:
    """The word a step wants before it acts: never, once or typed (see `asked_first`)."""
    return asked_first(step, impact, danger=danger)


def missing_confirmations(
    plan: Plan | None, loaded: LoadedGuide, given: AnswersFile, env: Environment = _NOTHING
) -> list[Problem]:
    """The words that a run of this plan would want and that `given` does not hold, in the order of the walk.

    `env` holds the names that exact words are made of. Without a plan (answers are missing) those of the steps
    that are part of every run. A danger note counts wherever it may apply.
    """
    wanted = _of_plan(plan, loaded.guide, env) if plan is not None else _of_every_run(loaded.guide)
    problems: list[Problem] = []
    for one in _once_each(wanted):
        problems += _held_against(one, given)
    for check in loaded.guide.checks:
        if is_stated(loaded.guide, check) and check.when is None and check.blocks.value == "always":
            problems += _stated(check.id, readable(check.title, _NOTHING), given)
    return list(dict.fromkeys(problems))


def missing_words(
    guide: Guide, given: AnswersFile, steps: Iterable[tuple[Step, Impact]], *, within: str = ""
) -> list[Problem]:
    """The words that steps beside the plan (each with its impact) would want and that `given` does not hold.

    What in them is decided when it is reached counts as wanted. `within` is the procedure they belong to.
    """
    around = (within,) if within else ()
    wanted = (one for step, impact in steps for one in _of_steps(guide, [step], impact, around, surely=False))
    return list(dict.fromkeys(problem for one in _once_each(wanted) for problem in _held_against(one, given)))


def _once_each(wanted: Iterable[WordWanted]) -> Iterator[WordWanted]:
    """One for each step, at the place of its first: with the words of all its items where they differ."""
    first: dict[str, WordWanted] = {}
    words: dict[str, dict[str, None]] = {}
    for one in wanted:
        first.setdefault(one.step, one)
        if one.typed:
            words.setdefault(one.step, {})[one.typed] = None
    for name, one in first.items():
        each = tuple(words.get(name, ()))
        yield replace(one, each=each) if len(each) > 1 else one


def _of_plan(plan: Plan, guide: Guide, env: Environment) -> Iterator[WordWanted]:
    asked: set[tuple[str, Impact, bool]] = set()
    if to_read(guide.notes):
        yield _reading(guide.id, "guide", "", guide.title)
    noted = {phase.id for phase in guide.phases if to_read(phase.notes)}
    groups = {placed.step.id for placed in every_step(guide) if _is_group(placed.step) and to_read(placed.step.notes)}
    for phase in plan.phases:
        if phase.included is Included.NO:
            continue
        if phase.id in noted:
            yield _reading(phase.id, "phase", phase.code, phase.title)
        if groups:
            yield from _groups_to_read(phase.steps, groups)
        for planned, names in _placed((*phase.steps, *phase.finally_steps), {}):
            model = model_at(guide, planned.path)
            if planned.action is ActionKind.STEPS:
                if planned.loop is None:  # its items are not known yet, and its steps may all be wanted
                    body = [model] if model.steps is None else model.steps
                    yield from _of_steps(guide, body, planned.impact, (phase.id,), surely=False)
                continue
            # What the words of a step hang on is the same for most items of a loop.
            same = (planned.path, planned.impact, planned.needs_person)
            if same in asked and not _names_its_item(model):
                continue
            asked.add(same)
            wanted = _wanted(guide, model, planned.impact, planned, env.with_names(**names))
            if wanted is not None:
                yield wanted
            yield from _around(model, planned.code, planned.title)


def _is_group(step: Step) -> bool:
    return step.action in (ActionKind.STEPS, ActionKind.INCLUDE)


def _reading(name: str, what: str, code: str, title: str) -> WordWanted:
    """The word that the boxes of a part of the guide were read."""
    return WordWanted(word_of_reading(name), code, f"{readable(title, _NOTHING)} (its notes must be read)", what=what)


def _groups_to_read(steps: Iterable[PlannedStep], groups: set[str]) -> Iterator[WordWanted]:
    """Those of the groups with boxes that must be read which a walk enters."""
    for step in steps:
        if step.included is not Included.NO:
            if step.id in groups:
                yield _reading(step.id, "step", step.code, step.title)
            yield from _groups_to_read(step.steps, groups)


def _placed(steps: Iterable[PlannedStep], names: dict[str, Any]) -> Iterator[tuple[PlannedStep, dict[str, Any]]]:
    """The steps that act, as far as they are not left out, each with the items of the loops it stands in."""
    for step in steps:
        if step.included is Included.NO:
            continue
        if step.loop is not None:
            items = dict(zip(step.loop.keys, step.loop.items, strict=True))
            for batch in step.steps:
                for child in batch.steps:
                    own = {step.loop.name: items[child.item]} if child.key.startswith(f"{batch.key}/=") else {}
                    yield from _placed((child,), {**names, **own})
        elif step.steps:
            yield from _placed(step.steps, names)
        else:
            yield step, names


def _names_its_item(step: Step) -> bool:
    return isinstance(step.confirm, Confirm) and step.confirm.typed is not None and "${{" in step.confirm.typed


def _of_every_run(guide: Guide) -> Iterator[WordWanted]:
    """Words of steps without any `when`, in the phases that each hop goes through; not of loops, which may be empty."""
    if any(note.when is None for note in to_read(guide.notes)):
        yield _reading(guide.id, "guide", "", guide.title)
    always = set.intersection(*(set(hop.phases) for hop in guide.versions.hops)) if guide.versions.hops else set()
    for phase in guide.phases:
        if phase.id in always and phase.when is None and any(note.when is None for note in to_read(phase.notes)):
            yield _reading(phase.id, "phase", "", phase.title)
        if phase.id in always and phase.when is None and phase.for_each is None:
            yield from _of_steps(guide, [*phase.steps, *phase.finally_], phase.impact, (phase.id,))


def _of_steps(
    guide: Guide, steps: Sequence[Step], around: Impact, within: tuple[str, ...], *, surely: bool = True
) -> Iterator[WordWanted]:
    """Words of these steps; with `surely` only of those that are part of the run in any case."""
    for step in steps:
        if surely and (step.when is not None or step.for_each is not None):
            continue
        impact = step.impact or around
        procedure = guide.procedures.get(step.include) if step.include is not None else None
        if procedure is not None and step.include not in within:
            name = step.include or ""
            yield from _of_steps(
                guide, procedure.steps, step.impact or procedure.impact or around, (*within, name), surely=surely
            )
        elif step.steps is not None:
            yield from _of_steps(guide, step.steps, impact, within, surely=surely)
        else:
            if (wanted := _wanted(guide, step, impact, None)) is not None:
                yield wanted
            yield from _around(step, "", readable(step.title, _NOTHING))


def _around(step: Step, code: str, title: str) -> Iterator[WordWanted]:
    """The words wanted before and behind a step: of its notes, of what its dry run shows, of what it printed."""
    if to_read(step.notes):
        yield _reading(step.id, "step", code, title)
    if step.preview == "must" and step.dry_run is not None:
        yield WordWanted(f"preview:{step.id}", code, f"{title} (what its dry run shows)")
    if step.review is not None:
        yield WordWanted(f"review:{step.id}", code, f"{title} (what it printed)")


def _wanted(
    guide: Guide, step: Step, impact: Impact, planned: PlannedStep | None, names: Environment = _NOTHING
) -> WordWanted | None:
    """What a step wants; None where it wants nothing. `names` are those of the items it stands in."""
    title = planned.title if planned is not None else readable(step.title, _NOTHING)
    code = planned.code if planned is not None else ""
    checks = tuple(_ids(guide, step))
    danger = any(note.kind is NoteKind.DANGER for note in step.notes)
    word = confirmation_of(step, impact, danger=danger)
    if step.confirm is not None:
        rule = step.confirm if isinstance(step.confirm, Confirm) else Confirm(say=step.confirm)
        records = tuple(one.id for one in rule.record if not one.optional)
        ticks = any(isinstance(tick, str) or tick.when is None for tick in rule.tick)
        typed = _exact(rule.typed, names) if rule.typed is not None else ""
        return WordWanted(step.id, code, title, typed, ticks, records, checks)
    if isinstance(step.manual, list):
        return WordWanted(
            step.id, code, title, checks=checks, noted=tuple(_records(step.manual)), later=frozenset(_later(step))
        )
    if step.manual is not None or (step.edit is not None and step.edit.by_hand):
        return WordWanted(step.id, code, title, checks=checks, later=frozenset(_later(step)))
    # Whether a danger note applies was decided with the plan.
    surely = planned is None or planned.needs_person or step.ask_first is not None
    if word != "never" and surely:
        return WordWanted(step.id, code, title, step.id if word == "typed" else "", checks=checks)
    return WordWanted(step.id, code, title, checks=checks, yes=False) if checks else None


def _exact(typed: str, names: Environment) -> str | None:
    """The words that are typed; None where they are only known when the step is reached."""
    try:
        return render_text(typed, names)
    except ExpressionError:
        return None


def _records(items: Sequence[Any]) -> Iterator[tuple[int, str]]:
    for number, item in enumerate(items, 1):
        record = None if isinstance(item, str) else item.record
        if isinstance(record, Record):
            if not record.optional:
                yield number, record.id
        elif record is not None:
            yield number, record


def _later(step: Step) -> Iterator[int]:
    """The parts of a step that may be left for after the run."""
    if step.defer is not None:
        yield 0
    for number, item in enumerate(step.manual if isinstance(step.manual, list) else (), 1):
        if not isinstance(item, str) and item.defer is not None:
            yield number


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
    place = " ".join(part for part in (wanted.what, wanted.code, wanted.title) if part)
    if wanted.step not in given.confirmations:
        words = " and ".join(map(repr, wanted.each)) if wanted.each else repr(wanted.typed) if wanted.typed else ""
        message = f"{place} wants a word of the operator" + (f": type {words}" if words else "")
        yield Problem(message, given.path, key=key, hint=_entry(wanted), rule="confirmation-missing")
        return
    lacking = confirmation_mistake(given.confirmations[wanted.step]) or _lacking(
        wanted, given.confirmations[wanted.step]
    )
    if lacking:
        line, column = given.lines.get(key, 0), given.columns.get(key, 0)
        message = f"the word for {place} is not enough: {lacking}"
        yield Problem(message, given.path, line, column, key, _entry(wanted), "confirmation-invalid")


def _lacking(wanted: WordWanted, entry: Any) -> str:
    """What an entry does not say that the step wants; empty where it says it all."""
    if entry is False:
        return ""  # the operator does not want the step; the run ends there
    parts: dict[str, Any] = entry if isinstance(entry, dict) else {} if entry is True else {"typed": str(entry)}
    missing = [one for one in wanted.each if one not in typed_words(parts)]
    if missing:
        return f"`typed` is the list of the exact words for each item, and lacks {', '.join(map(repr, missing))}"
    if wanted.typed and wanted.typed not in typed_words(parts):
        return f"the typed words must be exactly {wanted.typed!r}"
    if wanted.typed == "" and "typed" in parts:
        return "nothing is typed here: write true"
    if "defer" in parts and (wrong := _not_later(wanted, parts["defer"])):
        return wrong
    if deferral(parts, 0):
        return ""
    if wanted.ticks and parts.get("tick") not in ("all", True):
        return "every box must be ticked, by `tick: all`"
    records = parts.get("record", {})
    needed = [*wanted.records, *(name for number, name in wanted.noted if not deferral(parts, number))]
    empty = [name for name in needed if not str(records.get(name, "")).strip()]
    return f"`record` must hold {', '.join(empty)}" if empty else ""


def _not_later(wanted: WordWanted, given: Any) -> str:
    """What an entry leaves for after the run that may not be left; empty where it may."""
    numbers = {int(str(number)) for number in given} if isinstance(given, dict) else {0}
    wrong = sorted(numbers - wanted.later)
    if not wrong:
        return ""
    return (
        "the step may not be left for after the run" if wrong == [0] else f"part {wrong[-1]} may not be left for later"
    )


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
        parts["typed"] = list(wanted.each) or wanted.typed
    if wanted.ticks:
        parts["tick"] = "all"
    if names := [*wanted.records, *(name for _, name in wanted.noted)]:
        parts["record"] = dict.fromkeys(names, "…")
    value = wanted.typed if set(parts) == {"typed"} and not wanted.each else parts or True
    return f"under `confirmations:` add `{wanted.step}: {written(value)}`"
