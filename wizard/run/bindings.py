"""The names a step sees of the loops and includes it stands in, made anew where the walk does not come by them.

The journal keeps these names with what is secret in them masked. What is known now takes the place of the masks.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from wizard.errors import ExpressionError
from wizard.plan.growth import items_now
from wizard.run.growing import procedure_steps
from wizard.run.names import environment
from wizard.run.needs import ask_for_secrets
from wizard.run.places import chain_of, model_of, works_of
from wizard.run.seen import item_key, levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.plan.model import PlannedLoop, PlannedStep
    from wizard.run.context import Run


def bindings_at(run: Run, key: str) -> dict[str, Any]:
    """What the names of the loops and includes around the step at `key` are now; absent ones are left out."""
    from wizard.templates import render

    items = {level.loop: level.item for level in levels(key)}
    names: dict[str, Any] = {}
    for around in _around(run, key):
        with suppress(ExpressionError):
            if around.loop is not None and around.key in items:
                names |= _of_item(run, around, around.loop, names, item_key(items[around.key]))
            elif around.bindings:
                env = environment(run, hop=works_of(run, around), bindings=names, key=around.key)
                names |= {name: render(text, env) for name, text in around.bindings}
    return names


def ask_for_names(run: Run, key: str) -> None:
    """Ask again for the secrets that the names around the step at `key` are made of."""
    for around in _around(run, key):
        if around.loop is not None or around.bindings:
            ask_for_secrets(run, *chain_of(run, around))


def _of_item(run: Run, around: PlannedStep, loop: PlannedLoop, names: dict[str, Any], item: str) -> dict[str, Any]:
    """The names inside one item of a loop."""
    state = (run.state.answers_given, run.state.facts_read, run.secrets.learned, len(run.state.captured_by))
    env = environment(run, hop=works_of(run, around), bindings=names, key=around.key)
    now = run.memory.once(("items", around.key), state, lambda: items_now(model_of(run, around), env))
    together = next((batch for batch in loop.batches if item in batch), ())
    found = {loop.name: now[item]} if item in now else {}
    return {**found, "batch": [now[one] for one in together if one in now]}


def _around(run: Run, key: str) -> Iterator[PlannedStep]:
    """What the step at `key` stands in, outermost first."""
    key = key.removeprefix("undo/").removeprefix("offer/")
    steps: Iterable[PlannedStep] = ()
    if key.startswith("procedure/"):
        steps = procedure_steps(run, "/".join(key.split("/")[:3]))
    elif run.plan is not None:
        phase = next((one for one in run.plan.phases if key.startswith(f"{one.key}/")), None)
        steps = (*phase.steps, *phase.finally_steps) if phase is not None else ()
    while (inside := next((one for one in steps if key.startswith(f"{one.key}/")), None)) is not None:
        yield inside
        steps = inside.steps
