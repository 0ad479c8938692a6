"""Facts that a step or phase needs and that are not known: told in an operator's words, and read again on another try.

Only what is missing is ever taken from such a reading. What is known, of a settings file too, stays as the journal
has it, and so do answers, the plan and what was decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import WizardError
from wizard.expressions import ABSENT, AbsentError, compile_expression, holds_or
from wizard.facts.model import FactReading, FactStatus
from wizard.facts.references import behind_values, expressions_of, references_of, root_of
from wizard.facts.ways import how_read
from wizard.guide.models import ActionKind
from wizard.plan.model import Included, PlannedPhase, PlannedStep
from wizard.plan.people import checks_of
from wizard.questions.names import key_in_hop
from wizard.run.collecting import read_again, shown
from wizard.run.events import Said
from wizard.run.names import environment, hop_names
from wizard.run.places import chain_of, model_of, works_of
from wizard.run.records import Record, as_record, unmasked, veiled
from wizard.secrets import masked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import Step
    from wizard.run.context import Run

Planned = PlannedStep | PlannedPhase
"""What needs facts."""

_LATER: Final = frozenset({"undo", "offers", "known_errors", "covers", "links"})
"""Keys of a step that are not read where it begins or is judged."""
_OF_OTHERS: Final = frozenset({"steps", "repeat"})
"""Keys of a group that its own steps are made of: those need what they need when it comes to them."""
_READ_AGAIN: Final = "Mend that and try again: it is read once more then, also by a later `wizard resume`."


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact that is not known, under the `key` it is journalled by, or a place in one that has nothing there.

    `gap` leads to that place; empty where all of the fact is missing. `stops` says whether the step cannot do
    without it; what only its checks compare with something is read again too.
    """

    name: str
    key: str
    gap: tuple[str, ...] = ()
    stops: bool = True

    @property
    def reference(self) -> str:
        """As a guide names it."""
        return ".".join(("facts", self.name, *self.gap))


def missing_for(run: Run, planned: Planned, bindings: dict[str, Any]) -> tuple[MissingFact, ...]:
    """The facts that are needed now and are absent or unknown, with those that they are read from in turn."""
    hop = works_of(run, planned)
    env = environment(run, hop=hop, bindings=bindings, key=planned.key)
    found: dict[tuple[str, tuple[str, ...]], MissingFact] = {}
    pending = [
        *_gaps(run, hop, env, _stopping(run, planned, env)),
        *(replace(one, stops=False) for one in _gaps(run, hop, env, _asked_by_checks(run, planned))),
    ]
    while pending:
        one = pending.pop(0)
        if (one.key, one.gap) not in found:
            found[one.key, one.gap] = one
            needed = references_of(run.loaded.guide.facts[one.name], run.loaded.guide)
            pending += [replace(inner, stops=False) for inner in _gaps(run, hop, env, needed)]
    return tuple(found.values())


def read_missing(run: Run, planned: Planned, bindings: dict[str, Any]) -> None:
    """Read again what is needed and not known; journals what is known by then, and tells all that was read."""
    gaps: dict[str, list[tuple[str, ...]]] = {}
    for one in missing_for(run, planned, bindings) if not _is_undo(planned) else ():
        gaps.setdefault(one.key, []).append(one.gap)
    if not gaps:
        return
    run.operator.tell(Said("Reading again what is not known yet: " + ", ".join(_title(run, key) for key in gaps)))
    for reading in list(read_again(run, gaps)):
        _take(run, reading, gaps[reading.id])


def told(run: Run, planned: Planned, bindings: dict[str, Any]) -> tuple[str, ...]:
    """What a step or phase needs and is not known, why, and how it is read; empty where nothing is missing."""
    missing = [one for one in missing_for(run, planned, bindings) if one.stops] if not _is_undo(planned) else []
    env = environment(run, hop=works_of(run, planned), bindings=bindings, key=planned.key)
    lines = [line for one in missing for line in _told_of(run, one, env)]
    return (*lines, _READ_AGAIN) if lines else ()


