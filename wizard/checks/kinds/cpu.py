"""Processors of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Verdict

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import CpuCheck


def ask_cpu(inquiry: Inquiry) -> Verdict:
    """Pass where there are at least so many processors."""
    model: CpuCheck = inquiry.model
    needed, there = inquiry.number(model.at_least), inquiry.machine.about().cpus
    return Verdict.of(there >= needed, f"{there} processors; {needed} needed", "processors")
