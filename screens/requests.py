"""What the engine's thread and the screens say to each other: messages one way, replies the other.

The engine works in a thread of its own and blocks on every request until a screen has replied; the
screens never wait for the engine.
"""

from __future__ import annotations

import queue
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens.attending import Attending
    from wizard.checks.model import Finding
    from wizard.errors import ExitCode
    from wizard.plan.model import Plan
    from wizard.questions.form import Checked, FormView, Given
    from wizard.run.events import Event
    from wizard.run.operator import ChoiceRequest, ConfirmRequest, Looked, Pausing, SecretRequest

LOOK_EVERY: Final = 3.0
"""Seconds that at least lie between two looks whether what is asked for holds by now."""


class Doing(StrEnum):
    """What the engine does just now, as far as leaving is concerned."""

    ASKING = "asking"
    """It waits for a reply."""
    RUNNING = "running"
    """A command runs and is attended."""
    WAITING = "waiting"
    """It passes time."""
    BUSY = "busy"
    """It works, and comes to a place to leave at by itself."""


class Leaving(StrEnum):
    """How a person leaves; each fits only some of what the engine does."""

    HERE = "here"
    """Stop at the next place that asks, or at this one; what is set for a while is taken back."""
    RUNS_ON = "runs_on"
    """Leave now; the command runs on, or the wait goes on when the session is resumed."""
    STOP = "stop"
    """Stop the command, or end the wait by stopping here."""
    AT_ONCE = "at_once"
    """Leave as if the terminal were lost: nothing is taken back, everything can be resumed."""


@dataclass(frozen=True, slots=True)
class ProceedRequest:
    """Findings and plan are there: begin, mend, bypass, look again, change answers, or stop (`Operator.proceed`)."""

    plan: Plan
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class FillRequest:
    """The questionnaire as it stands; the reply is what the person did with it, or a value that is to be checked.

    `checked` is what was said of the value that was checked last, where that was the reply before.
    """

    view: FormView
    checked: Checked | None = None


@dataclass(frozen=True, slots=True)
class CheckWanted:
    """What would become of a value the person is typing (`Form.check`); nothing is kept of it."""

    given: Given


class Told(Message):
    """The engine told an event."""

    def __init__(self, event: Event) -> None:
        """Carry `event` to the screens."""
        super().__init__()
        self.event = event


class Requested(Message):
    """The engine wants a reply and waits for it; the first one counts, whoever gives it.

    What is to be replied: `Confirmed` to a ConfirmRequest, `Chosen` to a ChoiceRequest or ProceedRequest, `Secret`
    to a SecretRequest, `FormAnswer` or `CheckWanted` to a FillRequest.
    """

    def __init__(self, request: ConfirmRequest | ChoiceRequest | SecretRequest | ProceedRequest | FillRequest) -> None:
        """Put `request` to the person."""
        super().__init__()
        self.request = request
        self._replies: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._show_look: Callable[[Looked], object] = lambda _: None
        self.answered = False

    def on_look(self, show: Callable[[Looked], object]) -> None:
        """Call `show`, in the engine's thread, with what is seen while the reply is waited for."""
        self._show_look = show

    def reply(self, value: Any) -> None:
        """Give the reply; further ones are not heard."""
        if not self.answered:
            self.answered = True
            self._replies.put(value)

    def refuse(self, error: BaseException) -> None:
        """Give an error instead of a reply: it is raised in the engine's thread."""
        self.reply(error)

    def wait(self) -> Any:
        """Wait for the reply, in the engine's thread. Raises what the request was refused with.

        Where the request says how, it is looked again and again whether what it asks for holds by now.
        """
        look = getattr(self.request, "look", None)
        value = self._replies.get() if look is None else self._looking(look)
        if isinstance(value, BaseException):
            raise value
        return value

    def _looking(self, look: Callable[[], Looked]) -> Any:
        """Wait for the reply; look between, at most a sixth of the time."""
        between = LOOK_EVERY
        while True:
            try:
                return self._replies.get(timeout=between)
            except queue.Empty:
                began = time.monotonic()
                self._show_look(look())
                between = max(LOOK_EVERY, 5 * (time.monotonic() - began))


class FormChanged(Message):
    """The form is different while the engine still works on it: what is read from the machine arrives."""

    def __init__(self, view: FormView) -> None:
        """Show `view`; what the person typed stays."""
        super().__init__()
        self.view = view


class Attended(Message):
    """A command runs and is attended; again for the same attempt where there is something new to say of it."""

    def __init__(self, attending: Attending) -> None:
        """Show the command of `attending`."""
        super().__init__()
        self.attending = attending


class Paused(Message):
    """The engine passes time; `wish` lets the person say what they want instead."""

    def __init__(self, pausing: Pausing) -> None:
        """Show the wait; comes again for each look."""
        super().__init__()
        self.pausing = pausing


class HandOverAsked(Message):
    """Somebody else asks for the session, or (`who` empty) asks no more; any key refuses within `seconds`."""

    def __init__(self, who: str, seconds: float) -> None:
        """Show who asks."""
        super().__init__()
        self.who = who
        self.seconds = seconds


class JobEnded(Message):
    """The engine is done: with an exit code (`code`), or because of `error`."""

    def __init__(self, code: ExitCode | None, error: BaseException | None) -> None:
        """Carry how it ended."""
        super().__init__()
        self.code = code
        self.error = error


__all__ = [
    "Attended", "CheckWanted", "FillRequest", "FormChanged", "HandOverAsked", "JobEnded", "Paused", "ProceedRequest",
    "Requested", "Told",
]  # fmt: skip
