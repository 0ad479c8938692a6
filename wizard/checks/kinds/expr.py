"""Conditions over what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.checks.comparing import shown
from wizard.checks.context import Verdict
from wizard.secrets import MASK, Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.checks.context import Inquiry


def ask_expr(inquiry: Inquiry) -> Verdict:
    """Pass where the condition holds; what is absent in it makes it fail, and is named."""
    from wizard.expressions import compile_expression

    program = compile_expression(str(inquiry.model))
    holds = program.holds(inquiry.env)
    return Verdict.of(holds, described(program.references, inquiry.env.names) or "nothing is read", program.source)


def described(references: frozenset[str], names: Mapping[str, Any]) -> str:
    """Say what each name stands for: `facts.port is 8080, answers.node is absent`."""
    return ", ".join(f"{reference} is {_value(reference, names)}" for reference in sorted(references))


def _value(reference: str, names: Mapping[str, Any]) -> str:
    value: Any = names
    for part in reference.split("."):
        try:
            value = value[part]
        except (KeyError, TypeError, IndexError):
            return "absent"
    if isinstance(value, Secret):
        return MASK
    return shown(value, 80, key=reference.rsplit(".", 1)[-1])
