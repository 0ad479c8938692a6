"""A list of things for a person that is read again while anything is on it, such as files in conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import StepFailedError
from wizard.redaction import redact_text
from wizard.run.actions.parts import part_of
from wizard.run.asking import ask_all
from wizard.run.events import CheckAsked, Said
from wizard.run.operator import Choice, ChoiceRequest, ConfirmRequest
from wizard.run.records import Record
from wizard.run.state import StepStatus
from wizard.run.work import Outcome, surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.expressions import Environment
    from wizard.guide.models.steps import ManualList
    from wizard.run.context import Run
    from wizard.run.work import Work

LOOK_TIMEOUT: Final = 60.0
"""Seconds that reading the list may take."""

SHOWN: Final = 30
"""Items that are offered to be chosen from; the others come when these are done."""


def work_off(run: Run, work: Work, rule: ManualList) -> Outcome | None:
    """Go from item to item until the list is empty; None where it is.

    The list is read anew after each item, so that what vanishes from it is done, whoever did it.
    """
    if run.effects.rehearsed:
        run.operator.tell(Said(f"Each line of this would be worked on by hand: {_words(rule)}"))
        return None
    if (failed := _end_begun(run, work, rule)) is not None:
        return failed
    items: list[str] = []
    while True:
        before, items = items, _read(run, work, rule)
        for gone in [one for one in before if one not in items and one not in run.state.step(work.key).items]:
            run.record(Record.ITEM_DONE, key=work.key, item=gone)
        if not items:
            return _empty(run, work)
        if not run.operator.attended:
            return Outcome(StepStatus.FAILED, f"{len(items)} left to do by hand", lines=tuple(items))
        outcome = _next(run, work, rule, items)
        if outcome is not None:
            return outcome


def _words(rule: ManualList) -> str:
    run = rule.list_.run
    return run if isinstance(run, str) else " ".join(run)


def _empty(run: Run, work: Work) -> Outcome | None:
    """An empty list is done; where nobody is there, only if that was stated beforehand."""
    if run.operator.attended:
        run.operator.tell(Said("Nothing is on the list any more."))
        return None
    reply = run.operator.confirm(ConfirmRequest(work.planned.id, work.planned.title, "Nothing is on the list."))
    return None if reply.yes else Outcome(StepStatus.FAILED, "the operator did not confirm it", not_begun=True)


def _read(run: Run, work: Work, rule: ManualList) -> list[str]:
    """The items, each once, in the order they are listed. StepFailedError where the command does not work."""
    from wizard.facts.kinds.command import last_words
    from wizard.facts.looking import Surrounded, command_to_look

    place = surroundings(run, work)
    secrets = {name: secret.reveal() for name, secret in place.secret_environment.items()}
    where = Surrounded(place.folder, place.user, {**place.environment, **secrets})
    command = command_to_look(rule.list_.run, work.env, where=where, variables={}, timeout=LOOK_TIMEOUT)
    for secret in command.secrets:
        run.secrets.add(secret)
    seen = run.machine.look(command.look)
    if seen.exit != 0:
        ended = "did not end in time" if seen.exit is None else f"ended with exit {seen.exit}{last_words(seen)}"
        message = redact_text(f"the list cannot be read: {command.shown} {ended}", _known(run))
        raise StepFailedError(message, hint="Put right what it names, then try again.")
    return list(dict.fromkeys(line.rstrip("\r") for line in seen.output.split("\n") if line.strip()))


def _known(run: Run) -> list[str]:
    return [secret.reveal() for secret in run.secrets.all()]


def _next(run: Run, work: Work, rule: ManualList, items: Sequence[str]) -> Outcome | None:
    """Have one item done, and what follows it; None: read the list again."""
    from wizard.templates import render_text

    item = items[0]
    while True:
        env = _inside(work, rule, item)
        others = [Choice("other", "Take another item first")] if len(items) > 1 else []
        chosen = run.operator.choose(
            ChoiceRequest(
                id=f"item:{work.planned.id}",
                title=f"{work.planned.code} {work.planned.title}: {item} ({len(items)} left)",
                text=render_text(rule.do, env),
                choices=(
                    Choice("done", f"It is done: {item}"),
                    *others,
                    Choice("again", "Read the list again"),
                    Choice("stop", "Stop here; it can be resumed"),
                ),
                lines=tuple(items[:SHOWN]),
                default="done",
            )
        )
        match chosen.key:
            case "done":
                return _done(run, work, rule, item)
            case "other":
                item = _other(run, work, items)
            case "again":
                return None
            case _:
                return Outcome(StepStatus.FAILED, f"{len(items)} left to do by hand", lines=tuple(items))


def _other(run: Run, work: Work, items: Sequence[str]) -> str:
    chosen = run.operator.choose(
        ChoiceRequest(
            id=f"which:{work.planned.id}",
            title=f"{work.planned.code} {work.planned.title}",
            text=f"{len(items)} are left." + ("" if len(items) <= SHOWN else f" The first {SHOWN} can be chosen."),
            choices=tuple(Choice(str(number), one) for number, one in enumerate(items[:SHOWN], 1)),
        )
    )
    return items[int(chosen.key) - 1]


def _inside(work: Work, rule: ManualList, item: str) -> Environment:
    return work.env.with_names(**{rule.list_.as_: item})


def _done(run: Run, work: Work, rule: ManualList, item: str) -> Outcome | None:
    """Hold the operator's word against the item's check, then run what follows it."""
    env = _inside(work, rule, item)
    if rule.check is not None:
        findings = ask_all(run, [rule.check], env, work.chain)
        if not run.effects.verdict(findings):
            for finding in findings:
                run.operator.tell(CheckAsked(finding))
            return None
    run.record(Record.CONFIRMED, key=work.key, yes=True, by_hand=True)
    if rule.after_each is not None:
        outcome = _follow(run, work, rule, item)
        if outcome.status not in (StepStatus.DONE, StepStatus.ALREADY_DONE, StepStatus.SKIPPED):
            return Outcome(StepStatus.FAILED, f"after {item}: {outcome.why}", lines=outcome.lines)
    run.record(Record.ITEM_DONE, key=work.key, item=item)
    return None


def _key(work: Work, item: str) -> str:
    """The address of what follows an item."""
    return f"after/{work.key}/={item.replace('%', '%25').replace('/', '%2F')}"


def _follow(run: Run, work: Work, rule: ManualList, item: str) -> Outcome:
    """Run what follows an item; where it was cut off before and its end is not known, only by the operator's word."""
    from wizard.run.aside import do_aside

    part = _part(work, rule, item)
    if run.state.status(part.key) is StepStatus.UNKNOWN and not run.operator.confirm(_again(part, item)).yes:
        return Outcome(StepStatus.SKIPPED, "it was cut off, and not run again")
    return do_aside(run, part, "", ask=False)


