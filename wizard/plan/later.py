"""What is only known when a step is reached: captured values, how steps ended, how long they took."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wizard.expressions import compile_expression
from wizard.facts.references import behind_values
from wizard.templates import template_expressions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.guide.models import Guide

_CALLS: Final = frozenset({"outcome", "took"})
_NOT_BEFORE: Final = _CALLS | {"file"}
_SETTLED: Final = frozenset({"answers", "machine", "guide", "hop", "values"})


@dataclass(frozen=True, slots=True)
class Later:
    """The names whose values come later (`captured`, `values.x`); with `everything` no name is known yet."""

    names: frozenset[str] = frozenset({"captured"})
    everything: bool = False

    def needs(self, source: str) -> bool:
        """Whether an expression can only be decided when it is reached."""
        program = compile_expression(source)
        if self.everything:
            return bool(program.references or program.calls)
        return any(name in _CALLS for name, _ in program.calls) or any(map(self._is_later, program.references))

    def needs_text(self, text: str) -> bool:
        """Whether a text can only be made when it is reached."""
        return any(self.needs(expression) for expression, _ in template_expressions(text))

    def _is_later(self, reference: str) -> bool:
        """Whether a name is one of those, a part of one, or holds one."""
        return any(
            reference == name or reference.startswith(f"{name}.") or name.startswith(f"{reference}.")
            for name in self.names
        )

    def inside(self, bound: Iterable[str], later: Iterable[str]) -> Later:
        """The same inside a procedure that gets the names `bound`, of which `later` are not known yet."""
        return replace(self, names=(self.names - set(bound)) | set(later))


def later_in(guide: Guide) -> Later:
    """What comes later in a guide: what is captured, and the values made of it."""
    later = Later()
    while True:
        more = {
            f"values.{name}" for name, source in guide.values.items() if isinstance(source, str) and later.needs(source)
        }
        if more <= later.names:
            return later
        later = Later(later.names | more)


def hangs_on_facts(source: str, guide: Guide) -> bool:
    """Whether an expression names a fact, itself or by a value of the guide: what is absent now may be known later."""
    names = behind_values(frozenset(compile_expression(source).references), guide)
    return any(name.partition(".")[0] == "facts" for name in names)


def settled_before(source: str, guide: Guide) -> bool:
    """Whether all an expression is made of is settled before the start and stays so until its step is reached."""
    names = behind_values(frozenset(compile_expression(source).references), guide)
    values = {name.split(".")[1] for name in names if name.startswith("values.")}
    sources = [source, *(one for name in values if isinstance(one := guide.values.get(name), str))]
    calls = {name for one in sources for name, _ in compile_expression(one).calls}
    return not calls & _NOT_BEFORE and all(name.partition(".")[0] in _SETTLED for name in names)
