"""Asking checks during a run: with the names of the step, and a person where one has to state something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.checks.model import Finding
    from wizard.expressions import Environment
    from wizard.guide.models import StepCheck
    from wizard.run.context import Run
