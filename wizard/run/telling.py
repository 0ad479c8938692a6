"""What a front end is told and no event of the journal holds, left in the session's folder for whoever looks on.

Remarks, checks asked inside a step, differences and what is owed go into `told.jsonl`, the looks of monitors into
`looks.jsonl`: both bounded, never flushed, and read for eyes alone (`wizard.run.bounded_lines`). What is left there
also shows a driver who comes back what was seen before.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from wizard.host.clock import utc_text
from wizard.redaction import redact_values
from wizard.run.bounded_lines import BoundedLines, BoundedLinesReader
from wizard.run.events import CheckAsked, Difference, LogNews, Monitored, Owed, Said, Sample, StepBegan
from wizard.run.session_view import LookSeen, ToldSeen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from wizard.host.clock import Clock
    from wizard.run.events import Event
    from wizard.run.session_view import ToldEvent
    from wizard.secrets import Secret

TOLD: Final = "told.jsonl"
LOOKS: Final = "looks.jsonl"
TOLD_LIMIT: Final = 192 << 10
LOOKS_LIMIT: Final = 192 << 10
"""Bytes; each of the two files may take twice as many, with the one before it."""

TOLD_KEPT: Final = 300
"""How many of the last things that were told a reader keeps."""
LOOKS_KEPT: Final = 600
"""How many of the last looks of one monitor a reader keeps."""
MONITORS_KEPT: Final = 8
"""Of how many monitors a reader keeps them."""

_LONGEST: Final = 2000
"""Characters of one text."""
_LINES: Final = 200
"""Lines of a difference."""
_LOG_LINES: Final = 6
"""Last lines of a log at one look: they go with a graph, and the log has them all."""
_COLUMNS: Final = 240
"""Characters of a line of a difference or a log."""


class Telling:
    """Leaves in the folder what is told while one driver walks."""

    def __init__(
        self,
        folder: Path,
        *,
        epoch: int,
        clock: Clock,
        secrets: Callable[[], Iterable[Secret]],
        seq: Callable[[], int],
    ) -> None:
        """Write for the driver of `epoch`; `secrets` are taken out, `seq` is that of the journal's last event."""
        self._told = BoundedLines(folder, TOLD, TOLD_LIMIT)
        self._looks = BoundedLines(folder, LOOKS, LOOKS_LIMIT)
        self._epoch = epoch
        self._clock = clock
        self._secrets = secrets
        self._seq = seq
        self._number = 0
        self._key = ""
        """Address of the step that began last."""
        self._before_a_step = False
        """Whether something was told before this driver came to a step."""

    def note(self, event: Event) -> None:
        """Leave what is for whoever looks on, and not in the journal."""
        match event:
            case StepBegan():
                self._key = event.step.key
                if self._before_a_step:
                    self._before_a_step = False
                    self._write(self._told, "step", {})
            case Said() | CheckAsked() | Owed():
                self._tell(event)
            case Difference():
                self._tell(_short(event))
            case Monitored():
                logs = [replace(log, lines=tuple(line[:_COLUMNS] for line in log.lines[-_LOG_LINES:]))
                        for log in event.logs]  # fmt: skip
                look = {
                    "samples": [asdict(one) for one in event.samples],
                    "logs": [asdict(one) for one in logs],
                    "watched": round(event.watched, 3),
                    "at_most": event.at_most,
                }
                self._write(self._looks, "look", look, key=event.step.key)

    def _tell(self, event: ToldEvent) -> None:
        self._before_a_step |= not self._key
        self._write(self._told, _KINDS[type(event)], asdict(event))

    def _write(self, file: BoundedLines, kind: str, what: dict[str, Any], *, key: str = "") -> None:
        self._number += 1
        file.append(
            {
                "epoch": self._epoch,
                "number": self._number,
                "after": self._seq(),
                "at": utc_text(self._clock.now()),
                "key": key or self._key,
                "kind": kind,
                "what": _cut(redact_values(what, self._secrets())),
            }
        )


