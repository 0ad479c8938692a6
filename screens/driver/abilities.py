"""What the terminal can do, found out from the environment and the terminal's description."""

from __future__ import annotations

import curses
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Colours(StrEnum):
    """How many colours."""

    NONE = "none"
    SIXTEEN = "16"
    INDEXED = "256"
    TRUE = "true"


class Characters(StrEnum):
    """Which characters."""

    ASCII = "ascii"
    CONSOLE = "console"
    """Letters, thin lines, blocks and arrows: the fonts of the Linux console have room for little more."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the terminal can do.

    Attributes:
        erases_with_colour: Erased cells take the background colour that is set (back-colour-erase).
        erases_cells: It knows how to erase so many cells (ECH).
        repeats: It knows how to repeat a character (REP), and its name is its own.
        ends_attributes: It knows how to end a single attribute.
        knows_strings: It swallows sequences that it does not know, with their text (titles, clipboard, links).
        switches_screen: It has an alternate screen, and shows the other one again afterwards.
        dims: It has a faint look.
        colours: How many colours.
        characters: Which characters.
    """

    erases_with_colour: bool = False
    erases_cells: bool = False
    repeats: bool = False
    ends_attributes: bool = True
    knows_strings: bool = True
    switches_screen: bool = True
    dims: bool = True
    colours: Colours = Colours.INDEXED
    characters: Characters = Characters.ALL


_HARDWARE: Final = re.compile(r"vt[1-5]\d\d|ansi|cons25|sun|wy|pcansi|hurd|mach")
"""Names of terminals from before sequences of any kind were swallowed."""

_BORROWED: Final = re.compile(r"xterm(-\d*color)?$|screen")
"""Names that other terminals give themselves too, whose description may promise more than they keep."""

_OFF: Final = ("", "0")


def abilities(environ: Mapping[str, str]) -> Abilities:
    """Find out what the terminal of this environment can do.

    `WIZARD_ASCII=1` asks for plain characters, `WIZARD_ASCII=0` for all of them.
    """
    term = environ.get("TERM", "")
    described = _described(term)
    old = term == "linux" or _HARDWARE.match(term) is not None
    return Abilities(
        erases_with_colour=described.bce,
        erases_cells=described.ech,
        repeats=described.rep and not old and not _BORROWED.match(term),
        ends_attributes=not _HARDWARE.match(term),
        knows_strings=not old,
        switches_screen=described.smcup,
        dims=described.dim,
        colours=_colours(environ, term, described.colors),
        characters=_characters(environ, term),
    )


@dataclass(frozen=True, slots=True)
class _Described:
    """Capabilities of a terminal's description, by their names in terminfo."""

    bce: bool
    ech: bool
    rep: bool
    smcup: bool
    dim: bool
    colors: int


def _described(term: str) -> _Described:
    """Read the description; without one, believe only what nearly all terminals can."""
    try:
        curses.setupterm(term, 1)
    except (curses.error, OSError):
        modern = not _HARDWARE.match(term)
        return _Described(bce=False, ech=modern, rep=False, smcup=modern and term != "linux", dim=modern, colors=8)
    return _Described(
        bce=curses.tigetflag("bce") > 0,
        ech=curses.tigetstr("ech") is not None,
        rep=curses.tigetstr("rep") is not None,
        smcup=curses.tigetstr("smcup") is not None,
        dim=curses.tigetstr("dim") is not None,
        colors=curses.tigetnum("colors"),
    )


def _colours(environ: Mapping[str, str], term: str, described: int) -> Colours:
    if "NO_COLOR" in environ or (described < 8 and _HARDWARE.match(term)):
        return Colours.NONE
    if term == "linux" or _HARDWARE.match(term):
        return Colours.SIXTEEN
    inside_screen = term.startswith("screen") and "TMUX" not in environ
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit") and not inside_screen:
        return Colours.TRUE
    if "256color" in term or "kitty" in term or described >= 256:
        return Colours.INDEXED
    return Colours.SIXTEEN


def _characters(environ: Mapping[str, str], term: str) -> Characters:
    """Ask the locale; a C locale that Python itself made UTF-8 (LC_CTYPE=C.UTF-8) was a C locale before."""
    wish = environ.get("WIZARD_ASCII")
    if wish is not None and wish not in _OFF:
        return Characters.ASCII
    if term == "linux":
        most = Characters.CONSOLE
    else:
        most = Characters.ASCII if _HARDWARE.match(term) and wish is None else Characters.ALL
    if wish is not None:
        return most
    everywhere, letters, language = (environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    coerced = letters == "C.UTF-8" and not everywhere
    locale = everywhere or ("" if coerced else letters) or language
    if not locale or "utf-8" in locale.lower() or "utf8" in locale.lower():
        return most
    return Characters.ASCII
