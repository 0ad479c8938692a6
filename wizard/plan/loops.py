"""A loop unrolled: its items, their order, and the batches they are worked on in."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import BlockedError, ExpressionError
from wizard.expressions import ABSENT, compile_expression
from wizard.expressions.text import describe, text_of
from wizard.facts.items import items_of
from wizard.plan.model import PlannedLoop
from wizard.secrets import Secret, masked
from wizard.templates import render
from wizard.templates.readable import readable
from wizard.versions import Version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.expressions import Environment
    from wizard.facts.items import Item
    from wizard.guide.models import Step
    from wizard.guide.models.steps import ForEach

_NAMED_AT_MOST: Final = 20
"""Items that a message names; of more it says how many."""


def asks_items(step: Step) -> bool:
    """Whether the `when` of a loop names its item, so that it is decided for each item and not for the loop."""
    if step.for_each is None or step.when is None:
        return False
    roots = {name.partition(".")[0] for name in compile_expression(step.when).references}
    return step.for_each.name in roots


def when_of_all(step: Step) -> str | None:
    """The condition on which a step as a whole is part of the run; None where there is none.

    A loop whose `when` names its item has none: each item is decided about when the loop is unrolled.
    """
    return None if asks_items(step) else step.when


def one_by_one(step: Step) -> bool:
    """Whether a loop works on one item at a time and its guide says nothing of batches."""
    each = step.for_each
    if each is None or str(each.batch).strip() != "1" or each.keep_available is not None or each.available_when:
        return False
    return all(one.once is None for one in step.steps or ())


def make_loop(step: Step, env: Environment) -> PlannedLoop:
    """Unroll the loop of a step (one with `for_each`) for what `env` knows.

    AbsentError where its list is absent. ExpressionError where it is none, where keys do not tell its items
    apart, or where `order` or `batch` cannot be worked out. BlockedError where a batch leaves fewer items
    untouched than `keep_available` wants.
    """
    each = _each(step)
    items = _in_order(each, items_of(each, env), env)
    to_do, left_out = _decided(step, each, items, env)
    batches = _batches(each, items, to_do, env)
    _keep_available(each, items, batches, env)
    return PlannedLoop(
        name=each.name,
        keys=tuple(item.key for item in items),
        items=tuple(masked(item.value) for item in items),
        batches=tuple(tuple(item.key for item in batch) for batch in batches),
        left_out=tuple(left_out),
    )


def items_now(step: Step, env: Environment) -> dict[str, Any]:
    """The items of a loop as `env` has them, secrets too, by their keys. AbsentError and ExpressionError as above."""
    return {item.key: item.value for item in items_of(_each(step), env)}


def _each(step: Step) -> ForEach:
    if step.for_each is None:
        msg = f"step {step.id} is no loop"
        raise ValueError(msg)
    return step.for_each


# -- order ---------------------------------------------------------------------------------------


def _in_order(each: ForEach, items: Sequence[Item], env: Environment) -> list[Item]:
    """The items as `order` sorts them; equal ones stay in the order of the list."""
    if each.order is None:
        return list(items)
    program = compile_expression(each.order)
    ranked = [(program.evaluate(env.with_names(**{each.name: item.value})), item) for item in items]
    for value, item in ranked:
        if value is ABSENT or isinstance(value, bool) or not isinstance(value, str | int | float | Version):
            what = "a secret" if isinstance(value, Secret) else describe(value)
            raise ExpressionError(
                f"`order: {each.order}` is {what} for {item.key}, and cannot be sorted by",
                hint="A number, a text or a version can; default(…, value) says what an absent one counts as.",
            )
    try:
        return [item for _, item in sorted(ranked, key=lambda pair: pair[0])]
    except TypeError:
        kinds = sorted({describe(value) for value, _ in ranked})
        raise ExpressionError(
            f"`order: {each.order}` gives {' and '.join(kinds)}, which have no common order",
            hint="string(…) makes them all text, number(…) all numbers.",
        ) from None


# -- which items ---------------------------------------------------------------------------------


def _decided(
    step: Step, each: ForEach, items: Sequence[Item], env: Environment
) -> tuple[list[Item], list[tuple[str, str]]]:
    """The items that are worked on, and the keys of the others with the reason."""
    if not asks_items(step) or step.when is None:
        return list(items), []
    program = compile_expression(step.when)
    to_do: list[Item] = []
    left_out: list[tuple[str, str]] = []
    for item in items:
        inside = env.with_names(**{each.name: item.value})
        try:
            holds = program.holds(inside)
        except ExpressionError as error:
            message = f"`when` for {item.key}: {error.message}"
            raise type(error)(message, hint=error.hint, column=error.column) from None
        if holds:
            to_do.append(item)
        else:
            reason = readable(step.not_needed, inside) if step.not_needed is not None else f"only when {step.when}"
            left_out.append((item.key, reason))
    return to_do, left_out


# -- batches -------------------------------------------------------------------------------------


def _batches(each: ForEach, items: Sequence[Item], to_do: Sequence[Item], env: Environment) -> list[list[Item]]:
    """The items to do in batches; a share is one of all items, those left out included."""
    rule = render(each.batch, env) if isinstance(each.batch, str) else each.batch
    if isinstance(rule, str) and (column := rule.strip().removeprefix("by ").strip()) and rule.strip() != column:
        return _by_column(each, column, to_do)
    size = _size(rule, len(items))
    return [list(to_do[at : at + size]) for at in range(0, len(to_do), size)]


def _by_column(each: ForEach, column: str, items: Sequence[Item]) -> list[list[Item]]:
    """One batch for each value of a column, in the order in which the values come up first."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        value = item.value.get(column) if isinstance(item.value, Mapping) else None
        if value is None or isinstance(value, Secret | list | dict):
            raise ExpressionError(
                f"`batch: by {column}`: {item.key} of {each.items} has no {column} to make batches by",
                hint="Each item must be a record that has the column.",
            )
        groups.setdefault(text_of(value), []).append(item)
    return list(groups.values())


