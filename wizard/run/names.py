"""The names expressions and texts see during a run."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from wizard.guide.models import QuestionType
from wizard.run.records import Record, has_mask, is_cut, unmasked
from wizard.run.seen import in_order, levels
from wizard.run.session_state import SessionState
from wizard.run.snapshots import joined, part_of, taken_apart
from wizard.run.state import SETTLED, StepStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.expressions import Environment
    from wizard.plan.model import Plan, PlannedHop
    from wizard.run.context import Run
    from wizard.run.seen import Found
    from wizard.run.state import Snapshot

_SETTLED_BEFORE: Final = frozenset({"answers", "facts", "machine", "guide", "hop", "session", "values"})
"""Spaces of names that stay as they are from step to step."""

_WORST_FIRST: Final = (
    StepStatus.UNKNOWN, StepStatus.FAILED, StepStatus.RUNNING, StepStatus.IN_BACKGROUND, StepStatus.UNDOING,
    StepStatus.UNDONE, StepStatus.SET_BACK, StepStatus.SKIPPED, "not_run", StepStatus.NOT_NEEDED,
    StepStatus.ALREADY_DONE, StepStatus.DONE,
)  # fmt: skip
"""What `outcome()` says of several items: the first of these that is true of one of them."""


def environment(run: Run, *, hop: int = 0, bindings: dict[str, Any] | None = None, key: str = "") -> Environment:
    """Everything that is known now, as it is seen from the step at `key`.

    `bindings` are the names of the loops and includes it stands in. `captured`, `outcome` and `took` mean
    what was captured and done for the items it stands in; of other loops `captured` gives a list.
    """
    from wizard.expressions import Environment

    env = Environment(
        names={
            "answers": run.memory.once(
                ("answers", hop), (run.state.answers_given, run.secrets.learned), lambda: _answers(run, hop)
            ),
            "facts": run.memory.once(
                ("facts", hop), (run.state.facts_read, run.secrets.learned), lambda: _facts(run, hop)
            ),
            "machine": run.memory.once("machine", None, lambda: asdict(run.machine.about())),
            "session": {"id": run.session.id, "started": run.state.created_at, "folder": str(run.folder)},
            "guide": {"folder": str(run.loaded.folder)},
            "captured": _captured(run, key),
            "hop": hop_names(run.plan, hop),
            **(bindings or {}),
        },
        outcome=lambda step: outcome(run, step, key),
        took=lambda step, default: took(run, step, default, key),
        file=_file(run),
        commands=_own_commands(run),
    )
    return env.with_names(values=_values(run, env, hop))


def _answers(run: Run, hop: int) -> dict[str, Any]:
    """The answers that are known; in a hop, those asked for each hop are its own."""
    from wizard.questions.names import answers_in_hop

    given = run.state.answers
    answers = {name: data["value"] for name, data in given.items() if not data.get("secret")}
    tables = {name: answers.pop(name) for name, data in given.items() if data.get("masked")}
    answers |= _opened(tables, lambda name: run.secrets.kept(("answers", name)))
    for name, data in given.items():
        if data.get("secret") and (secret := run.secrets.get(name)) is not None:
            answers[name] = secret
    return answers_in_hop(answers, hop_names(run.plan, hop).get("to", ""))


def _facts(run: Run, hop: int) -> dict[str, Any]:
    """The facts that are known, with what the journal masks as Secrets where this process has read it.

    In a hop, those read for each hop are its own.
    """
    from wizard.questions.names import answers_in_hop

    known = {name: data["value"] for name, data in run.state.facts.items() if data["status"] == "known"}
    opened = _opened(known, lambda name: run.secrets.kept(("facts", name)))
    return answers_in_hop(opened, hop_names(run.plan, hop).get("to", ""))


def _values(run: Run, env: Environment, hop: int) -> dict[str, Any]:
    """The guide's values; made once where nothing a step does can change them."""
    from wizard.expressions import resolve_values

    given = run.loaded.guide.values
    if not given:
        return {}
    if not run.memory.once("values stay", None, lambda: _stay(given)):
        return resolve_values(given, env)
    state = (run.state.answers_given, run.state.facts_read, run.secrets.learned, run.plan is None)
    values: dict[str, Any] = run.memory.once(("values", hop), state, lambda: resolve_values(given, env))
    return values


