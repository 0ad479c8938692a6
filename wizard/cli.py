"""The command line: words in, exit codes out; the only module that picks a front end.

Data goes to stdout, words to stderr. The commands are in `wizard.commands` and imported when one is
called, so that `--version` and completion answer at once.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from wizard import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from wizard.assemble import FrontEnd
    from wizard.errors import ExitCode
    from wizard.questions.model import AnswersFile
    from wizard.run.operator import Operator

COMMANDS = (
    "bundle", "call", "check", "close", "completion", "demo", "evidence", "guides", "note", "plan", "report", "resume",
    "run", "sessions", "status", "undo", "watch",
)  # fmt: skip


class LaterCommands(click.Group):
    """Knows the names of its commands, and imports them when one is called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        from wizard import commands

        found = getattr(commands, {"run": "run_guide"}.get(cmd_name, cmd_name))
        return found if isinstance(found, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Carry the command out; that the reader of stdout has left (`| head`) is no failure, a full disk is one."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _let_stdout_go()
            return 0
        except OSError as error:
            if error.errno not in _FULL or error.filename is not None:
                raise
            from wizard.errors import HostError

            _let_stdout_go()
            raise HostError(
                f"what this command says could not be written: {error.strerror}",
                hint="Make room, or write it elsewhere.",
            ) from None


_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def _let_stdout_go() -> None:
    """What stdout still holds goes nowhere, so that the end of the program does not trip over it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(main(sys.argv[1:]))


def main(words: list[str]) -> int:
    """Carry out `words`; gives the exit code. No error ends in a traceback that shows values."""
    try:
        result = wizard.main(args=words, prog_name="wizard", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - each becomes words and an exit code
        return _ended_by(error)
    return int(result or 0)


def _ended_by(error: BaseException) -> int:
    """Say what ended the program; gives the exit code."""
    from wizard.errors import ExitCode, Gone, HandedOver, WizardError

    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.exceptions.Abort() | KeyboardInterrupt():
            return _fail("stopped", ExitCode.STOPPED)
        case click.ClickException():
            error.show()
            return ExitCode.USAGE
        case WizardError():
            return _fail(str(error), error.exit_code)
        case HandedOver():
            return _fail(str(error), ExitCode.STOPPED)
        case Gone():
            return ExitCode.STOPPED
        case _:
            from wizard.crash import keep_crash

            return _fail(keep_crash(error), ExitCode.INTERNAL)


def _fail(words: str, code: int) -> int:
    try:
        click.echo(words, err=True)
    except OSError:
        # The terminal is gone; the exit code still tells.
        return code
    return code


@click.group(
    cls=LaterCommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
)
@click.version_option(__version__, message="wizard %(version)s")
@click.pass_context
def wizard(context: click.Context) -> int:
    """Walk through a vendor's upgrade guide, and know afterwards what has happened.

    Pull the plug at any time; start again; it tells the truth.
    """
    from wizard.settings import load_settings

    for words in load_settings().strange:
        click.echo(f"warning: {words}", err=True)
    if context.invoked_subcommand is None:
        if has_full_screen():
            from screens.start import full_screen

            return full_screen(None, os.environ)
        from wizard.overview import overview

        click.echo(overview())
    return 0


def drive(job: Callable[[FrontEnd], ExitCode], *, plain: bool = False, unattended: bool = False) -> int:
    """Let the engine do `job` with the front end that fits; gives the exit code.

    The full screen where there is a usable terminal and nothing else was asked for, else lines.
    """
    if not plain and not unattended and has_full_screen():
        from screens.start import full_screen

        return full_screen(job, os.environ)
    return job(front_end(unattended=unattended))


def look_on(session: str | None) -> int:
    """Show a session on the full screen without driving it; gives the exit code."""
    from screens.start import watching

    return watching(session, os.environ)


def has_full_screen() -> bool:
    """Whether there is a terminal that a full screen can be drawn on; it is drawn on stderr."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return os.environ.get("TERM", "") not in _LINES_ONLY and all(one is not None and one.isatty() for one in streams)


_LINES_ONLY: Final = frozenset({"", "dumb", "unknown"})
"""Terminals that cannot move a cursor; Textual would send its escapes to them all the same."""


def front_end(*, unattended: bool) -> FrontEnd:
    """Make a front end of lines: with a person, or unattended."""

    def make(given: AnswersFile) -> AbstractContextManager[Operator]:
        if unattended:
            from wizard.unattended import UnattendedOperator

            return UnattendedOperator(given, os.environ)
        from wizard.plain.operator import PlainOperator

        return PlainOperator(os.environ)

    return make
