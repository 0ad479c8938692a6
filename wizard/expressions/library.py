"""The only door to the CEL library: one operation at a time, on plain values."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cel import Program

_LETTERS: Final = ("a", "b", "c")
_REFUSALS: Final = (TypeError, ValueError, RuntimeError, LookupError, ArithmeticError)
_LARGEST: Final = 2**63


class RefusedError(Exception):
    """The library cannot carry out the operation on these values; the text says why in a few words."""


def calculate(operation: str, *operands: Any) -> Any:
    """Carry out `a + b`, `a.matches(b)` and the like on plain data. RefusedError where CEL does not allow it."""
    for operand in operands:
        if isinstance(operand, int) and not -_LARGEST <= operand < _LARGEST:
            raise RefusedError("a number does not fit into 64 bits")
    try:
        return _program(operation).execute(dict(zip(_LETTERS, operands, strict=False)))
    except OverflowError:
        why = "the result does not fit into 64 bits"
    except ZeroDivisionError:
        why = "it divides by zero"
    except _REFUSALS:
        why = ""
    # Raised out here, so that the library's error, which quotes the values, is not carried along.
    raise RefusedError(why)


@lru_cache(maxsize=64)
def _program(operation: str) -> Program:
    import cel

    return cel.compile(operation)
