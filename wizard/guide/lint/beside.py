"""Steps that do more than one thing at a time: in the background, beforehand, in rounds, and checks beside the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.guide.models.checks import StepCheck
from wizard.guide.models.guide import Connection, Phase
from wizard.guide.models.steps import ActionKind, Monitor, Repeat, Step, Wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page

_OF_BACKGROUND: Final = ("ready_when", "until")
_SERVERS: Final = ("host", "port", "user", "password", "name")


def look(page: Page) -> None:
    """Check what belongs to such steps, and that no check that is asked over and over needs a person."""
    for placed in page.models:
        match placed.model:
            case Step():
                _step(page, placed.model, placed.place)
            case Repeat(at_most=int() as most) if most < 1:
                page.add((*placed.place, "at_most"), "there is at least one round", rule="number")
            case Connection():
                _connection(page, placed.model, placed.place)
            case Monitor(limits=[], logs=[]):
                page.add(placed.place, "there is nothing to look at", hint="add `limits` or `logs`", rule="empty")
            case _:
                pass
        for place, check in _asked_again(placed.model, placed.place):
            _asks_nobody(page, check, place)
    for step in page.steps:
        if step.step.background and step.branch != "steps":
            message = f"what is in `{step.branch}` is over before the walk goes on, so nothing of it runs beside it"
            hint = "let it run in front, or let the service manager start it"
            page.add((*step.place, "background"), message, hint=hint, rule="background-branch", at_key=True)


def _step(page: Page, step: Step, place: DataPath) -> None:
    if step.action is not ActionKind.RUN:
        return
    if step.background and step.until is None:
        message = "a command in the background needs to know how long it goes on"
        hint = "add `until: phase`, `until: run`, or `until:` with the id of a later step"
        page.add((*place, "background"), message, hint=hint, rule="background-until", at_key=True)
    if step.background and step.terminal:
        message = "a command in the background has no terminal"
        hint = "leave out `terminal`, or let it run in front"
        page.add((*place, "terminal"), message, hint=hint, rule="background-terminal", at_key=True)
    if step.background and step.temporary:
        message = "a command in the background is stopped by itself when it is left, and started again"
        page.add((*place, "temporary"), message, hint="leave it out", rule="background-temporary", at_key=True)
    if step.background and step.stall is not None:
        message = "nobody attends a command in the background, so it cannot be seen to be stuck"
        hint = "keep asking a check instead: `keep_checking` of the phase"
        page.add((*place, "stall"), message, hint=hint, rule="background-stall", at_key=True)
    for key in _OF_BACKGROUND:
        if getattr(step, key) and not step.background:
            message = f"`{key}` belongs to a command in the background"
            page.add((*place, key), message, hint="add `background: true`", rule="background-key", at_key=True)
    if step.preview is not None and step.dry_run is None:
        message = "`preview: must` needs a `dry_run`, which is what is looked at"
        page.add((*place, "preview"), message, hint="add `dry_run`", rule="preview-dry-run", at_key=True)


def _connection(page: Page, connection: Connection, place: DataPath) -> None:
    if connection.kind == "sqlite":
        for key in _SERVERS:
            if getattr(connection, key) is not None:
                message = f"SQLite is a file, so it has no `{key}`"
                page.add((*place, key), message, hint="leave it out", rule="connection", at_key=True)
    elif connection.file is not None:
        message = f"a connection to {connection.kind} has no `file`"
        page.add((*place, "file"), message, hint="say host, port, name and user", rule="connection", at_key=True)


def _asked_again(model: object, place: DataPath) -> Iterator[tuple[DataPath, StepCheck]]:
    """Checks that are asked over and over, with nobody in between."""
    parts: list[tuple[str, object]] = []
    match model:
        case Phase():
            parts = [("keep_checking", model.keep_checking)]
        case Monitor():
            parts = [("limits", model.limits)]
        case Wait():
            parts = [("until", model.until), ("stop_on", model.stop_on)]
        case Step():
            parts = [("ready_when", model.ready_when)]
            if model.for_each is not None:
                parts.append(("for_each", model.for_each.available_when))
        case _:
            pass
    for key, value in parts:
        here: DataPath = (*place, key, "available_when") if key == "for_each" else (*place, key)
        if isinstance(value, StepCheck):
            yield here, value
        elif isinstance(value, list):
            yield from (((*here, number), check) for number, check in enumerate(value))


def _asks_nobody(page: Page, check: StepCheck, place: DataPath) -> None:
    named = next((one for one in page.guide.checks if one.id == check.check), check) if check.check else check
    key = "ask" if named.ask is not None else "acknowledge" if named.acknowledge is not None else ""
    if key:
        message = f"this is asked over and over, and `{key}` needs a person each time"
        hint = "use a check that looks itself, or a `confirm` step"
        page.add((*place, "check" if check.check else key), message, hint=hint, rule="asks-a-person", at_key=True)