def why_of(run: Run, planned: Planned, bindings: dict[str, Any], error: WizardError) -> str:
    """Why it cannot be begun or done; where that is for facts, these are named as an operator knows them."""
    if not isinstance(error, AbsentError) or _is_undo(planned):
        return str(error)
    names = [f"{_what(run, one)} ({one.reference})" for one in missing_for(run, planned, bindings) if one.stops]
    return f"what it needs is not known: {', '.join(names)}" if names else str(error)


def _is_undo(planned: Planned) -> bool:
    """Whether a step belongs to an undo: its names are those of the step it undoes, and no reading changes them."""
    return planned.key.startswith("undo/")


# -- what is missing -----------------------------------------------------------------------------


def _stopping(run: Run, planned: Planned, env: Environment) -> Iterator[str]:
    """Names in the texts of a step, and of what is around it, that have no value now where one is needed.

    Of a phase these are its condition and its boxes. Worked out for real: what stands in `default()`, or in the part
    of a condition that does not count, is needed by nobody.
    """
    if isinstance(planned, PlannedPhase):
        yield from _without_value(run, _of_phase(run, planned, env), env)
        return
    from wizard.guide.models.steps import Surroundings

    guide, step = run.loaded.guide, model_of(run, planned)
    *around, _ = chain_of(run, planned)
    fields = Surroundings.model_fields
    outer = [Surroundings.model_construct(**{name: getattr(one, name) for name in fields}) for one in around]
    sources = [source for one in outer for source in expressions_of(one, guide, without=())]
    sources += expressions_of(step, guide, without=_left_out(run, planned, step))
    if step.repeat is not None:
        sources += expressions_of(step.repeat, guide, without={"until"})
    if step.for_each is not None and planned.loop is None:
        sources.append((step.for_each.items, True))
    yield from _without_value(run, sources, env)
    for check in checks_of(step):
        for name in _references_of_check(run, check):
            space, fact = root_of(name)
            reading = run.state.facts.get(fact) if space == "facts" else None
            if reading is not None and reading["status"] == FactStatus.UNKNOWN:
                yield name


def _without_value(run: Run, sources: Iterable[tuple[str, bool]], env: Environment) -> Iterator[str]:
    """Names in those of the expressions that have no value now."""
    for source, needs_value in dict.fromkeys(sources):
        if _has_no_value(source, env, needs_value=needs_value):
            yield from behind_values(compile_expression(source).references, run.loaded.guide)


def _of_phase(run: Run, phase: PlannedPhase, env: Environment) -> Iterator[tuple[str, bool]]:
    """The expressions of a phase that are worked out before anything of it is done."""
    from wizard.templates import template_expressions

    guide = run.loaded.guide
    model = next(one for one in guide.phases if one.id == phase.id)
    if model.when is not None and phase.included is Included.LATER and phase.key not in run.state.decided:
        yield model.when, False
        if model.not_needed is not None and not holds_or(model.when, env, otherwise=True):
            yield from ((source, True) for source, _ in template_expressions(model.not_needed))
    for note in model.notes:
        if note.when is None or holds_or(note.when, env, otherwise=True):
            yield from expressions_of(note, guide, without=())


def _left_out(run: Run, planned: PlannedStep, step: Step) -> Collection[str]:
    grouped = step.action in (ActionKind.STEPS, ActionKind.INCLUDE)
    decided = frozenset({"when"}) if planned.key in run.state.decided else frozenset()
    return _LATER | decided | (_OF_OTHERS if grouped else frozenset())


def _has_no_value(source: str, env: Environment, *, needs_value: bool) -> bool:
    """Whether an expression comes to nothing for want of a name; a condition may: absent is false there."""
    try:
        return compile_expression(source).evaluate(env) is ABSENT and needs_value
    except AbsentError:
        return True
    except WizardError:
        return False  # something else is wrong with it, which no reading mends


def _asked_by_checks(run: Run, planned: Planned) -> Iterator[str]:
    for check in () if isinstance(planned, PlannedPhase) else checks_of(model_of(run, planned)):
        yield from _references_of_check(run, check)


def _references_of_check(run: Run, check: Any) -> frozenset[str]:
    """Names in a check, or in that of the guide which it names."""
    from wizard.checks.resolving import resolve

    try:
        return references_of(resolve(check, run.loaded.guide), run.loaded.guide)
    except WizardError:
        return frozenset()  # asking it says what is wrong with it


