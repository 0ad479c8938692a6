"""What the kinds of facts are given, and what they give back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.expressions import ABSENT
from wizard.facts.whole_path import whole_path

if TYPE_CHECKING:
    from wizard.expressions import Absent, Environment
    from wizard.facts.looking import Surrounded
    from wizard.guide.models import Fact, Guide
    from wizard.host.protocols import Machine
    from wizard.secrets import Secret


@dataclass(frozen=True, slots=True)
class Asking:
    """One fact to be read now, with the names its texts see."""

    fact: Fact
    guide: Guide
    machine: Machine
    env: Environment
    where: Surrounded

    def path(self, text: str) -> str:
        """Render a path; a relative one lies in the fact's own folder."""
        from wizard.templates import render_text

        path = render_text(text, self.env)
        if path.startswith("/"):
            return path
        own = self.fact.folder
        return whole_path(path, render_text(own, self.env) if own is not None else self.where.folder)


@dataclass(frozen=True, slots=True)
class Raw:
    """What a kind found; `value` is ABSENT where there is nothing, and `reason` then says what is missing.

    `text` is what `match` is held against where that is not the value itself. `secrets` were used for
    the reading and are masked in what it gave.
    """

    value: Any | Absent
    source: str = ""
    reason: str = ""
    text: str | None = None
    secrets: frozenset[Secret] = field(default=frozenset())

    @classmethod
    def nothing(cls, source: str, reason: str) -> Raw:
        """Give what is absent, and why."""
        return cls(ABSENT, source, reason)
