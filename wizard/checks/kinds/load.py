"""Load of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.checks.context import Verdict

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import LoadCheck

_PLACES: Final = {"1m": 0, "5m": 1, "15m": 2}


def ask_load(inquiry: Inquiry) -> Verdict:
    """Pass where the load average a processor is at most so high."""
    model: LoadCheck = inquiry.model
    limit = inquiry.number(model.at_most)
    average = inquiry.machine.load()[_PLACES[model.over]]
    cpus = max(1, inquiry.machine.about().cpus)
    seen = f"load {average:.2f} over {model.over} on {cpus} processors is {average / cpus:.2f} each; at most {limit}"
    return Verdict.of(average / cpus <= limit, seen, "load average")
