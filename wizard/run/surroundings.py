"""From a step's model to the command as it is run: words, folder, user, environment, secrets."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.errors import StepFailedError
from wizard.guide.models.steps import Case, Script
from wizard.host.protocols import StopPlan
from wizard.secrets import Secret
from wizard.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from wizard.expressions import Environment
    from wizard.guide.models.steps import Capture, Step, StopBy, Surroundings

BASE_ENVIRONMENT: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "SSH_AUTH_SOCK")
"""What of the environment at the start of the session a command gets."""

FIXED_ENVIRONMENT: Final = {"TERM": "xterm-256color", "PAGER": "cat", "GIT_PAGER": "cat"}


@dataclass(frozen=True, slots=True)
class Command:
    """A command, rendered: nothing in it is looked up any more."""

    argv: tuple[str, ...]
    shown: str
    folder: str = "/"
    user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    secret_environment: Mapping[str, Secret] = field(default_factory=dict)
    stdin: str | Secret | None = None
    terminal: bool = False
    timeout: float | None = None
    stop: StopPlan = field(default_factory=StopPlan)
    captures: Mapping[str, str | Capture] = field(default_factory=dict)
    """What is read from its output, by name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and as whom commands run, after inheritance."""

    folder: str
    user: str | None
    environment: Mapping[str, str]
    secret_environment: Mapping[str, Secret]


def place(chain: Sequence[Surroundings], env: Environment, base: Mapping[str, str], *, guide_folder: Path) -> Place:
    """Inherit surroundings inwards; `chain` goes from the guide's defaults to the step itself.

    `base` is the environment recorded when the session was made, so that a resume from another
    login does the same. A user who does not exist is an error of the command that is to run as them.
    """
    from wizard.expressions.text import text_of
    from wizard.templates import render, render_text

    environment = {name: base[name] for name in BASE_ENVIRONMENT if name in base} | FIXED_ENVIRONMENT
    if live := os.environ.get("SSH_AUTH_SOCK"):
        environment["SSH_AUTH_SOCK"] = live
    secrets: dict[str, Secret] = {}
    folder: str | None = None
    user: str | None = None
    for one in chain:
        folder = render_text(one.folder, env) if one.folder is not None else folder
        user = render_text(one.user, env) if one.user is not None else user
        for name in one.pass_env:
            if name in os.environ:
                # Whoever drives has it in the environment, often because it is a token: it is never written down.
                environment.pop(name, None)
                secrets[name] = Secret(os.environ[name])
        for name, text in one.env.items():
            value = render(text, env)
            secrets.pop(name, None)
            environment.pop(name, None)
            if isinstance(value, Secret):
                secrets[name] = value
            else:
                environment[name] = text_of(value)
    if user is not None and (home := home_of(user)) is not None:
        environment |= {"HOME": home, "USER": user, "LOGNAME": user}
    return Place(folder or str(guide_folder), user, environment, secrets)


def home_of(user: str) -> str | None:
    """The home folder of a user; None where this machine has no such user."""
    import pwd

    try:
        return pwd.getpwnam(user).pw_dir
    except KeyError:
        return None


def command_of(step: Step, env: Environment, where: Place, *, guide_folder: Path) -> Command | None:
    """Render a step's `run`; None where a case says that nothing is to be done.

    StepFailedError where the user it is to run as does not exist.
    """
    from wizard.templates import render

    body = chosen(step.run, env)
    if body is None:
        return None
    if where.user is not None and home_of(where.user) is None:
        message = f"the user {where.user!r}, as whom the command is to run, does not exist on this machine"
        raise StepFailedError(message, hint="Create the user, or correct `user:`.")
    argv, shown, variables = words_of(body, env, guide_folder=guide_folder)
    stdin = render(step.stdin, env) if step.stdin is not None else None
    return Command(
        argv=argv,
        shown=shown,
        folder=where.folder,
        user=where.user,
        environment={**where.environment, **variables},
        secret_environment=where.secret_environment,
        stdin=stdin if stdin is None or isinstance(stdin, Secret) else str(stdin),
        terminal=step.terminal,
        timeout=parse_duration(step.timeout) if step.timeout else None,
        stop=stop_plan(step.stop, env, guide_folder=guide_folder),
        captures=step.capture,
    )


Body = str | list[str] | Script


def chosen(run: str | list[str] | list[Case] | Script | None, env: Environment) -> Body | None:
    """The way to run that fits now; None where there is nothing to do. StepFailedError where none fits."""
    from wizard.expressions import compile_expression

    if run is None or isinstance(run, (str, Script)):
        return run
    cases = [one for one in run if isinstance(one, Case)]
    if not cases:
        return [one for one in run if isinstance(one, str)]
    for case in cases:
        if case.otherwise is not None:
            match case.otherwise:
                case "nothing":
                    return None
                case "fail":
                    break
                case _:
                    return case.otherwise
        if case.when is not None and compile_expression(case.when).holds(env):
            return case.do
    message = "none of the cases of this step fits this machine"
    raise StepFailedError(message, hint="Skip the step with a reason, or do it by hand and mark it done.")


def words_of(body: Body, env: Environment, *, guide_folder: Path) -> tuple[tuple[str, ...], str, dict[str, str]]:
    """Words, shown text and variables of a way to run; no secret can be in any of them."""
    from wizard.templates import render_shell, render_words

    match body:
        case str():
            shell = render_shell(body, env)
            words = ("bash", "-euo", "pipefail", "-c", shell.script)
            return words, shell.shown, dict(shell.variables)
        case Script():
            path = guide_folder / body.script
            rendered = render_words(body.args, env)
            argv = (*interpreter(path), str(path), *rendered.words)
            return argv, f"{body.script} {rendered.shown}".strip(), {}
        case _:
            rendered = render_words(body, env)
            return rendered.words, rendered.shown, {}


def interpreter(path: Path) -> tuple[str, ...]:
    """Words of a script's first line, so that pinned copies need no executable bit."""
    with path.open("rb") as file:
        first = file.readline(256).decode("utf-8", "replace").strip()
    return tuple(first[2:].split()) if first.startswith("#!") else ("bash",)


def stop_plan(stop: StopBy | None, env: Environment, *, guide_folder: Path) -> StopPlan:
    """How the command is stopped: the guide's own way before the signals."""
    if stop is None:
        return StopPlan()
    argv, _, variables = words_of(stop.run, env, guide_folder=guide_folder)
    if variables:
        argv = ("env", *(f"{name}={value}" for name, value in variables.items()), *argv)
    return StopPlan(argv=argv, own_delay=parse_duration(stop.after) if stop.after else 30.0)
