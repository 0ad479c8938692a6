"""Where commands of checks run when neither the check nor the run says so: the guide's `defaults`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.facts.looking import Surrounded, passed_on
from wizard.secrets import Secret

if TYPE_CHECKING:
    from wizard.checks.context import CheckContext


def surroundings(context: CheckContext, *, folder: bool = True, user: bool = True) -> Surrounded:
    """Give the surroundings of commands; what the check says itself (`folder`, `user` False) is not rendered.

    ExpressionError where a default needs a name that is absent.
    """
    from wizard.templates import render, render_text

    if context.where is not None:
        return context.where
    defaults, env = context.loaded.guide.defaults, context.env
    environment = dict(passed_on(defaults.pass_env).environment or {})
    for name, text in defaults.env.items():
        value = render(text, env)
        environment[name] = value.reveal() if isinstance(value, Secret) else render_text(text, env)
    return Surrounded(
        folder=render_text(defaults.folder, env) if folder and defaults.folder is not None else None,
        user=render_text(defaults.user, env) if user and defaults.user is not None else None,
        environment=environment,
    )
