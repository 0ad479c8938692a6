"""The names steps are rendered from, kept with the journal: what is large once, and the rest with each step.

A table of ten thousand nodes stands in the names of every step of a loop over it. Its text is made once,
for as long as it is the same object, and the journal holds it once.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wizard.run.records import without_secrets
from wizard.run.state import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

LARGE: Final = 200
"""Characters of JSON from which on a name's value is kept apart."""

_SPREAD: Final = ("captured",)
"""Spaces of names of which each name is kept by itself: a step adds to them, and the others stay as they are."""

_ROOM: Final = 512
"""Values whose hash is remembered."""


@dataclass(slots=True)
class Memory:
    """What was worked out of large values, so that it is not worked out again for every step."""

    _made: dict[Hashable, tuple[Hashable, Any]] = field(default_factory=dict)
    _seen: OrderedDict[tuple[str, int], tuple[Any, Any]] = field(default_factory=OrderedDict)
    _hashed: OrderedDict[tuple[str, int], tuple[Any, str]] = field(default_factory=OrderedDict)

    def once(self, name: Hashable, state: Hashable, make: Callable[[], Any]) -> Any:
        """Give what was made under a name, made anew where `state` is another one than then."""
        known = self._made.get(name)
        if known is None or known[0] != state:
            known = self._made[name] = (state, make())
        return known[1]

    def of_value(self, what: str, value: Any, make: Callable[[Any], Any]) -> Any:
        """Give what `make` gives for a value, made once for as long as it is this very object, which nobody changes."""
        known = self._seen.get((what, id(value)))
        if known is None or known[0] is not value:
            known = self._seen[what, id(value)] = (value, make(value))
            if len(self._seen) > _ROOM:
                self._seen.popitem(last=False)
        return known[1]

    def hash_of(self, name: str, value: Any) -> str | None:
        """The hash of a large value that was kept before; None where it was not, or is not known to be."""
        known = self._hashed.get((name, id(value)))
        if known is None or known[0] is not value:
            return None
        self._hashed.move_to_end((name, id(value)))
        return known[1]

    def remember(self, name: str, value: Any, digest: str) -> None:
        """Remember the hash of a value for as long as it is this very object."""
        self._hashed[name, id(value)] = (value, digest)
        if len(self._hashed) > _ROOM:
            self._hashed.popitem(last=False)


def taken_apart(
    names: Mapping[str, Any], memory: Memory, keep: Callable[[str, dict[str, Any]], None]
) -> tuple[str, Snapshot]:
    """Give names as they are kept, and their hash; `keep` gets each large part with its hash, known ones too."""
    small: dict[str, Any] = {}
    parts: dict[str, str] = {}
    for name, value in _spread(names):
        if (digest := memory.hash_of(name, value)) is not None:
            parts[name] = digest
            continue
        plain = _plain(name, value)
        text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
        if len(text) < LARGE:
            small[name] = plain
            continue
        parts[name] = digest = _hash(f"{name}={text}")
        keep(digest, {name: plain})
        if isinstance(value, dict | list):
            memory.remember(name, value, digest)
    return _hash(json.dumps([small, parts], sort_keys=True, ensure_ascii=False)), Snapshot(small, parts)


def put_together(snapshots: Mapping[str, Snapshot], digest: str) -> dict[str, Any] | None:
    """Give the names of a snapshot as they were; None where there is no such snapshot."""
    kept = snapshots.get(digest)
    return None if kept is None else joined(kept.names, {name: part_of(snapshots, kept, name) for name in kept.parts})


def part_of(snapshots: Mapping[str, Snapshot], kept: Snapshot, name: str) -> Any:
    """Give one large part of a snapshot."""
    return snapshots[kept.parts[name]].names[name]


def joined(*shares: Mapping[str, Any]) -> dict[str, Any]:
    """Bring names together again; those with a dot go into the space they are of."""
    names: dict[str, Any] = {}
    for name, value in ((name, value) for share in shares for name, value in share.items()):
        space, dot, inner = name.partition(".")
        if dot:
            names.setdefault(space, {})[inner] = value
        elif value or name not in names:
            names[name] = value
    return names


def _spread(names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in names.items():
        if name in _SPREAD and isinstance(value, dict):
            yield name, {}
            yield from ((f"{name}.{inner}", one) for inner, one in value.items())
        else:
            yield name, value


def _plain(name: str, value: Any) -> Any:
    space, _, inner = name.partition(".")
    kept = without_secrets({space: {inner: value} if inner else value})[space]
    return kept[inner] if inner else kept


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
