"""Searching the output of a command: on to its end, then from its other end up to where somebody was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from wizard.run.output_search import Pattern, find

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens.output import Output
    from wizard.run.output_search import Match


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: `start` is where from, in bytes, and all before or behind it comes last."""

    pattern: Pattern
    words: str
    start: int = 0
    backwards: bool = False
    by_lines: bool = False
    """Whether the lines count that have a match, and not each match."""

    @classmethod
    def text(cls, text: str) -> Self:
        """Look for what somebody typed (not empty)."""
        return cls(Pattern.text(text), f"“{text}”")

    @classmethod
    def errors(cls) -> Self:
        """Look for lines that tell of errors."""
        return cls(Pattern.errors(), "a line that tells of an error", by_lines=True)

    def look(self, output: Output, size: int, going_on: Callable[[int], bool]) -> Match | None:
        """Look through the first `size` bytes of `output`.

        `going_on` is told from time to time how many per cent of them were looked at, and ends the search by False.
        """
        looked, going = 0, True

        def goes_on(done: int) -> bool:
            nonlocal going
            going = going_on((looked + done) * 100 // max(1, size))
            return going

        spans = [(self.start, size), (0, self.start)]
        for begin, end in reversed(spans) if self.backwards else spans:
            match = find(output.read, self.pattern, begin, end, backwards=self.backwards, going_on=goes_on)
            if match is not None or not going:
                return match
            looked += end - begin
        return None

    def looking_words(self, percent: int) -> str:
        """Say how far it is."""
        return f"looking for {self.words} … {percent} %, escape ends it"

    def result_words(self, match: Match | None) -> str:
        """Say what was found, and how to go on from there."""
        if match is None:
            return f"{self.words}: not found"
        wrapped = match.begin > self.start if self.backwards else match.begin < self.start
        passed = ("; from the end again" if self.backwards else "; from the start again") if wrapped else ""
        keys = "e E: next, before" if self.by_lines else "n N: next, before"
        return f"{self.words}{passed} · {keys}"