def _stay(values: Mapping[str, Any]) -> bool:
    """Whether all values are made of what is settled before the walk."""
    from wizard.expressions import compile_expression

    programs = [compile_expression(one) for one in values.values() if isinstance(one, str)]
    calls = {name for program in programs for name, _ in program.calls}
    return not calls & {"outcome", "took", "file"} and all(
        name.partition(".")[0] in _SETTLED_BEFORE for program in programs for name in program.references
    )


# -- captured values -----------------------------------------------------------------------------


def captured_by(run: Run, key: str) -> dict[str, Any]:
    """What a step captured; what the journal masks as Secrets, or absent where this process did not capture it."""
    opened = _opened(run.state.captured_by.get(key, {}), lambda name: run.secrets.kept(("captured", key, name)))
    return {name: value for name, value in opened.items() if not is_cut(value)}


def _captured(run: Run, place: str) -> dict[str, Any]:
    """Every captured value that can be seen from a step; of two that gave the same name the later one counts."""
    captures = run.state.captures
    values: dict[str, Any] = {}
    for name in captures.names:
        found = captures.find(name, place)
        if found is None:
            continue
        if found.loop:
            make = partial(_of_items, run, name, found)
            values[name] = run.memory.once(("captured", name, found.loop), captures.turn(name, found.loop), make)
        elif name in (known := captured_by(run, found.key)):
            values[name] = known[name]
    return values


def _of_items(run: Run, name: str, found: Found) -> list[Any]:
    """A captured value of every item that has it, in the order of the items."""
    keys = in_order(found.loop, run.state.captures.in_items(found), partial(_positions, run))
    known = (captured_by(run, key) for key in keys)
    return [values[name] for values in known if name in values]


def _positions(run: Run, loop: str) -> dict[str, int]:
    """The items of a loop by their keys, counted."""
    positions: dict[str, int] = run.memory.once(
        ("positions", loop), None, lambda: {key: number for number, key in enumerate(_loop_keys(run, loop))}
    )
    return positions


def _loop_keys(run: Run, loop: str) -> tuple[str, ...]:
    """The keys of the items of a loop that was unrolled, in the order they are worked on."""
    from wizard.plan.steps import find_step

    if (journalled := run.state.loops.get(loop)) is not None:
        return tuple(journalled["keys"])
    planned = find_step(run.plan, loop) if run.plan is not None else None
    return planned.loop.keys if planned is not None and planned.loop is not None else ()


def _opened(values: Mapping[str, Any], kept: Callable[[str], Any]) -> dict[str, Any]:
    from wizard.expressions import ABSENT

    opened = {name: unmasked(value, kept(name)) if has_mask(value) else value for name, value in values.items()}
    return {name: value for name, value in opened.items() if value is not ABSENT}


def _file(run: Run) -> Any:
    from wizard.facts.files_in_expressions import file_function

    return file_function(run.machine)


def _own_commands(run: Run) -> frozenset[str]:
    """The answers that are an operator's own command, and so may be the whole of a `run`."""
    questions = (one for section in run.loaded.guide.questions for one in section.ask)
    return frozenset(f"answers.{one.id}" for one in questions if one.type is QuestionType.COMMAND)


def hop_names(plan: Plan | None, number: int) -> dict[str, Any]:
    """What `hop` means in the hop of that number; empty before there is a plan."""
    if plan is None:
        return {}
    hop: PlannedHop | None = next((one for one in plan.hops if one.number == number), None)
    return hop.names if hop is not None else {}


# -- how steps ended -----------------------------------------------------------------------------


