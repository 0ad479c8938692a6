"""The terminal's answers to our questions, taken out of what is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Question(StrEnum):
    """What is asked at the end of a picture."""

    STATUS = "\x1b[5n"
    """Device status: answered by everything since the VT100."""
    MODE = "\x1b[?2026$p"
    """Whether synchronised output is known (DECRQM), which Textual asks too: for what answers nothing else."""


_ANSWER: Final = {
    Question.STATUS: re.compile(r"\x1b\[[03]n"),
    Question.MODE: re.compile(r"\x1b\[\?2026;\d\$y"),
}
_BEGINNING: Final = {
    Question.STATUS: re.compile(r"\x1b(?:\[[03]?)?\Z"),
    Question.MODE: re.compile(r"\x1b(?:\[(?:\?(?:2(?:0(?:2(?:6(?:;(?:\d\$?)?)?)?)?)?)?)?)?\Z"),
}


@dataclass(slots=True)
class Answers:
    """Takes answers out of the input, also where they come in pieces.

    Attributes:
        question: What is asked.
        held: The last characters read, which may be the beginning of an answer.
        mode_known: An answer to the other question went by, one that Textual had asked.
    """

    question: Question = Question.STATUS
    held: str = ""
    mode_known: bool = False

    def take(self, typed: str) -> tuple[str, int]:
        """Give what is left of the input, and how many answers were in it."""
        rest, count = _ANSWER[self.question].subn("", self.held + typed)
        beginning = _BEGINNING[self.question].search(rest)
        self.held = beginning[0] if beginning else ""
        if self.question is Question.STATUS and _ANSWER[Question.MODE].search(rest):
            self.mode_known = True
        return (rest[: beginning.start()] if beginning else rest), count

    def let_go(self) -> str:
        """Give what was held: nothing more came, so it was typed."""
        held, self.held = self.held, ""
        return held