def _part(work: Work, rule: ManualList, item: str) -> Work:
    title = f"{work.planned.title}: after {item}"
    return part_of(work, _key(work, item), title, rule.after_each, env=_inside(work, rule, item))


def _again(part: Work, item: str) -> ConfirmRequest:
    say = f"What follows {item} was cut off, and its end is not known. Run it again?"
    return ConfirmRequest(f"after:{part.planned.id}", part.planned.title, say, danger=True)


def _end_begun(run: Run, work: Work, rule: ManualList) -> Outcome | None:
    """Find out what became of what followed an item and was cut off; an Outcome where it failed meanwhile."""
    from wizard.run.reconcile import reconcile

    head = f"after/{work.key}/="
    for key, step in list(run.state.steps.items()):
        attempt = step.attempt
        if key.startswith(head) and attempt is not None and attempt.exit is None and not attempt.void:
            item = key.removeprefix(head).replace("%2F", "/").replace("%25", "%")
            part = _part(work, rule, item)
            outcome = reconcile(run, part)
            if outcome is None:
                continue
            match outcome.status:
                case StepStatus.DONE | StepStatus.ALREADY_DONE:
                    run.record(Record.STEP_DONE, key=key, how=outcome.how, reason=outcome.why, seconds=0.0)
                case StepStatus.UNKNOWN:
                    run.record(Record.STEP_UNKNOWN, key=key, reason=outcome.why)
                    run.operator.tell(Said(f"It is not known what became of {part.planned.title}.", "warning"))
                case _:
                    run.record(Record.STEP_FAILED, key=key, reason=outcome.why)
                    return Outcome(StepStatus.FAILED, f"after {item}: {outcome.why}", lines=outcome.lines)
    return None
