"""Durations (`30s`, `5m`, `2h`, `3d`) and sizes (`20 GiB`), the only spellings of either."""

from __future__ import annotations

import re
from typing import Final

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
_BYTES: Final = {
    "": 1, "B": 1,
    "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)")
_AMOUNT: Final = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)(?: ?(%|(?:[kKMGT]i?B|B|ms|s)\b))?")


def parse_duration(text: str) -> float:
    """Seconds in `text`; parts may follow each other (`1h30m`). ValueError where it is none."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        msg = f"{text!r} is not a duration: write 30s, 5m, 2h or 3d"
        raise ValueError(msg)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def parse_size(text: str | float) -> int:
    """Bytes in `text` (`20 GiB`, `1.5 GB`, `4096`). ValueError where it is none."""
    if isinstance(text, (int, float)):
        return int(text)
    found = _SIZE.fullmatch(text.strip())
    if found is None or found[2] not in _BYTES:
        msg = f"{text!r} is not a size: write 20 GiB, 500 MB or a number of bytes"
        raise ValueError(msg)
    return int(float(found[1]) * _BYTES[found[2]])


def show_duration(seconds: float) -> str:
    """Write seconds for a person: `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    for name, size, small, unit in (("min", 60, "s", 1), ("h", 3600, "min", 60), ("d", 86400, "h", 3600)):
        if whole < size * {"min": 60, "h": 24, "d": 10**9}[name]:
            rest = whole % size // unit
            return f"{whole // size} {name}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"


def show_size(count: float) -> str:
    """Write bytes for a person: `512 B`, `1.5 GiB`."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def amount_in(seen: str) -> tuple[float, str] | None:
    """The first amount in what a check saw, with how it is written; None where there is none.

    Sizes are compared as bytes; every other number is taken as it is.
    """
    found = _AMOUNT.search(seen)
    if found is None:
        return None
    number, unit = found[1], found[2] or ""
    if unit.endswith("B"):
        try:
            size = parse_size(f"{number} {unit}")
        except ValueError:
            return float(number), found[0]
        return float(size), show_size(size)
    return float(number), found[0]
