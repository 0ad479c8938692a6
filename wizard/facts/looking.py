"""From the command of a fact or check to a look at the machine: words, folder, user, environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.errors import HostError
from wizard.host.protocols import Look
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.expressions import Environment

PASSED: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "SSH_AUTH_SOCK")
"""What a command that looks gets of the environment in which the wizard was started."""

FIXED: Final = {"TERM": "dumb", "PAGER": "cat", "GIT_PAGER": "cat"}


@dataclass(frozen=True, slots=True)
class Surrounded:
    """Where and as whom commands look; `environment` is the base, whole (None: that of the wizard, by name)."""

    folder: str | None = None
    user: str | None = None
    environment: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CommandToLook:
    """A rendered command, how it is shown to people, and the secrets in its environment."""

    look: Look
    shown: str
    secrets: frozenset[Secret] = field(default=frozenset())


def command_to_look(
    run: str | Sequence[str],
    env: Environment,
    *,
    where: Surrounded,
    folder: str | None = None,
    user: str | None = None,
    variables: Mapping[str, str],
    timeout: float,
) -> CommandToLook:
    """Render a shell text or a list of words; `folder`, `user` and `variables` are texts of the guide.

    ExpressionError where a text cannot be rendered, HostError where the user does not exist.
    """
    from wizard.templates import render, render_shell, render_text, render_words

    environment = dict(where.environment) if where.environment is not None else base_environment()
    as_user = render_text(user, env) if user is not None else where.user
    if as_user:
        environment |= _home_of(as_user)
    secrets: set[Secret] = set()

    def put(name: str, value: object) -> None:
        if isinstance(value, Secret):
            secrets.add(value)
            environment[name] = value.reveal()
        else:
            environment[name] = str(value)

    for name, text in variables.items():
        value = render(text, env)
        put(name, value if isinstance(value, Secret) else render_text(text, env))
    if isinstance(run, str):
        shell = render_shell(run, env)
        words: tuple[str, ...] = ("bash", "-euo", "pipefail", "-c", shell.script)
        shown = shell.shown
        for name, value in shell.variables.items():
            put(name, value)
    else:
        listed = render_words(list(run), env)
        words, shown = tuple(listed.words), listed.shown
    look = Look(
        argv=words,
        folder=render_text(folder, env) if folder is not None else where.folder,
        user=as_user,
        environment=environment,
        timeout=timeout,
    )
    return CommandToLook(look, shown, frozenset(secrets))


def base_environment() -> dict[str, str]:
    """The environment of a command that looks, taken by name from the wizard's own."""
    return {name: os.environ[name] for name in PASSED if name in os.environ} | FIXED


def _home_of(user: str) -> dict[str, str]:
    import pwd

    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise HostError(f"the user {user!r}, as whom the command is to look, does not exist on this machine") from None
    return {"HOME": entry.pw_dir, "USER": user, "LOGNAME": user}
