"""The checks as a list: waiting, asked, found; then what matters most first."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

from screens.widgets.reading import Line, plain_lines
from screens.widgets.row_list import BOX_TONES, Row, RowList, Tone
from wizard.checks.model import Status
from wizard.checks.words import sorted_findings, told_of
from wizard.guide.models.checks import Blocks
from wizard.plain.clean import clean, clean_line
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wizard.checks.model import Finding


Box = tuple[str, str, str]
"""Kind (note, warning, danger), title, text."""

BOX: Final = "box:"
"""What keys of the guide's boxes begin with; a finding's key has no colon in front."""
CHANGES: Final = "changes:"
"""Key of the row that says what is different since the last look."""

SLOW: Final = 2.0
"""Seconds after which it is said how long a check has been asked."""

_TONES: Final = {
    Status.FAIL: Tone.BAD,
    Status.ERROR: Tone.BAD,
    Status.UNKNOWN: Tone.BAD,
    Status.RISK: Tone.WARNING,
    Status.NOTE: Tone.HEADING,
    Status.OK: Tone.GOOD,
    Status.SKIPPED: Tone.QUIET,
}


class View(StrEnum):
    """Which findings are shown."""

    ALL = "all"
    NOT_PASSED = "not passed"
    BLOCKING = "blocking"
    CHANGED = "changed since the last look"


@dataclass(slots=True)
class _Asked:
    """One check on its way to its finding."""

    key: str
    title: str
    began: float | None = None
    """Monotonic seconds at which it was asked; None while it waits."""
    finding: Finding | None = None
    """What it gave in this look."""
    before: Status | None = None
    """What it gave in the look before."""

    @property
    def changed(self) -> bool:
        return self.finding is not None and self.before is not None and self.before is not self.finding.status


class FindingList(RowList):
    """Follows the checks while they are asked, and sorts them once all have answered."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        """Begin without checks."""
        super().__init__(id=id)
        self._asked: dict[str, _Asked] = {}
        self._before: dict[str, Finding] = {}
        self._looked = False
        self._bypassed: Mapping[str, str] = {}
        self._boxes: tuple[Box, ...] = ()
        self._changes: tuple[str, ...] = ()
        self._view = View.ALL
        self._words = ""

    # -- what is known ---------------------------------------------------------------------------

    def begin(self, checks: Iterable[tuple[str, str]]) -> None:
        """Begin a look: these checks are about to be asked; what was found before stays in sight."""
        if self._looked:
            self._before = {key: one.finding for key, one in self._asked.items() if one.finding is not None}
        named = dict(checks)
        order = [key for key in self._asked if key in named] + [key for key in named if key not in self._asked]
        self._asked = {key: _Asked(key, named[key], before=self._status_before(key)) for key in order}
        self._looked = False
        self.refresh_rows()

    def asked(self, key: str) -> None:
        """A check is asked now."""
        if (one := self._asked.get(key)) is not None:
            one.began = time.monotonic()

    def found(self, finding: Finding) -> None:
        """A finding came; one that belongs to no check of the guide gets a row of its own."""
        one = self._asked.setdefault(
            finding.key, _Asked(finding.key, finding.title, before=self._status_before(finding.key))
        )
        one.finding = finding

    def settle(self, findings: Sequence[Finding], bypassed: Mapping[str, str]) -> None:
        """All have answered: what matters most comes first."""
        self._bypassed = bypassed
        self._asked = {
            one.key: _Asked(one.key, one.title, finding=one, before=self._status_before(one.key))
            for one in sorted_findings(findings, bypassed)
        }
        untouched = not self._before and self.cursor == 0
        self._looked = True
        self.refresh_rows()
        if untouched:
            # Who has not looked at anything yet begins with what matters most.
            self.action_ends(-1)

    def put_beside(self, boxes: tuple[Box, ...], changes: tuple[str, ...]) -> None:
        """Show the guide's own boxes, and what is different since the last look."""
        self._boxes, self._changes = boxes, changes
        self.refresh_rows()

    @property
    def progress(self) -> tuple[int, int, int]:
        """How many have answered, how many are asked now, how many there are."""
        asked = self._asked.values()
        found = sum(one.finding is not None for one in asked)
        return found, sum(one.finding is None and one.began is not None for one in asked), len(self._asked)

    @property
    def changed(self) -> int:
        """How many findings are different from those of the look before."""
        return sum(map(self._is_changed, self._asked.values()))

    @property
    def came(self) -> list[Finding]:
        """The findings of this look so far."""
        return [one.finding for one in self._asked.values() if one.finding is not None]

    @property
    def finding(self) -> Finding | None:
        """The finding under the cursor; of a check that is asked again, the one of the look before."""
        one = self._asked.get(self.selected)
        return None if one is None else one.finding or self._before.get(one.key)

    def _status_before(self, key: str) -> Status | None:
        was = self._before.get(key)
        return was.status if was is not None else None

    # -- filters ---------------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """Which are shown."""
        return self._view

    def next_view(self) -> View:
        """Show others, in turn."""
        views = list(View)
        self._view = views[(views.index(self._view) + 1) % len(views)]
        self.refresh_rows()
        return self._view

    def search(self, words: str) -> None:
        """Show only what has these words in title, key or what was seen; empty: no filter."""
        self._words = words.casefold().strip()
        self.refresh_rows()

    def _is_shown(self, one: _Asked) -> bool:
        finding = one.finding
        match self._view:
            case View.ALL:
                fits = True
            case View.NOT_PASSED:
                fits = finding is None or not (finding.passed or finding.status is Status.SKIPPED)
            case View.BLOCKING:
                fits = finding is not None and finding.blocking and finding.key not in self._bypassed
            case View.CHANGED:
                fits = self._is_changed(one)
            case _:
                assert_never(self._view)
        return fits and (not self._words or self._words in _haystack(one))

    def _is_changed(self, one: _Asked) -> bool:
        """Whether it is another finding than before, or was not there."""
        return one.changed or (one.finding is not None and one.before is None and bool(self._before))

    # -- rows ------------------------------------------------------------------------------------

    def refresh_rows(self) -> None:
        """Show how it stands now."""
        self.show(list(self._rows_now()))

    def _rows_now(self) -> Iterator[Row]:
        if self._changes and self._looked:
            more = f" (and {len(self._changes) - 1} more)" if len(self._changes) > 1 else ""
            yield Row(CHANGES, (("CHANGED ", Tone.COMMAND), (clean_line(self._changes[0]), Tone.PLAIN)), more)
        boxes = [] if self._view is not View.ALL or self._words or not self._looked else list(enumerate(self._boxes))
        shown = [one for one in self._asked.values() if self._is_shown(one)]
        first = 0
        if self._looked:
            first = sum(one.finding is not None and self._blocks(one.finding) for one in shown)
        now = time.monotonic()
        yield from (self._row(one, now) for one in shown[:first])
        # Warnings stand right behind what blocks; notes come last.
        yield from (_box_row(number, box) for number, box in boxes if box[0] in BOX_TONES)
        yield from (self._row(one, now) for one in shown[first:])
        yield from (_box_row(number, box) for number, box in boxes if box[0] not in BOX_TONES)

    def _blocks(self, finding: Finding) -> bool:
        return finding.blocking and finding.key not in self._bypassed

    def _row(self, one: _Asked, now: float) -> Row:
        if (finding := one.finding) is None:
            return _unanswered(one, now)
        word = (f"{finding.status.value.upper():<8}", _TONES[finding.status])
        beside = ""
        if finding.blocking:
            beside = " (bypassed)" if finding.key in self._bypassed else " (blocks)"
        was = f" was {one.before}" if one.changed else ""
        return Row(one.key, (word, (clean_line(finding.title), Tone.PLAIN), (beside, Tone.STRONG)), was)

    # -- what belongs to a row -------------------------------------------------------------------

    def details(self) -> list[Line]:
        """What is told of the selected row."""
        return list(self._details())

    def _details(self) -> Iterator[Line]:
        key = self.selected
        if key == CHANGES:
            yield Line("What is different since the last look:", "heading")
            for words in self._changes:
                yield from plain_lines(clean(words))
        elif key.startswith(BOX):
            kind, title, text = self._boxes[int(key.removeprefix(BOX))]
            head = f"{kind.upper()} — {clean_line(title)}" if title else kind.upper()
            yield Line(clean_line(head), BOX_TONES.get(kind, Tone.HEADING))
            yield from plain_lines(clean(text))
        elif (one := self._asked.get(key)) is not None:
            yield from self._told(one)

    def _told(self, one: _Asked) -> Iterator[Line]:
        finding = one.finding
        if finding is None:
            word = "Asked now" if one.began is not None else "Waits its turn"
            yield Line(clean_line(one.title), "heading")
            yield Line(f"{word}{f'; it was {one.before} at the last look' if one.before is not None else ''}.", "quiet")
            return
        yield Line(clean_line(finding.title), "heading")
        yield Line(f"{finding.status.value.upper()}{self._standing(finding)}", _TONES[finding.status])
        if one.changed:
            yield Line(f"It was {one.before} at the last look.", Tone.COMMAND)
        for words in told_of(finding, self._bypassed.get(finding.key)):
            yield from plain_lines(clean(words), Tone.COMMAND if words in finding.links else "")
        if finding.passed or finding.status is Status.SKIPPED:
            yield from (Line(clean_line(link), Tone.COMMAND) for link in finding.links)

    def _standing(self, finding: Finding) -> str:
        """Whether it blocks, in words behind its status."""
        if not finding.blocking:
            return ""
        if finding.key in self._bypassed:
            return ", bypassed"
        return ", blocks; may be bypassed with a reason" if finding.blocks is Blocks.BYPASSABLE else ", blocks"

    def to_copy(self) -> list[str]:
        """What may be copied of the selected row, links first."""
        if (finding := self.finding) is not None:
            seen = [one.seen for one in finding.evidence]
            return [clean(words) for words in (*finding.links, finding.remedy, *seen) if words]
        if self.selected.startswith(BOX):
            return [clean(self._boxes[int(self.selected.removeprefix(BOX))][2])]
        return []


def _unanswered(one: _Asked, now: float) -> Row:
    word = "waiting " if one.began is None else "asking  "
    asked = 0.0 if one.began is None else now - one.began
    end = show_duration(int(asked)) if asked >= SLOW else ""
    was = f" (was {one.before})" if one.before is not None else ""
    return Row(one.key, ((word, Tone.QUIET), (clean_line(one.title), Tone.QUIET), (was, Tone.QUIET)), end)


def _box_row(number: int, box: Box) -> Row:
    kind, title, text = box
    words = clean_line(title) or clean_line(text)
    return Row(f"{BOX}{number}", ((f"{kind.upper():<8}", BOX_TONES.get(kind, Tone.HEADING)), (words, Tone.PLAIN)))


def _haystack(one: _Asked) -> str:
    finding = one.finding
    parts = [one.key, one.title]
    if finding is not None:
        parts += [finding.title, finding.status, finding.say, *(seen.seen for seen in finding.evidence)]
    return "\n".join(parts).casefold()
