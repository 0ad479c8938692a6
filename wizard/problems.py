"""A mistake in a file somebody wrote: what, where, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a problem keeps the file from being used."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, at `file:line:column` (both from 1; 0 where it is truly not known).

    `key` is the dotted path inside the file (`phases[0].steps[2].run`), `rule` a short stable
    kebab-case name of what was violated.
    """

    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    key: str = ""
    hint: str = ""
    rule: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Give `file:line:column: message`, with the hint after a dash."""
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column}"
        head = f"{place}: " if place else ""
        mark = "" if self.severity is Severity.ERROR else "warning: "
        key = f" ({self.key})" if self.key else ""
        tail = f" — {self.hint}" if self.hint else ""
        return f"{head}{mark}{self.message}{key}{tail}"
