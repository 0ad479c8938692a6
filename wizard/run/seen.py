"""Whom a name means from where one stands: inside a loop what belongs to the same item, outside that of all items.

Steps go by their ids, captured values by their names. Both are given at the address of a step, which
says in which items of which loops it stands (`1/update/roll/#1/=a/drain`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_BESIDE: Final = ("undo/", "offer/")
"""Beginnings of addresses of what is done for a step: it stands where that step stands."""


@dataclass(frozen=True, slots=True)
class Level:
    """One loop around an address: the item around the loop (empty: none), the loop, and the item inside it."""

    around: str
    loop: str
    item: str


@lru_cache(maxsize=4096)
def levels(key: str) -> tuple[Level, ...]:
    """The loops an address stands in, outermost first.

    `around` and `item` are addresses (`1/update/roll/#1/=a`), `loop` is that of the loop.
    """
    for beginning in _BESIDE:
        key = key.removeprefix(beginning)
    parts = key.split("/")
    found: list[Level] = []
    around = ""
    for place, part in enumerate(parts):
        if part.startswith("=") and place and parts[place - 1].startswith("#"):
            item = "/".join(parts[: place + 1])
            found.append(Level(around, "/".join(parts[: place - 1]), item))
            around = item
    return tuple(found)


def innermost(key: str) -> str:
    """The address of the innermost item an address stands in; empty outside of loops."""
    found = levels(key)
    return found[-1].item if found else ""


def item_keys(key: str) -> tuple[str, ...]:
    """The keys of the items an address stands in, outermost first, as the guide gives them."""
    return tuple(item_key(level.item) for level in levels(key))


def loop_around(item: str) -> str:
    """The address of the loop that the item at an address is one of."""
    found = levels(item)
    return found[-1].loop if found else ""


def item_key(item: str) -> str:
    """The key of the item at an address."""
    return unquote(item.rpartition("/")[2].removeprefix("="))


@dataclass(frozen=True, slots=True)
class Found:
    """Where a name was given: at one address, or with `loop` in the items of that loop (see `Seen.in_items`)."""

    name: str
    key: str = ""
    loop: str = ""


@dataclass(slots=True)
class Seen:
    """Addresses by the names given at them, found without going through those of other items."""

    _at: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    """By name and innermost item: the addresses, the latest last, each with its turn."""
    _loops: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    """By name and item around: the loops just inside it in which the name was given, with the latest turn."""
    _items: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    """By name and loop: the innermost items in it at which the name was given."""
    _names: dict[str, int] = field(default_factory=dict)
    """How often each name is there."""
    _changed: dict[str, int] = field(default_factory=dict)
    """By loop: when something became of a step in it last."""
    _turn: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that was given anywhere."""
        return tuple(self._names)

    def has(self, name: str, key: str) -> bool:
        """Whether the name was given at that address."""
        return key in self._at.get((name, innermost(key)), ())

    def note(self, key: str) -> None:
        """Something became of the step at an address."""
        self._turn += 1
        for level in levels(key):
            self._changed[level.loop] = self._turn

    def changed(self, loop: str) -> int:
        """When something became of a step in a loop last: another number each time."""
        return self._changed.get(loop, 0)

    def add(self, name: str, key: str) -> None:
        """The name was given at an address; from now on it is the latest."""
        self._turn += 1
        item = innermost(key)
        there = self._at.setdefault((name, item), {})
        if there.pop(key, None) is None:
            self._names[name] = self._names.get(name, 0) + 1
        there[key] = self._turn
        for level in levels(key):
            self._loops.setdefault((name, level.around), {})[level.loop] = self._turn
            self._items.setdefault((name, level.loop), {})[item] = None

    def drop(self, name: str, key: str) -> None:
        """The name is not given at that address any more."""
        item = innermost(key)
        there = self._at.get((name, item), {})
        if there.pop(key, None) is None:
            return
        self._names[name] -= 1
        if not self._names[name]:
            del self._names[name]
        self._turn += 1
        for level in levels(key):
            self._loops[name, level.around][level.loop] = self._turn
        if there:
            return
        del self._at[name, item]
        for level in reversed(levels(key)):
            items = self._items[name, level.loop]
            items.pop(item, None)
            if not items:
                del self._items[name, level.loop]
                del self._loops[name, level.around][level.loop]

    def find(self, name: str, place: str) -> Found | None:
        """Where the latest is that can be seen from an address; None where there is nothing.

        What was given in other items of a loop the address stands in cannot be seen.
        """
        best, found = 0, None
        inside = levels(place)
        rings = [(level.around, level.loop) for level in inside]
        rings.append((inside[-1].item if inside else "", ""))
        for around, own in rings:
            if there := self._at.get((name, around)):
                key = next(reversed(there))
                if there[key] > best:
                    best, found = there[key], Found(name, key)
            for loop, turn in self._loops.get((name, around), {}).items():
                if loop != own and turn > best:
                    best, found = turn, Found(name, loop=loop)
        return found

    def turn(self, name: str, loop: str) -> int:
        """When the name was given last in a loop: another number each time."""
        around = innermost(loop)
        return self._loops.get((name, around), {}).get(loop, 0)

    def in_items(self, found: Found) -> list[str]:
        """The latest addresses of what was found in the items of a loop, in no order; else its one address."""
        if not found.loop:
            return [found.key]
        return [next(reversed(self._at[found.name, item])) for item in self._items[found.name, found.loop]]


def in_order(loop: str, keys: Sequence[str], positions: Callable[[str], Mapping[str, int]]) -> list[str]:
    """Addresses in a loop in the order of the items; `positions` gives that of the items of a loop, by their keys."""

    def place(key: str) -> tuple[int, ...]:
        inside = (level for level in levels(key) if level.loop.startswith(loop))
        return tuple(positions(level.loop).get(item_key(level.item), -1) for level in inside)

    return sorted(keys, key=place)
