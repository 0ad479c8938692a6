"""Steps: one action each, its surroundings, and how it is judged, repeated and taken back."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from wizard.guide.models.base import (
    Conditional,
    Duration,
    Expression,
    Key,
    Literal_,
    Model,
    Name,
    Number,
    OneOf,
    Regex,
    Shell,
    Switch,
    Text,
)
from wizard.guide.models.checks import StepCheck
from wizard.guide.models.loops import Each


class ActionKind(StrEnum):
    """What a step does."""

    RUN = "run"
    MANUAL = "manual"
    EDIT = "edit"
    WAIT = "wait"
    CHECK = "check"
    CONFIRM = "confirm"
    GATE = "gate"
    SAY = "say"
    MONITOR = "monitor"
    STEPS = "steps"
    INCLUDE = "include"


class Impact(StrEnum):
    """What a phase or step does to the way back, mildest first."""

    READ_ONLY = "read_only"
    VERIFYING = "verifying"
    REVERSIBLE = "reversible"
    RESTORING = "restoring"
    NEEDS_RESTORE = "needs_restore"
    IRREVERSIBLE = "irreversible"


class NoteKind(StrEnum):
    """How loud a box is."""

    NOTE = "note"
    WARNING = "warning"
    DANGER = "danger"


class Note(Conditional):
    """A box beside a guide, a phase or a step."""

    kind: NoteKind = NoteKind.NOTE
    text: Text
    title: Text | None = None
    read: Literal["must"] | None = None


class Script(Model):
    """A script that ships with the guide, and its words."""

    script: Text
    args: list[Text] = Field(default_factory=list)


class Case(Conditional):
    """One way to run, for where `when` holds; the last may be `otherwise`."""

    do: Shell | list[Text] | Script | None = None
    otherwise: Literal["fail", "nothing"] | Shell | list[Text] | Script | None = None


class Expect(Model):
    """How a good end looks."""

    exit: Number | list[Number] = 0
    output: Regex | None = None
    never: Regex | None = None
    count: dict[str, Number] = Field(default_factory=dict)


class Outcome(Model):
    """One known end of a command; the first that fits wins."""

    exit: Number | list[Number] | None = None
    output: Regex | None = None
    means: Literal["done", "already_done", "failed", "retry"]
    after: Duration | None = None
    times: Number | None = None
    say: Text | None = None


class KnownError(Model):
    """A failure that is known, and the way out of it."""

    match: Regex
    say: Text
    fix: Text | None = None


class Stall(Model):
    """When a running command counts as stuck."""

    silence: Duration | None = None
    line: Regex | None = None
    times: Number | None = None
    say: Text | None = None


class StopBy(Model):
    """How the work is really stopped; the signals follow."""

    run: Shell | list[Text]
    after: Duration | None = None


class Capture(Model):
    """A value taken from what a command printed (`match` with named group or the first), or a `file`."""

    match: Regex
    all: Switch = False
    optional: Switch = False
    as_: Literal["text", "number", "version", "size"] = Field(default="text", alias="as")


class Record(Model):
    """Something the operator notes down while doing."""

    id: Name
    label: Text
    optional: Switch = False


class ManualItem(Model):
    """One thing a person does."""

    do: Text
    check: list[StepCheck] | StepCheck | None = None
    record: Name | Record | None = None
    open: Text | None = None
    defer: Text | None = None


class Listing(Model):
    """A command that prints one item a line, and the name an item has inside."""

    run: Shell | list[Text]
    as_: Name = Field(default="item", alias="as")


class ManualList(Model):
    """Things a person does for each line a command gives; the command is run again while something is left."""

    list_: Listing = Field(alias="list")
    do: Text
    check: StepCheck | None = None
    after_each: Shell | list[Text] | None = None


class HandOver(Model):
    """Work that goes to other people."""

    to: Text
    file: Text | None = None
    text: Text


class LineEdit(Model):
    """A line found once by a regex, and what it becomes."""

    find: Regex
    put: Text


class Edit(Model):
    """A change of one file, shown as a difference first."""

    one_of = OneOf("an edit", (("set", "remove"), "block", "lines", "replace_with", "by_hand"), spare="block")

    file: Text
    set_: dict[Text, Text | Switch] | None = Field(default=None, alias="set")
    format: Literal["dotenv", "yaml", "json", "toml", "ini", "properties"] | None = None
    remove: list[Text] = Field(default_factory=list)
    block: Text | None = None
    lines: list[LineEdit] | None = None
    replace_with: Text | None = Field(
        default=None, description="A file beside the guide; or `${{ answers.x }}`, a file of the operator."
    )
    by_hand: Switch = False
    in_place: Switch = False


class Wait(Model):
    """Until all checks of `until` pass."""

    until: list[StepCheck] | StepCheck | Duration
    stop_on: list[StepCheck] | StepCheck | None = None
    every: Duration = "2s"
    usually: Duration | None = None
    at_most: Duration | None = None
    then: Literal["ask", "fail", "go_on"] = "ask"


class Tick(Conditional):
    """One box to tick."""

    say: Text


class Confirm(Model):
    """A word of the operator."""

    say: Text
    tick: list[Tick | Text] = Field(default_factory=list)
    typed: Text | None = None
    record: list[Record] = Field(default_factory=list)


class Gate(Model):
    """A condition that must hold to go on."""

    expr: Expression
    say: Text
    override: Literal["typed", "never"] = "never"
    evidence: Text | None = None


class Monitor(Model):
    """Looking at the machine for a while."""

    for_: Duration = Field(alias="for")
    every: Duration = "5s"
    limits: list[StepCheck] = Field(default_factory=list)
    logs: list[Text] = Field(default_factory=list)


class Repeat(Model):
    """Rounds of a group of steps."""

    until: list[StepCheck]
    at_most: Number


class ForEach(Each):
    """A loop of a step or phase: its items, and how many of them are worked on together."""

    order: Expression | None = Field(default=None, description="What the items are sorted by; else the list's order.")
    batch: Number = Field(default=1, description="1, N, `33%` of all (rounded down, at least 1), or `by COLUMN`.")
    keep_available: Number | None = Field(default=None, description="How many items no batch may touch.")
    available_when: list[StepCheck] = Field(
        default_factory=list, description="Asked of all other items before each batch."
    )


class Offer(Conditional):
    """A side door while the step waits or has failed."""

    title: Text
    run: Shell | list[Text] | None = None
    include: Key | None = None
    text: Text | None = None
    ask_first: Literal["never", "once", "typed"] = "once"


class Surroundings(Model):
    """Where and as whom commands run; inherited inwards."""

    folder: Text | None = None
    user: Text | None = None
    env: dict[Literal_, Text] = Field(default_factory=dict)
    env_file: Text | None = None
    connection: Name | None = None
    machine: Expression | None = None
    pass_env: list[Literal_] = Field(default_factory=list)


Run = Shell | list[Text] | list[Case] | Script


class Step(Conditional, Surroundings):
    """One step with one action."""

    one_of = OneOf("a step", tuple(kind.value for kind in ActionKind), spare="say")

    id: Key
    title: Text
    why: Text | None = None
    not_needed: Text | None = None
    notes: list[Note] = Field(default_factory=list)
    impact: Impact | None = None
    ask_first: Literal["never", "once", "typed"] | None = None
    skip: Literal["never", "with_reason"] = "with_reason"
    done_when: list[StepCheck] = Field(default_factory=list)
    rerun: Literal["safe", "after_undo", "never"] = "never"
    undo: list[Step] = Field(default_factory=list)
    temporary: Switch = False
    offers: list[Offer] = Field(default_factory=list)
    once: Literal["batch"] | None = None
    who: Text | None = None
    defer: Text | None = None
    makes: Literal["backup"] | None = None
    outage: Literal["starts", "ends"] | None = None
    for_each: ForEach | None = None

    run: Shell | list[Text] | list[Case] | Script | None = None
    stdin: Text | None = None
    terminal: Switch = False
    background: Switch = False
    ready_when: list[StepCheck] = Field(default_factory=list)
    until: Text | None = None
    dry_run: Shell | list[Text] | None = None
    preview: Literal["must"] | None = None
    review: Text | None = None
    takes: Duration | None = None
    timeout: Duration | None = None
    stall: Stall | None = None
    stop: StopBy | None = None
    keep: Switch = False
    expect: Expect | None = None
    outcomes: list[Outcome] = Field(default_factory=list)
    capture: dict[Name, Regex | Capture] = Field(default_factory=dict)
    known_errors: list[KnownError] = Field(default_factory=list)

    manual: list[ManualItem | Text] | ManualList | None = None
    hand_over: HandOver | None = None
    edit: Edit | None = None
    wait: Wait | None = None
    check: list[StepCheck] | None = None
    confirm: Confirm | Text | None = None
    gate: Gate | None = None
    say: Text | None = None
    monitor: Monitor | None = None
    steps: list[Step] | None = None
    repeat: Repeat | None = None
    include: Key | None = None
    with_: dict[Name, Text] = Field(default_factory=dict, alias="with")

    @property
    def action(self) -> ActionKind:
        """The action that is used."""
        return next(kind for kind in ActionKind if getattr(self, kind.value) is not None)


Step.model_rebuild()
