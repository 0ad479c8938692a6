"""Numbers, sizes and version ranges that are written out: that they can be read as such."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wizard.guide.models.checks import (
    BackupCheck,
    CommandCheck,
    CpuCheck,
    DiskCheck,
    FileCheck,
    HttpCheck,
    LoadCheck,
    MemoryCheck,
    PortCheck,
    SqlCheck,
    StepCheck,
    TcpCheck,
    VersionCheck,
)
from wizard.guide.models.facts import Fact
from wizard.guide.models.guide import Connection
from wizard.guide.models.questions import Question
from wizard.guide.models.steps import Expect, Outcome, Repeat, Stall
from wizard.units import parse_size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page
    from wizard.guide.models.base import Model

_SIZES: Final[Mapping[type[Model], tuple[str, ...]]] = {
    DiskCheck: ("free",),
    MemoryCheck: ("total", "available"),
    FileCheck: ("at_least",),
    BackupCheck: ("at_least",),
}
_NUMBERS: Final[Mapping[type[Model], tuple[str, ...]]] = {
    CpuCheck: ("at_least",),
    LoadCheck: ("at_most",),
    StepCheck: ("port",),
    PortCheck: ("port",),
    TcpCheck: ("port",),
    HttpCheck: ("status",),
    CommandCheck: ("exit",),
    FileCheck: ("count",),
    SqlCheck: ("at_least", "at_most"),
    Fact: ("expect_exit",),
    Connection: ("port",),
    Question: ("at_least", "at_most"),
    Expect: ("exit", "count"),
    Outcome: ("exit", "times"),
    Stall: ("times",),
    Repeat: ("at_most",),
}
_PORTS: Final = (StepCheck, PortCheck, TcpCheck, Connection)


def look(page: Page) -> None:
    """Read every number that is written out."""
    for placed in page.models:
        model, place = placed.model, placed.place
        for table, read in ((_SIZES, _size), (_NUMBERS, _number)):
            for key in _keys(table, model):
                _read(page, (*place, key), getattr(model, key, None), read)
        for key in _keys(_NUMBERS, model):
            if isinstance(model, _PORTS):
                _port(page, (*place, key), getattr(model, key, None))
        if isinstance(model, VersionCheck):
            _read(page, (*place, "in"), model.in_, _range)


def _keys(table: Mapping[type[Model], tuple[str, ...]], model: Model) -> tuple[str, ...]:
    return next((keys for kind, keys in table.items() if isinstance(model, kind)), ())


def _read(page: Page, place: DataPath, value: Any, read: Callable[[str], object]) -> None:
    match value:
        case str() if "${{" not in value:
            try:
                read(value)
            except ValueError as error:
                page.add(place, str(error), rule="number")
        case list():
            for number, entry in enumerate(value):
                _read(page, (*place, number), entry, read)
        case dict():
            for key, entry in value.items():
                _read(page, (*place, key), entry, read)
        case _:
            pass


def _size(text: str) -> object:
    return parse_size(text)


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        msg = f"{text!r} is not a number"
        raise ValueError(msg) from None


def _range(text: str) -> object:
    from wizard.versions import parse_range

    return parse_range(text)


def _port(page: Page, place: DataPath, value: Any) -> None:
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value
    if isinstance(number, int) and not 0 < number < 65536:
        page.add(place, f"{number} is no port", hint="ports go from 1 to 65535", rule="number")
