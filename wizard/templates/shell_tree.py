"""The parts of a bash text that matter for values in it: words, commands, places."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wizard.templates.problems import TemplateProblem
    from wizard.templates.scan import Placeholder

VALUE: Final = "\ufffc"
"""Stands in a word's literal text where a value will be."""
UNKNOWN: Final = "\ufffd"
"""Stands in a word's literal text where the shell will put something."""


class Quoting(StrEnum):
    """What is around a place that a value may take."""

    BARE = "bare"
    DOUBLE = "double quotes"
    HEREDOC = "heredoc"


@dataclass(slots=True)
class Place:
    """A place that a value may take.

    `takes_several` where `words()` may stand; `in_braces` where it is inside `${…}`, `heredoc` the delimiter
    of the heredoc it is in, however deep; `program` is the one that would take a value with a leading `-`
    for an option that runs code, or empty.
    """

    placeholder: Placeholder
    quoting: Quoting
    takes_several: bool = False
    in_braces: bool = False
    heredoc: str = ""
    program: str = ""


@dataclass(slots=True)
class Word:
    """One word: its text without quotes, the places directly in it, those deeper, those of `<(…)`.

    It `splits` where something outside quotes is made of values that are deeper.
    """

    start: int
    raw: str = ""
    literal: str = ""
    direct: list[Place] = field(default_factory=list)
    nested: list[Place] = field(default_factory=list)
    processes: list[Place] = field(default_factory=list)
    splits: bool = False

    @property
    def places(self) -> list[Place]:
        """All places in the word."""
        return [*self.direct, *self.nested]

    @property
    def may_vanish(self) -> bool:
        """Whether the shell may make nothing of it, so that the next word takes its place."""
        return set(self.literal) == {UNKNOWN} and self.raw[0] in "$`" and not set(self.raw) & set("'\"")

    @property
    def program(self) -> str:
        """The name of the program, should the word name one."""
        return self.literal.rpartition("/")[2]


@dataclass(slots=True)
class Command:
    """One simple command: words (assignments before the program among them), and what it reads on stdin."""

    words: list[Word] = field(default_factory=list)
    redirects: list[Word] = field(default_factory=list)
    inputs: list[Place] = field(default_factory=list)
    piped: list[Place] = field(default_factory=list)

    @property
    def places(self) -> list[Place]:
        """All places in words, targets and input."""
        return [place for word in (*self.words, *self.redirects) for place in word.places] + self.inputs


@dataclass(frozen=True, slots=True)
class ShellText:
    """What was found in a bash text: places in the order of the text, commands, and what is refused.

    `shared` are places that more than one command may read on its stdin: those fed to a group, a loop, a
    function or the shell itself.
    """

    places: tuple[Place, ...] = ()
    commands: tuple[Command, ...] = ()
    shared: tuple[Place, ...] = ()
    problems: tuple[TemplateProblem, ...] = ()
