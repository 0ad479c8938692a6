"""Reads a bash text as far as needed to know what stands around each `${{ … }}` in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.templates.scan import placeholders
from wizard.templates.shell_tree import Command, Quoting, ShellText, Word
from wizard.templates.shell_words import COMPUTE, WordReader

if TYPE_CHECKING:
    from wizard.templates.scan import Placeholder
    from wizard.templates.shell_tree import Place

_KEYWORDS: Final = frozenset(
    {"if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "time", "coproc"}
)
_REDIRECTION: Final = re.compile(r"&>>|&>|<<<|<<-|<<|<&|<>|<|>>|>&|>\||>")
_ARITHMETIC_TESTS: Final = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_NAME_TESTS: Final = frozenset({"-v", "-R"})
_DEEPEST_NESTING: Final = 30


def scan_shell(text: str) -> ShellText:
    """Find the place of every `${{ … }}` in `text`. ExpressionError where one is not closed."""
    found = placeholders(text)
    if not found:
        return ShellText()
    reader = _CommandReader(text, found)
    while reader.at < reader.end:
        reader.commands("")
    return ShellText(
        tuple(sorted(reader.places, key=lambda place: place.placeholder.start)),
        tuple(reader.finished),
        tuple(reader.shared),
        tuple(sorted(reader.problems, key=lambda problem: problem.offset)),
    )


def _feeds_others(command: Command) -> bool:
    """Say whether its stdin is that of a group or loop (no words of its own), or of the shell itself."""
    return all(word.literal == "exec" for word in command.words)


@dataclass(slots=True)
class _Heredoc:
    delimiter: str
    quoted: bool
    strips_tabs: bool
    command: Command


@dataclass(slots=True)
class _Frame:
    """The commands between two parentheses, or of the whole text.

    `cases` says of each open `case` where in it we are: subject, pattern or body.
    """

    first_place: int
    command: Command = field(default_factory=Command)
    cases: list[str] = field(default_factory=list)
    closed_compound: bool = False


class _CommandReader(WordReader):
    """Puts words together to commands and finds what they read."""

    def __init__(self, text: str, found: tuple[Placeholder, ...]) -> None:
        super().__init__(text, found)
        self._heredocs: list[_Heredoc] = []
        self._depth = 0
        self._has_functions = False
        self._shared: list[Place] = []
        self.finished: list[Command] = []

    @property
    def shared(self) -> list[Place]:
        """Places that more than one command may read; with functions nobody can say which reads what."""
        if not self._has_functions:
            return self._shared
        return [*self._shared, *(place for command in self.finished for place in (*command.inputs, *command.piped))]

    def commands(self, closer: str) -> None:
        """Read commands up to `closer` (`)`, or nothing for the end of the text)."""
        start = self.at
        self._depth += 1
        frame = _Frame(first_place=len(self.places))
        if self._depth > _DEEPEST_NESTING:
            self.refuse_between(start, self.end, "in too many nested commands", "make it a script of its own")
            self.at = self.end
        while self.at < self.end:
            if self.sees(")"):
                if frame.cases and frame.cases[-1] == "pattern":
                    frame.cases[-1] = "body"
                    frame.command = Command()
                    self.at += 1
                    continue
                self._finish(frame)
                self.at += 1
                if closer:
                    self._depth -= 1
                    return
                continue
            self._step(frame)
        self._finish(frame)
        self._depth -= 1
        if closer:
            self.unclosed(start - 1, "parenthesis")

    def _step(self, frame: _Frame) -> None:
        char = self.text[self.at]
        pattern = bool(frame.cases) and frame.cases[-1] == "pattern"
        if self.is_place():
            self._add(frame, self.word())
        elif char in " \t" or self.sees("\\\n"):
            self.at += 1 if char in " \t" else 2
        elif char == "\n":
            self._finish(frame)
            self.at += 1
            self._read_heredocs()
        elif char == "#":
            end = self.find("\n", self.at, escapes=False)
            self.refuse_between(self.at, end, "in a comment", "leave it out of the comment")
            self.at = end
        elif self.sees("<(") or self.sees(">("):
            self._add(frame, self.word())
        elif char in "<>" or self.sees("&>"):
            self._redirection(frame.command)
        elif char in ";&|":
            self._separator(frame, pattern=pattern)
        elif char == "(":
            self._parenthesis(frame, pattern=pattern)
        else:
            self._add(frame, self.word())

    def _separator(self, frame: _Frame, *, pattern: bool) -> None:
        char = self.text[self.at]
        if pattern and char == "|":
            self.at += 1
            return
        if char == "|" and not self.sees("||"):
            self.at += 2 if self.sees("|&") else 1
            upstream = [*frame.command.piped, *frame.command.places]
            if frame.closed_compound:
                upstream = self.places[frame.first_place :]
            self._finish(frame)
            frame.command.piped = upstream
            return
        ends_clause = self.sees(";;") or self.sees(";&")
        self._finish(frame)
        while self.at < self.end and self.text[self.at] in ";&|":
            if self.sees("&>"):
                break
            self.at += 1
        if ends_clause and frame.cases:
            frame.cases[-1] = "pattern"

    def _parenthesis(self, frame: _Frame, *, pattern: bool) -> None:
        words = [word.raw for word in frame.command.words]
        if pattern:
            self.at += 1
        elif self.sees("((") and (not words or words == ["for"]) and (end := self.arithmetic_end(self.at + 2)):
            self.refuse_between(self.at, end, "in ((…))", COMPUTE)
            self.at = end
        elif words and (closing := re.compile(r"\(\s*\)").match(self.text, self.at)):
            self.at = closing.end()
            self._has_functions = True
            frame.command = Command()
        else:
            self._shared += frame.command.piped
            self.at += 1
            self.commands(")")
            frame.closed_compound = True

    def _finish(self, frame: _Frame) -> None:
        """Put the command aside and begin another."""
        command = frame.command
        if command.words or command.redirects:
            self.finished.append(command)
        if _feeds_others(command):
            self._shared += command.inputs
        frame.command = Command()
        frame.closed_compound = False

    def _add(self, frame: _Frame, word: Word) -> None:
        """Take a word for what it is where it stands: a keyword, part of a case, or a word of the command."""
        command, cases = frame.command, frame.cases
        at_start = not command.words
        state = cases[-1] if cases else ""
        if (
            (word.raw.isdigit() or re.fullmatch(r"\{\w+\}", word.raw))
            and self.at < self.end
            and (self.text[self.at] in "<>")
        ):
            return
        if state == "subject" and word.raw == "in":
            cases[-1] = "pattern"
            frame.command = Command()
        elif word.raw == "esac" and (state == "pattern" or (state == "body" and at_start)):
            cases.pop()
            frame.command = Command()
            frame.closed_compound = True
        elif state in ("subject", "pattern"):
            self.check_subscript(word)
        elif at_start and word.raw in _KEYWORDS:
            self._shared += command.piped
            frame.closed_compound = word.raw in ("fi", "done", "}")
        elif at_start and word.raw == "case":
            self._shared += command.piped
            cases.append("subject")
        elif at_start and word.raw == "[[":
            self._double_bracket()
        elif [known.raw for known in command.words] == ["function"]:
            self._has_functions = True
            frame.command = Command()
        else:
            self.check_subscript(word)
            command.words.append(word)

    def _double_bracket(self) -> None:
        """Read `[[ … ]]`; its numeric tests and -v run code that stands in their operands."""
        words: list[Word] = []
        while self.at < self.end:
            if self.text[self.at] in " \t\n()<>&|;" and not self.sees("<(") and not self.is_place():
                self.at += 1
                continue
            word = self.word()
            if word.raw == "]]":
                break
            words.append(word)
        for before, word, after in zip([None, *words], words, [*words[1:], None], strict=False):
            if word.raw in _ARITHMETIC_TESTS or word.raw in _NAME_TESTS:
                operands = [after] if word.raw in _NAME_TESTS else [before, after]
                for place in (place for operand in operands if operand for place in operand.places):
                    self.refuse(place.placeholder, f"beside {word.raw} in [[ … ]]", COMPUTE)

    def _redirection(self, command: Command) -> None:
        found = _REDIRECTION.match(self.text, self.at)
        operator = found[0] if found else self.text[self.at]
        self.at += len(operator)
        while self.at < self.end and (self.text[self.at] in " \t" or self.sees("\\\n")):
            self.at += 1 if self.text[self.at] in " \t" else 2
        if operator in ("<<", "<<-"):
            self._heredoc_begins(command, strips_tabs=operator == "<<-")
            return
        target = self.word()
        command.redirects.append(target)
        if operator == "<<<":
            command.inputs += target.places
        elif operator.startswith("<"):
            command.inputs += target.processes

    def _heredoc_begins(self, command: Command, *, strips_tabs: bool) -> None:
        word = self.word()
        for place in word.places:
            self.refuse(place.placeholder, "in the delimiter of a heredoc", "write a fixed word, such as END")
        quoted = any(mark in word.raw for mark in "'\"\\")
        self._heredocs.append(_Heredoc(word.literal, quoted, strips_tabs, command))

    def _read_heredocs(self) -> None:
        waiting, self._heredocs = self._heredocs, []
        for heredoc in waiting:
            body_end, after = self._heredoc_end(heredoc)
            if heredoc.quoted:
                self.refuse_between(
                    self.at,
                    body_end,
                    "in a heredoc whose delimiter is quoted",
                    f"take the quotes off {heredoc.delimiter}, or give the text by stdin:",
                )
            else:
                known = len(self.places)
                end, self.end = self.end, body_end
                self.expand(Word(self.at), Quoting.HEREDOC, "")
                self.end = end
                heredoc.command.inputs += self.places[known:]
                if _feeds_others(heredoc.command):
                    self._shared += self.places[known:]
                for place in self.places[known:]:
                    place.heredoc = place.heredoc or heredoc.delimiter
            self.at = after

    def _heredoc_end(self, heredoc: _Heredoc) -> tuple[int, int]:
        """Say where the body ends and where the text goes on."""
        at = self.at
        while at < self.end:
            line_end = self.find("\n", at, escapes=False)
            line = self.text[at:line_end]
            if (line.lstrip("\t") if heredoc.strips_tabs else line) == heredoc.delimiter:
                return at, min(line_end + 1, self.end)
            at = line_end + 1
        return self.end, self.end
