"""Where logs stand at a moment, so that a later check reads only what was written since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Inquiry
from wizard.checks.resolving import model_of, resolve
from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.checks.context import CheckContext
    from wizard.guide.models import StepCheck


def note_log_offsets(checks: Iterable[StepCheck], context: CheckContext) -> dict[str, int]:
    """Give the size of every log that `log` checks among `checks` read, by its path; 0 where it is not there yet.

    A log whose path or size cannot be told is left out: its check is unknown then, and says why.
    """
    offsets: dict[str, int] = {}
    for check in checks:
        try:
            resolved = resolve(check, context.loaded.guide)
            if resolved.kind != "log":
                continue
            path = Inquiry("log", model_of(resolved), "", "", context).path(model_of(resolved).file)
            facts = context.machine.stat(path)
        except (WizardError, ValueError):
            continue
        offsets[path] = facts.size if facts.exists else 0
    return offsets
