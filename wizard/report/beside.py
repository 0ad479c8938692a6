"""What was done beside the plan: undo steps, fixes of checks, offers that were taken, procedures that were called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import ExpressionError
from wizard.plan.steps import iter_steps, within
from wizard.run.folding import ASIDE
from wizard.run.records import Record
from wizard.run.snapshots import put_together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wizard.guide.loader import LoadedGuide
    from wizard.plan.model import Plan, PlannedStep
    from wizard.run.chain import Entry
    from wizard.run.state import State

_ENDS: Final[Mapping[str, str]] = {
    Record.STEP_DONE: "done",
    Record.STEP_FAILED: "failed",
    Record.STEP_SKIPPED: "skipped",
    Record.STEP_UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class BesideLine:
    """One thing that was done: `kind` is undo, fix, offer or procedure, `of` what it belongs to, `at` UTC."""

    kind: str
    of: str
    title: str
    at: str
    status: str
    detail: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Named:
    """What the guide calls something; a group does nothing by itself."""

    title: str
    of: str
    is_group: bool = False


def beside_the_plan(
    events: Sequence[Entry], loaded: LoadedGuide | None, plan: Plan | None, state: State
) -> tuple[BesideLine, ...]:
    """Everything in the order it was begun; done twice, it is there twice.

    Without the guide (which may have been damaged) ids stand in the place of titles.
    """
    titles = dict(_titles(events, loaded, plan)) if loaded is not None else {}
    lines: list[BesideLine] = []
    latest: dict[str, int] = {}
    for event in events:
        key = str(event.data.get("key", ""))
        if not key.startswith(ASIDE):
            continue
        if event.kind == Record.STEP_BEGAN:
            kind, _, rest = key.partition("/")
            named = titles.get(key) or _item(key, titles) or _Named(rest.rpartition("/")[2], rest.rpartition("/")[0])
            if not named.is_group:
                title = _rendered(named.title, put_together(state.snapshots, event.data["names"]) or {})
                latest[key] = len(lines)
                lines.append(BesideLine(kind, named.of, title, event.at, "begun, not ended", "", ()))
        elif (place := latest.get(key)) is not None:
            lines[place] = _further(lines[place], event)
    return tuple(lines)


def _item(key: str, titles: Mapping[str, _Named]) -> _Named | None:
    """What followed an item of a list; None where the key is none of that."""
    head, _, item = key.rpartition("/=")
    named = titles.get(head) if key.startswith("after/") else None
    return _Named(f"After {item.replace('%2F', '/').replace('%25', '%')}", named.of) if named is not None else None


def _further(line: BesideLine, event: Entry) -> BesideLine:
    if event.kind == Record.ATTEMPT_INTENDED:
        return replace(line, commands=(*line.commands, event.data["shown"]))
    if (ended := _ENDS.get(event.kind)) is None:
        return line
    # How a command that simply worked ended says nothing more than that it is done.
    quiet = ended == "done" and event.data.get("how") == "ran"
    return replace(line, status=ended, detail="" if quiet else str(event.data.get("reason", "")))


def _rendered(title: str, names: Mapping[str, Any]) -> str:
    """A title with the values of that moment; as the guide writes it where they are not there."""
    from wizard.expressions import Environment
    from wizard.templates import render_text

    try:
        return render_text(title, Environment(names=dict(names)))
    except ExpressionError:
        return title


def _titles(events: Iterable[Entry], loaded: LoadedGuide, plan: Plan | None) -> Iterator[tuple[str, _Named]]:
    """What the guide calls everything that can be done beside the plan, by its key in the journal."""
    from wizard.plan.build import plan_procedure

    for check in loaded.guide.checks:
        if check.fix is not None:
            yield f"fix/{check.id}", _Named(check.fix.title, check.title)
    for planned in iter_steps(plan) if plan is not None else ():
        yield from _around(planned, loaded)
    for event in events:
        if event.kind == Record.PROCEDURE_BEGAN and event.data["id"] in loaded.guide.procedures:
            name = event.data["id"]
            of = loaded.guide.procedures[name].title
            for planned in within(plan_procedure(loaded, name, f"procedure/{name}/{event.data['number']}")):
                yield planned.key, _Named(planned.title, of, is_group=bool(planned.steps))
                yield from _around(planned, loaded)


def _around(planned: PlannedStep, loaded: LoadedGuide) -> Iterator[tuple[str, _Named]]:
    """The undo steps and the offers of a step."""
    from wizard.guide.walk import model_at

    model, of = model_at(loaded.guide, planned.path), f"{planned.code} {planned.title}"
    yield f"preview/{planned.key}", _Named("Dry run", of)
    yield f"editor/{planned.key}", _Named("Editor", of)
    yield f"after/{planned.key}", _Named("After an item", of)
    yield from ((f"undo/{planned.key}/{one.id}", _Named(one.title, of)) for one in model.undo)
    yield from ((f"offer/{planned.key}/{number}", _Named(one.title, of)) for number, one in enumerate(model.offers))
