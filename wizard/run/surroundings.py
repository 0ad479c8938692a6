"""From a step's model to the command as it is run: words, folder, user, environment, secrets.

The environment of a command is put together in this order, the last one wins: what every command gets
(PATH, HOME, ..., those of its `user`), `pass_env`, `connection`, `env_file`, `env`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from wizard.errors import StepFailedError
from wizard.guide.models.steps import Case, Script
from wizard.host.identity import user_name
from wizard.host.protocols import ENGINE_VARIABLES, StopPlan
from wizard.secrets import Secret
from wizard.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from wizard.expressions import Environment
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models.guide import Connection
    from wizard.guide.models.steps import Capture, Step, StopBy, Surroundings
    from wizard.host.protocols import Machine

BASE_ENVIRONMENT: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "SSH_AUTH_SOCK", *ENGINE_VARIABLES)
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
    beside: bool = False
    """Whether it runs beside the walk, where nobody can type into it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and as whom commands run, after inheritance."""

    folder: str
    user: str | None
    environment: Mapping[str, str]
    secret_environment: Mapping[str, Secret]


def place(
    chain: Sequence[Surroundings], env: Environment, base: Mapping[str, str], *, loaded: LoadedGuide, machine: Machine
) -> Place:
    """Inherit surroundings inwards; `chain` goes from the guide's defaults to the step itself.

    `base` is the environment recorded when the session was made, so that a resume from another
    login does the same. A user who does not exist is an error of the command that is to run as them.
    StepFailedError where an `env_file` is not there or cannot be read, or there is no such connection.
    """
    from wizard.templates import render, render_text

    def innermost(texts: Sequence[str | None]) -> str | None:
        text = next((one for one in reversed(texts) if one is not None), None)
        return render_text(text, env) if text is not None else None

    user = innermost([one.user for one in chain])
    folder = innermost([one.folder for one in chain]) or _folder_of(user, loaded)
    variables = _Variables({name: base[name] for name in BASE_ENVIRONMENT if name in base} | FIXED_ENVIRONMENT)
    if live := os.environ.get("SSH_AUTH_SOCK"):
        variables.put("SSH_AUTH_SOCK", live)
    if user is not None and (home := home_of(user)) is not None:
        variables.open.update({"HOME": home, "USER": user, "LOGNAME": user})
    for name in dict.fromkeys(name for one in chain for name in one.pass_env):
        if name in os.environ:
            # Whoever drives has it in the environment, often because it is a token: it is never written down.
            variables.put(name, Secret(os.environ[name]))
    connection = next((one.connection for one in reversed(chain) if one.connection is not None), None)
    if connection is not None:
        for variable, value in connection_environment(connection, env, loaded=loaded).items():
            variables.put(variable, value)
    if (file := innermost([one.env_file for one in chain])) is not None:
        for variable, text in read_env_file(str(PurePosixPath(folder, file)), machine).items():
            variables.put(variable, Secret(text))
    for one in chain:
        for name, text in one.env.items():
            variables.put(name, render(text, env))
    return Place(folder, user, variables.open, variables.secret)


def _is_another(user: str | None) -> bool:
    return user is not None and user != user_name(os.geteuid())


def _folder_of(user: str | None, loaded: LoadedGuide) -> str:
    """Where commands run for which the guide names no folder: beside the guide, or at home with another user.

    The guide is pinned in the session, and nobody but its owner can enter that.
    """
    if user is None or not _is_another(user):
        return str(loaded.folder)
    home = home_of(user)
    return home if home is not None and os.path.isdir(home) else "/"  # noqa: PTH112 - no error for any name


@dataclass(frozen=True, slots=True)
class _Variables:
    """An environment as it grows: what may be written down, and what may not. Of equal names the last counts."""

    open: dict[str, str]
    secret: dict[str, Secret] = field(default_factory=dict)

    def put(self, name: str, value: object) -> None:
        from wizard.expressions.text import text_of

        self.open.pop(name, None)
        self.secret.pop(name, None)
        if isinstance(value, Secret):
            self.secret[name] = value
        else:
            self.open[name] = text_of(value)


_CLIENTS: Final = {
    "postgres": {
        "PGHOST": "host", "PGPORT": "port", "PGDATABASE": "name", "PGUSER": "user", "PGPASSWORD": "password",
    },
    "mysql": {
        "MYSQL_HOST": "host", "MYSQL_TCP_PORT": "port", "MYSQL_DATABASE": "name", "MYSQL_USER": "user",
        "MYSQL_PWD": "password",
    },
    "sqlite": {"SQLITE_FILE": "file"},
}  # fmt: skip
"""Variables a command gets of a connection, and the keys of the connection they are made of.

