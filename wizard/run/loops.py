"""Walking what is done several times: batches of the items of a loop, and rounds until something holds.

The walk enters a loop like a group. Which items there are, and every round, is in the journal before
anything of it is done, so that a resume comes back to the same item and step. Later batches never begin by
themselves behind one that was not done as planned.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wizard.counting import counted
from wizard.errors import ExitCode, ExpressionError, StepFailedError
from wizard.guide.models.loops import Each
from wizard.plan.loops import items_now
from wizard.plan.steps import leaves
from wizard.run import decisions
from wizard.run.asking import as_lines, ask_all
from wizard.run.context import Leave
from wizard.run.events import CheckAsked, Said
from wizard.run.growing import in_round, unrolled
from wizard.run.names import environment, keep_snapshot
from wizard.run.operator import Choice, ChoiceRequest
from wizard.run.places import chain_of, works_of
from wizard.run.progress import place_words
from wizard.run.records import Record, has_mask, unmasked
from wizard.run.session_state import SessionState
from wizard.run.state import SETTLED, StepStatus
from wizard.run.work import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.checks.model import Finding
    from wizard.expressions import Environment
    from wizard.guide.models import Step, StepCheck
    from wizard.plan.model import PlannedLoop, PlannedStep
    from wizard.run.walk import Walk
    from wizard.run.work import Work

_OTHERS: Final = "_other_items"
"""Name under which a check that is asked of all other items finds them; no guide can have such a name."""
_BEGUN: Final = frozenset({StepStatus.RUNNING, StepStatus.DONE})


class Loops:
    """Loops and rounds of one walk."""

    def __init__(self, walk: Walk) -> None:
        """Walk them for `walk`."""
        self._walk = walk
        self._run = walk.run
        self._places: list[str] = []

    @property
    def progress(self) -> str:
        """Where the walk is in the loops and rounds it stands in, in words; empty outside of any."""
        return "; ".join(self._places)

    @contextmanager
    def _at(self, words: str) -> Iterator[None]:
        self._places.append(words)
        try:
            yield
        finally:
            self._places.pop()

    # -- loops -----------------------------------------------------------------------------------

    def unrolled(self, planned: PlannedStep, step: Step, bindings: dict[str, Any]) -> PlannedStep:
        """A loop with its batches; one that is empty is journalled as not needed."""
        run = self._run
        env = environment(run, hop=works_of(run, planned), bindings=bindings, key=planned.key)
        planned = unrolled(run, planned, step, env)
        if planned.loop is not None and not planned.loop.batches and run.state.decided.get(planned.key, True):
            left_out = planned.loop.left_out
            items = step.for_each.items if step.for_each is not None else "its list"
            reason = left_out[0][1] if left_out else f"{items} is empty"
            run.record(Record.STEP_DECIDED, key=planned.key, included=False, reason=reason)
        return planned

    def walk(self, planned: PlannedStep, step: Step, bindings: dict[str, Any]) -> None:
        """Walk a loop batch by batch, from wherever the journal says that it stands."""
        loop, state = planned.loop, self._run.state
        if loop is None or not loop.batches or self._is_over(planned):
            return
        work = self._begin(planned, bindings)
        env = environment(self._run, hop=works_of(self._run, planned), bindings=bindings, key=planned.key)
        course = _Course(planned, loop, step, bindings, values_of(loop, step, env))
        before: PlannedStep | None = None
        for batch in planned.steps:
            if not self._is_over(batch):
                if state.status(batch.key) not in _BEGUN:
                    self._may_begin(course, batch, before)
                self._batch(course, batch)
            before = batch
        if state.status(planned.key) is not StepStatus.DONE:
            self._walk.ended(work, Outcome(StepStatus.DONE, how="all its items"))

    def _is_over(self, planned: PlannedStep) -> bool:
        """Whether nothing of a loop, batch or repeated group is left to do, and its end is journalled."""
        state = self._run.state
        return state.status(planned.key) is StepStatus.DONE and all(
            state.status(leaf.key) in SETTLED for leaf in leaves(planned.steps)
        )

    def _begin(self, planned: PlannedStep, bindings: dict[str, Any]) -> Work:
        """Journal that a loop, batch or repeated group is entered, with the names its own undo sees."""
        work = self._walk.work(planned, bindings)
        if self._run.state.status(planned.key) not in _BEGUN:
            self._run.record(Record.STEP_BEGAN, key=planned.key, names=keep_snapshot(self._run, work.env))
        return work

    def _batch(self, course: _Course, batch: PlannedStep) -> None:
        """Walk the steps of a batch over its items, one at a time."""
        inside = course.inside(batch)
        work = self._begin(batch, inside)
        for child in batch.steps:
            own = child.key.startswith(f"{batch.key}/=")
            names = {**inside, course.loop.name: course.values[child.item]} if own else inside
            with self._at(course.words(batch, child.item if own else "")):
                self._walk.step(child, names)
        if self._run.state.status(batch.key) is not StepStatus.DONE:
            self._walk.ended(work, Outcome(StepStatus.DONE, how="all its items"))

    # -- before a batch --------------------------------------------------------------------------

    def _may_begin(self, course: _Course, batch: PlannedStep, before: PlannedStep | None) -> None:
        """Leave the walk where a batch must not begin: what was skipped before it, or an item that is not available."""
        if before is not None:
            self._not_silently(course, batch, before)
        while bad := self._not_available(course, batch):
            names = ", ".join(finding.title for finding in bad)
            why = f"it cannot begin while the others are not available: {names}"
            self._run.record(Record.STEP_FAILED, key=batch.key, reason=why, not_begun=True)
            for finding in bad:
                self._run.operator.tell(CheckAsked(finding))
            if self._goes_on(batch, why, bad):
                return

    def _not_silently(self, course: _Course, batch: PlannedStep, before: PlannedStep) -> None:
        """Where something of the batch before was skipped by a word, the next one takes a word too."""
        run, state = self._run, self._run.state
        skipped = [
            f"  {leaf.code} {leaf.title}: {state.steps[leaf.key].detail}"
            for leaf in leaves(before.steps)
            if state.status(leaf.key) is StepStatus.SKIPPED and state.steps[leaf.key].how == decisions.BY_WORD
        ]
        if not skipped or state.step(batch.key).confirmed:
            return
        why = f"{before.code} {before.title} was not done as planned"
        if not run.operator.attended:
            words = f"{why}, so the next {'item' if batch.alone else 'batch'} takes somebody's word"
            raise Leave(SessionState.FAILED, f"{batch.code} {batch.title}: {words}", ExitCode.STEP_FAILED)
        chosen = run.operator.choose(
            ChoiceRequest(
                id=f"after-skip:{course.planned.id}",
                title=f"{batch.code} {batch.title} is next",
                text=f"{why}. Look whether the next items may be touched all the same.",
                choices=(
                    Choice("go-on", f"Begin with {batch.title}", danger=True),
                    Choice("stop", "Stop here; it can be resumed"),
                ),
                lines=tuple(skipped),
            )
        )
        if chosen.key != "go-on":
            raise Leave(SessionState.STOPPED, f"{batch.code} {batch.title}: {why}", ExitCode.STOPPED)
        run.record(Record.CONFIRMED, key=batch.key, yes=True)

    def _not_available(self, course: _Course, batch: PlannedStep) -> list[Finding]:
        """What says that an item outside of the batch is not available."""
        run, each, others = self._run, course.step.for_each, course.others(batch)
        if each is None or not each.available_when or not others:
            return []
        names = {**course.inside(batch), _OTHERS: others}
        env = environment(run, hop=works_of(run, batch), bindings=names, key=batch.key)
        chain = chain_of(run, batch)
        together = [_of_each(check, each) for check in each.available_when if check.for_each is None]
        findings = list(ask_all(run, together, env, chain))
        for check in (check for check in each.available_when if check.for_each is not None):
            # It goes through a list of its own for each of the items.
            for value in others.values():
                findings += ask_all(run, [check], env.with_names(**{each.name: value}), chain)
        return [] if run.effects.rehearsed else [finding for finding in findings if finding.blocking]

    def _goes_on(self, batch: PlannedStep, why: str, bad: Sequence[Finding]) -> bool:
        """Let the operator decide about a batch that cannot begin; True: it begins all the same, False: ask again."""
        run = self._run
        reason = f"{batch.code} {batch.title}: {why}"
        if not run.operator.attended:
            raise Leave(SessionState.FAILED, reason, ExitCode.STEP_FAILED)
        from wizard.guide.models.checks import Blocks

        bypass = (Choice("go-on", "Begin all the same", reason=True, danger=True),)
        may_bypass = all(finding.blocks is Blocks.BYPASSABLE for finding in bad)
        while True:
            chosen = run.operator.choose(
                ChoiceRequest(
                    id=f"available:{batch.id}",
                    title=f"{batch.code} {batch.title} cannot begin",
                    text=why,
                    choices=(
                        Choice("again", "Ask again"),
                        *(bypass if may_bypass else ()),
                        *decisions.undo_choices(self._walk, batch.key),
                        Choice("stop", "Stop here; it can be resumed"),
                    ),
                    lines=(*as_lines(bad), *(f"    {one.seen}" for finding in bad for one in finding.evidence)),
                )
            )
            match chosen.key:
                case "again":
                    return False
                case "go-on":
                    run.record(Record.BYPASSED, key=batch.key, reason=chosen.reason)
                    return True
                case "undo-phase" | "undo-run":
                    decisions.undo_scope(self._walk, batch.key, chosen.key.removeprefix("undo-"))
                case _:
                    raise Leave(SessionState.STOPPED, reason, ExitCode.STOPPED)

    # -- rounds ----------------------------------------------------------------------------------

    def can_repeat(self, planned: PlannedStep, step: Step, bindings: dict[str, Any]) -> None:
        """See that it can be told how many rounds a group has. ExpressionError or StepFailedError where it cannot."""
        if step.repeat is not None:
            run = self._run
            most_rounds(step, environment(run, hop=works_of(run, planned), bindings=bindings, key=planned.key))

    def rounds(self, planned: PlannedStep, step: Step, bindings: dict[str, Any]) -> None:
        """Walk the rounds of a repeated group until its checks hold; the last one that may be begun decides."""
        if self._is_over(planned):
            return
        walk, state = self._walk, self._run.state
        work = self._begin(planned, bindings)
        number = max(state.rounds.get(planned.key, 1), 1)
        granted = at_most = most_rounds(step, work.env)
        while True:
            planned = in_round(self._run, planned, number)
            for one in planned.steps[:number]:
                with self._at(f"round {one.round} of at most {max(at_most, number)}"):
                    for child in one.steps:
                        walk.step(child, bindings)
            while bad := self._not_yet(work):
                if number < granted:
                    self._run.operator.tell(
                        Said("\n".join([f"After round {number} it is not so yet:", *as_lines(bad)]))
                    )
                    break
                why = f"after {counted(number, 'round')} it is not so yet"
                outcome = Outcome(StepStatus.FAILED, why, lines=as_lines(bad))
                if walk.ended(work, outcome) or decisions.after(walk, work, outcome):
                    return
                granted = number + 1
                work = self._walk.work(planned, bindings)
            else:
                walk.ended(work, Outcome(StepStatus.DONE, f"it held after round {number}", "all its rounds"))
                return
            number += 1

    def _not_yet(self, work: Work) -> list[Finding]:
        """The checks that a repeated group is done until and that do not hold; empty where it is done."""
        run, repeat = self._run, work.step.repeat
        if repeat is None:
            return []
        env = environment(run, hop=work.hop, bindings=work.bindings, key=work.key)
        findings = ask_all(run, repeat.until, env, work.chain)
        return [] if run.effects.verdict(findings) else [finding for finding in findings if not finding.passed]


@dataclass(frozen=True, slots=True)
class _Course:
    """One way through a loop: the loop, the names around it, and the values of its items by their keys."""

    planned: PlannedStep
    loop: PlannedLoop
    step: Step
    bindings: dict[str, Any]
    values: dict[str, Any]
    _numbers: dict[str, int] = field(default_factory=dict)
    _together: dict[int, list[Any]] = field(default_factory=dict)

    def inside(self, batch: PlannedStep) -> dict[str, Any]:
        """The names in a batch; its list stays the same object, so that it is kept once for all of its steps."""
        keys = self.loop.batches[batch.batch - 1]
        items = self._together.setdefault(batch.batch, [self.values[key] for key in keys])
        return {**self.bindings, "batch": items}

    def others(self, batch: PlannedStep) -> dict[str, Any]:
        """The items outside of a batch."""
        busy = set(self.loop.batches[batch.batch - 1])
        return {key: value for key, value in self.values.items() if key not in busy}

    def words(self, batch: PlannedStep, item: str) -> str:
        """Where a batch, or an item in it, stands in the loop (`item 3 of 12, batch 2 of 4`)."""
        if not self._numbers:
            keys = (key for keys in self.loop.batches for key in keys)
            self._numbers.update((key, number) for number, key in enumerate(keys, 1))
        number = self._numbers[item] if item else 0
        return place_words(number, len(self._numbers), batch.batch, len(self.loop.batches))


def values_of(loop: PlannedLoop, step: Step, env: Environment) -> dict[str, Any]:
    """The items of a loop by their keys, with what the plan masks put back from the list as it is now."""
    kept = dict(zip(loop.keys, loop.items, strict=True))
    if not has_mask(list(loop.items)):
        return kept
    try:
        now = items_now(step, env)
    except ExpressionError:
        # The list is not there any more; what was masked in it is absent, and a step that needs it says so.
        now = {}
    return {key: unmasked(value, now.get(key)) if has_mask(value) else value for key, value in kept.items()}


def most_rounds(step: Step, env: Environment) -> int:
    """How many rounds there may be. StepFailedError where that is no number."""
    from wizard.templates import render

    given = step.repeat.at_most if step.repeat is not None else 1
    value = render(given, env) if isinstance(given, str) else given
    try:
        most = int(str(value))
    except ValueError:
        raise StepFailedError(f"`at_most` is {value!r}, and that is no number of rounds") from None
    return max(most, 1)


def _of_each(check: StepCheck, each: Each) -> StepCheck:
    """A check that is asked of each of the other items, all at once."""
    return check.model_copy(update={"for_each": Each.model_construct(name=each.name, items=_OTHERS, key=None)})
