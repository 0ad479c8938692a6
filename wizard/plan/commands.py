"""The commands of a step as they are shown before it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import ExpressionError
from wizard.expressions import compile_expression
from wizard.guide.models.steps import Case, Script
from wizard.plan.later import static_references
from wizard.templates import render_shell, render_words, template_expressions

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.guide.models import Step
    from wizard.plan.later import Later

Body = str | list[str] | Script
"""One way to run: a text for bash, words, or a script of the guide."""


def shown_commands(step: Step, env: Environment, later: Later) -> tuple[str, ...]:
    """What a `run` step will run, with values, secrets masked; nothing where that is only known later.

    What a fact says may be different by then, so its absence is no error here. ExpressionError where a value
    is missing or empty that does not come any more.
    """
    body = _chosen(step.run, env, later)
    if body is None:
        return ()
    texts = _texts(body)
    if any(later.needs_text(text) for text in texts):
        return ()
    try:
        return (_shown(body, env),)
    except ExpressionError:
        if all(
            static_references(compile_expression(source)) for text in texts for source, _ in template_expressions(text)
        ):
            raise
        return ()


def _chosen(run: Body | list[Case] | None, env: Environment, later: Later) -> Body | None:
    """The way to run that fits; None where that is not known yet, or none does."""
    if run is None or isinstance(run, str | Script):
        return run
    cases = [one for one in run if isinstance(one, Case)]
    if not cases:
        return [one for one in run if isinstance(one, str)]
    for case in cases:
        if case.otherwise is not None:
            return None if case.otherwise in ("nothing", "fail") else case.otherwise
        if case.when is None:
            continue
        if later.needs(case.when):
            return None
        if compile_expression(case.when).holds(env):
            return case.do
    return None


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