class ToldReader:
    """Follows what is left in a session's folder; `told` and `looks` are what was read by now."""

    def __init__(self, folder: Path) -> None:
        """Follow the session in `folder`."""
        self._told_file = BoundedLinesReader(folder, TOLD)
        self._looks_file = BoundedLinesReader(folder, LOOKS)
        self._told_last = self._looks_last = (0, 0)
        self._told: deque[ToldSeen] = deque(maxlen=TOLD_KEPT)
        self._looks: dict[str, deque[LookSeen]] = {}

    def poll(self) -> tuple[ToldSeen, ...]:
        """Look whether anything was told, and give what was since the last time."""
        before = self._told_last
        for line in self._told_file.read():
            if (place := _place(line)) > self._told_last:
                self._told_last = place
                self._take_told(line)
        return tuple(one for one in self._told if (one.epoch, one.number) > before)

    def poll_looks(self) -> bool:
        """Look whether any monitor looked since the last time."""
        before = self._looks_last
        for line in self._looks_file.read():
            if (place := _place(line)) > self._looks_last:
                self._looks_last = place
                if (look := _look(line)) is not None:
                    kept = self._looks.pop(look.key, None)
                    self._looks[look.key] = kept if kept is not None else deque(maxlen=LOOKS_KEPT)
                    self._looks[look.key].append(look)
                    if len(self._looks) > MONITORS_KEPT:
                        del self._looks[next(iter(self._looks))]
        return self._looks_last != before

    @property
    def told(self) -> tuple[ToldSeen, ...]:
        """What was told, oldest first."""
        return tuple(self._told)

    def looks(self, key: str) -> tuple[LookSeen, ...]:
        """The looks of the monitor at an address, oldest first; none where it is no monitor."""
        return tuple(self._looks.get(key, ()))

    def close(self) -> None:
        """Let go of the files."""
        self._told_file.close()
        self._looks_file.close()

    def _take_told(self, line: dict[str, Any]) -> None:
        if line.get("kind") == "step":
            # What a driver was told before coming to a step belongs to the first one.
            epoch, key = line["epoch"], str(line.get("key", ""))
            told = (replace(one, key=key) if one.epoch == epoch and not one.key else one for one in self._told)
            self._told = deque(told, maxlen=TOLD_KEPT)
        elif (event := _event(line)) is not None:
            place = (line["epoch"], line["number"])
            after = line.get("after")
            self._told.append(
                ToldSeen(*place, after if type(after) is int else 0, str(line.get("at")), str(line.get("key")), event)
            )


# -- writing -------------------------------------------------------------------------------------

_KINDS: Final[dict[type, str]] = {Said: "said", CheckAsked: "check", Difference: "difference", Owed: "owed"}


def _short(event: Difference) -> Difference:
    left_out = len(event.lines) - _LINES
    more = (f"@@ {left_out} more lines are not shown here @@",) if left_out > 0 else ()
    return replace(event, lines=(*(line[:_COLUMNS] for line in event.lines[:_LINES]), *more))


def _cut(value: Any) -> Any:
    match value:
        case str() if len(value) > _LONGEST:
            return f"{value[:_LONGEST]} …"
        case dict():
            return {name: _cut(item) for name, item in value.items()}
        case list() | tuple():
            return [_cut(item) for item in value]
        case _:
            return value


# -- reading -------------------------------------------------------------------------------------


def _place(line: dict[str, Any]) -> tuple[int, int]:
    epoch, number = line.get("epoch"), line.get("number")
    return (epoch, number) if type(epoch) is int and type(number) is int else (0, 0)


def _event(line: dict[str, Any]) -> ToldEvent | None:
    """What was told; None for what no wizard of this version writes."""
    try:
        what = line["what"]
        match line["kind"]:
            case "said":
                return Said(str(what["text"]), str(what["kind"]))
            case "check":
                from wizard.checks.model import finding_from

                return CheckAsked(finding_from(what["finding"]), rehearsed=what["rehearsed"] is True)
            case "difference":
                return Difference(str(what["file"]), tuple(map(str, what["lines"])))
            case "owed":
                return Owed(tuple((str(code), str(title)) for code, title in what["items"]))
            case _:
                return None
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def _look(line: dict[str, Any]) -> LookSeen | None:
    try:
        what = line["what"]
        return LookSeen(
            *_place(line),
            str(line["key"]),
            tuple(_samples(what["samples"])),
            tuple(
                LogNews(str(one["path"]), tuple(map(str, one["lines"])), int(one["count"]), int(one["errors"]))
                for one in what["logs"]
            ),
            float(what["watched"]),
            float(what["at_most"]),
        )
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _samples(samples: Iterable[dict[str, Any]]) -> Iterator[Sample]:
    for one in samples:
        amount = one["amount"]
        known = float(amount) if isinstance(amount, int | float) else None
        yield Sample(str(one["key"]), str(one["title"]), str(one["seen"]), one["passed"] is True, known)
