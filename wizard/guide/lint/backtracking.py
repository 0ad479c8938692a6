r"""Regular expressions that may search for ever: those that can match one text in exponentially many ways.

A pattern is turned into its position automaton (one state for each sign it can take). Where a state leads
back to itself in two ways over the same text, each further repetition doubles what a failing search tries:
`(a+)+$`, `(\w+\s?)*:`, `(a|a)*b`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_SIGNS: Final = (*map(chr, range(128)), "é", "ß", "漢", "\u2028")
"""Signs that stand for all there are."""
_ALL: Final = (1 << len(_SIGNS)) - 1
_MANY: Final = 10
"""A repetition with a higher limit than this counts as one without."""
_MOST_PAIRS: Final = 20_000
"""Pairs of states looked at; a pattern with a loop larger than that is not judged."""


@cache
def explodes(pattern: str) -> bool:
    """Say whether a search with `pattern`, which must compile, may take exponential time."""
    tree: Any = re._parser.parse(pattern)  # type: ignore[attr-defined]  # noqa: SLF001 - the only reader there is
    pending = [tree]
    while pending:
        automaton = _Automaton(tree.state.flags)
        automaton.sequence(pending.pop())
        if automaton.is_ambiguous():
            return True
        pending += automaton.apart
    return False


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part of a pattern can begin and end with, and whether it can be empty."""

    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    empty: bool = True


@dataclass(slots=True)
class _Automaton:
    """The states of one pattern; `edges` counts in how many ways one state follows another."""

    flags: int
    takes: list[int] = field(default_factory=list)
    """For each state the signs it takes, as bits."""
    edges: Counter[tuple[int, int]] = field(default_factory=Counter)
    apart: list[Any] = field(default_factory=list)
    """Parts that are matched by themselves: what is looked ahead for, atomic groups."""
    around: int = 0
    """How many endless repetitions are around the part that is read."""
    doubled: bool = False
    """Whether a repetition has two branches that are alike."""

    def sequence(self, items: Iterable[Any]) -> _Part:
        """Add parts one behind the other."""
        whole = _Part()
        for operator, argument in items:
            part = self._part(str(operator), argument)
            self._join(whole.last, part.first)
            whole = _Part(
                whole.first | part.first if whole.empty else whole.first,
                whole.last | part.last if part.empty else part.last,
                whole.empty and part.empty,
            )
        return whole

    def _join(self, ends: frozenset[int], starts: frozenset[int]) -> None:
        self.edges.update((end, start) for end in ends for start in starts)

    def _part(self, operator: str, argument: Any) -> _Part:
        match operator:
            case "MAX_REPEAT" | "MIN_REPEAT":
                return self._repeated(*argument)
            case "POSSESSIVE_REPEAT":
                self.apart.append(argument[2])
                state = self._state(_ALL)
                return _Part(state.first, state.last, empty=argument[0] == 0)
            case "SUBPATTERN":
                return self.sequence(argument[-1])
            case "BRANCH":
                # The reader takes what branches begin with out of them: of two that are alike nothing is left.
                self.doubled = self.doubled or (self.around > 0 and sum(1 for one in argument[1] if not one) > 1)
                return _either([self.sequence(branch) for branch in argument[1]])
            case "GROUPREF_EXISTS":
                branches = [branch for branch in argument[1:] if branch is not None]
                return _either([self.sequence(branch) for branch in branches])
            case "ASSERT" | "ASSERT_NOT":
                self.apart.append(argument[1])
                return _Part()
            case "ATOMIC_GROUP":
                self.apart.append(argument)
                return self._state(_ALL)
            case "AT" | "GROUPREF" | "FAILURE":
                return _Part()
            case _:
                return self._state(_taken(operator, argument, self.flags))

    def _repeated(self, least: int, most: Any, items: Iterable[Any]) -> _Part:
        if least == most and most <= _MANY:
            return self.sequence([*items] * most)
        endless = most > _MANY or (self.around > 0 and most > 1)
        self.around += endless
        part = self.sequence(items)
        self.around -= endless
        if endless:
            self._join(part.last, part.first)
        return _Part(part.first, part.last, part.empty or least == 0)

    def _state(self, signs: int) -> _Part:
        self.takes.append(signs)
        state = frozenset({len(self.takes) - 1})
        return _Part(state, state, empty=False)

    def is_ambiguous(self) -> bool:
        """Whether some state leads back to itself in two ways over one text."""
        if self.doubled:
            return True
        follows: dict[int, list[int]] = {}
        for start, end in self.edges:
            follows.setdefault(start, []).append(end)
        for loop in _loops(range(len(self.takes)), follows):
            if len(loop) ** 2 <= _MOST_PAIRS and self._splits(loop, follows):
                return True
        return False

    def _splits(self, loop: frozenset[int], follows: Mapping[int, Sequence[int]]) -> bool:
        """Whether two different ways through `loop` part and meet again, over the same signs."""
        inside = {state: [end for end in follows.get(state, ()) if end in loop] for state in loop}
        if any(self.edges[start, end] > 1 for start in loop for end in inside[start]):
            return True
        pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for one in loop:
            for other in loop:
                if one <= other:
                    pairs[one, other] = [
                        (min(to, too), max(to, too))
                        for to in inside[one]
                        for too in inside[other]
                        if self.takes[to] & self.takes[too]
                    ]
        for found in _loops(pairs, pairs):
            same = sum(1 for one, other in found if one == other)
            if 0 < same < len(found):
                return True
        return False


