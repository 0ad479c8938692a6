"""How the benchmarks sum up what they measured."""

from __future__ import annotations

import math


def percent(values: list[float], part: int) -> float:
    """Give the least of `values` that `part` of 100 do not pass."""
    return sorted(values)[max(0, math.ceil(len(values) * part / 100) - 1)]
