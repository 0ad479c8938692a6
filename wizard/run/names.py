"""The names expressions and texts see during a run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from wizard.guide.models import QuestionType
from wizard.run.records import Record, has_mask, is_cut, unmasked, without_secrets
from wizard.run.state import SETTLED, StepStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.expressions import Environment
    from wizard.plan.model import Plan, PlannedHop
    from wizard.run.context import Run


def environment(run: Run, *, hop: int = 0, bindings: dict[str, Any] | None = None) -> Environment:
    """Everything that is known now; `bindings` are the names an include gives its procedure."""
    from wizard.expressions import Environment, resolve_values

    state = run.state
    answers = {name: data["value"] for name, data in state.answers.items() if not data.get("secret")}
    for name, data in state.answers.items():
        if data.get("secret") and (secret := run.secrets.get(name)) is not None:
            answers[name] = secret
    env = Environment(
        names={
            "answers": answers,
            "facts": _facts(run),
            "machine": asdict(run.machine.about()),
            "session": {"id": run.session.id, "started": state.created_at, "folder": str(run.folder)},
            "guide": {"folder": str(run.loaded.folder)},
            "captured": {name: value for key in state.captured_by for name, value in captured_by(run, key).items()},
            "hop": hop_names(run.plan, hop),
            **(bindings or {}),
        },
        outcome=lambda step: outcome(run, step),
        took=lambda step, default: took(run, step, default),
        file=_file(run),
        commands=_own_commands(run),
    )
    return env.with_names(values=resolve_values(run.loaded.guide.values, env))


def _facts(run: Run) -> dict[str, Any]:
    """The facts that are known, with what the journal masks as Secrets where this process has read it."""
    known = {name: data["value"] for name, data in run.state.facts.items() if data["status"] == "known"}
    return _opened(known, lambda name: run.secrets.kept(("facts", name)))


def captured_by(run: Run, key: str) -> dict[str, Any]:
    """What a step captured; what the journal masks as Secrets, or absent where this process did not capture it."""
    opened = _opened(run.state.captured_by.get(key, {}), lambda name: run.secrets.kept(("captured", key, name)))
    return {name: value for name, value in opened.items() if not is_cut(value)}


def _opened(values: dict[str, Any], kept: Callable[[str], Any]) -> dict[str, Any]:
    from wizard.expressions import ABSENT

    opened = {name: unmasked(value, kept(name)) if has_mask(value) else value for name, value in values.items()}
    return {name: value for name, value in opened.items() if value is not ABSENT}


def secrets_missing(run: Run) -> list[str]:
    """The secret answers of this session that this driver does not know, by question."""
    return [name for name, data in run.state.answers.items() if data.get("secret") and run.secrets.get(name) is None]


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
    if hop is None:
        return {}
    return {
        "from": hop.from_version,
        "to": hop.to_version,
        "number": hop.number,
        "first": hop.first,
        "last": hop.last,
    }


def outcome(run: Run, step: str) -> str:
    """How the step of that id ended last: done, already_done, failed, skipped, unknown, undone, not_needed, not_run."""
    latest = "not_run"
    for key, state in run.state.steps.items():
        if key.rsplit("/", 1)[-1] == step and not key.startswith("undo/") and state.status is not StepStatus.WAITING:
            latest = state.status.value
    return latest


def took(run: Run, step: str, default: float) -> float:
    """Seconds the step of that id took, or `default` where it has not been done."""
    for key, state in run.state.steps.items():
        if key.rsplit("/", 1)[-1] == step and state.status in SETTLED and state.seconds:
            return state.seconds
    return default


def keep_snapshot(run: Run, env: Environment) -> str:
    """Keep the names (without secrets) a step is rendered from; gives their hash. Kept once for equal names."""
    names = without_secrets(dict(env.names))
    text = json.dumps(names, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    if digest not in run.state.snapshots:
        run.record(Record.NAMES_TAKEN, sha256=digest, names=names)
    return digest


def from_snapshot(run: Run, digest: str) -> Environment:
    """The environment a step was rendered from, with secrets put back where they are known again.

    What was masked and is not known now is absent.
    """
    now = environment(run)
    names = run.state.snapshots.get(digest)
    return now if names is None else replace(now, names=_opened(names, now.names.get))
