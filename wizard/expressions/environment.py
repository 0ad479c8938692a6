"""What the names and functions of an expression stand for at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Environment:
    """Names (`answers`, `facts`, `values`, `hop`, loop names, …) and what `outcome`, `took`, `file` ask.

    `names` holds plain data: str, int, float, bool, list, dict, Version and Secret; a missing key is
    absent. `outcome` gives how a step ended, `took` how many seconds it took (or the default), `file`
    what the disk says of a path (`exists`, `size`, …); each is None where it may not be asked.
    `commands` are the answers that are an operator's own command (`answers.restart`): one of them may
    stand alone in a `run`.
    """

    names: Mapping[str, Any] = field(default_factory=dict)
    outcome: Callable[[str], str] | None = None
    took: Callable[[str, float], float] | None = None
    file: Callable[[str], Mapping[str, Any]] | None = None
    commands: frozenset[str] = frozenset()

    def with_names(self, **more: Any) -> Environment:
        """Give an environment with these names besides; a name that is there is replaced."""
        return replace(self, names=MappingProxyType({**self.names, **more}))
