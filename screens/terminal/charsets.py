"""The character set of lines and corners that programs of the eighties, and today's dialogs, draw boxes with."""

from __future__ import annotations

_FROM = "`abcdefghijklmnopqrstuvwxyz{|}~"
_TO = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·"

DRAWING: dict[int, int] = str.maketrans(_FROM, _TO)
"""DEC special graphics: from ASCII to what it stands for."""
BRITISH: dict[int, int] = str.maketrans("#", "£")

SETS: dict[str, dict[int, int] | None] = {"0": DRAWING, "2": DRAWING, "A": BRITISH}
"""The tables by the final byte that designates them; every other set is ASCII."""
