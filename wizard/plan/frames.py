"""What is known where a step stands: the names around it, and which of them come later."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from wizard.expressions import compile_expression
from wizard.templates import render_text, template_expressions
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from wizard.expressions import Environment
    from wizard.plan.later import Later

T = TypeVar("T")
_ROOM_FOR_TEXTS: Final = 4096


@dataclass(slots=True, eq=False)
class Frame:
    """The names at one place, and what was already worked out from them.

    An include, a batch and an item each open a frame of their own (`own` are the names they give) inside
    the one around them. What does not name any of them is worked out in that outer frame, once for all:
    a loop over 10,000 items decides a `when` that has nothing to do with the item a single time.
    """

    env: Environment
    later: Later
    own: frozenset[str] = frozenset()
    outer: Frame | None = None
    _known: dict[tuple[str, Hashable], Any] = field(default_factory=dict)

    def inside(self, names: dict[str, Any], *, later: Iterable[str] = ()) -> Frame:
        """The frame inside this one that has these names besides; those in `later` come only later."""
        later = tuple(later)
        own = frozenset((*names, *later))
        return Frame(self.env.with_names(**names), self.later.inside(own, later), own, self)

    def needs(self, source: str) -> bool:
        """Whether an expression can only be decided when it is reached."""
        frame = self.where(_roots(source))
        return frame.kept("needs", source, lambda: frame.later.needs(source))

    def needs_text(self, text: str) -> bool:
        """Whether a text can only be made when it is reached."""
        return any(self.needs(source) for source in _sources(text))

    def holds(self, source: str) -> bool:
        """Whether a condition holds. ExpressionError where that cannot be said."""
        frame = self.where(_roots(source))
        return frame.kept("holds", source, lambda: compile_expression(source).holds(frame.env))

    def text(self, text: str) -> str:
        """Render a text. ExpressionError where it has a value that is absent, a secret, or no text."""
        if "${{" not in text:
            return text
        frame = self.where(_roots_of_text(text))
        return frame.kept("text", text, lambda: render_text(text, frame.env))

    def readable(self, text: str) -> str:
        """Render a text for people as far as it can be rendered now."""
        frame = self.where(_roots_of_text(text))
        return frame.kept("readable", text, lambda: readable(text, frame.env))

    def once(self, what: str, of: Hashable, sources: Iterable[str], make: Callable[[Frame], T]) -> T:
        """What `make` gives for `of`, made in the outermost frame that has all names of the expressions `sources`."""
        frame = self.where(frozenset[str]().union(*(_roots(source) for source in sources)))
        return frame.kept(what, of, lambda: make(frame))

    def where(self, roots: frozenset[str]) -> Frame:
        """The outermost frame in which all those names mean what they mean here."""
        frame = self
        while frame.outer is not None and roots.isdisjoint(frame.own):
            frame = frame.outer
        return frame

    def kept(self, what: str, of: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once in this frame."""
        found: T
        if (what, of) in self._known:
            found = self._known[what, of]
            return found
        found = self._known[what, of] = make()
        return found


@lru_cache(maxsize=_ROOM_FOR_TEXTS)
def _roots(source: str) -> frozenset[str]:
    """The names an expression begins with (`answers`, `node`)."""
    return frozenset(name.partition(".")[0] for name in compile_expression(source).references)


@lru_cache(maxsize=_ROOM_FOR_TEXTS)
def _sources(text: str) -> tuple[str, ...]:
    return tuple(source for source, _ in template_expressions(text))


@lru_cache(maxsize=_ROOM_FOR_TEXTS)
def _roots_of_text(text: str) -> frozenset[str]:
    return frozenset[str]().union(*(_roots(source) for source in _sources(text)))


def sources_of_text(text: str) -> tuple[str, ...]:
    """The expressions in a text."""
    return _sources(text)
