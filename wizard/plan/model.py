"""The plan: what will be done on this machine, in which order, and why.

A plan is frozen with its session: `plan.json` is `to_json()`, and its sha256 is journalled.
Texts that need what is only known later are rendered when their step begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from wizard.versions import hop_names

if TYPE_CHECKING:
    from wizard.guide.models.steps import ActionKind, Impact


class Included(StrEnum):
    """Whether a phase or step is part of this run."""

    YES = "yes"
    NO = "no"
    LATER = "later"
    """Its `when` is decided when it is reached."""


@dataclass(frozen=True, slots=True)
class PlannedHop:
    """One hop of the path; `number` counts from 1."""

    number: int
    from_version: str
    to_version: str
    first: bool
    last: bool
    title: str = ""

    @property
    def names(self) -> dict[str, Any]:
        """What `hop` means in expressions inside it."""
        return hop_names(self.from_version, self.to_version, self.number, last=self.last)


@dataclass(frozen=True, slots=True)
class PlannedLoop:
    """The items of a loop as they were when it was unrolled.

    `keys` tell the items apart and are shown, `items` are their values as plain data with secrets masked,
    `batches` the keys of those that are worked on together. All in the order they are worked on. Each key is
    in one batch, or in `left_out` with the reason why nothing is to be done for it.
    """

    name: str
    keys: tuple[str, ...]
    items: tuple[Any, ...]
    batches: tuple[tuple[str, ...], ...]
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step.

    A loop (`loop`, action `steps`) has one child for each batch; a batch (`batch` counts from 1, action `steps`,
    `path` that of the loop) has the steps of the loop for each of its items (`item` is the item's key), step by
    step over the items: drain a, drain b, wait a, wait b. A step with `once: batch` stands in it once, without
    item. Where the guide asks for no batches, each holds one item and is `alone`: it has the loop's own code, and
    the steps of all items are counted as if they stood in the loop itself. Keys: `1/update/roll` the loop,
    `1/update/roll/#1` its first batch, `1/update/roll/#1/=a/drain` a step in it (`/` and `%` in an item's key
    percent-encoded), `1/update/roll/#1/tell` one that is done once a batch. A loop over a step that is no group has
    it as its only step: `1/update/ping/#1/=a/ping`. The rounds of a `repeat` have the keys
    `1/update/settle/~1/look`, each round a child (`round` counts from 1).
    A loop whose list is only known later is `LATER` and has no `loop` yet; it, and rounds after the first, grow
    while the plan is walked (`plan/growth.py`). Titles have the keys of the items they stand in in front.

    `key` is its address and never changes (`1/update/migrate`, hop number, phase id, step id, deeper for
    groups and includes); `code` is what people say aloud (`3.2`, `3.2.1`). `path` leads to its model in
    the pinned guide (`phases.update.steps.migrate`, `procedures.go-back.steps.x`). `commands` are shown
    texts with values, secrets masked; empty where they can only be known later.
    """

    key: str
    code: str
    id: str
    title: str
    path: str
    action: ActionKind
    impact: Impact
    included: Included
    reason: str = ""
    commands: tuple[str, ...] = ()
    takes: float | None = None
    makes_backup: bool = False
    outage: str = ""
    temporary: bool = False
    needs_person: bool = False
    steps: tuple[PlannedStep, ...] = ()
    """Children of a group or an included procedure."""
    bindings: tuple[tuple[str, str], ...] = ()
    """Names an include gives its procedure (`with`), as templates."""
    loop: PlannedLoop | None = None
    batch: int = 0
    item: str = ""
    round: int = 0
    who: str = ""
    """Who does it, where the guide says that it is somebody else."""
    remarks: tuple[str, ...] = ()
    """What else there is to know before it begins, each in a few words (`runs in the background`)."""
    dry_run: tuple[str, ...] = ()
    """What is run first and changes nothing, as `commands` are."""
    took_before: float | None = None
    """Seconds it took in an earlier session; `takes` is this where the guide gives no exact time."""
    folder: str = ""
    """Where its commands run; empty where the guide names no folder."""
    user: str = ""
    """As whom they run; empty where the guide names nobody."""
    env: tuple[tuple[str, str], ...] = ()
    """The variables the guide sets for them, secrets masked."""
    facts_as_now: bool = False
    """Whether its commands are shown with what the machine says now, although its hop reads that again."""
    decided_later: bool = False
    """Whether its command can only be made when it is reached."""
    notes: tuple[tuple[str, str, str], ...] = ()
    """Its boxes that apply, or may apply by then: kind (note, warning, danger), title, text."""
    way_back: str = ""
    """How what it does is undone, in words; empty where there is nothing to undo, or no way (`no_undo`, `impact`)."""
    alone: bool = False
    """A batch of a loop that works on one item at a time: a level without words and a code of its own."""
    no_undo: bool = False
    """Whether it changes something that nothing takes back: neither an undo of its own, nor one around it."""


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """One phase of one hop; `key` is `1/update`."""

    key: str
    code: str
    id: str
    hop: int
    title: str
    impact: Impact
    included: Included
    reason: str
    steps: tuple[PlannedStep, ...]
    finally_steps: tuple[PlannedStep, ...] = ()
    notes: tuple[tuple[str, str, str], ...] = ()
    """Its boxes, as those of a step."""


@dataclass(frozen=True, slots=True)
class PlannedOffer:
    """A procedure that can be called: from the end of the step `after` on, until that of `until` (ids of steps)."""

    id: str
    title: str
    after: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan. `point_of_no_return` holds, for each hop that has one, the key of its first irreversible step.

    `restore_points` does so for the first step from which on only the backup leads back, where that comes before it.
    """

    guide: str
    guide_sha256: str
    product: str
    title: str
    current_version: str
    target_version: str
    hops: tuple[PlannedHop, ...]
    phases: tuple[PlannedPhase, ...]
    point_of_no_return: tuple[tuple[int, str], ...] = ()
    works_on: str = ""
    restore_points: tuple[tuple[int, str], ...] = ()
    notes: tuple[tuple[str, str, str], ...] = ()
    """The guide's boxes, as those of a step."""
    procedures: tuple[PlannedOffer, ...] = ()
    """What can be called besides."""
