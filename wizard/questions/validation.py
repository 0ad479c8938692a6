"""What a person or a file gives, judged by the type of its question: one function for each type.

Each takes the raw value (text as typed, or plain data of a file) and gives the value as it is kept.
RefusedError says in plain words what is wrong and what is expected, with an example; it never
repeats a secret.
"""

from __future__ import annotations

import ipaddress
import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final, assert_never

from wizard.guide.models.questions import QuestionType
from wizard.secrets import Secret
from wizard.units import parse_duration
from wizard.versions import Version, parse_version

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST: Final = 32_000
"""Characters in one answer; a variable of a command's environment takes four times as many bytes."""

_EXAMPLES: Final = {
    QuestionType.TEXT: "some text",
    QuestionType.YES_NO: "true",
    QuestionType.CHOICE: "one of the choices",
    QuestionType.CHOICES: "some of the choices",
    QuestionType.NUMBER: "8",
    QuestionType.VERSION: "1.4.2",
    QuestionType.PATH: "/opt/product",
    QuestionType.SECRET: "env:NAME_OF_A_VARIABLE",
    QuestionType.HOST: "db.example.org",
    QuestionType.HOST_PORT: "db.example.org:5432",
    QuestionType.PERCENTAGE: "33%",
    QuestionType.DURATION: "5m",
    QuestionType.TIME_WINDOW: "22:00-02:00",
    QuestionType.COMMAND: "systemctl restart product",
    QuestionType.TABLE: "one row a line",
}
_SHOWN: Final = 60
_BIDIRECTIONAL: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NUMBER: Final = re.compile(r"[+-]?\d{1,18}(\.\d{1,15})?", re.ASCII)
_NUMBERS: Final = re.compile(r"\d{1,18}(\.\d{1,18}){0,5}", re.ASCII)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})", re.ASCII)
_LABEL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", re.ASCII)
_SCOPE: Final = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_YES: Final = frozenset({"yes", "y", "true"})
_NO: Final = frozenset({"no", "n", "false"})


class RefusedError(ValueError):
    """An answer that cannot be taken; its text is for the person who gave it."""


def read_value(  # noqa: C901, PLR0912 - one case for each type
    kind: QuestionType,
    raw: Any,
    *,
    choices: Sequence[tuple[str, str]] = (),
    other: bool = False,
    pattern: str | None = None,
) -> Any:
    """Give `raw` as the value of a question of type `kind` (every type but table).

    `choices` are (value, label), `other` allows one that is not among them; `pattern` is how versions
    of the product look. RefusedError where it cannot be taken.
    """
    match kind:
        case QuestionType.TEXT:
            return text(raw)
        case QuestionType.YES_NO:
            return yes_no(raw)
        case QuestionType.CHOICE:
            return choice(raw, choices, other=other)
        case QuestionType.CHOICES:
            return several(raw, choices, other=other)
        case QuestionType.NUMBER:
            return number(raw)
        case QuestionType.VERSION:
            return version(raw, pattern, choices, other=other)
        case QuestionType.PATH:
            return path(raw)
        case QuestionType.SECRET:
            return secret(raw)
        case QuestionType.HOST:
            return host(raw)
        case QuestionType.HOST_PORT:
            return host_port(raw)
        case QuestionType.PERCENTAGE:
            return percentage(raw)
        case QuestionType.DURATION:
            return duration(raw)
        case QuestionType.TIME_WINDOW:
            return time_window(raw)
        case QuestionType.COMMAND:
            return command(raw)
        case QuestionType.TABLE:
            raise RefusedError("a table cannot stand inside a table")
        case _:
            assert_never(kind)


def is_empty(raw: Any) -> bool:
    """Whether nothing was given: no value, or text of nothing but blanks."""
    match raw:
        case None:
            return True
        case str():
            return not raw.strip()
        case Secret():
            return not raw.reveal()
        case _:
            return False


def example_of(kind: QuestionType, choices: Sequence[tuple[str, str]] = ()) -> str:
    """One valid answer of that type, as it would be written; the first choice where there are any."""
    return choices[0][0] if choices else _EXAMPLES[kind]


def quoted(value: object) -> str:
    """Show a value that was given: in quotes, without control characters, cut where it is long."""
    if isinstance(value, Secret):
        return str(value)
    if isinstance(value, (dict, list)):
        return "a map" if isinstance(value, dict) else "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    written = str(value)
    cut = written if len(written) <= _SHOWN else f"{written[: _SHOWN - 1]}…"
    return ascii(cut) if _hidden(cut) else repr(cut)


