"""What is believed of terminals, and how looks and characters are fitted to them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.drivers.linux_driver import LinuxDriver

from screens.driver import driver_class
from screens.driver.abilities import Characters, Colours
from screens.driver.ascii import translation
from screens.driver.colours import SIXTEEN, conversion
from screens.driver.style import DIM, REVERSE, RGB, Style, read_sgr, sgr
from screens.widgets.step_list import SIGNS

ROOT = Path(__file__).resolve().parents[3]
LOCALE = {"LANG": "en_GB.UTF-8"}
SCRIPT = """
import dataclasses, json, os
from screens.driver.abilities import abilities
print(json.dumps(dataclasses.asdict(abilities(os.environ))))
"""
colours = st.one_of(st.just(-1), st.integers(0, 255), st.integers(0, 0xFFFFFF).map(lambda rgb: RGB | rgb))
styles = st.builds(Style, st.integers(0, 1023), colours, colours)
ORDINARY = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"))


def found(environ: dict[str, str]) -> dict[str, object]:
    """Ask in a process of its own: a terminal's description is read once in a process."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**LOCALE, "PYTHONPATH": str(ROOT), **environ}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    value: dict[str, object] = json.loads(done.stdout)
    return value


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({"TERM": "xterm-256color"}, {"erases_with_colour": True, "repeats": False, "colours": "256"}),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, {"colours": "true", "characters": "all"}),
        ({"TERM": "screen-256color"}, {"erases_with_colour": False, "erases_cells": False, "colours": "256"}),
        ({"TERM": "screen", "COLORTERM": "truecolor"}, {"erases_with_colour": False, "colours": "16"}),
        ({"TERM": "tmux-256color", "TMUX": "x", "COLORTERM": "truecolor"}, {"colours": "true"}),
        (
            {"TERM": "linux", "COLORTERM": "truecolor"},
            {"colours": "16", "characters": "console", "knows_strings": False},
        ),
        (
            {"TERM": "vt100"},
            {"colours": "none", "characters": "ascii", "ends_attributes": False, "switches_screen": False},
        ),
        ({"TERM": "vt100", "WIZARD_ASCII": "0"}, {"characters": "all"}),
        ({"TERM": "xterm", "LANG": "C"}, {"colours": "16", "characters": "ascii"}),
        ({"TERM": "xterm", "LANG": "de_DE.ISO-8859-1"}, {"characters": "ascii"}),
        ({"TERM": "xterm", "LANG": "C", "LC_ALL": "C.UTF-8"}, {"characters": "all"}),
        ({"TERM": "xterm", "LANG": ""}, {"characters": "all"}),
        ({"TERM": "xterm", "WIZARD_ASCII": "1"}, {"characters": "ascii"}),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, {"colours": "none", "dims": True}),
        ({"TERM": "nobody-knows-it"}, {"erases_with_colour": False, "repeats": False, "colours": "16"}),
    ],
    ids=lambda value: " ".join(f"{name}={word}" for name, word in value.items()),
)
def test_terminals(environ: dict[str, str], wanted: dict[str, object]) -> None:
    """Each terminal is believed to do what its description and its environment say, and no more."""
    known = found(environ)
    assert {name: known[name] for name in wanted} == wanted


@given(styles)
def test_sixteen_colours(style: Style) -> None:
    """On sixteen colours only those are used, and text that differed from its background still does."""
    fitted = conversion(Colours.SIXTEEN, dims=True)(style)
    assert -1 <= fitted.fore < 16
    assert -1 <= fitted.back < 8
    if -1 not in (style.fore, style.back) and style.fore != style.back:
        assert SIXTEEN[fitted.fore] != SIXTEEN[fitted.back]


@given(styles, st.booleans())
def test_no_colours(style: Style, dims: bool) -> None:
    """Without colours none is used, and no dim where there is none."""
    fitted = conversion(Colours.NONE, dims=dims)(style)
    assert (fitted.fore, fitted.back) == (-1, -1)
    assert dims or not fitted.bits & DIM & ~style.bits


def test_highlight_without_colours() -> None:
    """A highlighted line is told from the others by reverse, on dark and on light themes."""
    to_none = conversion(Colours.NONE, dims=True)
    dark, light, accent = RGB | 0x1E1E1E, RGB | 0xE0E0E0, RGB | 0x0178D4
    on_dark, on_light, marked = (to_none(Style(0, RGB | fore, back)) for fore, back in (
        (0xE0E0E0, dark), (0x202020, light), (0xFFFFFF, accent)))  # fmt: skip
    assert not on_dark.bits & REVERSE
    assert on_light.bits & REVERSE
    assert marked.bits & REVERSE
    assert not to_none(Style(REVERSE, RGB | 0x1E1E1E, RGB | 0xE0E0E0)).bits & REVERSE


@given(styles, styles, st.booleans())
def test_sgr_leads_there(before: Style, after: Style, can_turn_off: bool) -> None:
    """The codes from one look to another, read again, give the other."""
    reached = before
    for parameters in re.findall(r"\x1b\[([\d;]*)m", sgr(before, after, can_turn_off=can_turn_off)):
        reached = read_sgr(reached, parameters)
    assert reached == after


@given(st.text(ORDINARY))
def test_ascii_keeps_the_width(text: str) -> None:
    """Every character has a look-alike in ASCII, as wide as itself."""
    plain = translation(Characters.ASCII)(text)
    assert plain.isascii()
    assert plain.isprintable()
    assert len(plain) == sum(cell_len(character) for character in text)


@pytest.mark.parametrize("characters", list(Characters))
def test_signs_of_steps_stay_apart(characters: Characters) -> None:
    """What is undone is not taken for unknown, nor what failed for done, however few characters a terminal has."""
    shown = {translation(characters)(sign) for sign, _, _ in SIGNS.values()}
    assert len(shown) == len({sign for sign, _, _ in SIGNS.values()})


def test_what_textual_draws_with() -> None:
    """Borders, arrows, marks and signs of life stay what they are, in ASCII and on the console."""
    to_ascii, to_console = translation(Characters.ASCII), translation(Characters.CONSOLE)
    assert to_ascii("╭─ é ─╮│✓ done…│→▼") == "+- e -+|v done.|>v"
    assert to_console("╭─ é ─╮│✓ done│→▼┏━┓▁") == "┌─ é ─┐│√ done│→▼┌─┐▄"
    spinner = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
    assert all(one != other for one, other in pairwise(to_ascii(spinner)))


def test_switch_and_choice() -> None:
    """Ours is given for the Textual it was written for, and the switch gives Textual's own."""
    ours = driver_class({"TERM": "xterm"})
    assert ours is not None
    assert issubclass(ours, LinuxDriver)
    assert driver_class({"WIZARD_PLAIN_DRIVER": "1"}) is None
    assert driver_class({"WIZARD_PLAIN_DRIVER": "0"}) is ours


def test_another_textual(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A Textual whose driver lacks what ours relies on is left alone, and the log says why."""
    monkeypatch.delattr(LinuxDriver, "run_input_thread")
    assert driver_class({}) is None
    assert "run_input_thread" in caplog.text
