"""What only a person can say: statements and acknowledgements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.comparing import shown
from wizard.checks.context import Verdict
from wizard.checks.model import StatementRequest

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import AskCheck


def ask_person(inquiry: Inquiry) -> Verdict:
    """Pass where somebody states it (and notes down what is to be recorded); never by itself."""
    model: AskCheck = inquiry.model
    record = inquiry.optional(model.record) or ""
    request = StatementRequest(inquiry.key, inquiry.title, inquiry.text(model.say), record)
    statement = inquiry.context.state(request)
    if statement is None:
        return Verdict.unknown("nobody stated it", "a person")
    if not statement.yes:
        return Verdict.fail("it was denied", statement.by)
    if record and not statement.record.strip():
        return Verdict.fail(f"it was stated, but nothing was noted down for `{record}`", statement.by)
    noted = f", noting {shown(statement.record.strip())}" if statement.record.strip() else ""
    return Verdict.ok(f"it was stated{noted}", statement.by)


def ask_acknowledgement(inquiry: Inquiry) -> Verdict:
    """Pass where somebody acknowledges the text."""
    request = StatementRequest(inquiry.key, inquiry.title, inquiry.text(inquiry.model))
    statement = inquiry.context.state(request)
    if statement is None:
        return Verdict.unknown("nobody acknowledged it", "a person")
    return Verdict.of(statement.yes, "it was acknowledged" if statement.yes else "it was refused", statement.by)
