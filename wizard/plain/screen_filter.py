"""What a command prints, made harmless for the operator's own terminal; only the copy to the screen, never the spool.

A stream filter: however the bytes are cut into pieces, the same comes out. Only whole sequences that
are known to be harmless are passed on, so the terminal is never left within one.
"""

from __future__ import annotations

import codecs
import re
from enum import StrEnum
from typing import Final


class Keep(StrEnum):
    """How much of the output's control sequences reaches the screen."""

    TEXT = "text"
    """None: for a file or a pipe."""
    DUMB = "dumb"
    """None but backspace and return: for a terminal that cannot draw."""
    LINE = "line"
    """Colour, and moving about within the line: for commands that are only watched."""
    TERMINAL = "terminal"
    """What draws on the whole screen: for commands that are typed into."""


class _State(StrEnum):
    GROUND = "ground"
    ESCAPE = "escape"
    CSI = "csi"
    STRING = "string"
    STRING_ESCAPE = "string-escape"


LONGEST: Final = 4096
"""Characters of one sequence that are looked at; a longer one is left out."""

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\udc80-\udc9f]")
_TURNING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_CONTROLS: Final = {
    Keep.TEXT: {"\n": "\n", "\r": "\r", "\t": "\t", "\v": "\n", "\f": "\n"},
    Keep.DUMB: {"\n": "\n", "\r": "\r", "\t": "\t", "\b": "\b", "\v": "\n", "\f": "\n"},
    Keep.LINE: {"\n": "\n", "\r": "\r", "\t": "\t", "\b": "\b", "\v": "\n", "\f": "\n"},
    Keep.TERMINAL: {mark: mark for mark in "\a\b\t\n\v\f\r\x0e\x0f"},
}

_LINE_END: Final = re.compile("\r+\n?")

_BARE_NEWLINE: Final = re.compile("(?<!\r)\n")

_STRINGS: Final = "]PX^_"
"""What begins OSC, DCS, SOS, PM and APC after ESC."""

_LINE_CSI: Final = re.compile(r"[0-9;:]*m|[0-9;]*[CDGKPX@`]")
_TERMINAL_CSI: Final = re.compile(
    r"[0-9;:]*m"  # colour
    r"|[0-9;]*[@A-MPSTXZ`abdefgr]"  # moving, erasing, scrolling, tabs
    r"|[0-9;]*[su]"  # saving and restoring the place
    r"|\?[0-9;]*[JKhl]"  # erasing, and modes of the screen, mouse and paste
    r"|4[hl]"  # insert
    r"|!p|[0-9]* q"  # soft reset, form of the cursor
)
_TERMINAL_ESCAPE: Final = re.compile(r"[78=>DEHMc]|[()*+][0-9A-Z]|#8")
_TERMINAL_OSC: Final = re.compile(r"(?:4|8|1[0-9]|104|11[0-9])(?:;[^?\x00-\x1f\x7f]*)?")

_MODES: Final = re.compile(r"\?([0-9;]*)([hl])")
_SET_AT_FIRST: Final = frozenset({"7", "25"})
"""Private modes that are on in a terminal of which nothing was asked: wrapping, the cursor."""
_ALTERNATE: Final = frozenset({"47", "1047", "1049"})


