"""A secret value that no traceback, log or f-string gives away."""

from __future__ import annotations

from typing import Any, Final

MASK: Final = "••••••"
"""What stands in the place of a secret wherever one would be shown."""


class Secret:
    """A value whose text is only given by `reveal()`."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        """Hold `value`."""
        self.__value = value

    def reveal(self) -> str:
        """Give the value; only for the environment, the stdin, an edit or a connection."""
        return self.__value

    def __repr__(self) -> str:
        """Give the mask."""
        return f"Secret({MASK})"

    def __str__(self) -> str:
        """Give the mask."""
        return MASK

    def __format__(self, spec: str) -> str:
        """Give the mask, whatever the format."""
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        """Compare by value."""
        return isinstance(other, Secret) and other.reveal() == self.__value

    def __hash__(self) -> int:
        """Hash by value."""
        return hash((Secret, self.__value))

    def __reduce__(self) -> str | tuple[object, ...]:
        """Refuse to be pickled."""
        msg = "a secret is never written"
        raise TypeError(msg)


def masked(value: Any) -> Any:
    """Give plain JSON data that may be written down: declared secrets become the mask."""
    match value:
        case Secret():
            return MASK
        case dict():
            return {str(name): masked(item) for name, item in value.items()}
        case list() | tuple():
            return [masked(item) for item in value]
        case str() | int() | float() | bool() | None:
            return value
        case _:
            return str(value)
