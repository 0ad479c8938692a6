"""The value of a name whose question was not asked or whose fact is not known."""

from __future__ import annotations

from typing import Final, final

from wizard.errors import ExpressionError


@final
class Absent:
    """The type of `ABSENT`; falsy, and equal to nothing but itself."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
"""What an expression gives that is nothing but an absent name."""


class AbsentError(ExpressionError):
    """Something was to be made of a name that is absent; `default()` catches it."""
