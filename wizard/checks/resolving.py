"""Which check is meant, what it is called, and where its findings are filed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wizard.errors import WizardError
from wizard.guide.models.base import Model
from wizard.guide.models.checks import (
    AskCheck,
    CommandCheck,
    ContainerCheck,
    DockerCheck,
    FileCheck,
    HttpCheck,
    ImageCheck,
    MountCheck,
    PortCheck,
    ServiceCheck,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.guide.models import Guide, StepCheck

_TAKEN_OVER: Final = ("title", "say", "remedy", "fix", "links", "blocks", "within", "not_needed")
"""What a reference may say instead of the check it names."""


_SHORT: Final[Mapping[str, tuple[type[Model], str]]] = {
    "port": (PortCheck, "port"),
    "http": (HttpCheck, "url"),
    "service": (ServiceCheck, "name"),
    "command": (CommandCheck, "run"),
    "file": (FileCheck, "path"),
    "mount": (MountCheck, "path"),
    "image": (ImageCheck, "name"),
    "container": (ContainerCheck, "name"),
    "ask": (AskCheck, "say"),
}
"""Kinds that may be written as one word, and the key this word stands for."""

_TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "disk": ("Room at {}", "path"),
    "port": ("Port {} is {}", "port", "is_"),
    "tcp": ("Connection to {}:{}", "host", "port"),
    "http": ("Reply of {}", "url"),
    "dns": ("Address of {}", "name"),
    "process": ("Process {}", "name", "match", "pid_file"),
    "service": ("Service {} is {}", "name", "is_"),
    "command": ("Command {}", "run"),
    "file": ("{} is {}", "path", "is_"),
    "dotenv": ("Settings in {} {}", "file", "at"),
    "yaml": ("Settings in {} {}", "file", "at"),
    "json": ("Settings in {} {}", "file", "at"),
    "toml": ("Settings in {} {}", "file", "at"),
    "log": ("Log {}", "file"),
    "docker": ("Docker engine",),
    "mount": ("Mount {} is {}", "path", "is_"),
    "image": ("Image {} {}", "name", "tag"),
    "container": ("Container {}", "name", "label", "service", "project", "image"),
    "compose": ("Compose services {}", "services", "project", "folder"),
    "swarm": ("Swarm services {}", "stack", "services"),
    "git": ("Checkout {}", "folder"),
    "sql": ("Query on {}", "connection"),
    "backup": ("Backup {}", "file"),
    "version": ("Version {} is in {}", "value", "in_"),
    "expr": ("{}",),
    "ask": ("{}", "say"),
    "acknowledge": ("{}",),
}
"""Titles of checks that have none: words, and the fields that are put in."""


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
    said: dict[str, Any] = {name: getattr(check, name) for name in _TAKEN_OVER if name in check.model_fields_set}
    return found.model_copy(update=said)


def model_of(check: StepCheck) -> Any:
    """Give the model of the check's kind (`HttpCheck`, …), made of its short form where that was written."""
    model = getattr(check, "json_" if check.kind == "json" else check.kind)
    if check.kind == "docker" and model is True:
        return DockerCheck()
    if check.kind in _SHORT and not isinstance(model, Model):
        kind, field = _SHORT[check.kind]
        return kind.model_validate({field: model})
    return model


def title_of(check: StepCheck) -> str:
    """Give the title, or words for a check that has none: a template either way."""
    if check.title is not None:
        return check.title
    words, *fields = _TITLES.get(check.kind, (check.kind.capitalize(),))
    model = model_of(check)
    if not isinstance(model, Model):
        return words.format(model)
    values = [value for value in (getattr(model, field) for field in fields) if value not in (None, [])]
    shown = [" ".join(map(str, value)) if isinstance(value, list) else str(value) for value in values]
    return words.format(*shown, *[""] * len(fields)).strip()