def _either(parts: Sequence[_Part]) -> _Part:
    return _Part(
        frozenset().union(*(part.first for part in parts)),
        frozenset().union(*(part.last for part in parts)),
        any(part.empty for part in parts),
    )


@cache
def _matching(pattern: str, flags: int) -> int:
    compiled = re.compile(pattern, flags)
    return sum(1 << number for number, sign in enumerate(_SIGNS) if compiled.fullmatch(sign))


def _taken(operator: str, argument: Any, flags: int) -> int:
    """The signs that one state takes, as bits."""
    kept = flags & (re.IGNORECASE | re.ASCII)
    match operator:
        case "LITERAL":
            return _matching(re.escape(chr(argument)), kept) or _ALL
        case "NOT_LITERAL":
            return _ALL & ~_matching(re.escape(chr(argument)), kept)
        case "ANY":
            return _ALL if flags & re.DOTALL else _ALL & ~_matching("\n", 0)
        case "IN":
            negated = bool(argument) and str(argument[0][0]) == "NEGATE"
            taken = 0
            for kind, value in argument:
                taken |= _of_class(str(kind), value, kept)
            return _ALL & ~taken if negated else taken
        case _:
            return _ALL


_CATEGORIES: Final = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


def _of_class(kind: str, value: Any, flags: int) -> int:
    match kind:
        case "LITERAL":
            return _matching(re.escape(chr(value)), flags)
        case "RANGE":
            return _matching(f"[{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}]", flags)
        case "CATEGORY":
            return _matching(_CATEGORIES[str(value)], flags)
        case _:
            return 0


def _loops(states: Iterable[Any], follows: Mapping[Any, Sequence[Any]]) -> Iterator[frozenset[Any]]:
    """Groups of states that all lead to each other (Tarjan's, without recursion); single states only with a loop."""
    number: dict[Any, int] = {}
    lowest: dict[Any, int] = {}
    waiting: list[Any] = []
    on_way: set[Any] = set()
    for root in states:
        if root in number:
            continue
        number[root] = lowest[root] = len(number)
        waiting.append(root)
        on_way.add(root)
        way = [(root, iter(follows.get(root, ())))]
        while way:
            state, rest = way[-1]
            for end in rest:
                if end not in number:
                    number[end] = lowest[end] = len(number)
                    waiting.append(end)
                    on_way.add(end)
                    way.append((end, iter(follows.get(end, ()))))
                    break
                if end in on_way:
                    lowest[state] = min(lowest[state], number[end])
            else:
                way.pop()
                if way:
                    lowest[way[-1][0]] = min(lowest[way[-1][0]], lowest[state])
                if lowest[state] == number[state]:
                    cut = waiting.index(state)
                    group = frozenset(waiting[cut:])
                    del waiting[cut:]
                    on_way -= group
                    if len(group) > 1 or state in follows.get(state, ()):
                        yield group
