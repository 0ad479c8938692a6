"""Facts that are expressions, as a last way in `first_of`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.expressions import ABSENT
from wizard.facts.reading import Raw

if TYPE_CHECKING:
    from wizard.facts.reading import Asking


def read_value(asking: Asking) -> Raw:
    """Give what the expression gives; absent where that is nothing but an absent name."""
    from wizard.expressions import compile_expression

    assert asking.fact.value is not None  # noqa: S101 - the kind says so
    value = compile_expression(asking.fact.value).evaluate(asking.env)
    if value is ABSENT or value is None:
        return Raw.nothing(asking.fact.value, "what it names is absent")
    return Raw(value, asking.fact.value)