def _gaps(run: Run, hop: int, env: Environment, references: Iterable[str]) -> Iterator[MissingFact]:
    """The facts among these names that are not known, or have nothing at the place that is named."""
    known = env.names.get("facts") or {}
    to = str(hop_names(run.plan, hop).get("to", ""))
    for reference in sorted(set(references)):
        space, name = root_of(reference)
        fact = run.loaded.guide.facts.get(name) if space == "facts" else None
        if fact is None or (fact.per is not None and not to):
            continue
        key = key_in_hop(name, to) if fact.per is not None else name
        if name not in known:
            yield MissingFact(name, key)
        elif gap := _gap(known[name], reference.split(".")[2:]):
            yield MissingFact(name, key, gap)


def _gap(value: Any, path: Sequence[str]) -> tuple[str, ...]:
    """The way to the first name on `path` that a map has nothing under; empty where there is none."""
    for depth, name in enumerate(path, 1):
        if not isinstance(value, Mapping):
            return ()
        if name not in value:
            return tuple(path[:depth])
        value = value[name]
    return ()


# -- reading it ----------------------------------------------------------------------------------


def _take(run: Run, reading: FactReading, gaps: Sequence[tuple[str, ...]]) -> None:
    """Journal a reading as far as it fills a gap, and say what it gave."""
    before = run.state.facts.get(reading.id)
    if () in gaps or before is None:
        run.record(Record.FACT_READ, **as_record(reading))
        run.operator.tell(Said(_seen(reading.id, reading.status, masked(veiled(reading.value, reading.id)), reading)))
        return
    kept = run.secrets.kept(("facts", reading.id))
    whole = known = unmasked(before["value"], reading.value if kept is None else kept)
    for gap in gaps:
        name = ".".join((reading.id, *gap))
        if reading.status is not FactStatus.KNOWN or _gap(reading.value, gap):
            why_not = reading.reason or f"{reading.source} has no {'.'.join(gap)}"
            run.operator.tell(Said(_seen(name, FactStatus.ABSENT, None, replace(reading, reason=why_not))))
            continue
        whole = _filled(whole, gap, reading.value)
        run.operator.tell(
            Said(_seen(name, FactStatus.KNOWN, masked(veiled(_at(reading.value, gap), gap[-1])), reading))
        )
    if whole is not known:
        run.record(Record.FACT_READ, **as_record(replace(reading, value=whole)))


def _filled(value: Any, gap: Sequence[str], new: Any) -> Any:
    """A map with what another one has at `gap`; all else is as it was."""
    name, *rest = gap
    return {**value, name: _filled(value[name], rest, new[name]) if rest else new[name]}


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = value[name]
    return value


# -- words ---------------------------------------------------------------------------------------


def _seen(name: str, status: FactStatus, value: Any, reading: FactReading) -> str:
    """What a reading gave, in the words that are used for all facts."""
    reason = f" ({reading.reason})" if reading.reason else ""
    match status:
        case FactStatus.KNOWN:
            return f"found {name}: {shown({'value': value})}" + (f" ({reading.source})" if reading.source else "")
        case FactStatus.ABSENT:
            return f"not there: {name}{reason}"
        case FactStatus.UNKNOWN:
            return f"not known: {name}{reason}"


def _told_of(run: Run, one: MissingFact, env: Environment) -> Iterator[str]:
    reading = run.state.facts.get(one.key)
    how = how_read(run.loaded.guide.facts[one.name], env)
    if reading is None:
        reason = "it was not read"
    elif one.gap:
        reason = f"it was not in {reading['source'] or 'what was read'}"
    else:
        reason = str(reading["reason"] or "nothing was found")
    words = f"{_what(run, one)}: {reason}."
    place = how.removeprefix("by the command ").removeprefix("from ")
    yield words if place in words else f"{words} It is read {how}."


def _what(run: Run, one: MissingFact) -> str:
    """A fact, or a place in it, as an operator knows it."""
    title = f"“{_title(run, one.key)}”"
    return f"{'.'.join(one.gap)} of {title}" if one.gap else title


def _title(run: Run, key: str) -> str:
    from wizard.questions.names import split_key

    name = split_key(key)[0]
    return run.loaded.guide.facts[name].title or name.replace("_", " ")
