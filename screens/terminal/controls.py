"""Telling text from control functions, after ECMA-48 and the state machine of the VT500.

A chunk is split once: text, control, text, control, …, text. A control is one whole function: a line end, a single
control character, an escape or control sequence, or a string with its end. What is unfinished at the end of a chunk
waits for the next. Controls inside a sequence are carried out and the sequence goes on; ESC, CAN and SUB abandon it.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

LONGEST = 4096
"""Characters of a sequence or string; a longer one is swallowed as a whole."""
WORTH_KEEPING = 64
"""Characters of a sequence that may be remembered with what it does; hardly any program writes a longer one twice."""
MOST_PARAMETERS = 32
LARGEST = 65_535

_INSIDE = r"\x00-\x17\x19\x1c-\x1f\x7f"
_CONTROL = re.compile(
    rf"""(
      \r\n
    | [\x00-\x1a\x1c-\x1f\x7f]
    | \x1b\[ [0-?]*+ [A-Za-z]                                            # nearly every sequence
    | \x1b[{_INSIDE}]* \[ [{_INSIDE}\x20-\x3f]*+ [^\x18\x1a\x1b]
    | \x1b[{_INSIDE}]* \] [^\x07\x18\x1a\x1b]*+ (?: [\x07\x18\x1a] | (?=\x1b) )
    | \x1b[{_INSIDE}]* [PX^_] [^\x18\x1a\x1b]*+ (?: [\x18\x1a] | (?=\x1b) )
    | \x1b[{_INSIDE}]* [^{_INSIDE}\x20-\x2f\x18\x1a\x1b\[\]PX^_]
    | \x1b[{_INSIDE}]* [\x20-\x2f] [{_INSIDE}\x20-\x2f]*+ [^\x18\x1a\x1b]
    | \x1b [^\x18\x1a\x1b]*+
    )""",
    re.VERBOSE,
)
_C1 = re.compile("[\x80-\x9f]")
_INSIDE_ALL = re.compile(f"[{_INSIDE}]")
_SEQUENCE = re.compile(r"\x1b\[([<-?]?)([0-9:;]*)([ -/]*)([@-~])")
_ESCAPE = re.compile(r"\x1b([ -/]*)([0-~])")
_STRING = re.compile(rf"\x1b[{_INSIDE}]*([\]PX^_])([^\x07\x18\x1a\x1b]*)")
_END_OF_OSC = re.compile(r"[\x07\x18\x1a\x1b]")
_END_OF_STRING = re.compile(r"[\x18\x1a\x1b]")
_END_OF_ESCAPE = re.compile(rf"[^{_INSIDE}\x20-\x2f]")
_END_OF_SEQUENCE = re.compile(rf"[^{_INSIDE}\x20-\x3f]")


class Function(NamedTuple):
    """A control function, read."""

    name: str
    """The final byte with its private mark and intermediates: `m`, `?h`, ` q`, `ESC 7`, `ESC (0`, `OSC`."""
    parameters: tuple[tuple[int | None, ...], ...] = ()
    """Each in its parts between colons; None where nothing stands."""
    text: str = ""
    """What a string says."""
    inside: str = ""
    """Control characters that stood within, to be carried out first."""

    def number(self, index: int, default: int = 0) -> int:
        """A parameter; `default` where there is none or it is 0."""
        return (self.parameters[index][0] or default) if index < len(self.parameters) else default

    def flat(self) -> list[int]:
        """All parameters; 0 where nothing stands."""
        return [parts[0] or 0 for parts in self.parameters]


class Splitter:
    """Makes text and controls of bytes that come in pieces."""

    def __init__(self) -> None:
        """Begin outside of any sequence."""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace")
        self._kept = ""
        self._until: re.Pattern[str] | None = None
        """What ends the endless sequence that is being swallowed."""

    @property
    def idle(self) -> bool:
        """Whether nothing is unfinished."""
        return not self._kept and self._until is None and not self._decode.getstate()[0]

    def split(self, data: bytes) -> list[str]:
        """Text and controls in turn, text first and last."""
        text = self._decode.decode(data)
        if not text.isascii() and _C1.search(text):
            text = _C1.sub(lambda found: "\x1b" + chr(ord(found[0]) - 0x40), text)
        if self._until is not None:
            text = self._swallowed(text, self._until)
        if self._kept:
            text = self._kept + text
            self._kept = ""
        parts = _CONTROL.split(text)
        if not parts[-1] and len(parts) > 1 and parts[-2][0] == "\x1b" and not _whole(parts[-2]):
            self._keep(parts)
        return parts

    def _swallowed(self, text: str, until: re.Pattern[str]) -> str:
        """What follows the end of the endless sequence."""
        end = until.search(text)
        if end is None:
            return ""
        self._until = None
        return text[end.start() if end[0] in "\x18\x1a\x1b" else end.end() :]

    def _keep(self, parts: list[str]) -> None:
        """Let the unfinished sequence at the end wait, or swallow it where it is too long already."""
        kept = parts[-2]
        del parts[-2:]
        if len(kept) <= LONGEST:
            self._kept = kept
            return
        match _INSIDE_ALL.sub("", kept[1:])[:1]:
            case "]":
                self._until = _END_OF_OSC
            case "P" | "X" | "^" | "_":
                self._until = _END_OF_STRING
            case "[":
                self._until = _END_OF_SEQUENCE
            case _:
                self._until = _END_OF_ESCAPE


def _whole(control: str) -> bool:
    """Whether what begins with ESC and ends the chunk is finished."""
    if _SEQUENCE.fullmatch(control):
        return True
    bare = _INSIDE_ALL.sub("", control)
    match bare[1:2]:
        case "[":
            return len(bare) > 2 and not "\x20" <= bare[-1] <= "\x3f"
        case "]":
            return control[-1] == "\x07"
        case "P" | "X" | "^" | "_" | "":
            return False
        case _:
            return not "\x20" <= bare[-1] <= "\x2f"


def read(control: str) -> Function | None:
    """What a control that begins with ESC asks for; None for what is malformed, too long or abandoned."""
    if len(control) > LONGEST:
        return None
    found = _SEQUENCE.fullmatch(control)
    if found:
        mark, parameters, between, final = found.groups()
        return Function(mark + between + final, _parameters(parameters))
    string = _STRING.match(control)
    if string:
        return Function("OSC", text=string[2]) if string[1] == "]" and control[-1] not in "\x18\x1a" else None
    escape = _ESCAPE.fullmatch(control)
    if escape:
        return Function(f"ESC {escape[1]}{escape[2]}")
    inside = "".join(_INSIDE_ALL.findall(control))
    if not inside:
        return None
    bare = read(_INSIDE_ALL.sub("", control))
    return Function("", inside=inside) if bare is None else bare._replace(inside=inside)


def _parameters(text: str) -> tuple[tuple[int | None, ...], ...]:
    if not text:
        return ()
    return tuple(tuple(map(_number, one.split(":"))) for one in text.split(";", MOST_PARAMETERS)[:MOST_PARAMETERS])


def _number(digits: str) -> int | None:
    if not digits:
        return None
    return min(int(digits), LARGEST) if len(digits) < 6 else min(int(digits.lstrip("0")[:6] or "0"), LARGEST)
