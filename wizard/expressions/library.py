"""The only door to the CEL library: one operation at a time, on plain values."""

from __future__ import annotations

import importlib
import sys
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import ModuleType

    from cel import Program

_PACKAGE: Final = "cel"
_COMPILED: Final = "cel.cel"
_LOADING: Final = Lock()
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
    program: Program = _library().compile(operation)
    return program


def _library() -> ModuleType:
    """The compiled part of the library alone; the whole of it where that is not to be found.

    The package imports a command line of its own with prompt_toolkit, pygments and typer, five times what the
    compiled part takes. It can be loaded once in a process only: under its own name, where an `import` finds it.
    """
    with _LOADING:
        if (loaded := sys.modules.get(_COMPILED)) is not None:
            return loaded
        package = find_spec(_PACKAGE)
        within = package.submodule_search_locations if package is not None else None
        spec = PathFinder.find_spec(_COMPILED, within) if within is not None else None
        if spec is None or spec.loader is None:
            return importlib.import_module(_PACKAGE)
        library = module_from_spec(spec)
        spec.loader.exec_module(library)
        sys.modules[_COMPILED] = library
        return library
