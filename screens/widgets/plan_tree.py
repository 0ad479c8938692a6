"""The plan as a tree of rows that fold: hops, phases, steps, loops with their batches, and the lines between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType

from screens.widgets.row_list import Row, RowList, Tone
from wizard.guide.models.steps import Impact
from wizard.plain.clean import clean_line
from wizard.plan.model import Included, PlannedHop, PlannedPhase, PlannedStep
from wizard.plan.words import (
    AT_ITS_END,
    CALLED_BESIDES,
    HARD,
    IMPACT_WORDS,
    MARKS,
    POINT_OF_NO_RETURN,
    RESTORE_POINT,
    about,
    hop_words,
    marks_person,
    offer_words,
    outage_bounds,
    time_words,
    times_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wizard.plan.difference import Change
    from wizard.plan.model import Plan

OVERVIEW: Final = "overview:"
"""Key of the first row, which stands for the plan as a whole."""

OUTAGE_STARTS: Final = "the outage starts"
OUTAGE_ENDS: Final = "the outage ends"

UNFOLDED: Final = 12
"""Batches of a loop that are shown unfolded; of a loop with more all begin folded."""

IMPACT_TONES: Final = {
    Impact.READ_ONLY: Tone.GOOD,
    Impact.VERIFYING: Tone.GOOD,
    Impact.REVERSIBLE: Tone.PLAIN,
    Impact.RESTORING: Tone.PLAIN,
    Impact.NEEDS_RESTORE: Tone.WARNING,
    Impact.IRREVERSIBLE: Tone.BAD,
}

Part = PlannedHop | PlannedPhase | PlannedStep
"""What a row may stand for."""


@dataclass(slots=True)
class Node:
    """One row of the whole tree, folded or not."""

    key: str
    depth: int
    words: tuple[tuple[str, Tone], ...]
    end: str = ""
    """What stands at the right edge."""
    part: Part | None = None
    around: Impact | None = None
    """Impact of what a step stands in."""
    rule: str = ""
    """What a line between steps says, in a few words; its part is the step it belongs to."""
    parent: int = -1
    behind: int = 0
    """Place of the first node that is not in it."""

    @property
    def out(self) -> bool:
        """Whether it is a phase or step that is not part of the run."""
        return isinstance(self.part, PlannedPhase | PlannedStep) and self.part.included is Included.NO


class PlanTree(RowList):
    """Shows a plan; a row that holds others folds with enter, space or the arrows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "fold", "Fold", show=False, id="plan.fold", tooltip="Fold or unfold what is in it"),
        Binding("right", "unfold", "Unfold", show=False, id="plan.unfold", tooltip="Unfold it, or go into it"),
        Binding("left", "fold_around", "Fold", show=False, id="plan.fold-around", tooltip="Fold what it stands in"),
        Binding("plus", "fold_all(False)", "Unfold all", show=False, id="plan.unfold-all", tooltip="Unfold all"),
        Binding("minus", "fold_all(True)", "Fold all", show=False, id="plan.fold-all", tooltip="Fold all"),
    ]

    def __init__(self, plan: Plan, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        """Show `plan`, folded where a loop is long."""
        super().__init__(id=id)
        self._all = _Planting(plan).nodes()
        self._numbers = {node.key: place for place, node in enumerate(self._all)}
        self._folded = {place for place, node in enumerate(self._all) if _is_long(node)}
        self._inside = _rules_inside(self._all)
        self._signs: Mapping[str, str] = {}
        self._hides_out = False
        self._haystacks: list[str] = []

    def on_mount(self) -> None:
        """Show it."""
        self._show_rows()

    # -- what is shown ---------------------------------------------------------------------------

    @property
    def node(self) -> Node:
        """The node under the cursor."""
        return self._all[self._numbers[self.selected]]

    @property
    def hides_out(self) -> bool:
        """Whether what is left out is hidden."""
        return self._hides_out

    def mark(self, changes: Iterable[Change]) -> None:
        """Put a sign before what these changes are about."""
        self._signs = {change.key: change.sign for change in changes if change.key}
        self._show_rows()

    def hide_out(self, hidden: bool) -> None:  # noqa: FBT001 - one of two states
        """Hide what is left out, or show it."""
        self._hides_out = hidden
        self._show_rows()

    def has(self, key: str) -> bool:
        """Whether something of the plan has this address."""
        return key in self._numbers

    def parts(self) -> Iterator[tuple[str, str, str]]:
        """Address, code and title of each phase and step, in their order."""
        for node in self._all:
            if isinstance(node.part, PlannedPhase | PlannedStep) and not node.rule:
                yield node.key, node.part.code, clean_line(node.part.title)

    def go(self, key: str) -> None:
        """Go to a node, wherever it is folded or hidden away."""
        if self.go_to(key):
            return
        place = self._numbers[key]
        around = list(self._around(place))
        self._folded.difference_update(around)
        if any(self._all[one].out for one in (place, *around)):
            self._hides_out = False
        self._show_rows(key)
        self.go_to(key)

    def find(self, words: str, step: int = 1) -> str:
        """Key of the next node with these words (`step` -1: the one before, 0: this one too); empty: none has them."""
        wanted = words.casefold().strip()
        if not wanted:
            return ""
        if not self._haystacks:
            self._haystacks = [_haystack(node) for node in self._all]
        here, count = self._numbers[self.selected], len(self._all)
        first = here if step == 0 else here + step
        turns = ((first + (step or 1) * turn) % count for turn in range(count))
        return next((self._all[place].key for place in turns if wanted in self._haystacks[place]), "")

    def _around(self, place: int) -> Iterator[int]:
        while (place := self._all[place].parent) >= 0:
            yield place

    def _show_rows(self, at: str = "") -> None:
        """Show what is not folded away; the cursor goes to what its own row went into."""
        at = at or self.selected
        if at:
            place = self._numbers[at]
            hidden = [one for one in self._around(place) if one in self._folded]
            at = self._all[hidden[-1]].key if hidden else at
        self.show(list(self._rows_now()), at=at)

    def _rows_now(self) -> Iterator[Row]:
        place = 0
        while place < len(self._all):
            node = self._all[place]
            if self._hides_out and node.out:
                place = node.behind
                continue
            folded = place in self._folded
            yield self._row(place, node, folded=folded)
            place = node.behind if folded else place + 1

    def _row(self, place: int, node: Node, *, folded: bool) -> Row:
        fold = "  " if node.behind == place + 1 else "+ " if folded else "- "
        front = f"{self._signs.get(node.key, ' ') if self._signs else ''}{'  ' * node.depth}{fold}"
        words = ((front, Tone.QUIET), *node.words)
        if folded and (inside := self._inside.get(place)):
            words = (*words, (f" [{', '.join(inside)}]", Tone.WARNING))
        return Row(node.key, words, node.end)

    # -- folding ---------------------------------------------------------------------------------

    def _holds(self, place: int) -> bool:
        return self._all[place].behind > place + 1

    def action_fold(self) -> None:
        """Fold or unfold."""
        place = self._numbers[self.selected]
        if self._holds(place):
            self._folded ^= {place}
            self._show_rows()

    def action_unfold(self) -> None:
        """Unfold, or go to the first thing in it."""
        place = self._numbers[self.selected]
        if place in self._folded:
            self.action_fold()
        elif self._holds(place):
            self.action_move(1)

    def action_fold_around(self) -> None:
        """Fold, or go to what it stands in."""
        place = self._numbers[self.selected]
        if self._holds(place) and place not in self._folded:
            self.action_fold()
        elif (parent := self._all[place].parent) >= 0:
            self.go_to(self._all[parent].key)

    def action_fold_all(self, folded: bool) -> None:  # noqa: FBT001 - an argument of a key
        """Fold all but hops and phases, or unfold everything."""
        self._folded = {
            place
            for place, node in enumerate(self._all)
            if folded and isinstance(node.part, PlannedStep) and self._holds(place)
        }
        self._show_rows()


class _Planting:
    """Makes the nodes of one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._points = {key for _, key in plan.point_of_no_return}
        self._restore = {key for _, key in plan.restore_points}
        bounds = list(outage_bounds(plan))
        self._starts = {start.key for start, _ in bounds}
        self._ends = {end.key for _, end in bounds if end is not None}
        self._nodes: list[Node] = []

    def nodes(self) -> list[Node]:
        """All of them, each before what is in it."""
        plan = self._plan
        long = time_words(*times_of(plan.phases))
        self._add(Node(OVERVIEW, 0, (("All of it", Tone.HEADING),), end=long))
        for hop in plan.hops:
            phases = [phase for phase in plan.phases if phase.hop == hop.number]
            around = -1
            if len(plan.hops) > 1 or hop.title:
                words = ((clean_line(hop_words(hop)), Tone.HEADING),)
                around = self._add(Node(f"hop:{hop.number}", 0, words, end=time_words(*times_of(phases)), part=hop))
            for phase in phases:
                self._phase(phase, around)
            self._close(around)
        if offers := list(offer_words(plan)):
            around = self._add(Node("offers:", 0, ((CALLED_BESIDES, Tone.HEADING),)))
            for number, (name, when) in enumerate(offers):
                offered = ((clean_line(name), Tone.PLAIN), (f" ({clean_line(when)})", Tone.QUIET))
                self._add(Node(f"offer:{number}", 1, offered, parent=around))
            self._close(around)
        return self._nodes

    def _add(self, node: Node) -> int:
        place = len(self._nodes)
        node.behind = place + 1
        self._nodes.append(node)
        return place

    def _close(self, place: int) -> None:
        if place >= 0:
            self._nodes[place].behind = len(self._nodes)

    def _phase(self, phase: PlannedPhase, around: int) -> None:
        out = phase.included is Included.NO
        quiet = Tone.QUIET if out else Tone.PLAIN
        words = [
            (f"{MARKS[phase.included]} ", quiet),
            (f"{phase.code} {clean_line(phase.title)}", Tone.QUIET if out else Tone.STRONG),
            (f": {IMPACT_WORDS[phase.impact]}", Tone.QUIET if out else IMPACT_TONES[phase.impact]),
        ]
        if phase.reason and phase.included is not Included.YES:
            words.append((f" — {clean_line(phase.reason)}", Tone.QUIET))
        long = "" if out else time_words(*times_of([phase]))
        depth = 0 if around < 0 else 1
        place = self._add(Node(phase.key, depth, tuple(words), end=long, part=phase, parent=around))
        if not out:
            self._steps(phase.steps, depth + 1, phase.impact, place)
        if phase.finally_steps and not out:
            head = self._add(Node(f"{phase.key}/finally:", depth + 1, ((AT_ITS_END, Tone.HEADING),), parent=place))
            self._steps(phase.finally_steps, depth + 2, phase.impact, head)
            self._close(head)
        self._close(place)

    def _steps(self, steps: Iterable[PlannedStep], depth: int, around: Impact, parent: int) -> None:
        for step in steps:
            if step.alone:
                # A level without words: its steps stand in the loop itself.
                self._steps(step.steps, depth, around, parent)
            else:
                self._step(step, depth, around, parent)

    def _step(self, step: PlannedStep, depth: int, around: Impact, parent: int) -> None:
        if step.key in self._points:
            self._rule(step, POINT_OF_NO_RETURN, "point of no return", depth, parent)
        elif step.key in self._restore:
            self._rule(step, RESTORE_POINT, "only the backup brings it back", depth, parent)
        if step.key in self._starts:
            self._rule(step, OUTAGE_STARTS, OUTAGE_STARTS, depth, parent)
        place = self._add(
            Node(step.key, depth, tuple(_step_words(step, around)), part=step, around=around, parent=parent)
        )
        if step.included is not Included.NO:
            self._steps(step.steps, depth + 1, step.impact, place)
        self._close(place)
        if step.key in self._ends:
            self._rule(step, OUTAGE_ENDS, OUTAGE_ENDS, depth, parent)

    def _rule(self, step: PlannedStep, words: str, short: str, depth: int, parent: int) -> None:
        tone = Tone.BAD if words == POINT_OF_NO_RETURN else Tone.WARNING
        line = ((f"---- {words} ----", tone),)
        self._add(Node(f"{step.key}/{short}:", depth, line, rule=short, part=step, parent=parent))


def _step_words(step: PlannedStep, around: Impact) -> Iterator[tuple[str, Tone]]:
    out = step.included is Included.NO
    person = " *" if marks_person(step) else ""
    tone = Tone.QUIET if out else IMPACT_TONES[step.impact] if step.impact in HARD else Tone.PLAIN
    yield f"{MARKS[step.included]} {step.code} {clean_line(step.title)}{person}", tone
    if beside := ", ".join(about(step, around)):
        hard = step.impact is not around and step.impact in HARD and not out
        yield f" ({clean_line(beside)})", Tone.WARNING if hard else Tone.QUIET
    if step.reason and step.included is not Included.YES:
        yield f" — {clean_line(step.reason)}", Tone.QUIET


def _is_long(node: Node) -> bool:
    step = node.part
    return isinstance(step, PlannedStep) and (step.loop is not None or step.batch > 0) and len(step.steps) > UNFOLDED


def _rules_inside(nodes: Sequence[Node]) -> dict[int, dict[str, None]]:
    """What lines there are in each node, in a few words, for as long as it is folded."""
    inside: dict[int, dict[str, None]] = {}
    for node in nodes:
        place = node.parent if node.rule else -1
        while place >= 0 and node.rule not in inside.setdefault(place, {}):
            inside[place][node.rule] = None
            place = nodes[place].parent
    return inside


def _haystack(node: Node) -> str:
    words = "".join(words for words, _ in node.words)
    step = node.part
    if isinstance(step, PlannedStep) and not node.rule:
        words = "\n".join((words, step.id, step.key, step.who, step.folder, *step.dry_run, *step.commands))
    return words.casefold()
