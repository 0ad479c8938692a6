"""Reads the words of a bash text: quotes, expansions, and the places for values in them."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

from wizard.templates.problems import TemplateProblem
from wizard.templates.shell_tree import UNKNOWN, VALUE, Place, Quoting, Word

if TYPE_CHECKING:
    from wizard.templates.scan import Placeholder

_SPECIAL_PARAMETER: Final = re.compile(r"\$[$#?!@*0-9-]")
_PARAMETER: Final = re.compile(r"\$\{[!#]?(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])?")
_WORD_OPERATOR: Final = re.compile(r":?[-+?=]")
_ARRAY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_OPEN_SUBSCRIPT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)?\[[^\]]*")

COMPUTE: Final = "bash runs code it finds in numbers: compute it in the expression, or compare with [ … ]"
"""The way out where a value would be taken for arithmetic."""
_BY_VARIABLE: Final = "put it into a variable of its own line first: name=${{ … }}"


class WordReader(ABC):
    """A cursor over the text; every method leaves `at` behind what it read.

    `places` are those that a value may take, `problems` those that it may not.
    """

    def __init__(self, text: str, found: tuple[Placeholder, ...]) -> None:
        """Begin at the first character of `text`, whose placeholders are `found`."""
        self.text = text
        self.end = len(text)
        self.at = 0
        self.by_start = {placeholder.start: placeholder for placeholder in found}
        self.places: list[Place] = []
        self.problems: list[TemplateProblem] = []

    @abstractmethod
    def commands(self, closer: str) -> None:
        """Read commands up to `closer`, or to the end where it is empty."""

    # The cursor

    def is_place(self, at: int | None = None) -> bool:
        """Say whether a placeholder begins here."""
        return (self.at if at is None else at) in self.by_start

    def sees(self, text: str) -> bool:
        """Say whether `text` comes next."""
        return self.text.startswith(text, self.at, self.end)

    def find(self, what: str, start: int, *, escapes: bool) -> int:
        """Say where `what` stands next, past placeholders and (where there are any) escapes; else the end."""
        at = start
        while at < self.end:
            if at in self.by_start:
                at = self.by_start[at].end
            elif escapes and self.text[at] == "\\":
                at += 2
            elif self.text[at] == what:
                return at
            else:
                at += 1
        return self.end

    def refuse(self, placeholder: Placeholder, where: str, hint: str) -> None:
        """Note that no value may stand there."""
        self.problems.append(TemplateProblem(f"{placeholder} stands {where}", hint, placeholder.start))

    def refuse_between(self, start: int, end: int, where: str, hint: str) -> None:
        """Note that for every placeholder in a part of the text."""
        for offset, placeholder in self.by_start.items():
            if start <= offset < end:
                self.refuse(placeholder, where, hint)

    def unclosed(self, start: int, what: str) -> None:
        """Note that the rest of the text cannot be read, and go to its end."""
        self.problems.append(
            TemplateProblem(f"the {what} is not closed, so nobody can say where values stand", "close it", start)
        )
        self.at = self.end

    def _place(self, quoting: Quoting) -> Place:
        placeholder = self.by_start[self.at]
        self.at = placeholder.end
        place = Place(placeholder, quoting)
        self.places.append(place)
        return place

    # Words

    def word(self) -> Word:
        """Read one word, empty where none begins."""
        start = self.at
        known = len(self.places)
        word = Word(start)
        while self.at < self.end:
            char = self.text[self.at]
            if self.is_place():
                word.direct.append(self._place(Quoting.BARE))
                word.literal += VALUE
            elif self.sees("<(") or self.sees(">("):
                before = len(self.places)
                self.at += 2
                self.commands(")")
                word.processes += self.places[before:]
                word.literal += UNKNOWN
            elif char == "(" and word.literal[-1:] in ("?", "*", "+", "@", "!", "="):
                self._parenthesised(array=bool(_ARRAY.fullmatch(word.literal)))
                word.literal += UNKNOWN
            elif char in " \t\n;&|()<>":
                break
            else:
                self._part_of_word(char, word)
        word.raw = self.text[start : self.at]
        word.nested = [place for place in self.places[known:] if not any(place is other for other in word.direct)]
        return word

    def _part_of_word(self, char: str, word: Word) -> None:
        match char:
            case "\\":
                word.literal += self._escape()
            case "'":
                end = self._single()
                word.literal += self.text[self.at + 1 : end]
                self.at = end + 1
            case '"':
                self._double(word)
            case "$":
                self._dollar(word, Quoting.BARE)
            case "`":
                self._backticks()
                word.literal += UNKNOWN
            case _:
                word.literal += char
                self.at += 1

    def _escape(self) -> str:
        """Read a backslash and what it is for; give what it stands for."""
        if self.is_place(self.at + 1):
            placeholder = self.by_start[self.at + 1]
            self.refuse(
                placeholder, "right after a backslash", "leave out the backslash: values are quoted by themselves"
            )
            self.at = placeholder.end
            return UNKNOWN
        escaped = self.text[self.at + 1 : self.at + 2]
        self.at = min(self.at + 2, self.end)
        return "" if escaped == "\n" else escaped

    def _single(self) -> int:
        """Say where the single quotes that begin here end; no value may stand in them."""
        end = self.find("'", self.at + 1, escapes=False)
        self.refuse_between(self.at, end, "in single quotes, where the shell puts no value", "use double quotes")
        if end == self.end:
            self.unclosed(self.at, "single quote")
            return self.end
        return end

    def _double(self, word: Word) -> None:
        start = self.at
        self.at += 1
        self.expand(word, Quoting.DOUBLE, '"')
        if self.sees('"'):
            self.at += 1
        else:
            self.unclosed(start, "double quote")

    def expand(self, word: Word, quoting: Quoting, closer: str) -> None:
        """Read text in double quotes or a heredoc, up to `closer` or the end."""
        while self.at < self.end and not (closer and self.sees(closer)):
            char = self.text[self.at]
            if self.is_place():
                word.direct.append(self._place(quoting))
                word.literal += VALUE
            elif char == "\\":
                word.literal += self._escape()
            elif char == "$":
                self._dollar(word, quoting)
            elif char == "`":
                self._backticks()
                word.literal += UNKNOWN
            else:
                word.literal += char
                self.at += 1

    # Expansions

    def _dollar(self, word: Word, quoting: Quoting) -> None:
        """Read `$` and what belongs to it."""
        start, known = self.at, len(self.places)
        if self.is_place(start + 1):
            placeholder = self.by_start[start + 1]
            self.refuse(
                placeholder, "right after a $", "leave out the $, or write it as \\$ in double quotes of its own"
            )
            self.at = placeholder.end
            return
        if self.sees("$((") and (end := self.arithmetic_end(start + 3)):
            self.refuse_between(start, end, "in $((…))", COMPUTE)
            self.at = end
        elif self.sees("$("):
            self.at += 2
            self.commands(")")
            word.splits = word.splits or (quoting is Quoting.BARE and len(self.places) > known)
        elif self.sees("${"):
            word.splits = self._parameter(quoting) or word.splits
        elif self.sees("$["):
            self.at = min(self.find("]", start, escapes=True) + 1, self.end)
            self.refuse_between(start, self.at, "in $[…]", COMPUTE)
        elif self.sees("$'") and quoting is Quoting.BARE:
            end = self.find("'", start + 2, escapes=True)
            self.refuse_between(start, end, "in $'…', where the shell puts no value", "use double quotes")
            if end == self.end:
                self.unclosed(start, "single quote")
            self.at = min(end + 1, self.end)
        elif special := _SPECIAL_PARAMETER.match(self.text, start, self.end):
            self.at = special.end()
        else:
            self.at += 1
        word.literal += UNKNOWN

    def _parameter(self, quoting: Quoting) -> bool:
        """Read `${…}` and say whether the shell splits values in it.

        A value may only stand in the word of `:-`, `:+`, `:?` and, in quotes, `:=`.
        """
        start = self.at
        found = _PARAMETER.match(self.text, start, self.end)
        self.at = found.end() if found else start + 2
        if self.sees("["):
            close = self.find("]", self.at, escapes=True)
            self.refuse_between(self.at, close, "in the […] of an array", COMPUTE)
            self.at = min(close + 1, self.end)
        operator = _WORD_OPERATOR.match(self.text, self.at, self.end)
        if operator is None:
            self._refused_parameter(start, "in ${…} behind an operator that takes a pattern or a number")
        elif operator[0].endswith("=") and quoting is Quoting.BARE:
            self._refused_parameter(start, "in ${…=…} outside quotes, where the shell splits it")
        else:
            self.at = operator.end()
            return self._default_word(start, quoting)
        return False

    def _refused_parameter(self, start: int, where: str) -> None:
        known = len(self.places)
        self._default_word(start, Quoting.DOUBLE)
        del self.places[known:]
        self.refuse_between(start, self.at, where, _BY_VARIABLE)

    def _default_word(self, start: int, quoting: Quoting) -> bool:
        """Read up to the closing brace and say whether the shell splits values in it."""
        inside = Word(self.at)
        known = len(self.places)
        while self.at < self.end and not self.sees("}"):
            char = self.text[self.at]
            if self.is_place():
                self._place(quoting)
            elif quoting is Quoting.BARE or char == '"':
                self._part_of_word(char, inside)
            elif char == "\\":
                self._escape()
            elif char == "$":
                self._dollar(inside, quoting)
            elif char == "`":
                self._backticks()
            else:
                self.at += 1
        if self.at >= self.end:
            self.unclosed(start, "brace")
        for place in self.places[known:]:
            place.in_braces = True
        self.at = min(self.at + 1, self.end)
        return inside.splits

    def _backticks(self) -> None:
        start = self.at
        end = self.find("`", start + 1, escapes=True)
        self.refuse_between(start, end, "in backticks", "write $(…) instead of `…`")
        if end == self.end:
            self.unclosed(start, "backtick")
        self.at = min(end + 1, self.end)

    def _parenthesised(self, *, array: bool) -> None:
        """Read the items of an array or the patterns of `@(a|b)`."""
        start = self.at
        self.at += 1
        while self.at < self.end and not self.sees(")"):
            if self.sees("("):
                self._parenthesised(array=array)
                continue
            if self.text[self.at] in " \t\n|;&<>" and not (self.sees("<(") or self.sees(">(")):
                self.at += 1
                continue
            if self.text[self.at] == "#" and array:
                end = self.find("\n", self.at, escapes=False)
                self.refuse_between(self.at, end, "in a comment", "leave it out of the comment")
                self.at = end
                continue
            item = self.word()
            self.check_subscript(item, in_array=array)
            if array and item.literal == VALUE and not item.nested:
                item.direct[0].takes_several = True
        if self.at >= self.end:
            self.unclosed(start, "parenthesis")
        self.at = min(self.at + 1, self.end)

    def check_subscript(self, word: Word, *, in_array: bool = False) -> None:
        """Refuse a value in `name[…]=`, and in an array in `[…]=`: it is arithmetic."""
        before, value, _ = word.literal.partition(VALUE)
        if value and (before != "[" or in_array) and _OPEN_SUBSCRIPT.fullmatch(before) and word.raw.startswith(before):
            for place in word.places:
                self.refuse(place.placeholder, "in the […] of an array", COMPUTE)

    def arithmetic_end(self, start: int) -> int:
        """Say where arithmetic that began before `start` ends behind its `))`; 0 where it is none."""
        depth, at = 0, start
        while at < self.end:
            if at in self.by_start:
                at = self.by_start[at].end
                continue
            char = self.text[at]
            if char == "\\":
                at += 1
            elif char == "(":
                depth += 1
            elif char == ")" and depth:
                depth -= 1
            elif char == ")":
                return at + 2 if self.text.startswith("))", at, self.end) else 0
            at += 1
        return 0
