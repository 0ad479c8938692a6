"""Text from outside as it may be kept and shown: plain data without control characters and known secrets."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import ExpressionError
from wizard.secrets import MASK, Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONTROL: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor moves, whole
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles and links, whole
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
TELLING_KEY: Final = re.compile(
    r"passw|passphrase|secret|token|credential|private|api_?key|(?:^|[_.-])(?:key|pwd|pw)$", re.IGNORECASE
)
"""Names of settings whose values are not shown although nobody declared them secret."""
SHORTEST_SECRET: Final = 6
"""Characters below which a value is not looked for: it would mask ordinary words."""


def clean_text(text: str) -> str:
    """Take control characters and escape sequences out; line ends and tabs inside stay."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def clean(value: Any) -> Any:
    """Give `value` as it is kept: its texts cleaned, what is null in a map left out, versions as text.

    ExpressionError where it holds a secret: facts are written down.
    """
    match value:
        case str():
            return clean_text(value)
        case float() if not math.isfinite(value):
            return str(value)
        case bool() | int() | float() | None:
            return value
        case Secret():
            raise ExpressionError(
                "a secret cannot be kept as a fact, because facts are written down",
                hint="Use the secret where it is needed: in `env`, `stdin`, `connection` or `edit`.",
            )
        case Mapping():
            return {clean_text(str(name)): clean(item) for name, item in value.items() if item is not None}
        case list() | tuple():
            return [clean(item) for item in value]
        case _:
            return clean_text(str(value))


def secrets_in(value: Any) -> frozenset[Secret]:
    """Find every secret in names of an environment."""
    match value:
        case Secret():
            return frozenset({value})
        case Mapping():
            return frozenset[Secret]().union(*(secrets_in(item) for item in value.values()))
        case list() | tuple():
            return frozenset[Secret]().union(*(secrets_in(item) for item in value))
        case _:
            return frozenset()


def without_secrets(text: str, secrets: Iterable[Secret]) -> str:
    """Put the mask in the place of each secret that stands in `text`."""
    known = {secret.reveal() for secret in secrets}
    for plain in sorted((one for one in known if len(one) >= SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(plain, MASK)
    return text