def outcome(run: Run, step: str, place: str = "") -> str:
    """How the step of that id ended last, seen from the step at `place`.

    done, already_done, failed, skipped, unknown, undone, not_needed, not_run, … Inside a loop that is the
    step of the same item, outside of it the worst of all items; items a loop has not come to are not_run.
    """
    found = run.state.ids.find(step, place)
    if found is None or any(level.loop == found.key for level in levels(place)):
        return "not_run"
    if not found.loop:
        return run.state.status(found.key).value
    over = _came_to_its_end(run, found.loop)
    state = (run.state.ids.changed(found.loop), over)
    word: str = run.memory.once(("outcome", step, found.loop), state, lambda: _worst(run, found, over=over))
    return word


def _worst(run: Run, found: Found, *, over: bool) -> str:
    """The worst that became of a step in the items of a loop; `over`: whether that has come to its end."""
    words = {run.state.status(key).value for key in run.state.ids.in_items(found)}
    return min(words if over else words | {"not_run"}, key=_WORST_FIRST.index)


def _came_to_its_end(run: Run, loop: str) -> bool:
    """Whether a loop is over, so that what has no state in it was not needed."""
    if loop in run.state.phases:
        return run.state.phases[loop].ended or run.state.word is SessionState.DONE
    return run.state.status(loop) in SETTLED


def took(run: Run, step: str, default: float, place: str = "") -> float:
    """Seconds the step of that id took, or `default` where it has not been done.

    Inside a loop that is the step of the same item, outside of it all items together.
    """
    found = run.state.ids.find(step, place)
    if found is None:
        return default
    state = run.state.ids.changed(found.loop) if found.loop else None
    times = _times(run, found) if state is None else run.memory.once(("took", found), state, lambda: _times(run, found))
    return sum(times) if times else default


def _times(run: Run, found: Found) -> list[float]:
    """Seconds of what was found, as far as it is settled and was timed."""
    steps = (run.state.steps[key] for key in run.state.ids.in_items(found))
    return [one.seconds for one in steps if one.status in SETTLED and one.seconds]


# -- snapshots -----------------------------------------------------------------------------------


def keep_snapshot(run: Run, env: Environment) -> str:
    """Keep the names (without secrets) a step is rendered from; gives their hash. Kept once for equal names."""

    def keep(digest: str, names: dict[str, Any], parts: dict[str, str] | None = None) -> None:
        if digest not in run.state.snapshots:
            run.record(Record.NAMES_TAKEN, sha256=digest, names=names, parts=parts or {})

    digest, kept = taken_apart(env.names, run.memory, keep)
    keep(digest, kept.names, kept.parts)
    return digest


def from_snapshot(run: Run, digest: str, key: str, bindings: dict[str, Any] | None = None) -> Environment:
    """The environment the step at `key` was rendered from, with secrets put back where they are known again.

    `bindings` are the names of the loops and includes around it, where the walk knows them. What was masked
    and is not known now is absent.
    """
    from wizard.run.bindings import bindings_at

    now = environment(run, key=key, bindings=bindings)
    kept = run.state.snapshots.get(digest)
    if kept is None:
        return now
    masked = (*kept.parts, *(name for name, value in kept.names.items() if has_mask(value)))
    if any(name.partition(".")[0] not in now.names for name in masked):
        now = now.with_names(**{**bindings_at(run, key), **(bindings or {})})
    parts = {name: _part(run, kept, name, now) for name in kept.parts}
    return replace(now, names=_whole(kept, parts, now))


def _part(run: Run, kept: Snapshot, name: str, now: Environment) -> Any:
    """A large part of a snapshot: as it is where nothing of it is masked, else opened once for what is known."""
    value = part_of(run.state.snapshots, kept, name)
    masks = run.memory.once(("masks", kept.parts[name]), None, lambda: has_mask(value))
    if not masks or "." in name:
        return value
    return run.memory.once(
        ("opened", kept.parts[name]),
        (run.secrets.learned, name in now.names),
        lambda: _opened({name: value}, now.names.get).get(name),
    )


def _whole(kept: Snapshot, parts: dict[str, Any], now: Environment) -> dict[str, Any]:
    """Small names and parts together, with what is masked put back from what is known now."""
    large = {name: value for name, value in parts.items() if "." not in name and value is not None}
    inner = {name: value for name, value in parts.items() if "." in name}
    return {**_opened(joined(kept.names, inner), now.names.get), **large}