def _hidden(written: str) -> str:
    """The first character that cannot be seen or that turns the text around; empty where there is none."""
    return next(
        (one for one in written if one in _BIDIRECTIONAL or unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")), ""
    )


def _line(raw: Any, wanted: str) -> str:
    """One line of text, blanks around it taken off; `wanted` says what would have been right."""
    if isinstance(raw, Secret):
        raise RefusedError(f"a secret cannot be the answer here: {wanted}")
    if isinstance(raw, Version):
        raw = str(raw)
    if isinstance(raw, bool):
        raise RefusedError(f"{quoted(raw)} is a switch, and text is wanted: {wanted}")
    if isinstance(raw, int | float):
        raw = str(raw)
    if not isinstance(raw, str):
        raise RefusedError(f"{quoted(raw)} was given, and text is wanted: {wanted}")
    line = raw.strip(" \t")
    _refuse_hidden(line)
    if not line:
        raise RefusedError(f"an answer is needed: {wanted}")
    if len(line) > LONGEST:
        raise RefusedError(f"this is too long ({len(line)} characters; {LONGEST} at most)")
    return line


def _refuse_hidden(line: str) -> None:
    found = _hidden(line)
    if not found:
        return
    if found in "\r\n\x85\u2028\u2029":
        raise RefusedError("the answer goes over several lines: write it on one")
    if found == "\t":
        raise RefusedError("there is a tab inside the answer: write blanks instead")
    raise RefusedError(f"there is a character in it that cannot be seen (U+{ord(found):04X}): type it again by hand")


def _refuse_option(line: str, what: str) -> None:
    """A program that gets the answer as a word must not take it for an option."""
    if line.startswith("-"):
        raise RefusedError(f"{quoted(line)} begins with `-`, which programs take for an option: {what}")


def text(raw: Any) -> str:
    """One line of any text."""
    return _line(raw, "write some text")


def command(raw: Any) -> str:
    """An operator's own command: one line, as it would be typed into a shell."""
    return _line(raw, "write one command on one line, such as systemctl restart product")


def yes_no(raw: Any) -> bool:
    """True or false: a switch of a file, or yes, no, y, n of a person."""
    if isinstance(raw, bool):
        return raw
    word = raw.strip().lower() if isinstance(raw, str) else ""
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise RefusedError(f"{quoted(raw)} is neither yes nor no: answer yes or no (true or false in a file)")


def number(raw: Any) -> int | float:
    """A whole or decimal number."""
    wanted = "write digits, such as 8 or 1.5"
    if isinstance(raw, float):
        if not math.isfinite(raw) or abs(raw) >= 1e15:
            raise RefusedError(f"{raw} cannot be counted with: {wanted}")
        return raw
    line = _line(raw, wanted)
    if not _NUMBER.fullmatch(line):
        raise RefusedError(f"{quoted(line)} is not a number: {wanted}")
    return float(line) if "." in line else int(line)


def percentage(raw: Any) -> int | float:
    """A share of a hundred; the value is the number (33 of `33%`)."""
    wanted = "write a percentage from 0% to 100%, such as 33%"
    line = _line(raw, wanted)
    try:
        value = number(line.removesuffix("%").rstrip())
    except RefusedError:
        raise RefusedError(f"{quoted(line)} is not a percentage: {wanted}") from None
    if not 0 <= value <= 100:
        raise RefusedError(f"{quoted(line)} is out of range: {wanted}")
    return value


def version(
    raw: Any, pattern: str | None = None, choices: Sequence[tuple[str, str]] = (), *, other: bool = False
) -> str:
    """A version; the value is its normal text, or the choice that is the same version.

    Where the `pattern` takes only decorated versions (`release-1.4`), the plain numbers are taken too, for
    they are what is kept.
    """
    line = _line(raw, "write a version, such as 1.4.2")
    _refuse_option(line, "write the version alone, such as 1.4.2")
    try:
        known = parse_version(line, None if _NUMBERS.fullmatch(line) and not _takes_numbers(pattern) else pattern)
    except ValueError as error:
        raise RefusedError(str(error)) from None
    same = next((value for value, _ in choices if _is_version(value, known, pattern)), None)
    if choices and same is None and not other:
        raise RefusedError(f"{quoted(line)} is not one of the choices: {_list_of(choices)}")
    return same if same is not None else str(known)


def _takes_numbers(pattern: str | None) -> bool:
    """Whether plain numbers of some length are versions by `pattern`, so that its word about others counts."""
    if pattern is None:
        return True
    for numbers in ("1", "1.2", "1.2.3", "1.2.3.4"):
        try:
            parse_version(numbers, pattern)
        except ValueError:
            continue
        return True
    return False


def _is_version(text: str, known: Version, pattern: str | None) -> bool:
    for form in (None, pattern):
        try:
            if parse_version(text, form) == known:
                return True
        except ValueError:
            continue
    return False


def path(raw: Any) -> str:
    """An absolute path; doubled slashes, `.` and a slash at the end are taken out."""
    wanted = "write the whole path, such as /opt/product"
    line = _line(raw, wanted)
    _refuse_option(line, wanted)
    if line.startswith("~"):
        raise RefusedError(f"{quoted(line)} means another folder for every user: {wanted}")
    if not line.startswith("/"):
        raise RefusedError(f"{quoted(line)} does not begin with `/`: {wanted}")
    parts = [part for part in line.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise RefusedError(
            f"{quoted(line)} goes up with `..`, which leads elsewhere where a folder is a link: {wanted}"
        )
    return "/" + "/".join(parts)


def secret(raw: Any) -> Secret:
    """A secret, as it is: not even blanks are taken off."""
    value = raw.reveal() if isinstance(raw, Secret) else raw
    if not isinstance(value, str):
        raise RefusedError("a secret is text: in a file write env:NAME or file:PATH")
    if not value:
        raise RefusedError("an answer is needed")
    found = _hidden(value)
    if found:
        raise RefusedError(f"the secret holds a character that cannot be passed on (U+{ord(found):04X})")
    if len(value) > LONGEST:
        raise RefusedError(f"the secret is too long ({LONGEST} characters at most)")
    return Secret(value)


def host(raw: Any) -> str:
    """A host name or an IP address; an IPv6 address is kept without brackets."""
    wanted = "write a host name or an address, such as db.example.org or 10.0.0.5"
    line = _line(raw, wanted)
    _refuse_option(line, wanted)
    if line.startswith("[") and line.endswith("]"):
        line = line[1:-1]
    if _is_address(line):
        return line
    name = line.removesuffix(".")
    numbers_only = all(part.isdigit() for part in name.split("."))
    if numbers_only or len(name) > 253 or not all(_LABEL.fullmatch(part) for part in name.split(".")):
        raise RefusedError(f"{quoted(line)} is not a host: {wanted}")
    return line


def _is_address(line: str) -> bool:
    address, mark, scope = line.partition("%")
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not mark or (found.version == 6 and bool(_SCOPE.fullmatch(scope)))


def host_port(raw: Any) -> str:
    """A host and a TCP port; an IPv6 address stands in brackets."""
    wanted = "write host and port, such as db.example.org:5432 or [::1]:5432"
    line = _line(raw, wanted)
    _refuse_option(line, wanted)
    name, mark, port = line.rpartition(":")
    bracketed = name.startswith("[") and name.endswith("]")
    if not mark or not name or (":" in name and not bracketed):
        raise RefusedError(f"{quoted(line)} has no host and port: {wanted}")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise RefusedError(f"{quoted(port)} is not a port from 1 to 65535: {wanted}")
    known = host(name)
    return f"[{known}]:{int(port)}" if ":" in known else f"{known}:{int(port)}"


def duration(raw: Any) -> str:
    """A duration, kept as it is written (`5m`, `1h30m`)."""
    line = _line(raw, "write a duration: 30s, 5m, 2h or 3d")
    try:
        parse_duration(line)
    except ValueError as error:
        raise RefusedError(str(error)) from None
    return line


def time_window(raw: Any) -> str:
    """A part of the day, over midnight where the end is earlier; kept as `22:00-02:00`."""
    wanted = "write a time window, such as 22:00-02:00"
    line = _line(raw, wanted)
    found = _CLOCK.fullmatch(line)
    if found is None:
        raise RefusedError(f"{quoted(line)} is not a time window: {wanted}")
    hours, minutes = (int(found[1]), int(found[3])), (int(found[2]), int(found[4]))
    if max(hours) > 23 or max(minutes) > 59:
        raise RefusedError(f"{quoted(line)} holds a time that no clock shows: {wanted}")
    first, last = (f"{hour:02}:{minute:02}" for hour, minute in zip(hours, minutes, strict=True))
    if first == last:
        raise RefusedError(f"{quoted(line)} begins when it ends: {wanted}")
    return f"{first}-{last}"


def choice(raw: Any, choices: Sequence[tuple[str, str]], *, other: bool = False) -> str:
    """One of `choices`, by its value or its label; with `other` any line of text."""
    line = _line("true" if raw is True else "false" if raw is False else raw, _list_of(choices))
    found = _among(line, choices)
    if found is not None:
        return found
    if other:
        return line
    if not choices:
        raise RefusedError(f"{quoted(line)} cannot be taken: there is nothing to choose from yet")
    raise RefusedError(f"{quoted(line)} is not one of the choices: {_list_of(choices)}")


def several(raw: Any, choices: Sequence[tuple[str, str]], *, other: bool = False) -> list[str]:
    """Some of `choices` (a list, or text with commas), in the order of the choices and each once."""
    if isinstance(raw, str):
        items: list[Any] = [part for part in raw.split(",") if part.strip()]
    elif isinstance(raw, list | tuple):
        items = list(raw)
    else:
        raise RefusedError(f"{quoted(raw)} was given, and a list is wanted: {_list_of(choices)}")
    known = [choice(item, choices, other=other) for item in items]
    places = {value: place for place, (value, _) in enumerate(choices)}
    return sorted(dict.fromkeys(known), key=lambda value: places.get(value, len(places)))


def _among(line: str, choices: Sequence[tuple[str, str]]) -> str | None:
    """The value that `line` means: exactly, else the only one that differs in capitals only, or whose label it is."""
    if any(value == line for value, _ in choices):
        return line
    same = {value for value, label in choices if line.casefold() in (value.casefold(), label.casefold())}
    return same.pop() if len(same) == 1 else None


def _list_of(choices: Sequence[tuple[str, str]]) -> str:
    if not choices:
        return "choose one"
    shown = ", ".join(value for value, _ in choices[:12])
    return f"choose from {shown}" + (f" and {len(choices) - 12} more" if len(choices) > 12 else "")