def _size(rule: Any, count: int) -> int:
    """How many items a batch has, at least 1. ExpressionError where `rule` is no number and no share."""
    if isinstance(rule, str) and rule.strip().endswith("%"):
        share = _number(rule.strip()[:-1])
        if share is not None and 0 < share <= 100:
            return max(1, int(share * count / 100))
    elif not isinstance(rule, bool):
        size = _number(rule)
        if size is not None and size >= 1 and size == int(size):
            return int(size)
    shown = describe(rule) if isinstance(rule, Secret | list | dict) else repr(rule)
    raise ExpressionError(
        f"`batch` is {shown}, and that is no size of a batch",
        hint="Write a whole number from 1 on, a share such as 33% (above 0, at most 100), or `by COLUMN`.",
    )


def _number(value: Any) -> Fraction | None:
    """A number as it is written, without a rounding of its own."""
    if not isinstance(value, str | int | float):
        return None
    try:
        return Fraction(str(value).strip())
    except (ValueError, ZeroDivisionError):
        return None


def _keep_available(each: ForEach, items: Sequence[Item], batches: Sequence[Sequence[Item]], env: Environment) -> None:
    """Hold every batch against the number of items that must stay untouched."""
    if each.keep_available is None:
        return
    rule = render(each.keep_available, env) if isinstance(each.keep_available, str) else each.keep_available
    wanted = None if isinstance(rule, bool) else _number(rule)
    if wanted is None or wanted < 0 or wanted != int(wanted):
        shown = describe(rule) if isinstance(rule, Secret | list | dict) else repr(rule)
        raise ExpressionError(f"`keep_available` is {shown}, and that is no number of items", hint="Write 0, 1, 2, …")
    for number, batch in enumerate(batches, 1):
        left = len(items) - len(batch)
        if left < wanted:
            names = named([item.key for item in batch])
            raise BlockedError(
                f"batch {number} of {len(batches)} works on {names} at the same time and leaves {left} of "
                f"{len(items)} untouched, and at least {int(wanted)} must stay available",
                hint="Take smaller batches, or have more of them before you begin.",
            )


def named(keys: Sequence[str], at_most: int = _NAMED_AT_MOST) -> str:
    """Keys in a row for people, `and 12 more` in the place of those beyond `at_most`."""
    if len(keys) > at_most:
        return f"{', '.join(keys[:at_most])} and {len(keys) - at_most:,} more"
    return " and ".join(part for part in (", ".join(keys[:-1]), *keys[-1:]) if part)
