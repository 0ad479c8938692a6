"""From the command of a fact or check to a look at the machine: words, folder, user, environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.errors import HostError
from wizard.host.protocols import ENGINE_VARIABLES, Look
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.expressions import Environment

PASSED: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "SSH_AUTH_SOCK", *ENGINE_VARIABLES)
"""What a command that looks gets of the environment in which the wizard was started."""

FIXED: Final = {"TERM": "dumb", "PAGER": "cat", "GIT_PAGER": "cat"}


@dataclass(frozen=True, slots=True)
class Surrounded:
    """Where and as whom commands look; `environment` is the base, whole (None: that of the wizard, by name).

    `problem` says why nothing can look there (a file with the environment is missing); empty where it can.
    """

    folder: str | None = None
    user: str | None = None
    environment: Mapping[str, str] | None = None
    problem: str = ""
    secrets: frozenset[Secret] = frozenset()
    """What of the environment may be a secret (`pass_env`), and is masked in what is found."""


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

    ExpressionError where a text cannot be rendered, HostError where the user does not exist or nothing can look there.
    """
    from wizard.templates import render, render_shell, render_text, render_words

    as_user = render_text(user, env) if user is not None else where.user
    environment = environment_of(where, as_user)
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


def environment_of(where: Surrounded, user: str | None) -> dict[str, str]:
    """The environment in which that user looks. HostError where there is no such user, or nothing can look there."""
    if where.problem:
        raise HostError(where.problem)
    environment = dict(where.environment) if where.environment is not None else base_environment()
    return environment | _home_of(user) if user else environment


def passed_on(names: Sequence[str]) -> Surrounded:
    """The surroundings of commands that look and get, besides, what `pass_env` names in the wizard's environment."""
    passed = {name: os.environ[name] for name in names if name in os.environ}
    return Surrounded(environment=base_environment() | passed, secrets=frozenset(map(Secret, passed.values())))


def base_environment(recorded: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command that looks, by name: of that recorded for a session, else of the wizard's own."""
    given = os.environ if recorded is None else recorded
    found = {name: given[name] for name in PASSED if name in given} | FIXED
    if live := os.environ.get("SSH_AUTH_SOCK"):
        found["SSH_AUTH_SOCK"] = live  # an agent is of the login that looks
    return found


def _home_of(user: str) -> dict[str, str]:
    import pwd

    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise HostError(f"the user {user!r}, as whom the command is to look, does not exist on this machine") from None
    return {"HOME": entry.pw_dir, "USER": user, "LOGNAME": user}
