"""Asking by numbered lines, and which way of asking is chosen."""

from __future__ import annotations

import io
import os
import pty
import termios
import threading
from typing import TYPE_CHECKING, TextIO

import pytest

from wizard.errors import Gone
from wizard.plain.prompts import NumberedPrompts, Option, QuestionaryPrompts, choose_prompts
from wizard.plain.signals import Signals
from wizard.plain.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable

COLOURS = (Option("red", "Red"), Option("green", "Green"), Option("blue", "Blue", danger=True))


def ask(typed: str) -> tuple[NumberedPrompts, io.StringIO]:
    """Prompts over typed text, and what they write."""
    out = io.StringIO()
    return NumberedPrompts(io.StringIO(typed), out, Style(unicode=False)), out


def test_a_line_is_stripped_and_enter_takes_only_what_is_shown() -> None:
    """Enter alone gives the proposal where there is one, and nothing where there is none."""
    prompts, out = ask("  word \n\n\n")
    assert prompts.line("Name") == "word"
    assert prompts.line("Name", "found") == "found"
    assert prompts.line("Name") == ""
    assert out.getvalue() == "Name: Name [Enter: found]: Name: "


def test_one_of_several_by_number_or_name() -> None:
    """A number or the key itself chooses; anything else is asked again, Enter alone too."""
    prompts, out = ask("\n0\n4\npurple\n2\nblue\n")
    assert prompts.pick("Colour", COLOURS) == "green"
    assert out.getvalue().count("Please type one of 1 to 3.") == 4
    assert "3) Blue (DANGER)" in out.getvalue()
    assert prompts.pick("Colour", COLOURS) == "blue"


def test_enter_takes_a_proposed_choice() -> None:
    """A proposal is named in the prompt, and Enter takes it."""
    prompts, out = ask("\n")
    assert prompts.pick("Colour", COLOURS, "green") == "green"
    assert "[Enter: 2]" in out.getvalue()


def test_choices_that_are_numbers_themselves_get_letters() -> None:
    """Typing 11 never means the eleventh entry where 11 is a choice."""
    prompts, out = ask("2\n11\nc\n")
    versions = tuple(Option(number, f"Java {number}") for number in ("8", "11", "17"))
    assert prompts.pick("Which", versions) == "11"
    assert prompts.pick("Which", versions) == "17"
    assert " a) Java 8" in out.getvalue()


def test_yes_and_no_by_their_first_letter() -> None:
    """Y and n do for yes and no, in any case."""
    prompts, _ = ask("Y\nn\n")
    options = (Option("yes", "yes"), Option("no", "no"))
    assert prompts.pick("Sure", options) == "yes"
    assert prompts.pick("Sure", options) == "no"


def test_several_of_several() -> None:
    """Numbers with commas or spaces, all, none, or Enter for what is ticked already; in the list's order."""
    prompts, _ = ask("3, 1\nall\nnone\n\n5\n\n2\n")
    assert prompts.pick_many("Colours", COLOURS) == ["red", "blue"]
    assert prompts.pick_many("Colours", COLOURS) == ["red", "green", "blue"]
    assert prompts.pick_many("Colours", COLOURS) == []
    assert prompts.pick_many("Colours", COLOURS, ["green"]) == ["green"]
    assert prompts.pick_many("Colours", COLOURS) == ["green"]


def test_lines_end_with_an_empty_one() -> None:
    """Pasted lines are taken up to the first empty one."""
    prompts, _ = ask("one\n two \n\nthree\n")
    assert prompts.lines("Rows") == ["one", "two"]
    assert prompts.line("Next") == "three"


@pytest.mark.parametrize(
    "ask_for",
    [
        lambda prompts: prompts.line("Word"),
        lambda prompts: prompts.lines("Words"),
        lambda prompts: prompts.pick("Colour", COLOURS),
        lambda prompts: prompts.pick_many("Colours", COLOURS),
    ],
)
def test_the_end_of_input_means_that_the_person_is_gone(ask_for: Callable[[NumberedPrompts], object]) -> None:
    """End of file raises Gone at each way of asking, and is never taken for an empty reply."""
    prompts, _ = ask("")
    with pytest.raises(Gone):
        ask_for(prompts)


def test_a_terminal_that_cannot_be_written_to_is_gone() -> None:
    """A closed stream raises Gone instead of an error of the program."""
    out = io.StringIO()
    out.close()
    with pytest.raises(Gone):
        NumberedPrompts(io.StringIO("x\n"), out, Style()).line("Word")


def test_what_is_hidden_is_not_echoed_and_echo_comes_back() -> None:
    """In a real terminal the typed secret does not appear, and the modes are restored."""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    seen: list[bytes] = []

    def operator() -> None:
        while not seen or b"hidden" not in b"".join(seen):
            seen.append(os.read(master, 1024))
        while termios.tcgetattr(slave)[3] & termios.ECHO:
            pass
        os.write(master, b"s3cret\n")
        seen.append(os.read(master, 1024))

    with os.fdopen(slave, "r", encoding="utf-8", closefd=False) as stdin, os.fdopen(slave, "w", closefd=False) as out:
        thread = threading.Thread(target=operator)
        thread.start()
        prompts = NumberedPrompts(stdin, out, Style())
        assert prompts.can_hide
        assert prompts.hidden("Password") == "s3cret"
        thread.join()
    assert termios.tcgetattr(slave) == before
    assert b"s3cret" not in b"".join(seen)
    os.close(slave)
    os.close(master)


def test_without_a_terminal_nothing_can_be_hidden() -> None:
    """A pipe says that it cannot hide, so that no secret is asked for there."""
    assert not ask("")[0].can_hide


class Terminal(io.TextIOWrapper):
    """A stream that says of itself that it is a terminal."""

    def __init__(self, encoding: str = "utf-8", *, terminal: bool = True) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("environ", "stdin", "out", "drawn"),
    [
        ({"TERM": "xterm-256color"}, Terminal(), Terminal(), True),
        ({"TERM": "linux"}, Terminal(), Terminal(), True),
        ({"TERM": "dumb"}, Terminal(), Terminal(), False),
        ({"TERM": "unknown"}, Terminal(), Terminal(), False),
        ({}, Terminal(), Terminal(), False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, Terminal(), Terminal(), False),
        ({"TERM": "xterm", "NO_COLOR": ""}, Terminal(), Terminal(), True),
        ({"TERM": "xterm"}, Terminal(terminal=False), Terminal(), False),
        ({"TERM": "xterm"}, Terminal(), Terminal(terminal=False), False),
        ({"TERM": "xterm"}, Terminal(), Terminal("ascii"), False),
        ({"TERM": "xterm"}, io.StringIO(), io.StringIO(), False),
    ],
)
def test_prompts_are_drawn_only_where_they_can_be(
    environ: dict[str, str], stdin: TextIO, out: TextIO, drawn: bool
) -> None:
    """The one rule: a real terminal on both sides, a TERM that draws, UTF-8, and no wish for as little as possible."""
    assert isinstance(
        choose_prompts(environ, stdin, out, signals=Signals()), QuestionaryPrompts if drawn else NumberedPrompts
    )
