"""What is to be read about a step, from a session's folder alone: its words as they were, or would be now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.errors import ExpressionError, WizardError
from wizard.guide.walk import model_at
from wizard.plan.addresses import hop_of
from wizard.plan.model import Included
from wizard.plan.surroundings import chain_at, where, where_words
from wizard.plan.titles import titled
from wizard.plan.words import about
from wizard.run.seen import item_keys
from wizard.run.snapshots import put_together
from wizard.run.state import StepStatus
from wizard.templates.readable import readable
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.expressions import Environment
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Note, Step, StepCheck
    from wizard.guide.models.steps import Confirm
    from wizard.plan.model import Plan, PlannedStep
    from wizard.run.state import State

Box = tuple[str, str, str]
"""Kind (note, warning, danger), title, text."""


@dataclass(frozen=True, slots=True)
class StepText:
    """The words of a step. `commands` are those that were started for it, or would be."""

    key: str
    code: str
    title: str
    why: str = ""
    says: tuple[str, ...] = ()
    """What the step itself says, asks for or looks at, line by line."""
    boxes: tuple[Box, ...] = ()
    commands: tuple[str, ...] = ()
    where: str = ""
    """Folder, user and variables of its commands."""
    remarks: tuple[str, ...] = ()
    """What else there is to know, each in a few words."""
    way_back: str = ""
    undoing: bool = False
    rehearsed: bool = False
    began: bool = False
    """Whether it was begun, so that these are the words it had then."""


def step_text(loaded: LoadedGuide, plan: Plan, state: State, planned: PlannedStep) -> StepText:
    """Put together what is to be read about a step; what is not known (yet), and every secret, is a mark.

    A step that was begun is rendered from the names it began with. Never raises for what a guide's texts do.
    """
    step = model_at(loaded.guide, planned.path)
    known = state.steps.get(planned.key)
    names = put_together(state.snapshots, known.names) if known is not None and known.names else None
    env = _environment(loaded, plan, state, planned, names)
    shown = tuple(dict.fromkeys(one.shown for one in known.attempts)) if known is not None else ()
    place = where(chain_at(loaded.guide, planned.path), env)
    commands = shown[-1:] or planned.commands
    return StepText(
        key=planned.key,
        code=planned.code,
        title=titled(readable(step.title, env), item_keys(planned.key)),
        why=readable(step.why, env) if step.why else "",
        says=tuple(_says(step, env, confirmed=known is not None and known.how == "confirmed")),
        boxes=_boxes(step.notes, env, planned.notes),
        commands=commands,
        where=where_words(place.folder, place.user, place.env) if commands else "",
        remarks=tuple(_remarks(planned, state)),
        way_back=planned.way_back,
        undoing=planned.key.startswith("undo/"),
        rehearsed=state.rehearsal,
        began=names is not None,
    )


def _environment(
    loaded: LoadedGuide, plan: Plan, state: State, planned: PlannedStep, names: dict[str, Any] | None
) -> Environment:
    """The names a step began with; of one that was not begun what is known now."""
    from wizard.expressions import Environment, resolve_values
    from wizard.run.names import hop_names

    if names is not None:
        return Environment(names=names)
    key = planned.key.removeprefix("undo/")
    now = Environment(
        names={
            "answers": {name: data["value"] for name, data in state.answers.items() if not data.get("secret")},
            "facts": {name: data["value"] for name, data in state.facts.items() if data["status"] == "known"},
            "captured": state.captured,
            "guide": {"folder": str(loaded.folder)},
            "hop": hop_names(plan, hop_of(key)),
        }
    )
    try:
        return now.with_names(values=resolve_values(loaded.guide.values, now))
    except WizardError:
        return now


def _boxes(notes: Sequence[Note], env: Environment, planned: tuple[Box, ...]) -> tuple[Box, ...]:
    """The boxes that apply; where that cannot be told, those that may apply as the plan has them."""
    from wizard.expressions import compile_expression

    try:
        return tuple(
            (note.kind.value, readable(note.title, env) if note.title else "", readable(note.text, env))
            for note in notes
            if note.when is None or compile_expression(note.when).holds(env)
        )
    except ExpressionError:
        return planned


def _says(step: Step, env: Environment, *, confirmed: bool) -> Iterator[str]:
    """What a step without a command of its own is about."""
    if step.say is not None:
        yield readable(step.say, env)
    if step.confirm is not None:
        yield from _confirmation(step.confirm, env, ticked=confirmed)
    if isinstance(step.manual, list):
        for number, item in enumerate(step.manual, 1):
            yield f"{number}. {readable(item if isinstance(item, str) else item.do, env)}"
    elif step.manual is not None:
        yield readable(step.manual.do, env)
    if step.hand_over is not None:
        yield f"Handed over to {readable(step.hand_over.to, env)}."
    if step.edit is not None:
        yield f"Changes {readable(step.edit.file, env)}."
    yield from _looks(step, env)


def _confirmation(asked: Confirm | str, env: Environment, *, ticked: bool) -> Iterator[str]:
    """What the operator's word is wanted for: boxes that apply, or may apply, words to type, and what is noted.

    Nobody can confirm it with a box that is not ticked; whoever marks the step as done instead has ticked none.
    """
    from wizard.expressions import holds_or

    if isinstance(asked, str):
        yield readable(asked, env)
        return
    yield readable(asked.say, env)
    box = "[x]" if ticked else "[ ]"
    for tick in asked.tick:
        if isinstance(tick, str):
            yield f"{box} {readable(tick, env)}"
        elif tick.when is None or holds_or(tick.when, env, otherwise=True):
            yield f"{box} {readable(tick.say, env)}"
    if asked.typed:
        yield f"To be typed: {readable(asked.typed, env)}"
    yield from (f"To be noted: {readable(one.label, env)}" for one in asked.record)


def _looks(step: Step, env: Environment) -> Iterator[str]:
    """What a step looks at or waits for."""
    checks: list[StepCheck | str] = [*(step.check or [])]
    if step.gate is not None:
        yield f"Goes on only where this holds: {step.gate.expr}"
    if step.wait is not None and isinstance(step.wait.until, str):
        yield f"Waits {readable(step.wait.until, env)}."
    elif step.wait is not None:
        checks = [*step.wait.until] if isinstance(step.wait.until, list) else [step.wait.until]
    for check in checks:
        if not isinstance(check, str) and check.title:
            yield f"{'Waits until' if step.wait is not None else 'Looks whether'}: {readable(check.title, env)}"
    if step.monitor is not None:
        yield f"Watches the machine for {readable(step.monitor.for_, env)}."


def _remarks(planned: PlannedStep, state: State) -> Iterator[str]:
    usual = show_duration(planned.takes) if planned.takes else ""
    yield from (f"usually {one}" if one == usual else one for one in about(planned, planned.impact))
    yield from planned.remarks
    if planned.included is Included.LATER and state.status(planned.key) is StepStatus.WAITING:
        yield f"decided when it is reached{f': {planned.reason}' if planned.reason else ''}"
    elif planned.included is Included.NO and planned.reason:
        yield f"not part of this run: {planned.reason}"
