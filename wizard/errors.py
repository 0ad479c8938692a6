"""Every error a person can act on, and the exit code each one ends the program with.

Exit code 70 is for defects of this program alone: whatever else is raised.

WizardError
├── UsageError                2   wrong words on the command line
├── StoppedError             10   stopped by the operator, can be resumed
│   └── JournalFullError     10   the disk is full; can be resumed once there is room
├── BlockedError             20   findings block the start
├── VersionPathError         21   no path from the current to the target version
├── StepFailedError          30   a step failed
├── OutcomeUnknownError      31   nobody can say how a step ended
├── GuideError               40   the guide is invalid (carries every problem)
├── AnswersError             41   answers missing or invalid (carries every problem)
├── SessionError             42   the session cannot be read, or is somebody else's
│   ├── SessionBusyError     42   another driver holds the session, or its installation
│   │   └── DrivenError      42   another driver holds the session; it can be watched
│   └── JournalError         42   the journal is broken
├── ExpressionError          40   an expression cannot be parsed, checked or evaluated
└── HostError                10   the machine refused something (disk full, no permission); can be resumed
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.problems import Problem


class ExitCode(IntEnum):
    """What the exit status of the program means (documented interface)."""

    DONE = 0
    USAGE = 2
    STOPPED = 10
    BLOCKED = 20
    VERSION_PATH = 21
    STEP_FAILED = 30
    OUTCOME_UNKNOWN = 31
    GUIDE_INVALID = 40
    ANSWERS_INVALID = 41
    SESSION_UNREADABLE = 42
    INTERNAL = 70


class WizardError(Exception):
    """What went wrong, in words for the operator, with the way out as a hint."""

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep `message` (what and where) and `hint` (what to do)."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Give the message and, on a line of its own, the hint."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(WizardError):
    """The words on the command line do not fit together."""

    exit_code = ExitCode.USAGE


class StoppedError(WizardError):
    """The operator stopped; the session can be resumed."""

    exit_code = ExitCode.STOPPED


class JournalFullError(StoppedError):
    """The disk is full, so nothing more can be announced; the session can be resumed once there is room."""


class BlockedError(WizardError):
    """Findings forbid to start or to go on."""

    exit_code = ExitCode.BLOCKED


class VersionPathError(WizardError):
    """No chain of hops leads from the current to the target version."""

    exit_code = ExitCode.VERSION_PATH


class StepFailedError(WizardError):
    """A step failed and nobody is there to choose what comes next."""

    exit_code = ExitCode.STEP_FAILED


class OutcomeUnknownError(WizardError):
    """A step was started, its end is not recorded, and nobody is there to decide."""

    exit_code = ExitCode.OUTCOME_UNKNOWN


class ProblemsError(WizardError):
    """An input with problems; all of them are carried, in the order of the file."""

    def __init__(self, message: str, problems: Sequence[Problem], *, hint: str = "") -> None:
        """Keep `problems` beside the message."""
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        """Give the message, then a line or two for each problem."""
        lines = [self.message, *(str(problem) for problem in self.problems)]
        return "\n".join([*lines, self.hint] if self.hint else lines)


class GuideError(ProblemsError):
    """A guide cannot be used."""

    exit_code = ExitCode.GUIDE_INVALID


class AnswersError(ProblemsError):
    """Answers are missing, unknown or invalid."""

    exit_code = ExitCode.ANSWERS_INVALID


class SessionError(WizardError):
    """A session cannot be read or driven."""

    exit_code = ExitCode.SESSION_UNREADABLE


class SessionBusyError(SessionError):
    """Somebody else drives the session, or another session works on the same installation."""


class DrivenError(SessionBusyError):
    """Somebody else drives the session, whose folder is `session`; it can be watched."""

    def __init__(self, message: str, *, session: str, hint: str = "") -> None:
        """Keep the folder beside the message."""
        super().__init__(message, hint=hint)
        self.session = session


class JournalError(SessionError):
    """The journal's chain is broken; a word of the operator is needed to go on."""


class ExpressionError(WizardError):
    """An expression cannot be parsed or evaluated; `column` counts from 1 within it, 0 is unknown."""

    exit_code = ExitCode.GUIDE_INVALID

    def __init__(self, message: str, *, hint: str = "", column: int = 0) -> None:
        """Keep the column beside the message."""
        super().__init__(message, hint=hint)
        self.column = column


class HostError(WizardError):
    """The machine refused or failed something the engine needs; once that is put right, it can be resumed."""

    exit_code = ExitCode.STOPPED


class Gone(Exception):  # noqa: N818 - nothing went wrong in the program
    """The person is gone (hang-up, end of file)."""


class HandedOver(Gone):
    """The session was handed over to somebody who asked for it; the message says to whom, for the person who had it."""
