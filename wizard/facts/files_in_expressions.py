"""The function `file(path)` of expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.facts.files import file_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.host.protocols import Machine


def file_function(machine: Machine) -> Callable[[str], Mapping[str, Any]]:
    """Give what `file()` asks `machine`; see `file_names` for what is in the map.

    Raises HostError where the machine cannot tell (no permission to look into the folder).
    """

    def file(path: str) -> Mapping[str, Any]:
        return file_names(machine.stat(str(path)))

    return file
