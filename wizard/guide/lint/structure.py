"""Keys that need each other or exclude each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wizard.guide.models.checks import AskCheck, Blocks, MemoryCheck, ProcessCheck, StepCheck
from wizard.guide.models.guide import Connection, Phase
from wizard.guide.models.questions import Column, Question, QuestionType
from wizard.guide.models.steps import ActionKind, Case, Edit, Offer, Step
from wizard.guide.supported import edit_format
from wizard.problems import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page
    from wizard.guide.models.base import Model

_KEYS_OF_ACTION: Final = {
    ActionKind.RUN: (
        "stdin", "terminal", "background", "ready_when", "until", "dry_run", "preview", "review", "timeout", "stall",
        "stop", "keep", "expect", "outcomes", "capture", "known_errors",
    ),
    ActionKind.MANUAL: ("hand_over",),
    ActionKind.STEPS: ("repeat",),
    ActionKind.INCLUDE: ("with",),
}  # fmt: skip
"""Keys of a step that mean something beside one action only."""

_OF_GROUPS_TOO: Final = frozenset({ActionKind.STEPS, ActionKind.INCLUDE})
_ONE_ACTION: Final = ("done_when", "ask_first", "rerun", "offers", "defer")
"""Keys about one action, which a group has none of; a group that is repeated asks about itself, so it has the last."""

_RESERVED: Final = "finally"
"""The id no step has, because the addresses of the steps in a `finally` have it in their place."""


def look(page: Page) -> None:
    """Hold every part of the guide against what its keys demand."""
    for placed in page.models:
        match placed.model:
            case Step():
                _step(page, placed.model, placed.place)
            case Offer():
                _one_of(page, placed.model, placed.place, ("run", "include", "text"), "an offer")
            case Question() | Column():
                _question(page, placed.model, placed.place)
            case Connection(kind="sqlite", file=None) if not page.loaded.has_damage((*placed.place, "file")):
                page.add(placed.place, "a connection to SQLite needs `file`", rule="connection")
            case ProcessCheck():
                _one_of(page, placed.model, placed.place, ("name", "match", "pid_file"), "a check of a process")
            case MemoryCheck(total=None, available=None):
                page.add(placed.place, "a check of memory needs `total` or `available`", rule="needs-key")
            case Edit():
                _edit(page, placed.model, placed.place)
            case _:
                pass
        if isinstance(placed.model, (Step, Phase, StepCheck)):
            _reason(page, placed.model, placed.place)
    _logs(page)
    _offers(page)


def _logs(page: Page) -> None:
    """Look for logs that nothing was written into yet when they are read."""
    for number, check in enumerate(page.guide.checks):
        if check.log is not None and check.log.since != "start" and check.blocks is not Blocks.NEVER:
            page.add(
                ("checks", number, "log"),
                "it is asked before the first step, when nothing was written since that began: it never passes",
                hint="say `since: start`, or ask it in a step",
                rule="log-since",
            )


def _offers(page: Page) -> None:
    """Look for procedures that an operator cannot call."""
    for name, procedure in page.guide.procedures.items():
        if procedure.offer is not None and procedure.needs:
            page.add(
                ("procedures", name, "offer"),
                "a procedure that is offered is called by the operator, so nobody gives it what it needs",
                hint="leave `needs` out, or include the procedure from one that is offered",
                rule="offer",
                at_key=True,
            )


def _one_of(page: Page, model: Model, place: DataPath, keys: Sequence[str], noun: str) -> None:
    used = [key for key in keys if getattr(model, key) is not None]
    if len(used) != 1:
        said = f", and here are {' and '.join(used)}" if used else ""
        page.add(place, f"{noun} has exactly one of: {', '.join(keys)}{said}", rule="one-of")


def _given(model: Model, key: str) -> bool:
    """Whether the file gives the key a value that means something."""
    name = model.field_of_key(key) or key
    value = getattr(model, name)
    return name in model.model_fields_set and value is not None and value is not False


def _step(page: Page, step: Step, place: DataPath) -> None:
    action = step.action
    if step.id == _RESERVED:
        message = f"no step can be called {_RESERVED!r}: that is what the last part of a phase is called"
        page.add((*place, "id"), message, hint="give the step another id", rule="reserved-id")
    if action is ActionKind.SAY and page.loaded.has_damage((*place, "say")):
        return  # it stands for an action that could not be read
    for owner, keys in _KEYS_OF_ACTION.items():
        for key in keys:
            if action is not owner and _given(step, key):
                message = f"`{key}` belongs to `{owner}`, and this step has `{action}`"
                hint = "leave it out, or make a step of its own with that action"
                page.add((*place, key), message, hint=hint, rule="key-of-action", at_key=True)
    _about_its_action(page, step, place)
    if step.terminal and step.stdin is not None:
        message = "a command in a terminal reads what the operator types, so it has no `stdin`"
        page.add((*place, "stdin"), message, hint="leave out `stdin` or `terminal`", rule="terminal-stdin", at_key=True)
    if step.temporary and not step.undo:
        message = "what is temporary is undone when the phase is left, and this step has no `undo`"
        page.add((*place, "temporary"), message, hint="add `undo`", rule="temporary-undo", at_key=True)
    if step.rerun == "after_undo" and not step.undo:
        message = "`rerun: after_undo` needs an `undo`"
        page.add((*place, "rerun"), message, hint="add `undo`, or say `never`", rule="rerun-undo", at_key=True)
    if step.makes == "backup" and action is ActionKind.SAY:
        page.add((*place, "makes"), "a step that only says something makes no backup", rule="backup", at_key=True)
    if action is ActionKind.STEPS and not step.steps:
        page.add((*place, "steps"), "this group has no steps", rule="empty", at_key=True)
    if isinstance(step.run, list):
        _cases(page, step.run, (*place, "run"))


def _about_its_action(page: Page, step: Step, place: DataPath) -> None:
    """Refuse keys that nobody would ever look at beside this action."""
    if step.action in _OF_GROUPS_TOO:
        for key in _ONE_ACTION[:2] if step.repeat is not None else _ONE_ACTION:
            if _given(step, key):
                message = f"`{key}` is about one action, and this step is a group of steps"
                page.add((*place, key), message, hint="say it of the steps inside", rule="key-of-group", at_key=True)
    elif step.action not in (ActionKind.RUN, ActionKind.EDIT) and _given(step, "ask_first"):
        message = f"`ask_first` is about what changes the machine by itself, and `{step.action}` does not"
        hint = "leave it out; a `confirm` step asks for a word"
        page.add((*place, "ask_first"), message, hint=hint, rule="key-of-action", at_key=True)


def _cases(page: Page, cases: Sequence[Any], place: DataPath) -> None:
    if not cases:
        page.add(place, "there is no word in this command", rule="empty")
    for number, case in enumerate(cases):
        if not isinstance(case, Case):
            continue
        here = (*place, number)
        last = number == len(cases) - 1
        if (case.do is None) == (case.otherwise is None):
            page.add(here, "a case has `when` and `do`, and the last one may be `otherwise`", rule="cases")
        elif case.otherwise is not None and (case.when is not None or not last):
            page.add(here, "`otherwise` stands last and has no `when`", rule="cases")
        elif case.do is not None and case.when is None:
            page.add(here, "a case needs `when`", hint="the last one may be `otherwise`", rule="cases")


def _reason(page: Page, model: Step | Phase | StepCheck, place: DataPath) -> None:
    if model.not_needed is not None and model.when is None and not page.loaded.has_damage((*place, "when")):
        message = "`not_needed` says why a `when` does not hold, and there is no `when`"
        page.warn((*place, "not_needed"), message, rule="not-needed", at_key=True)
    if isinstance(model, StepCheck) and isinstance(model.ask, AskCheck) and not model.ask.say.strip():
        page.add((*place, "ask"), "there is nothing to state", rule="empty")


def _edit(page: Page, edit: Edit, place: DataPath) -> None:
    if edit.set_ is None and not edit.remove:
        return
    if edit_format(edit) is None and "${{" not in edit.file.rsplit("/", 1)[-1]:
        page.add(
            (*place, "file"),
            "the name of this file does not tell its format",
            hint="add `format: dotenv` (or properties, ini, json, toml)",
            rule="edit-format",
        )


def _question(page: Page, question: Question | Column, place: DataPath) -> None:
    if question.type is QuestionType.TABLE and isinstance(question, Column):
        page.add((*place, "type"), "a column cannot be a table", rule="question-type")
    damaged = page.loaded.has_damage
    if damaged((*place, "type")):
        return
    takes_choices = question.type in (QuestionType.CHOICE, QuestionType.CHOICES)
    if not takes_choices and question.choices is not None:
        message = f"a question of type {question.type} has no `choices`"
        page.add((*place, "choices"), message, hint="use type choice or choices", rule="question-type", at_key=True)
    if takes_choices and isinstance(question, Column) and not question.choices and not damaged((*place, "choices")):
        page.add(place, "a column of type choice needs `choices`", rule="question-type")
    if question.default is not None and not _is_template(question.default) and not damaged((*place, "choices")):
        complaint = _wrong_default(question)
        if complaint:
            page.add((*place, "default"), complaint, rule="default")
    for key in ("at_least", "at_most"):
        types = (QuestionType.TABLE, QuestionType.CHOICES, QuestionType.NUMBER, QuestionType.PERCENTAGE)
        if getattr(question, key, None) is not None and question.type not in types:
            message = f"`{key}` means nothing for a question of type {question.type}"
            page.add((*place, key), message, rule="question-type", severity=Severity.ERROR, at_key=True)


def _is_template(value: Any) -> bool:
    return isinstance(value, str) and "${{" in value


def _wrong_default(question: Question | Column) -> str:
    """Why the default cannot be an answer; empty where it can."""
    default = question.default
    match question.type:
        case QuestionType.YES_NO:
            return "" if isinstance(default, bool) else "the default of a yes_no is true or false"
        case QuestionType.NUMBER:
            return "" if _is_number(default) else f"the default is not a number: {default!r}"
        case QuestionType.PERCENTAGE:
            share = default.removesuffix("%") if isinstance(default, str) else default
            return "" if _is_number(share) else f"the default is not a percentage: {default!r}"
        case QuestionType.CHOICE if question.choices and not getattr(question, "other", False):
            return _not_a_choice(question, [default])
        case QuestionType.CHOICES if question.choices and isinstance(default, list):
            return "" if getattr(question, "other", False) else _not_a_choice(question, default)
        case QuestionType.CHOICES | QuestionType.TABLE:
            return "" if isinstance(default, list) else f"the default of a question of type {question.type} is a list"
        case QuestionType.DURATION:
            return _no_duration(str(default))
        case QuestionType.VERSION:
            return "" if isinstance(default, str) and default[:1].isalnum() else f"{default!r} is not a version"
        case _:
            return "" if not isinstance(default, (bool, list)) else f"{default!r} is no answer of type {question.type}"


def _is_number(value: Any) -> bool:
    if isinstance(value, (bool, list)):
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True


def _not_a_choice(question: Question | Column, values: Sequence[Any]) -> str:
    choices = [choice if isinstance(choice, str) else choice.value for choice in question.choices or ()]
    if any("${{" in choice for choice in choices):
        return ""
    wrong = [str(value) for value in values if str(value) not in choices]
    return f"{', '.join(wrong)} is not among the choices: {', '.join(choices)}" if wrong else ""


def _no_duration(text: str) -> str:
    from wizard.units import parse_duration

    try:
        parse_duration(text)
    except ValueError as error:
        return str(error)
    return ""
