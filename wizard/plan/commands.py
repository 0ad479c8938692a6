"""The commands of a step as they are shown before it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.errors import ExpressionError
from wizard.guide.models.steps import Case, Script
from wizard.plan.frames import sources_of_text
from wizard.plan.later import settled_before
from wizard.templates import render_shell, render_words, template_expressions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.expressions import Environment
    from wizard.guide.models import Guide, Step
    from wizard.plan.frames import Frame

Body = str | list[str] | Script
"""One way to run: a text for bash, words, or a script of the guide."""


def shown_commands(step: Step, frame: Frame, guide: Guide) -> tuple[str, ...] | None:
    """What a `run` step will run, with values, secrets masked; None where that is only known later.

    What a fact says may be different by then, so its absence is no error here. ExpressionError where a value
    is missing or empty that does not come any more.
    """
    known, body = _chosen(step.run, frame)
    if body is None:
        return () if known else None
    return _shown_body(body, frame, guide)


def shown_dry_run(step: Step, frame: Frame, guide: Guide) -> tuple[str, ...]:
    """What is run first and changes nothing, as `shown_commands` shows what follows it."""
    body = step.dry_run
    return () if body is None else _shown_body(body, frame, guide) or ()


def command_sources(step: Step) -> Iterator[str]:
    """The expressions that the command of a `run` step hangs on."""
    cases = [one for one in step.run if isinstance(one, Case)] if isinstance(step.run, list) else []
    yield from (case.when for case in cases if case.when is not None)
    bodies: list[Any] = [body for case in cases for body in (case.do, case.otherwise)] if cases else [step.run]
    for body in bodies:
        for text in _texts(body) if body is not None else ():
            yield from sources_of_text(text)


def _shown_body(body: Body, frame: Frame, guide: Guide) -> tuple[str, ...] | None:
    texts = _texts(body)
    if any(frame.needs_text(text) for text in texts):
        return None
    try:
        return (_shown(body, frame.env),)
    except ExpressionError:
        if all(settled_before(source, guide) for text in texts for source, _ in template_expressions(text)):
            raise
        return None


def _chosen(run: Body | list[Case] | None, frame: Frame) -> tuple[bool, Body | None]:
    """Whether it is known by now which way to run fits, and that way; None where none does."""
    if run is None or isinstance(run, str | Script):
        return True, run
    cases = [one for one in run if isinstance(one, Case)]
    if not cases:
        return True, [one for one in run if isinstance(one, str)]
    for case in cases:
        if case.otherwise is not None:
            return True, None if case.otherwise in ("nothing", "fail") else case.otherwise
        if case.when is None:
            continue
        if frame.needs(case.when):
            return False, None
        if frame.holds(case.when):
            return True, case.do
    return True, None


def _texts(body: Body) -> list[str]:
    match body:
        case str():
            return [body]
        case Script():
            return [body.script, *body.args]
        case _:
            return list(body)


def _shown(body: Body, env: Environment) -> str:
    match body:
        case str():
            return render_shell(body, env).shown
        case Script():
            return f"{body.script} {render_words(body.args, env).shown}".strip()
        case _:
            return render_words(body, env).shown
