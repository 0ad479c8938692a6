"""The steps of a run with their codes and what became of them; quick with many thousands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, assert_never, overload

from textual.binding import Binding, BindingType
from textual.message import Message

from screens.widgets.row_list import Row, RowList, Tone
from wizard.plain.clean import clean_line
from wizard.plan.addresses import above
from wizard.plan.model import Included, PlannedPhase, PlannedStep
from wizard.plan.steps import iter_steps
from wizard.run.state import StepStatus
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wizard.plan.model import Plan
    from wizard.run.session_view import SessionView

SIGNS: Final = {
    StepStatus.WAITING: (" ", Tone.PLAIN, ""),
    StepStatus.RUNNING: ("▶", Tone.STRONG, "now"),
    StepStatus.DONE: ("✓", Tone.GOOD, ""),
    StepStatus.ALREADY_DONE: ("✓", Tone.GOOD, "was done"),
    StepStatus.FAILED: ("✗", Tone.BAD, "failed"),
    StepStatus.SKIPPED: ("-", Tone.WARNING, "skipped"),
    StepStatus.UNKNOWN: ("?", Tone.BAD, "unknown"),
    StepStatus.NOT_NEEDED: ("·", Tone.QUIET, "not needed"),
    StepStatus.UNDOING: ("↶", Tone.WARNING, "undoing"),
    StepStatus.UNDONE: ("↶", Tone.WARNING, "undone"),
    StepStatus.IN_BACKGROUND: ("&", Tone.STRONG, "runs"),
    StepStatus.SET_BACK: ("↶", Tone.WARNING, "set back"),
}
"""The sign of a status, how it looks, and the word at the end of its row; a sign is never told by colour alone."""

_WORTH_TELLING: Final = 1.0
"""Seconds; what took less is told without a time."""


def status_words(status: StepStatus) -> str:
    """A status for people."""
    return str(status).replace("_", " ")


class _Place(NamedTuple):
    """What one row is about: a hop, a phase, a step, or the name of a procedure (a row that is never another)."""

    key: str
    of: PlannedStep | PlannedPhase | Row
    depth: int = 0
    undoes: bool = False
    """Whether it is a step of an undo, which stands below what it takes back."""


class StepRows(Sequence[Row]):
    """The rows of a view; each is made when it is looked at, as of many thousands few are seen."""

    def __init__(self, view: SessionView, places: Sequence[_Place]) -> None:
        """Make rows of `view` where `places` says which there are."""
        self._view = view
        self._places = places

    def __len__(self) -> int:
        """Count them."""
        return len(self._places)

    @overload
    def __getitem__(self, number: int) -> Row: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Row]: ...
    def __getitem__(self, number: int | slice) -> Row | Sequence[Row]:
        """Make one row, or give those of a part."""
        if isinstance(number, slice):
            return StepRows(self._view, self._places[number])
        return _row(self._view, self._places[number])


def _row(view: SessionView, place: _Place) -> Row:
    match place.of:
        case Row() as row:
            return row
        case PlannedPhase() as phase:
            out = _is_out(view, phase)
            words = f"{phase.code} {clean_line(phase.title)}"
            return Row(phase.key, ((words, Tone.QUIET if out else Tone.HEADING),), "not needed" if out else "")
        case PlannedStep() as step if place.undoes:
            row = _step(view, step, place.depth)
            words = row.words[1][0].replace(step.code, f"{step.code} undo:", 1)
            return Row(row.key, (row.words[0], (words, Tone.WARNING)), row.end)
        case PlannedStep() as step:
            return _step(view, step, place.depth)
        case _:
            assert_never(place.of)


def _is_out(view: SessionView, phase: PlannedPhase) -> bool:
    return phase.included is Included.NO or view.status(phase.key) is StepStatus.NOT_NEEDED


class _Layout:
    """Which rows there are: laid out again only where plan, what was done beside it, or what is opened is another.

    Of a loop or of rounds only that part is opened in which the run, or what is looked at, stands.
    """

    def __init__(self) -> None:
        """Begin without rows."""
        self._plan: Plan | None = None
        self._closable: dict[str, bool] = {}
        """Parts of loops and rounds by their addresses, and whether they have no row of their own."""
        self._of: tuple[object, ...] = ()
        self.places: Sequence[_Place] = ()
        self.numbers: Mapping[str, int] = {}

    def lay_out(self, view: SessionView, around: str) -> None:
        """Find the rows of a view; `around` is the address of what is looked at."""
        plan = view.plan
        if plan is None:
            self._plan, self._of, self.places, self.numbers = None, (), (), {}
            return
        if plan is not self._plan:
            self._plan, self._of = plan, ()
            self._closable = {one.key: one.alone for one in iter_steps(plan) if one.alone or one.batch or one.round}
        out = frozenset(phase.key for phase in plan.phases if _is_out(view, phase))
        opened = frozenset(self._opened(around)) | frozenset(self._opened(view.now.removeprefix("undo/")))
        of = (opened, out, view.aside)
        if of != self._of:
            self._of = of
            self.places = tuple(self._lay_out(view, plan, opened, out))
            self.numbers = {place.key: number for number, place in enumerate(self.places)}

    def row_of(self, key: str) -> str:
        """The row that stands for an address: its own, the first one inside of it, or of what it is inside of."""
        if key not in self.numbers:
            key = next((one for one in self.numbers if one.startswith(f"{key}/")), key)
        while key and key not in self.numbers:
            key = key.rpartition("/")[0]
        return key

    def _opened(self, place: str) -> Iterator[str]:
        """The parts of loops and rounds an address stands in."""
        # An item of one step has no row of its own: while the run stands at the item, that step is where it stands.
        if self._closable.get(place, False):
            yield place
        yield from (key for key in above(place) if key in self._closable)

    def _lay_out(self, view: SessionView, plan: Plan, opened: frozenset[str], out: frozenset[str]) -> Iterator[_Place]:
        undoing: dict[str, list[PlannedStep]] = {}
        for undo in view.aside:
            if undo.key.startswith("undo/"):
                undoing.setdefault(undo.key.removeprefix("undo/").rpartition("/")[0], []).append(undo)
        hop = 0
        for phase in plan.phases:
            if view.hops > 1 and phase.hop != hop:
                hop = phase.hop
                now = next(one for one in plan.hops if one.number == hop)
                head = f"Hop {hop}: {now.from_version} → {now.to_version}"
                yield _Place(f"hop {hop}", Row(f"hop {hop}", ((head, Tone.HEADING),)))
            yield _Place(phase.key, phase)
            if phase.key not in out:
                yield from self._steps((*phase.steps, *phase.finally_steps), opened, undoing, 1)
        yield from _called(view)

    def _steps(
        self,
        steps: Iterable[PlannedStep],
        opened: frozenset[str],
        undoing: Mapping[str, Sequence[PlannedStep]],
        depth: int,
    ) -> Iterator[_Place]:
        for step in steps:
            if step.alone:
                if step.key in opened:
                    yield from self._steps(step.steps, opened, undoing, depth)
                continue
            yield _Place(step.key, step, depth)
            if step.steps and (not (step.batch or step.round) or step.key in opened):
                yield from self._steps(step.steps, opened, undoing, depth + 1)
            for undo in undoing.get(step.key, ()):
                yield _Place(undo.key, undo, depth + 1, undoes=True)


def _called(view: SessionView) -> Iterator[_Place]:
    """The steps of procedures that were called."""
    head = ""
    for step in view.aside:
        if step.key.startswith("procedure/"):
            name = step.key.split("/")[1]
            if name != head:
                head = name
                key = f"procedure {name}"
                yield _Place(key, Row(key, ((f"Procedure {name}", Tone.HEADING),)))
            yield _Place(step.key, step, 1)


def _step(view: SessionView, step: PlannedStep, depth: int) -> Row:
    status = StepStatus.NOT_NEEDED if step.included is Included.NO else view.status(step.key)
    sign, tone, word = SIGNS[status]
    seen = view.statuses.get(step.key)
    if not word and seen is not None and status is StepStatus.DONE and seen.seconds >= _WORTH_TELLING:
        word = show_duration(seen.seconds)
    if seen is not None and seen.by_hand and status is StepStatus.DONE:
        word = "by hand"
    if view.rehearsal and status in (StepStatus.DONE, StepStatus.ALREADY_DONE):
        word = "rehearsed"
    words = f"{'  ' * (depth - 1)}{step.code} {clean_line(step.title)}"
    quiet = Tone.QUIET if status is StepStatus.NOT_NEEDED else Tone.STRONG if step.key == view.now else Tone.PLAIN
    return Row(step.key, ((f"{sign} ", tone), (words, quiet)), word)


class StepList(RowList):
    """The steps; the cursor is the step that is looked at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Read it", id="steps.take", tooltip="Read about this step"),
    ]

    class Taken(Message):
        """The step under the cursor is wanted."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget calls it
        """Begin without steps."""
        super().__init__(id=id)
        self._layout = _Layout()
        self._of: tuple[SessionView | None, str] = (None, "")

    def show_steps(self, view: SessionView, at: str) -> None:
        """Show what became of the steps, with the cursor on the one `at`."""
        if self._of[0] is view and self._of[1] == at:
            return
        self._of = view, at
        layout = self._layout
        layout.lay_out(view, at)
        # The cursor goes with the run: that is no step that somebody went to.
        with self.prevent(self.Moved):
            rows = StepRows(view, layout.places)
            self.show(rows, at=layout.row_of(at) if at else "", places=layout.numbers)

    def action_take(self) -> None:
        """Take the step under the cursor."""
        self.post_message(self.Taken())