libpq reads all of its own by itself. The clients of MySQL and MariaDB read host, port and password; user and
database are for the command's own text (`mysql -u "$MYSQL_USER" "$MYSQL_DATABASE"`). SQLite has no variables.
"""


def connection_environment(name: str, env: Environment, *, loaded: LoadedGuide) -> dict[str, object]:
    """The client's environment of a connection; its password is a Secret whatever it is made of.

    StepFailedError where the guide has no such connection.
    """
    from wizard.expressions.text import text_of
    from wizard.templates import render

    connection: Connection | None = loaded.guide.connections.get(name)
    if connection is None:
        raise StepFailedError(f"the guide has no connection {name!r}", hint="Name one of its `connections`.")
    variables: dict[str, object] = {}
    for variable, key in _CLIENTS[connection.kind].items():
        given = getattr(connection, key)
        if given is None:
            continue
        value = render(given, env) if isinstance(given, str) else given
        secret = key == "password" and not isinstance(value, Secret)
        variables[variable] = Secret(text_of(value)) if secret else value
    return variables


def read_env_file(path: str, machine: Machine) -> dict[str, str]:
    """The variables of a dotenv file. StepFailedError where it is not there, or cannot be read as one."""
    from wizard.errors import HostError
    from wizard.facts.dotenv import dotenv_values, parse_dotenv
    from wizard.facts.errors import DocumentError

    try:
        if not machine.stat(path).exists:
            message = f"the file {path}, which gives the command its environment (`env_file`), does not exist"
            raise StepFailedError(message, hint="Create it, or correct `env_file:`.")
        text = machine.read(path).decode("utf-8", "surrogateescape")
        values = dotenv_values(parse_dotenv(text))
    except (HostError, DocumentError) as error:
        message = f"the file {path}, which gives the command its environment (`env_file`), cannot be read: {error}"
        raise StepFailedError(message) from None
    if bad := next((name for name, value in values.items() if "\0" in value), ""):
        message = f"the value of {bad} in {path} (`env_file`) holds a NUL, which no environment can carry"
        raise StepFailedError(message, hint="Is it a text file?")
    return values


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
    argv, shown, variables = words_of(body, env, guide_folder=guide_folder, user=where.user)
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
        # The time of a command beside the walk is that until it is ready: it is meant to run on.
        timeout=seconds_of(step.timeout, env) if step.timeout and not step.background else None,
        stop=stop_plan(step.stop, env, guide_folder=guide_folder, user=where.user),
        captures=step.capture,
        beside=step.background,
    )


def seconds_of(duration: str, env: Environment) -> float:
    """A duration of the guide in seconds, its text rendered. StepFailedError where it renders to none."""
    from wizard.templates import render_text

    try:
        return parse_duration(render_text(duration, env))
    except ValueError as error:
        raise StepFailedError(str(error), hint="Correct the answer or the text it is made of.") from None


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


def words_of(
    body: Body, env: Environment, *, guide_folder: Path, user: str | None = None
) -> tuple[tuple[str, ...], str, dict[str, str]]:
    """Words, shown text and variables of a way to run as `user`; no secret can be in any of them."""
    from wizard.templates import render_shell, render_words

    match body:
        case str():
            shell = render_shell(body, env)
            words = ("bash", "-euo", "pipefail", "-c", shell.script)
            return words, shell.shown, dict(shell.variables)
        case Script():
            path = guide_folder / body.script
            rendered = render_words(body.args, env)
            script = given_whole(path) if _is_another(user) else (*interpreter(path), str(path))
            argv = (*script, *rendered.words)
            return argv, f"{body.script} {rendered.shown}".strip(), {}
        case _:
            rendered = render_words(body, env)
            return rendered.words, rendered.shown, {}


def interpreter(path: Path) -> tuple[str, ...]:
    """Words of a script's first line, so that pinned copies need no executable bit."""
    with path.open("rb") as file:
        first = file.readline(256).decode("utf-8", "replace").strip()
    return tuple(first[2:].split()) if first.startswith("#!") else ("bash",)


_TAKES_WHOLE: Final = re.compile(r"(?:(?P<shell>(?:ba|da|k|mk|z)?sh)|(?P<python>python[\d.]*)|(?P<e>perl|ruby|node))")
_LONGEST_WORD: Final = 120 << 10
"""Bytes of the longest word that the kernel passes on to a command, with some to spare."""


def given_whole(path: Path) -> tuple[str, ...]:
    """Words that run a script whose file only its owner can read: its text is handed to the interpreter.

    StepFailedError where the interpreter cannot be handed a text, or this one is too long for it.
    """
    words = interpreter(path)
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    known = _TAKES_WHOLE.fullmatch(PurePosixPath(words[-1]).name) or _TAKES_WHOLE.fullmatch(
        PurePosixPath(words[0]).name
    )
    if known is None or len(text.encode("utf-8", "surrogateescape")) > _LONGEST_WORD:
        why = "its interpreter takes no text" if known is None else "it is too long to be handed over"
        message = f"the script {path.name} cannot be run as another user: {why}"
        raise StepFailedError(message, hint="Put it where that user can read it, and `run` it from there.")
    if known["shell"]:
        return (*words, "-c", text, path.name)
    return (*words, "-c" if known["python"] else "-e", text)


def stop_plan(stop: StopBy | None, env: Environment, *, guide_folder: Path, user: str | None = None) -> StopPlan:
    """How the command is stopped: the guide's own way before the signals."""
    if stop is None:
        return StopPlan()
    argv, _, variables = words_of(stop.run, env, guide_folder=guide_folder, user=user)
    if variables:
        argv = ("env", *(f"{name}={value}" for name, value in variables.items()), *argv)
    return StopPlan(argv=argv, own_delay=seconds_of(stop.after, env) if stop.after else 30.0)
