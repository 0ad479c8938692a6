"""CEL expressions of a guide: parsed and checked at load, evaluated with what is known."""

from wizard.expressions.absent import ABSENT, Absent, AbsentError
from wizard.expressions.check import ExpressionProblem, check_expression, infer_type
from wizard.expressions.environment import Environment
from wizard.expressions.evaluate import Program, compile_expression, holds_or
from wizard.expressions.types import Scope, Type, TypeKind
from wizard.expressions.values import order_of_values, resolve_values

__all__ = [
    "ABSENT",
    "Absent",
    "AbsentError",
    "Environment",
    "ExpressionProblem",
    "Program",
    "Scope",
    "Type",
    "TypeKind",
    "check_expression",
    "compile_expression",
    "holds_or",
    "infer_type",
    "order_of_values",
    "resolve_values",
]
