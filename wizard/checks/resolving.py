"""Which check is meant, what it is called, and where its findings are filed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import WizardError

if TYPE_CHECKING:
    from wizard.guide.models import Guide, StepCheck
    from wizard.guide.models.base import Model

_TAKEN_OVER = ("title", "say", "remedy", "fix", "links", "blocks", "within", "not_needed")
"""What a reference may say instead of the check it names."""


def check_key(check: StepCheck, index: int, prefix: str = "") -> str:
    """Give the key of a finding: the check's id (or the id it refers to), else its kind and place in its list.

    `prefix` (`migrate/done-when`) keeps keys of different lists apart; the guide's own checks have none,
    so that bypasses and statements name them by their id.
    """
    name = check.id or check.check or f"{check.kind}-{index + 1}"
    return f"{prefix}/{name}" if prefix else name


def resolve(check: StepCheck, guide: Guide) -> StepCheck:
    """Follow `check: ID` to the guide's check. WizardError where there is none."""
    if check.check is None:
        return check
    found = next((one for one in guide.checks if one.id == check.check), None)
    if found is None:
        raise WizardError(f"the guide has no check {check.check!r}")
    said = {name: getattr(check, name) for name in _TAKEN_OVER if name in check.model_fields_set}
    return found.model_copy(update=said)


def model_of(check: StepCheck) -> Model | object:
    """Give what stands under the key of the check's kind."""
    return getattr(check, "json_" if check.kind == "json" else check.kind)


def default_title(check: StepCheck) -> str:
    """Give words for a check that has no title: a template, like a title."""
    model = model_of(check)
    match check.kind:
        case "disk":
            return f"Room at {_part(model, 'path')}"
        case "memory":
            return "Memory"
        case "cpu":
            return "Processors"
        case "load":
            return "Load"
        case "port":
            return f"Port {_part(model, 'port')} is {getattr(model, 'is_', 'open')}"
        case "tcp":
            return f"Connection to {_part(model, 'host')}:{_part(model, 'port')}"
        case "http":
            return f"Reply of {_part(model, 'url')}"
        case "dns":
            return f"Address of {_part(model, 'name')}"
        case "process":
            word = next(
                (_part(model, name) for name in ("name", "match", "pid_file") if getattr(model, name, None)), ""
            )
            return f"Process {word} is {getattr(model, 'is_', 'running')}"
        case "service":
            return f"Service {_part(model, 'name')} is {getattr(model, 'is_', 'active')}"
        case "command":
            run = getattr(model, "run", model)
            return f"Command {' '.join(run) if isinstance(run, list) else str(run).strip().splitlines()[0]}"
        case "file":
            return f"File {_part(model, 'path')} is {getattr(model, 'is_', 'present')}"
        case "dotenv" | "yaml" | "json" | "toml":
            place = getattr(model, "at", None)
            return f"{place} in {_part(model, 'file')}" if place else f"Settings in {_part(model, 'file')}"
        case "log":
            return f"Log {_part(model, 'file')}"
        case "sql":
            return f"Query on {_part(model, 'connection')}"
        case "backup":
            return f"Backup {_part(model, 'file')}"
        case "version":
            return f"Version {_part(model, 'value')} is in {_part(model, 'in_')}"
        case "expr":
            return str(model)
        case "ask":
            return str(_part(model, "say"))
        case "acknowledge":
            return str(model)
        case kind:
            return kind.capitalize()


def _part(model: object, name: str) -> object:
    """A field of the model, or the model itself where it is written in short."""
    return getattr(model, name, model)
