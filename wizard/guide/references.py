"""Names inside a guide that must lead somewhere, and ids that must be there once."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

from wizard.guide.models.checks import SqlCheck, StepCheck
from wizard.guide.models.facts import SqlRead
from wizard.guide.models.questions import QuestionType
from wizard.guide.models.steps import Offer, Step, Surroundings
from wizard.guide.walk import PlacedModel, every_step

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from wizard.guide.document import DataPath
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Guide
    from wizard.problems import Problem

Found = tuple["Problem", "DataPath"]


def reference_problems(loaded: LoadedGuide) -> Iterator[Found]:
    """Every name that leads nowhere and every id that is there twice, each with the place it is about."""
    yield from _doubles(loaded)
    yield from _versions(loaded)
    for placed in loaded.parts:
        yield from _names(loaded, placed)
    yield from _procedures(loaded)
    yield from _offers(loaded)


def _problem(loaded: LoadedGuide, place: DataPath, message: str, hint: str = "", rule: str = "unknown-name") -> Found:
    return loaded.document.problem(place, message, hint=hint, rule=rule), place


def _unknown(
    loaded: LoadedGuide, place: DataPath, what: str, name: str, known: Collection[str], *, surely: bool = True
) -> Iterator[Found]:
    """Report `name` where it is not among `known`, which are `surely` all there are."""
    if name in known or not surely:
        return
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        hint = f"did you mean `{near[0]}`?"
    else:
        hint = f"there are: {', '.join(sorted(known)[:12])}" if known else f"the guide has no {what} at all"
    yield _problem(loaded, place, f"there is no {what} `{name}`", hint)


def _doubles(loaded: LoadedGuide) -> Iterator[Found]:
    guide = loaded.guide
    questions = [
        (question.id, ("questions", section, "ask", number, "id"))
        for section, entry in enumerate(guide.questions)
        for number, question in enumerate(entry.ask)
    ]
    yield from _twice(loaded, "question", questions)
    for section, entry in enumerate(guide.questions):
        for number, question in enumerate(entry.ask):
            place: DataPath = ("questions", section, "ask", number, "columns")
            columns = [(column.id, (*place, at, "id")) for at, column in enumerate(question.columns or ())]
            yield from _twice(loaded, "column", columns)
    yield from _twice(loaded, "check", _ids(guide.checks, ("checks",)))
    yield from _twice(loaded, "phase", _ids(guide.phases, ("phases",)))
    groups: dict[tuple[int, DataPath], list[tuple[str, DataPath]]] = {}
    for step in every_step(guide):
        scope = step.place[:-1] if step.branch == "undo" else ()
        groups.setdefault((id(step.owner), scope), []).append((step.step.id, (*step.place, "id")))
    for ids in groups.values():
        yield from _twice(loaded, "step", ids)


def _ids(entries: Sequence[Any], place: DataPath) -> list[tuple[str, DataPath]]:
    return [(entry.id, (*place, number, "id")) for number, entry in enumerate(entries)]


def _twice(loaded: LoadedGuide, what: str, ids: Iterable[tuple[str, DataPath]]) -> Iterator[Found]:
    first: dict[str, DataPath] = {}
    for name, place in ids:
        if name in first:
            line = loaded.document.place(first[name]).line
            hint = f"the first one is on line {line}: give one of them another id"
            yield _problem(loaded, place, f"the {what} `{name}` is there a second time", hint, "duplicate-id")
        else:
            first[name] = place


def _versions(loaded: LoadedGuide) -> Iterator[Found]:
    guide = loaded.guide
    questions = {question.id: question for section in guide.questions for question in section.ask}
    for name in ("current_version", "target_version"):
        question = questions.get(name)
        if question is None and lacks_a_question(loaded):
            continue
        if question is None:
            message = f"a question `{name}` is missing"
            hint = "every guide asks for it: type version, found_in a fact where it can be read"
            yield _problem(loaded, ("questions",), message, hint, "version-questions")
        elif question.type not in (QuestionType.VERSION, QuestionType.CHOICE):
            place = _question_place(guide, name)
            message = f"`{name}` must be a question of type version (or choice)"
            yield _problem(loaded, (*place, "type"), message, rule="version-questions")
    phases = [phase.id for phase in guide.phases]
    for number, hop in enumerate(guide.versions.hops):
        for at, phase in enumerate(hop.phases):
            place = ("versions", "hops", number, "phases", at)
            yield from _unknown(loaded, place, "phase", phase, phases, surely=not loaded.lacks_some(("phases",), "id"))


_HOLD_STEPS: Final = frozenset({"phases", "procedures", "steps", "finally", "undo", "id"})


def lacks_a_step(loaded: LoadedGuide) -> bool:
    """Whether a step, its id, or what holds steps could not be read: one that seems to be missing may be that one."""
    roots = ("phases", "procedures")
    return any(one[:1] and one[0] in roots and _HOLD_STEPS.intersection(map(str, one[-2:])) for one in loaded.damaged)


def lacks_a_question(loaded: LoadedGuide) -> bool:
    """Whether the id of some question could not be read: one that seems to be missing may be that one."""
    sections = range(len(loaded.guide.questions))
    return loaded.lacks_some(("questions",), "ask") or any(
        loaded.lacks_some(("questions", number, "ask"), "id") for number in sections
    )


def _question_place(guide: Guide, name: str) -> DataPath:
    return next(
        ("questions", section, "ask", number)
        for section, entry in enumerate(guide.questions)
        for number, question in enumerate(entry.ask)
        if question.id == name
    )


def _names(loaded: LoadedGuide, placed: PlacedModel) -> Iterator[Found]:
    guide, model, place = loaded.guide, placed.model, placed.place
    connections, surely = list(guide.connections), not loaded.is_damaged(("connections",))
    match model:
        case (
            SqlCheck(connection=connection) | SqlRead(connection=connection) | Surroundings(connection=str(connection))
        ):
            yield from _unknown(loaded, (*place, "connection"), "connection", connection, connections, surely=surely)
        case _:
            pass
    match model:
        case StepCheck():
            if model.check is not None:
                checks = [check.id for check in guide.checks]
                surely = not loaded.lacks_some(("checks",), "id")
                yield from _unknown(loaded, (*place, "check"), "check", model.check, checks, surely=surely)
            surely = not loaded.is_damaged(("facts",))
            for number, fact in enumerate(model.read_again):
                at = (*place, "read_again", number)
                yield from _unknown(loaded, at, "fact", fact, list(guide.facts), surely=surely)
        case Step(include=str(procedure)) | Offer(include=str(procedure)):
            surely = not loaded.is_damaged(("procedures",))
            at = (*place, "include")
            yield from _unknown(loaded, at, "procedure", procedure, list(guide.procedures), surely=surely)
            if isinstance(model, Step) and procedure in guide.procedures:
                yield from _needs(loaded, model, place, guide.procedures[procedure].needs)
        case _:
            pass
    if not place and guide.support is not None:
        sections = [section.section for section in guide.questions]
        surely = not loaded.lacks_some(("questions",), "section")
        for number, name in enumerate(guide.support.form):
            at = ("support", "form", number)
            yield from _unknown(loaded, at, "section of questions", name, sections, surely=surely)


def _needs(loaded: LoadedGuide, step: Step, place: DataPath, needs: Sequence[str]) -> Iterator[Found]:
    for name in needs:
        if name not in step.with_:
            message = f"the procedure `{step.include}` needs `{name}`, and this step does not give it"
            yield _problem(loaded, place, message, f"add with: {{{name}: …}}", "procedure-needs")
    for name in step.with_:
        if name not in needs:
            message = f"the procedure `{step.include}` does not need `{name}`"
            hint = f"it needs: {', '.join(needs)}" if needs else "name it in its `needs`, or leave it out"
            yield _problem(loaded, (*place, "with", name), message, hint, "procedure-needs")


def _procedures(loaded: LoadedGuide) -> Iterator[Found]:
    """Report includes that lead back to where they began."""
    calls: dict[str, list[tuple[str, DataPath]]] = {name: [] for name in loaded.guide.procedures}
    for placed in every_step(loaded.guide):
        name = str(placed.place[1])
        if placed.place[0] == "procedures" and placed.step.include is not None:
            calls[name].append((placed.step.include, (*placed.place, "include")))
    for name, included in calls.items():
        for target, place in included:
            way = _way_back(target, name, calls)
            if way:
                shown = " → ".join([name, *way])
                message = f"this include never ends: {shown}"
                yield _problem(loaded, place, message, "take one of the includes out", "include-cycle")


def _way_back(start: str, goal: str, calls: dict[str, list[tuple[str, DataPath]]]) -> list[str]:
    """The shortest chain of includes from `start` to `goal`, both named; empty where there is none."""
    ways = [[start]]
    seen = {start}
    while ways:
        way = ways.pop(0)
        if way[-1] == goal:
            return way
        for target, _ in calls.get(way[-1], []):
            if target not in seen:
                seen.add(target)
                ways.append([*way, target])
    return []


def _offers(loaded: LoadedGuide) -> Iterator[Found]:
    steps = list(dict.fromkeys(placed.step.id for placed in every_step(loaded.guide) if placed.branch != "undo"))
    surely = not lacks_a_step(loaded)
    for name, procedure in loaded.guide.procedures.items():
        if procedure.offer is None:
            continue
        for key, step in (("after", procedure.offer.after), ("until", procedure.offer.until)):
            if step is not None:
                yield from _unknown(loaded, ("procedures", name, "offer", key), "step", step, steps, surely=surely)
    for placed in every_step(loaded.guide):
        until = placed.step.until
        if until is not None and until not in ("phase", "run"):
            yield from _unknown(loaded, (*placed.place, "until"), "step", until, steps, surely=surely)