class ScreenFilter:
    """Passes on what `keep` allows; queries, titles, clipboard writes and the like never are.

    Why: an answer of the terminal to a query is typed into whatever reads next, a title can be read
    back as such an answer, the clipboard and programmable keys put words into the operator's mouth.
    """

    def __init__(self, keep: Keep, encoding: str = "utf-8") -> None:
        """Filter for a terminal of that encoding."""
        self._keep = keep
        self._encoding = codecs.lookup(encoding).name
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._controls = _CONTROLS[keep]
        self._returned = False
        self._state = _State.GROUND
        self._held = ""
        self._introducer = ""
        self._modes: dict[str, bool] = {}
        self._coloured = self._recoloured = self._keypad = self._charset = self._region = False

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes and give what may be shown of them."""
        return self._filter(self._decoder.decode(data))

    def finish(self) -> bytes:
        """Take the end: an unfinished character is shown as far as it goes, an unfinished sequence is not."""
        shown = self._filter(self._decoder.decode(b"", final=True))
        self._state, self._held = _State.GROUND, ""
        returned, self._returned = self._returned, False
        return shown + b"\n" if returned and self._keep is Keep.TEXT else shown

    @property
    def alternate_screen(self) -> bool:
        """Whether the command draws on the alternate screen now."""
        return any(self._modes.get(mode, False) for mode in _ALTERNATE)

    def restoring(self) -> bytes:
        """Give what brings the terminal back to its usual modes; nothing where nothing was changed."""
        changed = [mode for mode, on in self._modes.items() if on != (mode in _SET_AT_FIRST)]
        ordered = sorted(changed, key=lambda mode: mode in _ALTERNATE)
        parts = [f"\x1b[?{mode}{'h' if mode in _SET_AT_FIRST else 'l'}" for mode in ordered]
        if self._region:
            parts.insert(0, "\x1b7\x1b[r\x1b8")
        if self._keypad:
            parts.append("\x1b>")
        if self._charset:
            parts.append("\x0f\x1b(B")
        if self._recoloured:
            parts += [f"\x1b]{number}\x1b\\" for number in (104, 110, 111, 112)]
        if self._coloured:
            parts.append("\x1b[0m")
        return "".join(parts).encode("ascii")

    def entering(self) -> bytes:
        """Give what sets again the modes that `restoring` took back, for going on after it."""
        changed = {mode: on for mode, on in self._modes.items() if on != (mode in _SET_AT_FIRST)}
        ordered = sorted(changed, key=lambda mode: mode not in _ALTERNATE)
        parts = [f"\x1b[?{mode}{'h' if changed[mode] else 'l'}" for mode in ordered]
        return "".join([*parts, "\x1b=" if self._keypad else ""]).encode("ascii")

    def _filter(self, text: str) -> bytes:
        out: list[str] = []
        place = 0
        while place < len(text):
            if self._state is _State.GROUND:
                found = _CONTROL.search(text, place)
                end = found.start() if found else len(text)
                out.append(text[place:end])
                place = end
                if found is None:
                    break
            self._take(_seven_bit(text[place]), out)
            place += 1
        return self._encode("".join(out))

    def _take(self, marks: str, out: list[str]) -> None:
        """Take one control, or one character within a sequence."""
        for mark in marks:
            match self._state:
                case _State.GROUND:
                    if mark == "\x1b":
                        self._begin(_State.ESCAPE)
                    else:
                        out.append(self._controls.get(mark, ""))
                case _State.ESCAPE | _State.CSI:
                    self._take_in_sequence(mark, out)
                case _State.STRING:
                    self._take_in_string(mark, out)
                case _State.STRING_ESCAPE:
                    if mark == "\\":
                        self._end_string(out)
                    else:
                        self._begin(_State.ESCAPE)
                        self._take_in_sequence(mark, out)

    def _begin(self, state: _State) -> None:
        self._state, self._held = state, ""

    def _take_in_sequence(self, mark: str, out: list[str]) -> None:
        """Take a character of an escape or control sequence, the way terminals do."""
        if mark == "\x1b":
            self._begin(_State.ESCAPE)
        elif mark in "\x18\x1a":
            self._begin(_State.GROUND)
        elif mark < " ":
            out.append(self._controls.get(mark, ""))
        elif mark > "~":
            if mark != "\x7f":
                self._begin(_State.GROUND)
                out.append(mark)
        elif self._state is _State.CSI:
            self._hold(mark)
            if mark >= "@":
                self._end_sequence(out)
        elif not self._held and mark == "[":
            self._begin(_State.CSI)
        elif not self._held and mark in _STRINGS:
            self._introducer = mark
            self._begin(_State.STRING)
        else:
            self._hold(mark)
            if mark >= "0":
                self._end_escape(out)

    def _take_in_string(self, mark: str, out: list[str]) -> None:
        if mark == "\x1b":
            self._state = _State.STRING_ESCAPE
        elif mark in "\x18\x1a":
            self._begin(_State.GROUND)
        elif mark == "\a":
            self._end_string(out)
        else:
            self._hold(mark)

    def _hold(self, mark: str) -> None:
        """Keep one more character; of a sequence that is too long only that it is."""
        if len(self._held) <= LONGEST:
            self._held += mark

    def _end_sequence(self, out: list[str]) -> None:
        sequence = self._held
        self._begin(_State.GROUND)
        if len(sequence) > LONGEST or self._keep in (Keep.TEXT, Keep.DUMB):
            return
        allowed = _LINE_CSI if self._keep is Keep.LINE else _TERMINAL_CSI
        if allowed.fullmatch(sequence):
            self._note_sequence(sequence)
            out.append(f"\x1b[{sequence}")

    def _end_escape(self, out: list[str]) -> None:
        escape = self._held
        self._begin(_State.GROUND)
        if self._keep is not Keep.TERMINAL or not _TERMINAL_ESCAPE.fullmatch(escape):
            return
        match escape[0]:
            case "c":
                self._modes.clear()
                self._coloured = self._recoloured = self._keypad = self._charset = self._region = False
            case "=" | ">":
                self._keypad = escape == "="
            case "(" | ")" | "*" | "+":
                self._charset = True
        out.append(f"\x1b{escape}")

    def _end_string(self, out: list[str]) -> None:
        string = self._held
        self._begin(_State.GROUND)
        wanted = self._introducer == "]" and self._keep is Keep.TERMINAL and len(string) <= LONGEST
        if wanted and _TERMINAL_OSC.fullmatch(string):
            self._recoloured = self._recoloured or not string.startswith("8")
            out.append(f"\x1b]{string}\x1b\\")

    def _note_sequence(self, sequence: str) -> None:
        """Remember what a passed sequence leaves behind in the terminal."""
        if sequence.endswith("m"):
            self._coloured = sequence not in ("m", "0m")
        elif sequence.endswith("r"):
            self._region = sequence != "r"
        elif found := _MODES.fullmatch(sequence):
            for mode in found[1].split(";"):
                self._modes[mode] = found[2] == "h"

    def _encode(self, text: str) -> bytes:
        if self._keep is not Keep.TERMINAL:
            text = _TURNING.sub("", text)
        if self._keep is Keep.TEXT:
            text = self._plain_ends(text)
        elif self._keep in (Keep.LINE, Keep.DUMB) and text:
            text, self._returned = self._screen_ends(text), text.endswith("\r")
        if self._encoding == "utf-8":
            return text.encode("utf-8", "surrogateescape")
        return text.encode("ascii", "replace")

    def _plain_ends(self, text: str) -> str:
        """Make every line end a newline; a return at the end waits for what follows it."""
        text = "\r" + text if self._returned and text else text
        self._returned = text.endswith("\r") or (self._returned and not text)
        return _LINE_END.sub("\n", text.rstrip("\r"))

    def _screen_ends(self, text: str) -> str:
        """Make every line end CR LF, for a raw terminal does not go back to the first column by itself."""
        joined = ("\r" if self._returned else "") + text
        return _BARE_NEWLINE.sub("\r\n", joined)[len(joined) - len(text) :]


def _seven_bit(mark: str) -> str:
    """Spell an eight-bit control (as a character, or as a byte that is no UTF-8) with ESC."""
    if "\x80" <= mark <= "\x9f":
        return "\x1b" + chr(ord(mark) - 0x40)
    if "\udc80" <= mark <= "\udc9f":
        return "\x1b" + chr(ord(mark) - 0xDC80 + 0x40)
    return mark
