"""The steps of a run with their codes and what became of them; quick with many thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.message import Message

from screens.widgets.row_list import Row, RowList, Tone
from wizard.plain.clean import clean_line
from wizard.plan.model import Included
from wizard.run.state import StepStatus
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.plan.model import PlannedPhase, PlannedStep
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


Made = dict[str, tuple[tuple[object, ...], Row]]
"""The row of each step by its address, with what it was made of."""


def step_rows(view: SessionView, around: str, made: Made | None = None) -> list[Row]:
    """Rows of the plan; of a loop or of rounds only that part is opened in which `around`, or the run, stands.

    `made` keeps rows from one time to the next, as most stay as they are.
    """
    made = {} if made is None else made
    if view.plan is None:
        return []
    rows: list[Row] = []
    hop = 0
    for phase in view.plan.phases:
        if view.hops > 1 and phase.hop != hop:
            hop = phase.hop
            now = next(one for one in view.plan.hops if one.number == hop)
            rows.append(Row(f"hop {hop}", ((f"Hop {hop}: {now.from_version} → {now.to_version}", Tone.HEADING),)))
        rows += _phase(view, phase, around, made)
    rows += _beside(view)
    return rows


def _phase(view: SessionView, phase: PlannedPhase, around: str, made: Made) -> Iterator[Row]:
    out = phase.included is Included.NO or view.status(phase.key) is StepStatus.NOT_NEEDED
    tone = Tone.QUIET if out else Tone.HEADING
    yield Row(phase.key, ((f"{phase.code} {clean_line(phase.title)}", tone),), "not needed" if out else "")
    if not out:
        yield from _steps(view, (*phase.steps, *phase.finally_steps), around, 1, made)


def _steps(view: SessionView, steps: Iterable[PlannedStep], around: str, depth: int, made: Made) -> Iterator[Row]:
    undone = bool(view.aside)
    for step in steps:
        if step.alone:
            if _opened(view, step, around):
                yield from _steps(view, step.steps, around, depth, made)
            continue
        of = (view.statuses.get(step.key), step.key == view.now, depth)
        known = made.get(step.key)
        if known is None or known[0] != of:
            known = made[step.key] = of, _step(view, step, depth)
        yield known[1]
        if step.steps and (not (step.batch or step.round) or _opened(view, step, around)):
            yield from _steps(view, step.steps, around, depth + 1, made)
        if undone:
            yield from _undo_of(view, step, depth + 1)


def _opened(view: SessionView, step: PlannedStep, around: str) -> bool:
    places = around, view.now.removeprefix("undo/")
    # An item of one step has no row of its own: while the run stands at the item, that step is where it stands.
    return any(place.startswith(f"{step.key}/") or (step.alone and place == step.key) for place in places)


def _row_of(key: str, rows: list[Row]) -> str:
    """The row that stands for an address: its own, the first one inside of it, or of what it is inside of."""
    keys = [row.key for row in rows]
    known = frozenset(keys)
    if key not in known:
        key = next((one for one in keys if one.startswith(f"{key}/")), key)
    while key and key not in known:
        key = key.rpartition("/")[0]
    return key


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


def _undo_of(view: SessionView, step: PlannedStep, depth: int) -> Iterator[Row]:
    """The steps of an undo stand below what they take back."""
    below = f"undo/{step.key}/"
    for undo in view.aside:
        if undo.key.startswith(below) and "/" not in undo.key.removeprefix(below):
            row = _step(view, undo, depth)
            yield Row(
                row.key,
                (row.words[0], (row.words[1][0].replace(undo.code, f"{undo.code} undo:", 1), Tone.WARNING)),
                row.end,
            )


def _beside(view: SessionView) -> Iterator[Row]:
    """The steps of procedures that were called."""
    called = [step for step in view.aside if step.key.startswith("procedure/")]
    head = ""
    for step in called:
        name = step.key.split("/")[1]
        if name != head:
            head = name
            yield Row(f"procedure {name}", ((f"Procedure {name}", Tone.HEADING),))
        yield _step(view, step, 1)


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
        self._of: tuple[object, ...] = ()
        self._made: Made = {}

    def show_steps(self, view: SessionView, at: str) -> None:
        """Show what became of the steps, with the cursor on the one `at`."""
        of = (view.plan, view.statuses, view.now, view.aside, at)
        if of == self._of:
            return
        if not self._of or self._of[0] is not view.plan:
            self._made.clear()
        self._of = of
        rows = step_rows(view, at, self._made)
        # The cursor goes with the run: that is no step that somebody went to.
        with self.prevent(self.Moved):
            self.show(rows, at=_row_of(at, rows) if at else "")

    def action_take(self) -> None:
        """Take the step under the cursor."""
        self.post_message(self.Taken())
