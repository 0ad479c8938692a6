"""The names expressions and texts see during a run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from wizard.guide.models import QuestionType
from wizard.run.records import Record, has_mask, without_secrets
from wizard.run.state import SETTLED, StepStatus

if TYPE_CHECKING:
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
    facts = {name: data["value"] for name, data in state.facts.items() if data["status"] == "known"}
    env = Environment(
        names={
            "answers": answers,
            "facts": facts,
            "machine": asdict(run.machine.about()),
            "session": {"id": run.session.id, "started": state.created_at, "folder": str(run.folder)},
            "guide": {"folder": str(run.loaded.folder)},
            # What the journal holds only as a mask is absent: a mask must never be taken for the value.
            "captured": {name: value for name, value in state.captured.items() if not has_mask(value)},
            "hop": hop_names(run.plan, hop),
            **(bindings or {}),
        },
        outcome=lambda step: outcome(run, step),
        took=lambda step, default: took(run, step, default),
        file=_file(run),
        commands=_own_commands(run),
    )
    return env.with_names(values=resolve_values(run.loaded.guide.values, env))


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
    """The environment a step was rendered from, with secrets put back where they are known again."""
    now = environment(run)
    names = run.state.snapshots.get(digest)
    if names is None:
        return now
    merged = {name: _unmasked(value, now.names.get(name)) for name, value in names.items()}
    return replace(now, names=merged)


def _unmasked(kept: Any, fresh: Any) -> Any:
    """Take what was masked from what is known now."""
    if not has_mask(kept):
        return kept
    if isinstance(kept, dict) and isinstance(fresh, dict):
        merged = {name: _unmasked(value, fresh.get(name)) for name, value in kept.items()}
        return {name: value for name, value in merged.items() if value is not None}
    return fresh
